"""Curves: the median of one quantity against another, with its spread and its sample count."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

LEAST: Final = 20
"""Fewest samples of a point: with fewer, a decile is one sample."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Deciles and median of y at some values of x.

    Attributes:
        name: what it is.
        x_unit, y_unit: units.
        x: float64 [P], increasing.
        median, low, high: float64 [P], median and first and ninth decile of y.
        samples: int64 [P], samples behind each point.
    """

    name: str
    x_unit: str
    y_unit: str
    x: F64
    median: F64
    low: F64
    high: F64
    samples: NDArray[np.int64]

    def at(self, x: float) -> float:
        """The median at a point of the curve, NaN where it has none."""
        found = np.flatnonzero(self.x == x)
        return float(self.median[found[0]]) if len(found) else float("nan")


def binned(
    name: str, x: F64, y: F64, bins: F64, *, x_unit: str, y_unit: str, least: int = LEAST
) -> Curve:
    """The curve of y over the bin of `bins` that each x is nearest to.

    Args:
        name: of the curve.
        x, y: float64 [R], finite samples.
        bins: float64 [B], increasing. A sample farther outside the first or last bin than half
            its neighbour's distance belongs to none.
        x_unit, y_unit: units.
        least: fewest samples of a point; bins with fewer are absent.

    Raises:
        ValueError: x and y have different lengths, or fewer than two bins are given.
    """
    if x.shape != y.shape or len(bins) < 2:
        raise ValueError(f"{name}: x {x.shape}, y {y.shape}, {len(bins)} bins")
    middle = (bins[1:] + bins[:-1]) / 2.0
    edges = np.r_[2 * bins[0] - middle[0], middle, 2 * bins[-1] - middle[-1]]
    place = np.digitize(x, edges) - 1
    points = []
    for i, centre in enumerate(bins):
        chosen = y[place == i]
        if len(chosen) >= least:
            low, median, high = np.quantile(chosen, (0.1, 0.5, 0.9))
            points.append((centre, median, low, high, len(chosen)))
    table = np.array(points, np.float64).reshape(-1, 5)
    return Curve(
        name, x_unit, y_unit, table[:, 0], table[:, 1], table[:, 2], table[:, 3],
        table[:, 4].astype(np.int64),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fit:
    """How far one curve lies from another at the points both have.

    Attributes:
        points: how many they share.
        worst: largest absolute relative error of the medians.
        mean: mean absolute relative error of the medians.
        bias: mean relative error of the medians, with its sign.
    """

    points: int
    worst: float
    mean: float
    bias: float


def compare(ours: Curve, reference: Curve) -> Fit:
    """Relative errors of our medians at the shared points, weighted alike.

    Points at which the reference is zero have no relative error and are left out; `points` tells.
    """
    shared, i, j = np.intersect1d(ours.x, reference.x, return_indices=True)
    base = reference.median[j]
    kept = base != 0.0
    error = (ours.median[i][kept] - base[kept]) / base[kept]
    if not len(shared) or not kept.any():
        return Fit(0, float("nan"), float("nan"), float("nan"))
    size = np.abs(error)
    return Fit(int(kept.sum()), float(size.max()), float(size.mean()), float(error.mean()))
