"""The observation: what every policy sees of a slice. One table, one function.

All features are rational functions of the measurements (`x / (x + scale)` where the range is
open), so that they have the same bits for one cell and for a thousand, on any vector unit.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from oran.batch import ADMISSION, MAX, MCS_BACKOFF, MIN, AllocationBatch, ReportBatch
from oran.measurements import CELL_COLUMN, SLICE_COLUMN, SLICE_MEASUREMENTS
from xapp.decision.demand import available_prbs, prb_demand
from xapp.decision.targets import TARGET_FEATURES, Targets


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the observation; every value lies in [low, high]."""

    name: str
    meaning: str
    low: float = 0.0
    high: float = 1.0


# (feature, measurement, scale, is a total of the period): the value read is x / (x + scale), with
# totals turned into rates per second first.
_SQUASHED: Final = (
    ("throughput", "DRB.UEThpDl", 10_000.0, False),
    ("offered_rate", "DRB.PdcpSduVolumeDL", 20_000.0, True),
    ("delivered_rate", "DRB.RlcSduTransmittedVolumeDL", 20_000.0, True),
    ("delay", "DRB.RlcSduDelayDl", 200.0, False),
    ("drop", "DRB.RlcPacketDropRateDl", 1_000.0, False),
    ("buffer", "DRB.BufferSize.Qos", 20_000.0, False),
    ("connected_ues", "RRC.ConnMean", 10.0, False),
)
_LINEAR: Final = (
    ("cqi", "CARR.WBCQIDist", 15.0),
    ("mcs", "CARR.PDSCHMCSDist", 28.0),
)
_RATIOS: Final = (
    ("error_rate", "TB.ErrTotalNbrDl", "TB.TotNbrDl"),
    ("admitted", "DRB.EstabSucc", "DRB.EstabAtt"),
)

OBSERVATION: Final[tuple[Feature, ...]] = (
    *(Feature(name, f"{m} / ({m} + {scale:g})") for name, m, scale, _ in _SQUASHED),
    *(Feature(name, f"{m} / {scale:g}") for name, m, scale in _LINEAR),
    *(Feature(name, f"{a} / {b}, 0 where {b} is 0", high=np.inf) for name, a, b in _RATIOS),
    Feature("throughput_to_target", "throughput / (throughput + target); 1 without a target"),
    Feature("delay_to_target", "delay / (delay + target); 0 without a target"),
    Feature("drop_to_target", "drop rate / (drop rate + target); 0 without a target"),
    Feature("prb_used", "RRU.PrbUsedDl / RRU.PrbAvailDl", high=275.0),
    Feature("demand", "share d of the carrier that the slice needs, d / (d + 0.5)"),
    Feature("cell_demand", "sum D of the slices' demands, D / (D + 1)"),
    Feature("measured", "share of the slice's measurements that were measured"),
    Feature("cell_load", "RRU.PrbTotDl / 100"),
    Feature("previous_min", "min_prb_ratio in force / 100"),
    Feature("previous_max", "max_prb_ratio in force / 100"),
    Feature("previous_mcs_backoff", f"mcs_backoff in force / {MAX_MCS_BACKOFF}"),
    Feature("previous_admission", "admission_ratio in force / 100"),
    Feature("previous_power", f"tx_power_offset_db in force / {TX_POWER_OFFSET_DB[0]}"),
    *(Feature(name, "the operator's intent, see `Targets`") for name in TARGET_FEATURES),
)
"""The observation's columns in order. Changing it changes the schema hash of bundles."""

FEATURES: Final = len(OBSERVATION)

