"""Calendars: when how many devices go on, without a record of any of them.

A calendar is a ring of `BINS` bins, each some PRACH occasions wide. Who enters is split over the
bins to come; who is in the present bin leaves evenly over its occasions. Where a bin is one
occasion wide, as in all but long waits, this is exact in distribution; else a wait is blurred by
up to a bin to either side, and its mean is kept.

Beside each count stands the sum of the slots in which those devices began, so that delays have the
right mean: a part of a bin takes its share of that sum.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from e2sim.network.jit import internal
from e2sim.network.noise import uniform
from e2sim.network.records import F64, I64, Record
from e2sim.network.variates import binomial

BINS: Final = 32
_REACH: Final = BINS - 2
"""Bins a wait may span, less one for rounding up."""


def bin_width(longest: int) -> int:
    """Occasions of a bin of a calendar for waits of up to `longest` occasions."""
    return max(-(-longest // _REACH), 1)


def chances_of(waits: Mapping[int, float]) -> tuple[int, F64]:
    """Width of a bin, and chances [BINS] to enter the bin at an offset unless in one before.

    Args:
        waits: probability of each wait, in occasions from 1 on; they sum to 1.
    """
    width = bin_width(max(waits))
    weights = np.zeros(BINS)
    for wait, probability in waits.items():
        # Whoever enters somewhere in a bin reaches the two bins around its wait, its mean kept.
        offset, beyond = divmod(wait, width)
        weights[max(offset, 1)] += probability * (1.0 - beyond / width)
        weights[offset + 1] += probability * beyond / width
    behind = np.cumsum(weights[::-1])[::-1]
    chances = np.divide(weights, behind, out=np.zeros(BINS), where=weights > 0.0)
    chances[np.flatnonzero(weights)[-1]] = 1.0
    return width, chances


@internal
def enter(
    counts: I64, sums: F64, chances: F64, owner: Record, place: int, n: int, began: float
) -> None:
    """`n` devices, whose beginnings sum to `began`, enter while bin `place` is present."""
    offset = 0
    while n > 0:
        offset += 1
        chance = chances[offset]
        if chance > 0.0:
            # No number is drawn where there is nothing to choose.
            part = n if chance >= 1.0 else binomial(uniform(owner), n, chance)
            if part > 0:
                share = began * (part / n)
                at = (place + offset) % BINS
                counts[at] += part
                sums[at] += share
                began -= share
                n -= part


@internal
def leave(counts: I64, sums: F64, owner: Record, occasion: int, width: int) -> tuple[int, float]:
    """How many leave at an occasion, and the sum of their beginnings."""
    at, left = occasion // width % BINS, width - occasion % width
    here = counts[at]
    if here == 0:
        return 0, 0.0
    part = here if left == 1 else binomial(uniform(owner), here, 1.0 / left)
    share = sums[at] * (part / here)
    counts[at] -= part
    sums[at] -= share
    return part, share
