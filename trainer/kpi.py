"""KPIs: what evaluation counts for each cell and slice, as sums over periods."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

CELL_KPIS: Final = {
    "objective": "1",
    "satisfaction": "0..1, weighted over slices",
    "urllc_loss": "0..1, mean of periods",
    "blocked": "0..1, of flows that asked, weighted over slices",
    "power": "W",
    "load": "0..1, PRBs used",
}
"""KPI of a cell -> unit."""

SLICE_KPIS: Final = {
    "satisfaction": "0..1, mean of periods with traffic",
    "met": "0..1, share of periods with traffic in which every target was met",
    "throughput": "Mbit/s, of an active UE",
    "delay": "ms, mean of SDUs delivered",
    "loss": "0..1, SDUs dropped or late of SDUs finished, over the whole run",
    "delivered": "Mbit/s",
    "blocked": "0..1, of flows that asked",
    "share": "0..1, min_prb_ratio in force",
}
"""KPI of a slice -> unit."""


@dataclass(slots=True)
class Tally:
    """Weighted sums of KPIs, [N] for a cell's and [N, S] for a slice's."""

    sums: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    weights: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def add(
        self, name: str, value: NDArray[np.float64], weight: NDArray[np.float64] | float = 1.0
    ) -> None:
        """Add one period's values; a NaN value, and one of weight 0, counts nothing."""
        known = ~np.isnan(value)
        heavy = np.where(known, weight, 0.0)
        self.sums[name] = self.sums.get(name, 0.0) + np.where(known, value, 0.0) * heavy
        self.weights[name] = self.weights.get(name, 0.0) + heavy

    def means(self) -> dict[str, NDArray[np.float64]]:
        """The weighted means; NaN where nothing was counted."""
        return {
            name: np.where(w > 0.0, self.sums[name] / np.where(w > 0.0, w, 1.0), np.nan)
            for name, w in self.weights.items()
        }
