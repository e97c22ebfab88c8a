"""Tuning: the cross-entropy method for rules, with the same time as a policy's training.

Rubinstein and Kroese, "The Cross-Entropy Method" (2004): draw parameters from a normal
distribution, try them, fit the distribution to the best, repeat.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from oran.snssai import Snssai
from trainer.domain import (
    Circumstances,
    Domain,
    default_circumstances,
    draw_circumstances,
    joined,
)
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet, joined_allocations
from trainer.objective import Prices
from trainer.seeds import SEED_RANGES
from trainer.space import Space
from trainer.tuned import Parameters
from trainer.twin import MakeTwin
from xapp.decision.heuristics import RuleParameters
from xapp.decision.shield import Limits

_P = TypeVar("_P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class TuneConfig:
    """How tuning searches.

    Attributes:
        minutes: wall-clock time.
        budget: where not 0, periods of cells to simulate instead, in whole generations: the same
            for every rule on any machine, and reproducible.
        seed: of the draws.
        candidates: parameters tried at once.
        cells: cells a candidate is tried on, the same for all; fresh ones each generation.
        warmup, periods: not counted and counted in a trial.
        elite: share of the candidates to which the distribution is fitted.
        memory: weight of the old distribution in the new.
        domain: how the cells' intents and reports vary; None for default intents.

    Raises:
        ValueError: the budget does not suffice for a generation.
    """

    minutes: float = 2.0
    budget: int = 0
    seed: int = 1
    candidates: int = 32
    cells: int = 16
    warmup: int = 20
    periods: int = 60
    elite: float = 0.25
    memory: float = 0.3
    domain: Domain | None = None

    def __post_init__(self) -> None:
        if 0 < self.budget < self.generation:
            raise ValueError(
                f"budget: {self.budget} periods are less than a generation's {self.generation}"
            )

    @property
    def generation(self) -> int:
        """Periods of cells that a generation simulates."""
        return self.candidates * self.cells * (self.warmup + self.periods)


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
        low, high = space.box()
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
                "periods": generation * c.generation,
                "objective_of_mean": float(objective[0]),
                "objective_of_best": float(objective.max()),
                "mean": asdict(space.parameters(mean)),
                "std": dict(zip(space.bounds, std.tolist(), strict=True)),
            }
            self.note(entry)
        return space.parameters(mean)

    def _over(self, generation: int, seconds: float) -> bool:
        if self.config.budget:
            return (generation + 1) * self.config.generation > self.config.budget
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
        c, count = self.config, len(drawn)
        with Fleet([self.make_twin], np.tile(seeds, count), self.threads, self.threads) as fleet:
            one = self._circumstances(fleet.snssais(0), seeds)
            regime = Regime(RuleParameters(), Limits(), self.prices)
            environment = Environment(fleet, joined([one] * count), regime)
            rules = [space.rule(space.parameters(row)) for row in drawn]
            places = [slice(i * c.cells, (i + 1) * c.cells) for i in range(count)]
            memories = [np.zeros((c.cells, fleet.places)) for _ in rules]
            total = np.zeros(fleet.cells)
            for turn in range(c.warmup + c.periods):
                seen = environment.situation(turn)
                parts = []
                for i, (rule, rows) in enumerate(zip(rules, places, strict=True)):
                    part, memories[i] = rule.decide(seen.at(rows, one.targets), memories[i])
                    parts.append(part)
                score = environment.apply(joined_allocations(parts))
                if turn >= c.warmup:
                    total += score.objective
        mean: NDArray[np.float64] = total.reshape(count, -1).mean(axis=1) / c.periods
        return mean

    def _circumstances(
        self, snssais: tuple[Snssai, ...], seeds: NDArray[np.uint64]
    ) -> Circumstances:
        """Those of one candidate's cells, the same for all."""
        if self.config.domain is None:
            return default_circumstances(snssais, len(seeds))
        rng = np.random.default_rng(seeds)
        return draw_circumstances(self.config.domain, snssais, len(snssais), len(seeds), 1, rng)
