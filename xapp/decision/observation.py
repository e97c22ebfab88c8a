"""The observation: what every policy sees of a slice, as a table.

`xapp.decision.scalar.observe.observe_slice` computes it. All features are rational functions of
the measurements (`x / (x + scale)` where the range is open), so that they have the same bits for
one cell and for a thousand, in the interpreter and compiled.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from xapp.decision.targets import TARGET_FEATURES


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the observation; every value lies in [low, high]."""

    name: str
    meaning: str
    low: float = 0.0
    high: float = 1.0


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
