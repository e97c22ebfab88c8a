"""SLA: how far each slice's targets were met in a period."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import ReportBatch
from oran.measurements import SLICE_COLUMN
from xapp.decision.targets import Targets

_MEASURED: Final = np.array(
    [SLICE_COLUMN[m] for m in ("DRB.UEThpDl", "DRB.RlcSduDelayDl", "DRB.RlcPacketDropRateDl")]
)
_BUFFER: Final = SLICE_COLUMN["DRB.BufferSize.Qos"]
_DELIVERED: Final = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]


def satisfaction(batch: ReportBatch, targets: Targets) -> NDArray[np.float64]:
    """Degree to which each slice's targets were met [N, S], 0..1; 1 means all were.

    The least of `throughput / target`, `target / delay` and `target / drop rate`, each at most 1.
    NaN where nothing that has a target was measured: the slice was idle, or the node is silent on
    it. A slice that holds a backlog and delivered nothing has 0, whatever else is missing.
    """
    # Each measurement over its target: [throughput, delay, drop rate]. 1 / max(r, 1) is the lesser
    # of 1 and 1 / r, without a division by zero; fmin and fmax pass over what is NaN.
    ratio = batch.slices[..., _MEASURED] * targets.inverse
    late = 1.0 / np.maximum(np.fmax(ratio[..., 1], ratio[..., 2]), 1.0)
    least = np.minimum(np.fmin(ratio[..., 0], late), 1.0)
    starved = (batch.slices[..., _BUFFER] > 0.0) & (batch.slices[..., _DELIVERED] == 0.0)
    met: NDArray[np.float64] = np.where(starved, 0.0, least)
    return met


@dataclass(frozen=True, slots=True)
class SlaSummary:
    """Plain numbers of one cell, for logs and metrics: satisfaction a slice, None if unknown."""

    satisfaction: tuple[float | None, ...]

    def met(self, place: int) -> bool | None:
        """Whether all targets of the slice place were met; None where unknown."""
        value = self.satisfaction[place]
        return None if value is None else value >= 1.0


def summarise(degrees: NDArray[np.float64]) -> SlaSummary:
    """One cell's row [S] of `satisfaction` as plain numbers."""
    return SlaSummary(tuple(None if math.isnan(v) else v for v in degrees.tolist()))
