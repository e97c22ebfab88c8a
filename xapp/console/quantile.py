"""Quantiles of a Prometheus histogram, as PromQL's `histogram_quantile` takes them."""

import math
from collections.abc import Sequence


def quantile(q: float, bounds: Sequence[float], counts: Sequence[float]) -> float:
    """The q-quantile by linear interpolation within its bucket; NaN of nothing.

    Args:
        q: 0..1.
        bounds: upper bounds of the buckets, rising, the last one infinite.
        counts: observations at or below each bound, not falling.
    """
    if not counts or counts[-1] <= 0:
        return math.nan
    rank = q * counts[-1]
    i = next(i for i, count in enumerate(counts) if count >= rank)
    if math.isinf(bounds[i]):
        return bounds[i - 1] if i else math.nan
    low, below = (bounds[i - 1], counts[i - 1]) if i else (0.0, 0.0)
    within = counts[i] - below
    return low + (bounds[i] - low) * ((rank - below) / within if within else 1.0)
