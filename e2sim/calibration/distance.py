"""Distances between samples, Kolmogorov-Smirnov and Wasserstein, and bootstrap intervals."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_RESAMPLES: Final = 400


def kolmogorov_smirnov(a: F64, b: F64) -> float:
    """Largest distance between two empirical distribution functions, 0..1.

    Args:
        a, b: float64 [A] and [B], not empty.
    """
    points = np.concatenate([a, b])
    return float(np.abs(_cdf(a, points) - _cdf(b, points)).max())


def wasserstein(a: F64, b: F64) -> float:
    """Area between two empirical distribution functions, in the unit of the samples.

    Args:
        a, b: float64 [A] and [B], not empty.
    """
    points = np.sort(np.concatenate([a, b]))
    gap = np.abs(_cdf(a, points[:-1]) - _cdf(b, points[:-1]))
    return float((gap * np.diff(points)).sum())


def _cdf(sample: F64, points: F64) -> F64:
    return np.searchsorted(np.sort(sample), points, "right") / len(sample)


def bootstrap(
    blocks: Sequence[F64],
    statistic: Callable[[F64], float],
    rng: np.random.Generator,
    *,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of a statistic, whole blocks drawn with replacement.

    Samples of one session depend on each other, so a session is a block.

    Args:
        blocks: arrays along whose first axis `statistic` works; at least one.
        statistic: of the blocks drawn, concatenated.
        rng: draws the blocks.
        confidence: probability of the interval.
    """
    picks = rng.integers(0, len(blocks), (_RESAMPLES, len(blocks)))
    values = [statistic(np.concatenate([blocks[i] for i in pick])) for pick in picks]
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(values, (tail, 1.0 - tail))
    return float(low), float(high)
