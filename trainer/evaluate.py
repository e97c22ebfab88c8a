"""Evaluation: controllers under the same noise, in steady state, each figure with its interval."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.controllers import Controller
from trainer.domain import Circumstances
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.kpi import Tally, by_name, period_kpis, slice_names
from trainer.objective import Prices, Score
from trainer.statistics import Estimate, estimate
from trainer.twin import MakeTwin
from xapp.decision.shield import Limits


@dataclass(frozen=True, slots=True)
class Trial:
    """Under what controllers are compared.

    Attributes:
        seeds: one cell each.
        circumstances: intents and silent measurements of the cells, for all controllers alike.
        warmup: periods before anything is counted: cells start empty.
        periods: periods counted.
        prices: of the objective.
        limits: of the shield.
    """

    seeds: NDArray[np.uint64]
    circumstances: Circumstances
    warmup: int = 40
    periods: int = 200
    prices: Prices = field(default_factory=Prices)
    limits: Limits = field(default_factory=Limits)


def run_trial(
    trial: Trial, make_twin: MakeTwin, who: Controller, threads: int = 2
) -> dict[str, NDArray[np.float64]]:
    """KPI means of one controller, one value a cell: `objective`, `URLLC.loss` and so on, [N].

    The names are those of `CELL_KPIS`, and those of `SLICE_KPIS` behind the slice's type (and
    slice differentiator, where a type has several slices).
    """
    tally = Tally()
    shards = threads if len(trial.seeds) % threads == 0 else 1
    with Fleet([make_twin], trial.seeds, shards, threads) as fleet:
        regime = Regime(who.rule, trial.limits, trial.prices)
        environment = Environment(fleet, trial.circumstances, regime)
        propose = who.begin(environment)
        for turn in range(trial.warmup + trial.periods):
            allocation = propose(environment.situation(turn))
            score = environment.apply(allocation, shielded=who.shielded)
            if turn >= trial.warmup:
                _count(tally, environment, score)
        names = slice_names(fleet.snssais(0))
    return by_name(tally.means(), names)


def compare(
    trial: Trial, make_twin: MakeTwin, controllers: Sequence[Controller], threads: int = 2
) -> dict[str, Any]:
    """All controllers under the same noise: their KPIs, and the paired differences to the last.

    Returns:
        `controllers`: name -> KPI -> the fields of `trainer.statistics.Estimate`; `differences`:
        `last - other` -> the same of the differences within each cell. Plain values, for JSON.

    Raises:
        ValueError: two controllers have the same name.
    """
    if len({who.name for who in controllers}) < len(controllers):
        names = ", ".join(who.name for who in controllers)
        raise ValueError(f"controllers: a name comes twice in {names}")
    means = {who.name: run_trial(trial, make_twin, who, threads) for who in controllers}
    last = controllers[-1].name
    return {
        "controllers": {name: estimates(kpis) for name, kpis in means.items()},
        "differences": {
            f"{last} - {other}": estimates({k: means[last][k] - v for k, v in kpis.items()})
            for other, kpis in means.items()
            if other != last
        },
    }


def estimates(kpis: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    """Each KPI's means over cells with their intervals; KPIs without any value are left out."""
    found: dict[str, Estimate | None] = {name: estimate(values) for name, values in kpis.items()}
    return {name: asdict(e) for name, e in found.items() if e is not None}


def _count(tally: Tally, environment: Environment, score: Score) -> None:
    kpis = period_kpis(environment.report, environment.allocation, environment.finished(), score)
    for name, (values, weight) in kpis.items():
        tally.add(name, values, weight)
