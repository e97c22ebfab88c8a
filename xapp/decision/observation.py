"""The observation: what every policy sees of a slice. One table, one function.

All features are rational functions of the measurements (`x / (x + scale)` where the range is
open), so that they have the same bits for one cell and for a thousand, on any vector unit.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from oran.batch import SLICE_FIELDS, AllocationBatch, ReportBatch
from oran.measurements import CELL_COLUMN, CELL_MEASUREMENTS, SLICE_COLUMN, SLICE_MEASUREMENTS
from xapp.decision.demand import prb_demand
from xapp.decision.targets import TARGET_FEATURES, Targets


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the observation; every value lies in [low, high]."""

    name: str
    meaning: str
    low: float = 0.0
    high: float = 1.0


class _Quotient(NamedTuple):
    """A feature of the form (a + nudge) / (gain * b + scale + rate_scale * seconds + target)."""

    name: str
    numerator: str
    denominator: str
    gain: float = 1.0
    scale: float = 0.0
    rate_scale: float = 0.0
    nudge: float = 0.0
    high: float = 1.0


_TINY: Final = 1e-9  # keeps 0 / 0 at 0, or at 1 where it stands above as well

_QUOTIENTS: Final = (
    _Quotient("throughput", "DRB.UEThpDl", "DRB.UEThpDl", scale=10_000.0),
    _Quotient("offered_rate", "DRB.PdcpSduVolumeDL", "DRB.PdcpSduVolumeDL", rate_scale=20_000.0),
    _Quotient(
        "delivered_rate",
        "DRB.RlcSduTransmittedVolumeDL",
        "DRB.RlcSduTransmittedVolumeDL",
        rate_scale=20_000.0,
    ),
    _Quotient("delay", "DRB.RlcSduDelayDl", "DRB.RlcSduDelayDl", scale=200.0),
    _Quotient("drop", "DRB.RlcPacketDropRateDl", "DRB.RlcPacketDropRateDl", scale=1_000.0),
    _Quotient("buffer", "DRB.BufferSize.Qos", "DRB.BufferSize.Qos", scale=20_000.0),
    _Quotient("connected_ues", "RRC.ConnMean", "RRC.ConnMean", scale=10.0),
    _Quotient("cqi", "CARR.WBCQIDist", "CARR.WBCQIDist", gain=0.0, scale=15.0),
    _Quotient("mcs", "CARR.PDSCHMCSDist", "CARR.PDSCHMCSDist", gain=0.0, scale=28.0),
    _Quotient("error_rate", "TB.ErrTotalNbrDl", "TB.TotNbrDl", scale=_TINY, high=np.inf),
    _Quotient("admitted", "DRB.EstabSucc", "DRB.EstabAtt", scale=_TINY, high=np.inf),
    # The next three are held against the intents' targets, which `observe` adds below the line.
    _Quotient("throughput_to_target", "DRB.UEThpDl", "DRB.UEThpDl", scale=_TINY, nudge=_TINY),
    _Quotient("delay_to_target", "DRB.RlcSduDelayDl", "DRB.RlcSduDelayDl"),
    _Quotient("drop_to_target", "DRB.RlcPacketDropRateDl", "DRB.RlcPacketDropRateDl"),
)
_TO_TARGET: Final = len(_QUOTIENTS) - 3

_PREVIOUS: Final = (
    ("previous_dedicated", 100.0),
    ("previous_min", 100.0),
    ("previous_max", 100.0),
    ("previous_mcs_backoff", float(MAX_MCS_BACKOFF)),
    ("previous_admission", 100.0),
)