_SQUASH_COLUMNS: Final = np.array([SLICE_COLUMN[m] for _, m, _, _ in _SQUASHED])
_SQUASH_SCALE: Final = np.array([scale for *_, scale, _ in _SQUASHED])
_SQUASH_TOTAL: Final = np.array([total for *_, total in _SQUASHED])
_LINEAR_COLUMNS: Final = np.array([SLICE_COLUMN[m] for _, m, _ in _LINEAR])
_LINEAR_SCALE: Final = np.array([scale for *_, scale in _LINEAR])
_NUMERATORS: Final = np.array([SLICE_COLUMN[a] for _, a, _ in _RATIOS])
_DENOMINATORS: Final = np.array([SLICE_COLUMN[b] for *_, b in _RATIOS])
_THP: Final = SLICE_COLUMN["DRB.UEThpDl"]
_DELAY: Final = SLICE_COLUMN["DRB.RlcSduDelayDl"]
_DROP: Final = SLICE_COLUMN["DRB.RlcPacketDropRateDl"]
_USED: Final = SLICE_COLUMN["RRU.PrbUsedDl"]
_CELL_LOAD: Final = CELL_COLUMN["RRU.PrbTotDl"]
_MISSING: Final = np.array([m.missing for m in SLICE_MEASUREMENTS])
_PREVIOUS: Final = np.array([MIN, MAX, MCS_BACKOFF, ADMISSION])
_PREVIOUS_SCALE: Final = np.array([100.0, 100.0, MAX_MCS_BACKOFF, 100.0])

_A: Final = len(_SQUASHED)
_B: Final = _A + len(_LINEAR)
_C: Final = _B + len(_RATIOS)
_P: Final = _C + 8  # first of the `previous_` columns
_T: Final = _P + 5  # first of the targets' columns


@dataclass(frozen=True, slots=True)
class Observation:
    """What the policies and the rules see of N cells.

    Attributes:
        slices: float32 [N, S, FEATURES]; zeros at an empty slice place.
        present: bool [N, S].
        demand: float64 [N, S], share of the carrier each slice needs (`prb_demand`).
    """

    slices: NDArray[np.float32]
    present: NDArray[np.bool_]
    demand: NDArray[np.float64]


def observe(batch: ReportBatch, targets: Targets, previous: AllocationBatch) -> Observation:
    """The observation of a batch of reports, under the intents, with the allocation in force."""
    missing = np.isnan(batch.slices)
    x = np.where(missing, _MISSING, batch.slices)
    prbs = available_prbs(batch)
    demand = prb_demand(batch, x, prbs)
    total = demand.sum(axis=1, keepdims=True)
    load = batch.cell[:, _CELL_LOAD, None]

    out = np.empty((*batch.present.shape, FEATURES))
    scale = np.where(_SQUASH_TOTAL, _SQUASH_SCALE * (batch.period_ms / 1000.0), _SQUASH_SCALE)
    direct = x[..., _SQUASH_COLUMNS]
    out[..., :_A] = direct / (direct + scale)
    out[..., _A:_B] = x[..., _LINEAR_COLUMNS] / _LINEAR_SCALE
    denominators = x[..., _DENOMINATORS]
    out[..., _B:_C] = x[..., _NUMERATORS] / np.where(denominators > 0.0, denominators, 1.0)
    out[..., _C] = _to_target(x[..., _THP], targets.throughput_kbps, 1.0)
    out[..., _C + 1] = _to_target(x[..., _DELAY] * 0.1, targets.delay_ms, 0.0)
    out[..., _C + 2] = _to_target(x[..., _DROP] * 1e-6, targets.drop_rate, 0.0)
    out[..., _C + 3] = x[..., _USED] / prbs
    out[..., _C + 4] = demand / (demand + 0.5)
    out[..., _C + 5] = total / (total + 1.0)
    out[..., _C + 6] = 1.0 - missing.sum(axis=-1) / len(SLICE_MEASUREMENTS)
    out[..., _C + 7] = np.where(np.isnan(load), 0.0, load) / 100.0
    out[..., _P : _P + 4] = previous.slices[..., _PREVIOUS] / _PREVIOUS_SCALE
    out[..., _P + 4] = previous.tx_power_offset_db[:, None] / TX_POWER_OFFSET_DB[0]
    out[..., _T:] = targets.features
    out *= batch.present[..., None]
    return Observation(out.astype(np.float32), batch.present, demand)


def _to_target(
    value: NDArray[np.float64], target: NDArray[np.float64], none: float
) -> NDArray[np.float64]:
    return np.where(np.isnan(target), none, value / (value + target))
