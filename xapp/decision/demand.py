"""Demand: how much of the carrier each slice would need to empty its queue within a period."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import ReportBatch
from oran.measurements import CELL_COLUMN, CELL_MEASUREMENTS, SLICE_COLUMN

NOMINAL_KBPS_PER_PRB: Final = 500.0
"""Rate of one PRB held all the time, for a slice that has not used any yet.

360 kHz (30 kHz subcarriers) at 1.4 bit/s/Hz, CQI 7 (TS 38.214 Table 5.2.2.1-2).
"""

_THP = SLICE_COLUMN["DRB.UEThpDl"]
_OFFERED = SLICE_COLUMN["DRB.PdcpSduVolumeDL"]
_DELIVERED = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]
_BUFFER = SLICE_COLUMN["DRB.BufferSize.Qos"]
_USED = SLICE_COLUMN["RRU.PrbUsedDl"]
_UES = SLICE_COLUMN["RRC.ConnMean"]
_AVAILABLE = CELL_COLUMN["RRU.PrbAvailDl"]
_KBIT_PER_BYTE: Final = 0.008


def available_prbs(batch: ReportBatch) -> NDArray[np.float64]:
    """PRBs of the carrier [N, 1]; the catalogue's value where not measured."""
    prbs = batch.cell[:, _AVAILABLE, None]
    return np.where(np.isnan(prbs), CELL_MEASUREMENTS[_AVAILABLE].missing, prbs)


def prb_demand(
    batch: ReportBatch, filled: NDArray[np.float64], prbs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of the carrier's PRBs that each slice would need next period [N, S], >= 0.

    Offered volume of the period and backlog at its end, over the efficiency (kbit per PRB held
    for the period) at which the slice was served. Where the offered volume was not measured, the
    delivered one stands in, then UE throughput times UEs; an empty slice place has demand 0.

    Args:
        batch: the reports; read where "not measured" matters.
        filled: `batch.slices` with missing values replaced [N, S, M].
        prbs: PRBs of the carrier [N, 1].
    """
    seconds = batch.period_ms / 1000.0
    ues = filled[..., _UES]
    carried = filled[..., _THP] * ues * seconds
    raw_delivered = batch.slices[..., _DELIVERED]
    raw_offered = batch.slices[..., _OFFERED]
    delivered = np.where(np.isnan(raw_delivered), carried, raw_delivered)
    offered = np.where(np.isnan(raw_offered), delivered, raw_offered)
    backlog = filled[..., _BUFFER] * ues * _KBIT_PER_BYTE
    used = filled[..., _USED]
    served = (used > 0.0) & (delivered > 0.0)
    nominal = NOMINAL_KBPS_PER_PRB * seconds
    per_prb = np.where(served, delivered / np.where(served, used, 1.0), nominal)
    demand: NDArray[np.float64] = (offered + backlog) / (per_prb * prbs)
    return demand
