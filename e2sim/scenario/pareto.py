"""The Pareto distribution bounded on both sides, of which arrivals draw their sizes."""

import math


def bounded_pareto_mean(low: float, high: float, shape: float) -> float:
    """Mean of the Pareto distribution bounded to [low, high]."""
    if low >= high:
        return low
    scale = low**shape / (1.0 - (low / high) ** shape)
    return float(scale * shape / (shape - 1.0) * (low ** (1.0 - shape) - high ** (1.0 - shape)))


def lower_bound(high: float, shape: float, mean: float) -> float:
    """The lower bound that gives a mean, below `high`, at an upper bound and an exponent."""
    low, top = 1e-9 * high, high
    for _ in range(100):
        middle = math.sqrt(low * top)
        if bounded_pareto_mean(middle, high, shape) < mean:
            low = middle
        else:
            top = middle
    return math.sqrt(low * top)
