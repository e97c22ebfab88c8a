"""Percentiles of delay, from means and variances of the parts of a mixture."""

import math
from typing import Final

from e2sim.network.jit import jit
from e2sim.network.records import F64

SAMPLE: Final = 4
"""Fields of a sample: packets, certain delay, mean and variance of the random delay."""
_HALVINGS: Final = 30


@jit
def survival(x: float, certain: float, mean: float, variance: float) -> float:
    """Probability that a delay is above `x`.

    Beyond the certain part the law is fitted to two moments: where the coefficient of variation is
    above 1, nothing or an exponential; else a constant and an exponential (Whitt, Oper. Res. 30,
    1982, who takes the former, and a shifted exponential for the latter).
    """
    y = x - certain
    if y < 0.0:
        return 1.0
    if variance <= 0.0:
        return 1.0 if y < mean else 0.0
    if variance > mean * mean:
        positive = 2.0 / (1.0 + variance / (mean * mean))
        return positive * math.exp(-y * positive / mean)
    deviation = math.sqrt(variance)
    rest = y - (mean - deviation)
    return math.exp(-rest / deviation) if rest > 0.0 else 1.0


@jit
def percentile(samples: F64, count: int, share: float) -> float:
    """The delay that `share` of the packets of `samples` [>= count, SAMPLE] do not exceed.

    NaN without packets; for shares up to 0.99.
    """
    total, high = 0.0, 0.0
    for i in range(count):
        n, certain, mean, variance = samples[i]
        total += n
        # No law above exceeds this with a probability of a hundredth.
        high = max(high, certain + mean + 12.0 * math.sqrt(variance))
    if total <= 0.0:
        return math.nan
    low, wanted = 0.0, (1.0 - share) * total
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        above = 0.0
        for i in range(count):
            n, certain, mean, variance = samples[i]
            above += n * survival(middle, certain, mean, variance)
        if above > wanted:
            low = middle
        else:
            high = middle
    return high
