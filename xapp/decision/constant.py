"""The constant: one allocation for ever, the least that any controller must beat once tuned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oran.batch import ADMISSION, MAX, MCS_BACKOFF, MIN, SLICE_FIELDS, AllocationBatch
from xapp.decision.action import whole_percent
from xapp.decision.rules import Memory
from xapp.decision.situation import Situation
from xapp.decision.targets import URLLC


@dataclass(frozen=True, slots=True)
class Constant:
    """Weights of the slice types in the carrier, the rest open to all.

    Attributes:
        embb: weight of eMBB slices and of types without a weight of their own, above 0.
        urllc: weight of URLLC slices, above 0.
        mmtc: weight of mMTC slices, above 0.
        urllc_mcs_backoff: MCS indices below link adaptation's choice for URLLC slices.
    """

    embb: float = 1.0
    urllc: float = 1.0
    mmtc: float = 1.0
    urllc_mcs_backoff: float = 0.0

    def decide(self, s: Situation, memory: Memory) -> tuple[AllocationBatch, Memory]:
        """As `xapp.decision.rules.Rule`; nothing is remembered."""
        return constant_allocation(self, s.targets.sst, s.present), memory


_MMTC = 3


def constant_allocation(
    constant: Constant, sst: NDArray[np.int64], present: NDArray[np.bool_]
) -> AllocationBatch:
    """The allocation of N cells with slices of the types `sst` [N, S]."""
    weight = np.where(sst == URLLC, constant.urllc, constant.embb)
    weight = np.where(sst == _MMTC, constant.mmtc, weight) * present
    out = np.zeros((*present.shape, SLICE_FIELDS), np.int64)
    out[..., MIN] = whole_percent(weight / weight.sum(axis=1, keepdims=True))
    out[..., MAX] = 100
    out[..., MCS_BACKOFF] = np.where(sst == URLLC, round(constant.urllc_mcs_backoff), 0)
    out[..., ADMISSION] = 100
    out *= present[..., None]
    return AllocationBatch(out, np.zeros(len(present), np.int64))
