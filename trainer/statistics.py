"""Means over cells with bootstrap intervals. A cell is one independent draw; periods are not."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

RESAMPLES: Final = 4000
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over cells.

    Attributes:
        mean: over the cells where the quantity is defined.
        low, high: its 95 % bootstrap percentile interval.
        cells: number of those cells.
    """

    mean: float
    low: float
    high: float
    cells: int


def estimate(values: NDArray[np.float64], seed: int = 0) -> Estimate | None:
    """The mean of one value a cell [N] with its interval; None where no cell has a value.

    Args:
        values: NaN at cells where the quantity is not defined.
        seed: of the resampling.
    """
    known = values[~np.isnan(values)]
    if known.size == 0:
        return None
    mean = float(known.mean())
    if known.size == 1 or np.ptp(known) == 0.0:
        return Estimate(mean, mean, mean, known.size)
    interval = bootstrap(
        (known,),
        np.mean,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        batch=256,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high), known.size)
