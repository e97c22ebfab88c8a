"""Splitting and thinning out in one: a fixed number of walkers in each bin of importance.

Fixed effort in each level, Garvels, "The splitting method in rare event simulation", University of
Twente 2000, at fixed times: the weighted ensemble of Huber and Kim, "Weighted-ensemble Brownian
dynamics simulations for protein association reactions", Biophysical Journal 70(1), 1996. A walker
of weight w in a bin of weight W that is to have m walkers has m w / W copies on average, each of
weight W / m: whatever is counted later, its expectation stays (Zhang, Jasnow and Zuckerman, "The
weighted ensemble path sampling method is statistically exact for a broad class of stochastic
processes and binning procedures", Journal of Chemical Physics 132, 2010).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from trainer.reliability.population import F64, I64

_SPREAD: Final = 4.0
"""Heaviest walker of a bin over their mean from which on a bin is evened out."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """Who goes on.

    Attributes:
        sources, targets: int64 [K], walkers to be copied and where to; the others stay.
        weights: float64 [N], of the walkers afterwards; the sum is what it was.
    """

    sources: I64
    targets: I64
    weights: F64


def resample(weights: F64, bins: I64, roots: I64, rng: np.random.Generator) -> Resampled:
    """Give bins with too few walkers more, and take them from those with the most.

    Args:
        weights: float64 [N], above 0.
        bins: int64 [N], the bin of each walker.
        roots: int64 [N], which walker of the start each descends from; a bin is thinned out evenly
            over them.
        rng: one number a bin is drawn.
    """
    occupied, place, counts = np.unique(bins, return_inverse=True, return_counts=True)
    wanted = efforts(counts)
    held, heaviest = np.bincount(place, weights), np.zeros(len(occupied))
    np.maximum.at(heaviest, place, weights)
    copies = np.ones(len(bins), np.int64)
    after = weights.copy()
    for i in np.flatnonzero((wanted != counts) | (heaviest * counts > _SPREAD * held)):
        members = np.flatnonzero(place == i)
        members = members[np.argsort(roots[members], kind="stable")]
        copies[members] = systematic(weights[members], int(wanted[i]), float(rng.random()))
        after[members] = held[i] / wanted[i]
    targets = np.flatnonzero(copies == 0)
    sources = np.repeat(np.arange(len(bins)), np.maximum(copies - 1, 0))
    after[targets] = after[sources]
    return Resampled(sources, targets, after)


def efforts(counts: I64) -> I64:
    """Walkers that each bin is to have, int64 [B], of those it has: above 0, and as many in all.

    A fair share is half of all for the lowest bin, whence whatever is new must come, and the same
    for the others. A bin below half of its share gets it whole, at the cost of those above theirs.
    The others stay as they are: who is not copied need not be thinned out either.
    """
    if len(counts) == 1:
        return counts
    total = int(counts.sum())
    share = np.full(len(counts), max(total // 2 // (len(counts) - 1), 1))
    share[0] = max(total - share[1:].sum(), 1)
    wanted = np.where(2 * counts < share, share, counts)
    rich = np.maximum(counts - share, 0)
    owed = int((wanted - counts).sum())
    # Shares sum to all there is, so the rich have enough; rounded up, the last ones pay less.
    paid = np.minimum(np.cumsum(-(-rich * owed // max(int(rich.sum()), 1))), owed)
    return np.asarray(wanted - np.diff(paid, prepend=0))


def systematic(weights: F64, count: int, start: float) -> I64:
    """Copies of each walker, int64 [n], `count` in all and `count` w / W of each on average.

    Systematic sampling (Kitagawa 1996): of each the integer below or above its mean; equal walkers
    of a count that fits all stay as they are.

    Args:
        weights: float64 [n], above 0.
        count: above 0.
        start: uniform in [0, 1).
    """
    edges = np.cumsum(weights)
    edges *= count / edges[-1]
    edges[-1] = count
    # Sums of equal weights are whole numbers but for rounding.
    whole = np.rint(edges)
    edges = np.where(np.abs(edges - whole) < 1e-9 * count, whole, edges)
    copies = np.floor(edges + start).astype(np.int64)
    copies[1:] -= copies[:-1].copy()
    return copies
