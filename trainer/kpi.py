"""KPIs: what is counted for each cell and slice in a period, and over many."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import MIN, AllocationBatch, ReportBatch
from oran.measurements import CELL_COLUMN, SLICE_COLUMN
from oran.snssai import STANDARD_SST, Snssai
from trainer.fleet import Finished
from trainer.objective import POWER_UNIT_W, Score

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
    "late": "0..1, SDUs late of SDUs finished, over the whole run",
    "bit_loss": "0..1, bits dropped or late of bits finished, over the whole run",
    "lost": "Mbit/s, dropped or late",
    "delivered": "Mbit/s",
    "blocked": "0..1, of flows that asked",
    "share": "0..1, min_prb_ratio in force",
}
"""KPI of a slice -> unit."""

Figures = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
"""KPI -> values and weights, [N] for a cell's and [N, S], behind `slice.`, for a slice's."""

_THP: Final = SLICE_COLUMN["DRB.UEThpDl"]
_DELAY: Final = SLICE_COLUMN["DRB.RlcSduDelayDl"]
_DELIVERED: Final = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]
_ASKED: Final = SLICE_COLUMN["DRB.EstabAtt"]
_ADMITTED: Final = SLICE_COLUMN["DRB.EstabSucc"]
_LOAD: Final = CELL_COLUMN["RRU.PrbTotDl"]


def period_kpis(
    report: ReportBatch, allocation: AllocationBatch, finished: Finished, score: Score
) -> Figures:
    """The KPIs of one period; what was not measured has NaN or the weight 0."""
    x, met = report.slices, score.slice_satisfaction
    delivered, asked = np.nan_to_num(x[..., _DELIVERED]), np.nan_to_num(x[..., _ASKED])
    refused = asked - np.nan_to_num(x[..., _ADMITTED])
    packets, bits = np.maximum(finished.packets, 1.0), np.maximum(finished.bits, 1.0)
    one, here = np.ones(len(x)), report.present.astype(np.float64)
    return {
        "objective": (score.objective, one),
        "satisfaction": (score.satisfaction, one),
        "urllc_loss": (score.urllc_loss, one),
        "blocked": (score.blocked, one),
        "power": (score.power * POWER_UNIT_W, one),
        "load": (report.cell[:, _LOAD] / 100.0, one),
        "slice.satisfaction": (met, here),
        "slice.met": (np.where(np.isnan(met), np.nan, met >= 1.0), here),
        "slice.throughput": (x[..., _THP] / 1000.0, here),
        "slice.delay": (x[..., _DELAY] * 0.1, delivered),
        "slice.loss": (finished.lost_packets / packets, finished.packets),
        "slice.late": (finished.late_packets / packets, finished.packets),
        "slice.bit_loss": (finished.lost_bits / bits, finished.bits),
        "slice.lost": (finished.lost_bits / (1000.0 * report.period_ms), here),
        "slice.delivered": (delivered / report.period_ms, here),
        "slice.blocked": (refused / np.maximum(asked, 1.0), asked),
        "slice.share": (allocation.slices[..., MIN] / 100.0, here),
    }


def slice_names(slices: Sequence[Snssai]) -> list[str]:
    """Names of slices for people: the type's, with the SD where a type comes twice."""
    kinds = [STANDARD_SST.get(s.sst, f"SST{s.sst}") for s in slices]
    return [
        kind if kinds.count(kind) == 1 else f"{kind}-{s.sd}"
        for kind, s in zip(kinds, slices, strict=True)
    ]


def by_name(
    kpis: dict[str, NDArray[np.float64]], names: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """KPIs with those of slices told apart by name: `slice.loss` [N, S] to `URLLC.loss` [N]."""
    flat: dict[str, NDArray[np.float64]] = {}
    for kpi, values in kpis.items():
        _, is_slice, of_slice = kpi.rpartition("slice.")
        if is_slice:
            flat |= {f"{name}.{of_slice}": values[:, s] for s, name in enumerate(names)}
        else:
            flat[kpi] = values
    return flat


@dataclass(slots=True)
class Tally:
    """Weighted sums of KPIs, [N] for a cell's and [N, S] for a slice's."""

    sums: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    weights: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def add(self, name: str, value: NDArray[np.float64], weight: NDArray[np.float64]) -> None:
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
