"""Tuning: the cross-entropy method for rules, with the same time as a policy's training.

Rubinstein and Kroese, "The Cross-Entropy Method" (2004): draw parameters from a normal
distribution, try them, fit the distribution to the best, repeat.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch
from trainer.constant import Constant, constant_allocation
from trainer.core import DECISION
from trainer.domain import default_circumstances, default_intents
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet, MakeTwin, joined_allocations
from trainer.objective import Prices
from trainer.seeds import SEED_RANGES
from xapp.decision.action import at_rest
from xapp.decision.heuristics import RuleParameters
from xapp.decision.observation import Observation
from xapp.decision.shield import Limits
from xapp.decision.targets import TargetsBatch

_P = TypeVar("_P", RuleParameters, Constant)


@dataclass(frozen=True, slots=True)
class Space(Generic[_P]):
    """What is tuned.

    Attributes:
        make: parameters from their values in the order of `names`.
        names: of the parameters.
        low, high: bounds of each.
        propose: allocations for some cells under given parameters.
    """

    make: type[_P]
    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    propose: Callable[[_P, Observation, TargetsBatch], AllocationBatch]

    def parameters(self, values: NDArray[np.float64]) -> _P:
        """The parameters with these values."""
        return self.make(**dict(zip(self.names, values.tolist(), strict=True)))


def _rule(rule: RuleParameters, seen: Observation, targets: TargetsBatch) -> AllocationBatch:
    base = DECISION.base(seen, targets, rule)
    return DECISION.allocate(at_rest(seen.present), base, seen.present)


def _constant(constant: Constant, seen: Observation, targets: TargetsBatch) -> AllocationBatch:
    return constant_allocation(constant, targets.sst, seen.present)


RULE_SPACE: Final = Space(
    RuleParameters,
    ("headroom", "urllc_headroom", "urllc_reserve", "urllc_mcs_backoff"),
    (0.5, 0.5, 0.0, 0.0),
    (4.0, 8.0, 0.5, 6.0),
    _rule,
)
CONSTANT_SPACE: Final = Space(
    Constant,
    ("embb", "urllc", "mmtc", "urllc_mcs_backoff"),
    (0.05, 0.05, 0.05, 0.0),
    (1.0, 1.0, 1.0, 6.0),
    _constant,
)


@dataclass(frozen=True, slots=True)
class TuneConfig:
    """How tuning searches.

    Attributes:
        minutes: wall-clock time.
        generations: where not 0, stop after so many instead: reproducible.
        seed: of the draws.
        candidates: parameters tried at once.
        cells: cells a candidate is tried on, the same for all; fresh ones each generation.
        warmup, periods: not counted and counted in a trial.
        elite: share of the candidates to which the distribution is fitted.
        memory: weight of the old distribution in the new.
    """

    minutes: float = 2.0
    generations: int = 0
    seed: int = 1
    candidates: int = 32
    cells: int = 16
    warmup: int = 20
    periods: int = 60
    elite: float = 0.25
    memory: float = 0.3


@dataclass(frozen=True, slots=True)
class Tuner:
    """What every search has in common.

    Attributes:
        config: how to search.
        make_twin: makes the cells.
        prices: of the objective.
        clock: seconds, monotonic.
        note: takes one entry a generation.
        threads: in which cells are stepped.
    """

    config: TuneConfig
    make_twin: MakeTwin
    prices: Prices
    clock: Callable[[], float]
    note: Callable[[dict[str, Any]], None]
    threads: int = 2

    def tune(self, space: Space[_P]) -> _P:
        """The mean of the distribution when the time is up."""
        c = self.config
        rng = np.random.default_rng(c.seed)
        low, high = np.array(space.low), np.array(space.high)
        mean, std = (low + high) / 2, (high - low) / 3
        start, generation = self.clock(), 0
        while not self._over(generation, self.clock() - start):
            drawn = mean + std * rng.standard_normal((c.candidates, len(low)))
            drawn[0] = mean
            drawn = np.clip(drawn, low, high)
            objective = self._trial(space, drawn, self._seeds(generation))
            best = drawn[np.argsort(-objective)[: max(2, round(c.elite * c.candidates))]]
            mean = c.memory * mean + (1 - c.memory) * best.mean(axis=0)
            std = c.memory * std + (1 - c.memory) * best.std(axis=0)
            generation += 1
            entry = {
                "generation": generation,
                "seconds": self.clock() - start,
                "periods": generation * c.candidates * c.cells * (c.warmup + c.periods),
                "objective_of_mean": float(objective[0]),
                "objective_of_best": float(objective.max()),
                "mean": dict(zip(space.names, mean.tolist(), strict=True)),
                "std": dict(zip(space.names, std.tolist(), strict=True)),
            }
            self.note(entry)
        return space.parameters(mean)

    def _over(self, generation: int, seconds: float) -> bool:
        if self.config.generations:
            return generation >= self.config.generations
        return seconds >= 60.0 * self.config.minutes

    def _seeds(self, generation: int) -> NDArray[np.uint64]:
        """Fresh cells each generation; the same for all candidates."""
        c, allowed = self.config, SEED_RANGES["tuning"]
        first = (c.seed * 7919 + generation) * c.cells % (len(allowed) - c.cells)
        return np.arange(c.cells, dtype=np.uint64) + np.uint64(allowed.start + first)

    def _trial(
        self, space: Space[_P], drawn: NDArray[np.float64], seeds: NDArray[np.uint64]
    ) -> NDArray[np.float64]:
        """Mean objective of each candidate, all under the same noise."""
        c = self.config
        candidates = [space.parameters(row) for row in drawn]
        with Fleet(
            [self.make_twin], np.tile(seeds, len(drawn)), self.threads, self.threads
        ) as fleet:
            circumstances = default_circumstances(fleet.snssais(0), fleet.cells)
            regime = Regime(RuleParameters(), Limits(), self.prices)
            environment = Environment(fleet, circumstances, regime)
            targets = TargetsBatch.of(default_intents(fleet.snssais(0)))
            total = np.zeros(fleet.cells)
            for turn in range(c.warmup + c.periods):
                seen = environment.observation
                parts = [
                    space.propose(p, _rows(seen, i * c.cells, c.cells), targets)
                    for i, p in enumerate(candidates)
                ]
                score = environment.apply(joined_allocations(parts))
                if turn >= c.warmup:
                    total += score.objective
        mean: NDArray[np.float64] = total.reshape(len(drawn), -1).mean(axis=1) / c.periods
        return mean


def _rows(seen: Observation, first: int, count: int) -> Observation:
    rows = slice(first, first + count)
    return Observation(seen.slices[rows], seen.present[rows], seen.demand[rows])
