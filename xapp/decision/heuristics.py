"""Rules: controllers without learning, used as baselines and as fallback.

The tuned priority rule, the policies' base, is `xapp.decision.scalar.rule`; its allocation is that
of an action of zeros. Other rules with parameters are in `xapp.decision.rules`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import (
    ADMISSION,
    DEDICATED,
    MAX,
    MIN,
    SLICE_FIELDS,
    AllocationBatch,
    ReportBatch,
)
from oran.measurements import SLICE_COLUMN
from xapp.decision.action import whole_percent
from xapp.decision.observation import Observation


@dataclass(frozen=True, slots=True)
class RuleParameters:
    """What tuning may change in the priority rule.

    Attributes:
        headroom: a slice asks for this multiple of its measured demand, >= 1.
        urllc_headroom: the same for URLLC slices.
        urllc_reserve: share of the carrier added to what a URLLC slice asks for, 0..1.
        urllc_mcs_backoff: MCS indices below link adaptation's choice for URLLC slices.
    """

    headroom: float = 1.2
    urllc_headroom: float = 2.0
    urllc_reserve: float = 0.05
    urllc_mcs_backoff: float = 1.0


DEFAULT_RULE: Final = RuleParameters()

_LEAST: Final = 0.01
# Every slice keeps this weight, so that a slice with nothing to send can still start to.


def static_equal(present: NDArray[np.bool_]) -> AllocationBatch:
    """Hard slicing in equal parts: what is not used by its slice stays idle."""
    share = _equal(present)
    return _allocation(share, present, dedicated=share, maximum=share)


def static_shared(present: NDArray[np.bool_]) -> AllocationBatch:
    """Equal guarantees, the rest open to all: what a node runs before any control."""
    return _allocation(_equal(present), present)


def demand_proportional(observation: Observation) -> AllocationBatch:
    """Hard slicing in proportion to the demand of the last period."""
    ask = (observation.demand + _LEAST) * observation.present
    share = whole_percent(ask / ask.sum(axis=1, keepdims=True))
    return _allocation(share, observation.present, maximum=share)


def round_robin(present: NDArray[np.bool_], turn: int) -> AllocationBatch:
    """One slice a period, in turn, is served first with the whole carrier."""
    rank = np.cumsum(present, axis=1) - 1
    count = present.sum(axis=1, keepdims=True)
    share = np.where((rank == turn % count) & present, 100, 0)
    return _allocation(share, present)


def proportional_fair(reports: ReportBatch) -> AllocationBatch:
    """What a proportional fair scheduler that knows no slices gives: the same to every user.

    In the long run it maximises the sum of the logarithms of users' rates, which gives each user
    with data the same share of the resources (Kushner and Whiting, 2004); so a slice gets what its
    users are of all. Slices that send nothing count with their users too, for the time they do.
    """
    column = SLICE_COLUMN["RRC.ConnMean"]
    users = np.where(np.isnan(x := reports.slices[..., column]), 1.0, x) + _LEAST
    asked = users * reports.present
    share = whole_percent(asked / asked.sum(axis=1, keepdims=True))
    return _allocation(share, reports.present)


def unsliced(present: NDArray[np.bool_]) -> AllocationBatch:
    """No guarantee for any slice: the node's scheduler alone decides."""
    return _allocation(np.zeros(present.shape, np.int64), present)


def _equal(present: NDArray[np.bool_]) -> NDArray[np.int64]:
    share: NDArray[np.float64] = present / present.sum(axis=1, keepdims=True)
    return whole_percent(share)


def _allocation(
    share: NDArray[np.int64],
    present: NDArray[np.bool_],
    *,
    dedicated: NDArray[np.int64] | None = None,
    maximum: NDArray[np.int64] | None = None,
) -> AllocationBatch:
    out = np.zeros((*present.shape, SLICE_FIELDS), np.int64)
    out[..., DEDICATED] = 0 if dedicated is None else dedicated
    out[..., MIN] = share
    out[..., MAX] = 100 if maximum is None else maximum
    out[..., ADMISSION] = 100
    out *= present[..., None]
    return AllocationBatch(out, np.zeros(len(present), np.int64))
