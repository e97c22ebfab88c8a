"""A study: levels from a pilot, then replications, of packets of one slice of a scenario."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.scenario import Scenario
from oran.snssai import Snssai
from trainer.controllers import Controller
from trainer.reliability.cells import Cells, Importance
from trainer.reliability.estimate import Reliability, estimate
from trainer.reliability.levels import Spent, pilot
from trainer.reliability.splitting import Levels, Replication, Window, replicate

_PILOT: Final = 2**31
"""Pilot runs are numbered from here on: their noise is that of no replication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is asked: the packets of a slice that are late or dropped, of those that end.

    Attributes:
        scenario: of the cells; its slice's discard timer is the deadline, see `with_deadline`.
        who: in charge.
        snssai: the slice.
        seeds: uint64, the cells: their places and loads. Dealt to the replications in turn, or
            all in each of them where `same_cells`.
        same_cells: whether the probability is that of just these cells, rather than of cells
            as seeds draw them, of which these are a sample.
        walkers: N of a replication, a multiple of its cells.
        replications: independent ones.
        window: in parts.
        warmup: periods played before it.
        part_ms: length of a part.
        importance: name of the importance function.
        split: whether to split; else plain simulation, from the same code.
        noise: seed of everything random that `seeds` do not fix.
    """

    scenario: Scenario
    who: Controller
    snssai: Snssai
    seeds: NDArray[np.uint64]
    same_cells: bool = False
    walkers: int = 128
    replications: int = 16
    window: Window = field(default_factory=lambda: Window(lead=100, steps=500))
    warmup: int = 20
    part_ms: int = 1
    importance: Importance = "pressure"
    split: bool = True
    noise: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """What came out.

    Attributes:
        reliability: the estimate.
        levels: of importance that were used.
        cell_slots: cells times slots played in the replications, warm-up included.
        pilot_cell_slots: the same of the pilot.
    """

    reliability: Reliability
    levels: Levels
    cell_slots: int
    pilot_cell_slots: int


def with_deadline(scenario: Scenario, snssai: Snssai, deadline_ms: int) -> Scenario:
    """The scenario with a slice's discard timer at its deadline: late packets are dropped.

    TS 38.331 has timers of 1, 2, 4, 6 and 8 ms (discardTimerExt-r16) beside those of 10 ms and
    more; any whole number of ms is played.

    Raises:
        ValueError: there is no such slice, or the deadline is not above 0.
    """
    if snssai not in [s.snssai for s in scenario.slices]:
        known = ", ".join(str(s.snssai) for s in scenario.slices)
        raise ValueError(f"slice {snssai}: scenario {scenario.name} has {known}")
    if deadline_ms < 1:
        raise ValueError(f"deadline_ms: {deadline_ms} is below 1")
    return replace(
        scenario,
        slices=tuple(
            replace(s, discard_ms=deadline_ms) if s.snssai == snssai else s for s in scenario.slices
        ),
    )


def run(study: Study, note: Callable[[int, Replication], None]) -> Finding:
    """Carry a study out.

    Args:
        study: what is asked.
        note: is told of every replication, with its number from 0.

    Raises:
        ValueError: seeds, walkers and replications do not divide as `Study` says.
    """
    dealt = deal(study)
    levels, spent = _levels(study, dealt) if study.split else ((), Spent(0, 0))
    done = []
    for number, seeds in enumerate(dealt):
        one, _ = replicate(_cells(study, seeds, number), levels, study.window, _rng(study, number))
        done.append(one)
        note(number, one)
    part_slots = study.part_ms << study.scenario.numerology
    warm_up = study.walkers * study.warmup * study.scenario.slots_per_period
    return Finding(
        estimate(done),
        levels,
        sum(warm_up + r.walker_steps * part_slots for r in done),
        spent.runs * warm_up + spent.walker_steps * part_slots,
    )


def deal(study: Study) -> list[NDArray[np.uint64]]:
    """Seeds of the walkers of each replication, uint64 [walkers] each."""
    count, all_seeds = study.replications, study.seeds
    if not study.same_cells and len(all_seeds) % count:
        raise ValueError(f"seeds: {len(all_seeds)} cells are not dealt evenly to {count}")
    parts = [all_seeds] * count if study.same_cells else np.split(all_seeds, count)
    copies, rest = divmod(study.walkers, len(parts[0]))
    if rest or not copies:
        raise ValueError(
            f"walkers: {study.walkers} is no multiple of a replication's {len(parts[0])} cells"
        )
    return [np.tile(part, copies) for part in parts]


def _levels(study: Study, dealt: list[NDArray[np.uint64]]) -> tuple[Levels, Spent]:
    def make(number: int) -> Cells:
        return _cells(study, dealt[number % len(dealt)], _PILOT + number)

    return pilot(make, study.window, _rng(study, _PILOT))


def _cells(study: Study, seeds: NDArray[np.uint64], number: int) -> Cells:
    return Cells(
        study.scenario,
        study.who,
        study.snssai,
        seeds,
        noise=study.noise * 2**32 + number,
        importance=study.importance,
        part_ms=study.part_ms,
        warmup=study.warmup,
    )


def _rng(study: Study, number: int) -> np.random.Generator:
    return np.random.default_rng([study.noise, number])
