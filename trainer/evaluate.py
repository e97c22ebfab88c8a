"""Evaluation: controllers under the same noise, in steady state, each figure with its interval."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import MIN
from oran.measurements import CELL_COLUMN, SLICE_COLUMN
from oran.snssai import STANDARD_SST
from trainer.controllers import Controller, Situation
from trainer.domain import Circumstances
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet, MakeTwin
from trainer.kpi import Tally
from trainer.objective import POWER_UNIT_W, Prices, Score
from trainer.statistics import Estimate, estimate
from xapp.decision.shield import Limits

_THP: Final = SLICE_COLUMN["DRB.UEThpDl"]
_DELAY: Final = SLICE_COLUMN["DRB.RlcSduDelayDl"]
_DELIVERED: Final = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]
_ASKED: Final = SLICE_COLUMN["DRB.EstabAtt"]
_ADMITTED: Final = SLICE_COLUMN["DRB.EstabSucc"]
_LOAD: Final = CELL_COLUMN["RRU.PrbTotDl"]


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
    sst = trial.circumstances.targets.sst
    shards = threads if len(trial.seeds) % threads == 0 else 1
    with Fleet([make_twin], trial.seeds, shards, threads) as fleet:
        regime = Regime(who.rule, trial.limits, trial.prices)
        environment = Environment(fleet, trial.circumstances, regime)
        for turn in range(trial.warmup + trial.periods):
            situation = Situation(environment.observation, environment.base, sst, turn)
            score = environment.apply(who.propose(situation), shielded=who.shielded)
            if turn >= trial.warmup:
                _count(tally, environment, score)
        names = slice_names([(s.sst, s.sd) for s in fleet.snssais(0)])
    return _by_name(tally.means(), names)


def slice_names(slices: Sequence[tuple[int, int | None]]) -> list[str]:
    """Names for tables from (SST, SD): the type's, with the SD where a type comes twice."""
    kinds = [STANDARD_SST.get(sst, f"SST{sst}") for sst, _ in slices]
    return [
        kind if kinds.count(kind) == 1 else f"{kind}-{sd}"
        for kind, (_, sd) in zip(kinds, slices, strict=True)
    ]


def compare(
    trial: Trial, make_twin: MakeTwin, controllers: Sequence[Controller], threads: int = 2
) -> dict[str, Any]:
    """All controllers under the same noise: their KPIs, and the paired differences to the last.

    Returns:
        `controllers`: name -> KPI -> mean, low, high, cells; `differences`: `last - other` -> the
        same of the differences within each cell. Plain values, for JSON.
    """
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
    """Each KPI's mean over cells with its interval; KPIs without any value are left out."""
    found: dict[str, Estimate | None] = {name: estimate(values) for name, values in kpis.items()}
    return {name: asdict(e) for name, e in found.items() if e is not None}


def _count(tally: Tally, environment: Environment, score: Score) -> None:
    report = environment.report
    x = report.slices
    for name in ("objective", "satisfaction", "urllc_loss", "blocked"):
        tally.add(name, getattr(score, name))
    tally.add("power", score.power * POWER_UNIT_W)
    tally.add("load", report.cell[:, _LOAD] / 100.0)
    met = score.slice_satisfaction
    tally.add("slice.satisfaction", met)
    tally.add("slice.met", np.where(np.isnan(met), np.nan, met >= 1.0))
    tally.add("slice.throughput", x[..., _THP] / 1000.0)
    delivered = np.nan_to_num(x[..., _DELIVERED])
    tally.add("slice.delay", x[..., _DELAY] * 0.1, delivered)
    tally.add("slice.delivered", delivered / report.period_ms)
    asked = np.nan_to_num(x[..., _ASKED])
    refused = asked - np.nan_to_num(x[..., _ADMITTED])
    tally.add("slice.blocked", refused / np.maximum(asked, 1.0), asked)
    finished, lost = environment.packets()
    tally.add("slice.loss", lost / np.maximum(finished, 1.0), finished)
    tally.add("slice.share", environment.allocation.slices[..., MIN] / 100.0)


def _by_name(
    means: dict[str, NDArray[np.float64]], names: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    flat: dict[str, NDArray[np.float64]] = {}
    for kpi, values in means.items():
        _, is_slice, of_slice = kpi.rpartition("slice.")
        if is_slice:
            flat |= {f"{name}.{of_slice}": values[:, s] for s, name in enumerate(names)}
        else:
            flat[kpi] = values
    return flat
