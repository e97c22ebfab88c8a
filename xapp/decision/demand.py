"""Demand: how much of the carrier each slice would need to empty its queue within a period."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import ReportBatch
from oran.measurements import SLICE_COLUMN

NOMINAL_KBPS_PER_PRB: Final = 500.0
"""Rate of one PRB held all the time, for a slice that has not used any yet.

360 kHz (30 kHz subcarriers) at 1.4 bit/s/Hz, CQI 7 (TS 38.214 Table 5.2.2.1-2).
"""

PRIOR_PRBS: Final = 0.1
"""PRBs at the nominal rate that count as if the slice had used them too, when its efficiency is
measured: a slice that used none has the nominal rate, one that used many has its own."""

_THP: Final = SLICE_COLUMN["DRB.UEThpDl"]
_OFFERED: Final = SLICE_COLUMN["DRB.PdcpSduVolumeDL"]
_DELIVERED: Final = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]
_BUFFER: Final = SLICE_COLUMN["DRB.BufferSize.Qos"]
_USED: Final = SLICE_COLUMN["RRU.PrbUsedDl"]
_UES: Final = SLICE_COLUMN["RRC.ConnMean"]
_KBIT_PER_BYTE: Final = 0.008


def prb_demand(
    batch: ReportBatch,
    missing: NDArray[np.bool_],
    filled: NDArray[np.float64],
    prbs: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share of the carrier's PRBs that each slice would need next period [N, S], >= 0.

    Offered volume of the period and backlog at its end, over the efficiency (kbit per PRB held
    for the period) at which the slice was served. Where the delivered volume was not measured, UE
    throughput times UEs stands in; where the offered one was not, the delivered one.

    Args:
        batch: the reports; its period is read.
        missing: where `batch.slices` is NaN [N, S, M].
        filled: `batch.slices` with missing values replaced [N, S, M].
        prbs: PRBs of the carrier [N, 1].
    """
    seconds = batch.period_ms / 1000.0
    ues = filled[..., _UES]
    offered, delivered = filled[..., _OFFERED], filled[..., _DELIVERED]
    if missing[..., _OFFERED : _DELIVERED + 1].any():
        carried = filled[..., _THP] * ues * seconds
        delivered = np.where(missing[..., _DELIVERED], carried, delivered)
        offered = np.where(missing[..., _OFFERED], delivered, offered)
    backlog = filled[..., _BUFFER] * ues * _KBIT_PER_BYTE
    prior = PRIOR_PRBS * NOMINAL_KBPS_PER_PRB * seconds
    per_prb = (delivered + prior) / (filled[..., _USED] + PRIOR_PRBS)
    demand: NDArray[np.float64] = (offered + backlog) / (per_prb * prbs)
    return demand
