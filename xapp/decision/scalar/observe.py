"""What a policy sees of a slice, and how much of the carrier the slice needs."""

from collections.abc import Sequence
from typing import Final

from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from oran.batch import ADMISSION, DEDICATED, MAX, MCS_BACKOFF, MIN
from oran.measurements import SLICE_COLUMN, SLICE_MEASUREMENTS
from xapp.decision.scalar import FloatRow, Row

_MISSING: Final = tuple(m.missing for m in SLICE_MEASUREMENTS)
_COLUMNS: Final = len(SLICE_MEASUREMENTS)
_THP: Final = SLICE_COLUMN["DRB.UEThpDl"]
_OFFERED: Final = SLICE_COLUMN["DRB.PdcpSduVolumeDL"]
_DELIVERED: Final = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]
_DELAY: Final = SLICE_COLUMN["DRB.RlcSduDelayDl"]
_DROP: Final = SLICE_COLUMN["DRB.RlcPacketDropRateDl"]
_BUFFER: Final = SLICE_COLUMN["DRB.BufferSize.Qos"]
_USED: Final = SLICE_COLUMN["RRU.PrbUsedDl"]
_CQI: Final = SLICE_COLUMN["CARR.WBCQIDist"]
_MCS: Final = SLICE_COLUMN["CARR.PDSCHMCSDist"]
_BLOCKS: Final = SLICE_COLUMN["TB.TotNbrDl"]
_ERRORS: Final = SLICE_COLUMN["TB.ErrTotalNbrDl"]
_UES: Final = SLICE_COLUMN["RRC.ConnMean"]
_ASKED: Final = SLICE_COLUMN["DRB.EstabAtt"]
_ADMITTED: Final = SLICE_COLUMN["DRB.EstabSucc"]
_KBIT_PER_BYTE: Final = 0.008
_LOWEST_POWER: Final = TX_POWER_OFFSET_DB[0]
_TINY: Final = 1e-9  # keeps 0 / 0 at 0, or at 1 where it stands above as well

NOMINAL_KBPS_PER_PRB: Final = 500.0
"""Rate of one PRB held all the time, for a slice that has not used any yet.

360 kHz (30 kHz subcarriers) at 1.4 bit/s/Hz, CQI 7 (TS 38.214 Table 5.2.2.1-2).
"""

PRIOR_PRBS: Final = 0.1
"""PRBs at the nominal rate that count as if the slice had used them too, when its efficiency is
measured: a slice that used none has the nominal rate, one that used many has its own."""


def fill_slice(x: Row, filled: FloatRow) -> int:
    """Write `x` to `filled` with the catalogue's value where not measured; count the latter."""
    missing = 0
    for i in range(_COLUMNS):
        value = x[i]
        if value != value:
            value = _MISSING[i]
            missing += 1
        filled[i] = value
    return missing


def slice_demand(x: Row, filled: Row, prbs: float, seconds: float) -> float:
    """Share of the carrier's PRBs that a slice would need next period, >= 0.

    Offered volume of the period and backlog at its end, over the efficiency (kbit per PRB held
    for the period) at which the slice was served. Where the delivered volume was not measured, UE
    throughput times UEs stands in; where the offered one was not, the delivered one.
    """
    ues = filled[_UES]
    delivered = x[_DELIVERED]
    if delivered != delivered:
        delivered = filled[_THP] * ues * seconds
    offered = x[_OFFERED]
    if offered != offered:
        offered = delivered
    backlog = filled[_BUFFER] * ues * _KBIT_PER_BYTE
    prior = PRIOR_PRBS * NOMINAL_KBPS_PER_PRB * seconds
    per_prb = (delivered + prior) / (filled[_USED] + PRIOR_PRBS)
    return (offered + backlog) / (per_prb * prbs)


def observe_slice(
    x: Row,
    missing: int,
    demand: float,
    total: float,
    prbs: float,
    load: float,
    seconds: float,
    previous: Sequence[int],
    power: int,
    target: Row,
    out: FloatRow,
    at: int,
) -> None:
    """Write the features of one slice, in the order of `OBSERVATION`, to `out` from `at` on.

    Args:
        x: measurements with missing values filled.
        missing: how many were missing.
        demand: the slice's share of the carrier needed.
        total: sum of that over the cell's slices.
        prbs: PRBs of the carrier.
        load: PRBs used of the carrier, %.
        seconds: length of the period.
        previous: row of the allocation in force.
        power: its transmit power offset, dB.
        target: the slice's row of `Targets.rows`: limits on throughput, delay and drop rate, then
            the intent's features.
        out: where to write.
        at: index of the slice's first feature in `out`.
    """
    thp = x[_THP]
    delay = x[_DELAY]
    drop = x[_DROP]
    offered = x[_OFFERED]
    delivered = x[_DELIVERED]
    buffer = x[_BUFFER]
    ues = x[_UES]
    rate_scale = 20_000.0 * seconds
    out[at] = thp / (thp + 10_000.0)
    out[at + 1] = offered / (offered + rate_scale)
    out[at + 2] = delivered / (delivered + rate_scale)
    out[at + 3] = delay / (delay + 200.0)
    out[at + 4] = drop / (drop + 1_000.0)
    out[at + 5] = buffer / (buffer + 20_000.0)
    out[at + 6] = ues / (ues + 10.0)
    out[at + 7] = x[_CQI] / 15.0
    out[at + 8] = x[_MCS] / 28.0
    out[at + 9] = x[_ERRORS] / (x[_BLOCKS] + _TINY)
    out[at + 10] = x[_ADMITTED] / (x[_ASKED] + _TINY)
    out[at + 11] = (thp + _TINY) / ((thp + _TINY) + target[0])
    out[at + 12] = delay / (delay + target[1])
    out[at + 13] = drop / (drop + target[2])
    out[at + 14] = x[_USED] / prbs
    out[at + 15] = demand / (demand + 0.5)
    out[at + 16] = total / (total + 1.0)
    out[at + 17] = 1.0 - missing / _COLUMNS
    out[at + 18] = load / 100.0
    out[at + 19] = previous[DEDICATED] / 100.0
    out[at + 20] = previous[MIN] / 100.0
    out[at + 21] = previous[MAX] / 100.0
    out[at + 22] = previous[MCS_BACKOFF] / MAX_MCS_BACKOFF
    out[at + 23] = previous[ADMISSION] / 100.0
    out[at + 24] = power / _LOWEST_POWER
    for i in range(7):
        out[at + 25 + i] = target[3 + i]