OBSERVATION: Final[tuple[Feature, ...]] = (
    Feature("throughput", "x / (x + 10,000 kbit/s) of DRB.UEThpDl"),
    Feature("offered_rate", "x / (x + 20,000 kbit/s) of DRB.PdcpSduVolumeDL a second"),
    Feature("delivered_rate", "x / (x + 20,000 kbit/s) of DRB.RlcSduTransmittedVolumeDL a second"),
    Feature("delay", "x / (x + 20 ms) of DRB.RlcSduDelayDl"),
    Feature("drop", "x / (x + 1e-3) of DRB.RlcPacketDropRateDl"),
    Feature("buffer", "x / (x + 20,000 byte) of DRB.BufferSize.Qos"),
    Feature("connected_ues", "x / (x + 10) of RRC.ConnMean"),
    Feature("cqi", "CARR.WBCQIDist / 15"),
    Feature("mcs", "CARR.PDSCHMCSDist / 28"),
    Feature("error_rate", "TB.ErrTotalNbrDl / TB.TotNbrDl, 0 without blocks", high=np.inf),
    Feature("admitted", "DRB.EstabSucc / DRB.EstabAtt, 0 without attempts", high=np.inf),
    Feature("throughput_to_target", "x / (x + target) of DRB.UEThpDl, 1 without a target"),
    Feature("delay_to_target", "x / (x + target) of DRB.RlcSduDelayDl, 0 without a target"),
    Feature("drop_to_target", "x / (x + target) of DRB.RlcPacketDropRateDl, 0 without a target"),
    Feature("prb_used", "RRU.PrbUsedDl / RRU.PrbAvailDl", high=275.0),
    Feature("demand", "share d of the carrier that the slice needs, d / (d + 0.5)"),
    Feature("cell_demand", "sum D of the slices' demands, D / (D + 1)"),
    Feature("measured", "share of the slice's measurements that were measured"),
    Feature("cell_load", "RRU.PrbTotDl / 100"),
    Feature("previous_dedicated", "dedicated_prb_ratio in force / 100"),
    Feature("previous_min", "min_prb_ratio in force / 100"),
    Feature("previous_max", "max_prb_ratio in force / 100"),
    Feature("previous_mcs_backoff", f"mcs_backoff in force / {MAX_MCS_BACKOFF}"),
    Feature("previous_admission", "admission_ratio in force / 100"),
    Feature("previous_power", f"tx_power_offset_db in force / {TX_POWER_OFFSET_DB[0]}"),
    *(Feature(name, "the operator's intent, see `TargetsBatch`") for name in TARGET_FEATURES),
)
"""The observation's columns in order. Changing it changes the schema hash of bundles."""

FEATURES: Final = len(OBSERVATION)

_NUMERATORS: Final = np.array([SLICE_COLUMN[q.numerator] for q in _QUOTIENTS])
_DENOMINATORS: Final = np.array([SLICE_COLUMN[q.denominator] for q in _QUOTIENTS])
_GAIN: Final = np.array([q.gain for q in _QUOTIENTS])
_SCALE: Final = np.array([q.scale for q in _QUOTIENTS])
_RATE_SCALE: Final = np.array([q.rate_scale for q in _QUOTIENTS])
_NUDGE: Final = np.array([q.nudge for q in _QUOTIENTS])
_MISSING: Final = np.array([m.missing for m in SLICE_MEASUREMENTS])
_CELL_MISSING: Final = np.array([m.missing for m in CELL_MEASUREMENTS])
_PREVIOUS_SCALE: Final = np.array([scale for _, scale in _PREVIOUS])
_USED: Final = SLICE_COLUMN["RRU.PrbUsedDl"]
_PRBS: Final = CELL_COLUMN["RRU.PrbAvailDl"]
_LOAD: Final = CELL_COLUMN["RRU.PrbTotDl"]

_Q: Final = len(_QUOTIENTS)
_P: Final = _Q + 5  # first of the `previous_` columns
_T: Final = _P + SLICE_FIELDS + 1  # first of the intents' columns


@dataclass(frozen=True, slots=True)
class Observation:
    """What the policies and the rules see of N cells.

    Attributes:
        slices: float32 [N, S, FEATURES]; zeros at an empty slice place.
        present: bool [N, S].
        demand: float64 [N, S], share of the carrier each slice needs; 0 at an empty place.
    """

    slices: NDArray[np.float32]
    present: NDArray[np.bool_]
    demand: NDArray[np.float64]


def observe(batch: ReportBatch, targets: Targets, previous: AllocationBatch) -> Observation:
    """The observation of a batch of reports, under the intents, with the allocation in force."""
    missing = np.isnan(batch.slices)
    x = np.where(missing, _MISSING, batch.slices)
    cell = np.where(np.isnan(batch.cell), _CELL_MISSING, batch.cell)
    prbs = cell[:, _PRBS, None]
    demand = prb_demand(batch, missing, x, prbs) * batch.present
    total = demand.sum(axis=1, keepdims=True)

    below = x[..., _DENOMINATORS] * _GAIN + (_SCALE + _RATE_SCALE * (batch.period_ms / 1000.0))
    below[..., _TO_TARGET:] += targets.limits
    out = np.empty((*batch.present.shape, FEATURES))
    np.divide(x[..., _NUMERATORS] + _NUDGE, below, out=out[..., :_Q])
    out[..., _Q] = x[..., _USED] / prbs
    out[..., _Q + 1] = demand / (demand + 0.5)
    out[..., _Q + 2] = total / (total + 1.0)
    out[..., _Q + 3] = 1.0 - missing.sum(axis=-1) / len(SLICE_MEASUREMENTS)
    out[..., _Q + 4] = cell[:, _LOAD, None] / 100.0
    out[..., _P : _T - 1] = previous.slices / _PREVIOUS_SCALE
    out[..., _T - 1] = previous.tx_power_offset_db[:, None] / TX_POWER_OFFSET_DB[0]
    out[..., _T:] = targets.features
    out *= batch.present[..., None]
    return Observation(out.astype(np.float32), batch.present, demand)
