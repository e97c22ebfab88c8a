"""What both environments stand on: cells of the twin that start anew from their own generators.

A cell is the trainer's own (`trainer.environment`): observation, rule, action mapping, shield and
objective are the functions that train and serve.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from e2sim.network import Network
from oran.snssai import Snssai
from trainer.domain import Circumstances, Domain, default_circumstances, draw_circumstances, joined
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.kpi import period_kpis, slice_names
from trainer.objective import Prices, Score
from trainer.scenario import independent
from trainer.seeds import SEED_RANGES, SeedError
from trainer.twin import MakeTwin
from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS, Action
from xapp.decision.heuristics import DEFAULT_RULE, RuleParameters
from xapp.decision.observation import FEATURES
from xapp.decision.shield import Limits

Figures = dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]]
"""KPI, `URLLC.loss` or `objective`, -> values [N] and where they were measured [N]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What an environment is made of; every field is a keyword of `gymnasium.make`.

    Attributes:
        scenario: name of a bundled scenario, or a YAML file.
        twin: what makes the cells, in place of `scenario`.
        periods: decisions of an episode, after which it is truncated; it never terminates.
        domain: how intents and reports vary from episode to episode; None for default intents and
            nodes that report everything.
        purpose: whose range of `trainer.seeds` cells are drawn from.
        rule: the rule to which actions are residuals.
        limits: the shield.
        prices: the objective.

    Raises:
        ValueError: an episode has no period, or the purpose is unknown.
    """

    scenario: str = "mixed"
    twin: MakeTwin | None = None
    periods: int = 160
    domain: Domain | None = None
    purpose: str = "training"
    rule: RuleParameters = DEFAULT_RULE
    limits: Limits = field(default_factory=Limits)
    prices: Prices = field(default_factory=Prices)

    def __post_init__(self) -> None:
        if self.periods < 1:
            raise ValueError(f"periods: {self.periods} is below 1")
        if self.purpose not in SEED_RANGES:
            raise SeedError(f"purpose: {self.purpose!r} is none of {', '.join(SEED_RANGES)}")

    def make_twin(self) -> MakeTwin:
        """What makes the cells."""
        return self.twin or partial(Network, independent(self.scenario))


class Cells:
    """N cells, each started anew from a generator of its own; see `trainer.fleet` for shards."""

    def __init__(self, setting: Setting, count: int, shards: int = 1, threads: int = 1) -> None:
        if count < 1 or shards < 1 or count % shards:
            raise ValueError(f"shards: {shards} does not divide {count} cells")
        self._setting = setting
        self._make = setting.make_twin()
        self._shards, self._threads = shards, threads
        self._fleet: Fleet | None = None
        self._environment: Environment | None = None
        self.count: Final = count
        self.snssais: Final[tuple[Snssai, ...]] = self._make(np.zeros(1, np.uint64)).snssais
        self.names: Final = slice_names(self.snssais)
        self.seeds: NDArray[np.uint64] = np.zeros(count, np.uint64)

    def start(self, generators: Sequence[np.random.Generator]) -> None:
        """Start every cell anew, with what its generator draws."""
        seeds, circumstances = self._drawn(generators)
        if self._environment is None:
            self._fleet = Fleet([self._make], seeds, self._shards, self._threads)
            s = self._setting
            regime = Regime(s.rule, s.limits, s.prices)
            self._environment = Environment(self._fleet, circumstances, regime)
        else:
            for shard in range(self._shards):
                rows = self.rows(shard)
                self._environment.renew(shard, seeds[rows], circumstances.at(rows))
        self.seeds = seeds

    def renew(self, shard: int, generators: Sequence[np.random.Generator]) -> None:
        """Start the cells of a shard anew."""
        seeds, circumstances = self._drawn(generators)
        self.environment.renew(shard, seeds, circumstances)
        self.seeds[self.rows(shard)] = seeds

    def rows(self, shard: int) -> slice:
        """The cells of a shard."""
        size = self.count // self._shards
        return slice(shard * size, (shard + 1) * size)

    @property
    def environment(self) -> Environment:
        """The cells' environment.

        Raises:
            RuntimeError: no episode was started yet.
        """
        if self._environment is None:
            raise RuntimeError("no episode: call reset() before step()")
        return self._environment

    def step(self, action: Mapping[str, Any]) -> tuple[Score, Figures]:
        """Run one period under raw outputs `slices` [N, S, .] and `cell` [N, .].

        Raises:
            ValueError: an output has another shape, or is not finite.
        """
        environment = self.environment
        n, s = self.count, len(self.snssais)
        score = environment.step(
            Action(
                _shaped(action, "slices", (n, s, len(SLICE_ACTIONS))),
                _shaped(action, "cell", (n, len(CELL_ACTIONS))),
            )
        )
        kpis = period_kpis(
            environment.report, environment.allocation, environment.finished(), score
        )
        return score, self._named(kpis)

    def observation(self) -> NDArray[np.float32]:
        """[N, S, FEATURES], the caller's own."""
        return self.environment.observation.slices.reshape(self.count, -1, FEATURES).copy()

    def close(self) -> None:
        """End the threads; more than once does no harm."""
        if self._fleet is not None:
            self._fleet.close()

    def _named(
        self, kpis: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
    ) -> Figures:
        named: Figures = {}
        for kpi, (values, weight) in kpis.items():
            known = (weight > 0.0) & ~np.isnan(values)
            _, is_slice, of_slice = kpi.rpartition("slice.")
            if not is_slice:
                named[kpi] = values, known
                continue
            for i, name in enumerate(self.names):
                named[f"{name}.{of_slice}"] = values[:, i], known[:, i]
        return named

    def _drawn(
        self, generators: Sequence[np.random.Generator]
    ) -> tuple[NDArray[np.uint64], Circumstances]:
        allowed, domain, snssais = (
            SEED_RANGES[self._setting.purpose],
            self._setting.domain,
            self.snssais,
        )
        seeds = np.array(
            [g.integers(allowed.start, allowed.stop, dtype=np.uint64) for g in generators]
        )
        if domain is None:
            return seeds, default_circumstances(snssais, len(generators))
        drawn = [draw_circumstances(domain, snssais, len(snssais), 1, 1, g) for g in generators]
        return seeds, joined(drawn)


def _shaped(action: Mapping[str, Any], name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    values = np.asarray(action[name], np.float32)
    if values.shape != shape:
        raise ValueError(f"action[{name!r}]: shape {values.shape}, needs {shape}")
    return values
