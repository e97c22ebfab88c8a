"""The one-period clairvoyant: tries allocations on the very noise to come, and keeps the best.

For each cell and period it runs copies of the twin under a set of candidates and plays the one
whose period scores highest. No controller can see that noise, so no gap to it is a fault by itself;
nor is it an upper bound: it does not look past one period, nor beyond its candidates.
"""

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Final

import numpy as np

from oran.batch import MAX, MCS_BACKOFF, MIN, AllocationBatch
from trainer.environment import Environment
from trainer.priority import Priority
from xapp.decision.heuristics import DEFAULT_RULE, static_shared
from xapp.decision.rules import UrllcFirst
from xapp.decision.situation import Situation

MOVES: Final = (8, 20)
"""Percentage points of the carrier that candidates move from one slice to another."""

BACKOFFS: Final = (0, 2, 4)
"""MCS backoffs of URLLC slices that candidates try."""


def clairvoyant(environment: Environment) -> Callable[[Situation], AllocationBatch]:
    """The clairvoyant in charge of an environment, whose twins must bear `copy.deepcopy`."""

    def propose(s: Situation) -> AllocationBatch:
        best, highest = None, np.full(len(s.present), -np.inf)
        for candidate in candidates(s, environment.allocation):
            reached = environment.foresee(candidate).objective
            better = reached > highest
            best = candidate if best is None else _chosen(better, candidate, best)
            highest = np.maximum(highest, reached)
        assert best is not None
        return best

    return propose


def candidates(s: Situation, in_force: AllocationBatch) -> Iterator[AllocationBatch]:
    """What is tried: rules, the allocation in force, and moves away from URLLC first."""
    forgetful = np.zeros(s.present.shape)
    base, _ = UrllcFirst().decide(s, forgetful)
    yield base
    yield Priority(DEFAULT_RULE).decide(s, forgetful)[0]
    yield in_force
    yield static_shared(s.present)
    for backoff in BACKOFFS:
        slices = base.slices.copy()
        slices[..., MCS_BACKOFF] = np.where(s.targets.urllc & s.present, backoff, 0)
        yield AllocationBatch(slices, base.tx_power_offset_db)
    for giver, taker in permutations(range(s.present.shape[1]), 2):
        for points in MOVES:
            yield _moved(base, giver, taker, points)


def _moved(base: AllocationBatch, giver: int, taker: int, points: int) -> AllocationBatch:
    slices = base.slices.copy()
    both = (slices[:, giver, MAX] > 0) & (slices[:, taker, MAX] > 0)  # slices, not empty places
    given = np.minimum(slices[:, giver, MIN], points) * both
    slices[:, giver, MIN] -= given
    slices[:, taker, MIN] += given
    return AllocationBatch(slices, base.tx_power_offset_db)


def _chosen(
    which: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    one: AllocationBatch,
    other: AllocationBatch,
) -> AllocationBatch:
    return AllocationBatch(
        np.where(which[:, None, None], one.slices, other.slices),
        np.where(which, one.tx_power_offset_db, other.tx_power_offset_db),
    )
