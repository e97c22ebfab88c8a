"""Means over cells with bootstrap intervals. A cell is one independent draw; periods are not."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap, trim_mean

RESAMPLES: Final = 4000
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is said of one value a cell.

    Attributes:
        mean: over the cells where the quantity is defined.
        low, high: its 95 % bootstrap percentile interval.
        iqm: interquartile mean, that of the middle half of those cells (Agarwal et al., "Deep
            reinforcement learning at the edge of the statistical precipice", 2021).
        iqm_low, iqm_high: its 95 % bootstrap percentile interval.
        cells: number of those cells.
    """

    mean: float
    low: float
    high: float
    iqm: float
    iqm_low: float
    iqm_high: float
    cells: int


def estimate(values: NDArray[np.float64], seed: int = 0) -> Estimate | None:
    """Mean and interquartile mean of one value a cell [N]; None where no cell has a value.

    Args:
        values: NaN at cells where the quantity is not defined.
        seed: of the resampling.
    """
    known = values[~np.isnan(values)]
    if known.size == 0:
        return None
    mean, iqm = _both(known).tolist()
    if known.size == 1 or np.ptp(known) == 0.0:
        return Estimate(mean, mean, mean, iqm, iqm, iqm, known.size)
    interval = bootstrap(
        (known,),
        _both,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        batch=256,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    (low, iqm_low), (high, iqm_high) = interval.low.tolist(), interval.high.tolist()
    return Estimate(mean, low, high, iqm, iqm_low, iqm_high, known.size)


def _both(values: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    return np.stack((values.mean(axis=axis), trim_mean(values, 0.25, axis=axis)))
