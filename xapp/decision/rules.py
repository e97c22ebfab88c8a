"""Rules with parameters to tune: baselines for policies, and candidates to stand behind one.

All of them say what each slice asks for, and in which order slices are served until the carrier is
full; what is left goes to all in proportion to what they asked. They differ in the order.

A rule is a pure function of the situation and of one number a slice that it remembers.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from oran.allocation import MAX_MCS_BACKOFF
from oran.batch import ADMISSION, MAX, MCS_BACKOFF, MIN, SLICE_FIELDS, AllocationBatch
from oran.measurements import SLICE_COLUMN
from xapp.decision.action import whole_percent
from xapp.decision.situation import Situation

Memory = NDArray[np.float64]
"""What a rule remembers of each slice, [N, S]; zeros where it has not decided yet."""

LEAST: Final = 0.01
"""Every slice asks for this share at least, so that one with nothing to send can start to."""

_OFFERED: Final = SLICE_COLUMN["DRB.PdcpSduVolumeDL"]
_BUFFER: Final = SLICE_COLUMN["DRB.BufferSize.Qos"]
_UES: Final = SLICE_COLUMN["RRC.ConnMean"]
_KBIT_PER_BYTE: Final = 0.008
_ABOVE_ALL_WEIGHTS: Final = 1000.0  # `oran.intent.Intent.weight` is at most 100


class Rule(Protocol):
    """A rule, its parameters fixed."""

    def decide(self, s: Situation, memory: Memory) -> tuple[AllocationBatch, Memory]:
        """The allocation of the next period, and what to remember until the one after it."""


def served_in_order(ask: Memory, key: Memory, present: NDArray[np.bool_]) -> Memory:
    """Shares [N, S] that sum to 1 of slices that are served from the highest key down.

    Args:
        ask: shares of the carrier, at least `LEAST`.
        key: order of service; ties go to the earlier place.
        present: where there is a slice; others get nothing.
    """
    order = np.argsort(np.where(present, -key, np.inf), axis=1, kind="stable")
    asked = np.take_along_axis(ask * present, order, axis=1)
    before = np.cumsum(asked, axis=1) - asked
    got = np.minimum(asked, np.maximum(1.0 - before, LEAST))
    share = np.empty_like(got)
    np.put_along_axis(share, order, got / got.sum(axis=1, keepdims=True), axis=1)
    return share


def allocation_of(
    share: Memory, urllc: NDArray[np.bool_], urllc_mcs_backoff: float, present: NDArray[np.bool_]
) -> AllocationBatch:
    """Guarantees of these shares, the rest open to all, and an MCS backoff for URLLC slices."""
    backoff = np.clip(np.floor(urllc_mcs_backoff + 0.5), 0, MAX_MCS_BACKOFF)
    out = np.zeros((*present.shape, SLICE_FIELDS), np.int64)
    out[..., MIN] = whole_percent(share)
    out[..., MAX] = 100
    out[..., MCS_BACKOFF] = np.where(urllc, backoff, 0)
    out[..., ADMISSION] = 100
    out *= present[..., None]
    return AllocationBatch(out, np.zeros(len(present), np.int64))


@dataclass(frozen=True, slots=True)
class UrllcFirst:
    """URLLC slices before all others, then in the order of weights.

    Attributes:
        headroom: a slice asks for this multiple of its measured demand.
        urllc_headroom: a URLLC slice for this multiple of its peak demand.
        urllc_reserve: share of the carrier added to what a URLLC slice asks for, 0..1.
        urllc_memory: what is left of a peak a period later, 0..1; 0 is the last period alone.
        urllc_mcs_backoff: MCS indices below link adaptation's choice for URLLC slices.
    """

    headroom: float = 1.2
    urllc_headroom: float = 2.0
    urllc_reserve: float = 0.05
    urllc_memory: float = 0.5
    urllc_mcs_backoff: float = 1.0

    def decide(self, s: Situation, memory: Memory) -> tuple[AllocationBatch, Memory]:
        """See `Rule`; what is remembered is the peak of the demand."""
        demand, urllc = s.observation.demand, s.targets.urllc
        peak = np.maximum(demand, self.urllc_memory * memory)
        ask = np.where(
            urllc,
            self.urllc_headroom * peak + self.urllc_reserve + LEAST,
            self.headroom * demand + LEAST,
        )
        key = np.broadcast_to(s.targets.weight + _ABOVE_ALL_WEIGHTS * urllc, ask.shape)
        share = served_in_order(ask, key, s.present)
        return allocation_of(share, urllc, self.urllc_mcs_backoff, s.present), peak


@dataclass(frozen=True, slots=True)
class MaxWeight:
    """Max-weight: first the slice whose weight times backlog times rate is greatest.

    Tassiulas and Ephremides, "Stability properties of constrained queueing systems" (1992). The
    backlog is what waits at the period's end and what is offered in a period, the rate what the
    carrier would carry of it; a slice cannot use more than it asks for.

    Attributes:
        headroom: a slice asks for this multiple of its measured demand.
        urllc_headroom: the same for URLLC slices.
        urllc_urgency: by which a URLLC slice's backlog counts more, above 0.
        urllc_mcs_backoff: MCS indices below link adaptation's choice for URLLC slices.
    """

    headroom: float = 1.2
    urllc_headroom: float = 2.0
    urllc_urgency: float = 10.0
    urllc_mcs_backoff: float = 1.0

    def decide(self, s: Situation, memory: Memory) -> tuple[AllocationBatch, Memory]:
        """See `Rule`; nothing is remembered."""
        demand, urllc = s.observation.demand, s.targets.urllc
        x = np.nan_to_num(s.reports.slices)
        backlog = x[..., _OFFERED] + x[..., _BUFFER] * x[..., _UES] * _KBIT_PER_BYTE
        rate = backlog / np.maximum(demand, LEAST)
        urgency = np.where(urllc, self.urllc_urgency, 1.0)
        ask = np.where(urllc, self.urllc_headroom, self.headroom) * demand + LEAST
        share = served_in_order(ask, s.targets.weight * urgency * backlog * rate, s.present)
        return allocation_of(share, urllc, self.urllc_mcs_backoff, s.present), memory


@dataclass(frozen=True, slots=True)
class DriftPlusPenalty:
    """Drift plus penalty: slices that fell short of their targets gain precedence until they met.

    Neely, "Stochastic Network Optimization" (2010), ch. 4: a virtual queue a slice grows by what
    the slice fell short of its targets and drains by a tolerance. The period's linear programme,
    utility and queues' drift together, is a fractional knapsack: the order is that of value by
    resource asked for.

    Attributes:
        headroom: a slice asks for this multiple of its measured demand.
        urllc_headroom: the same for URLLC slices.
        urllc_reserve: share of the carrier added to what a URLLC slice asks for, 0..1.
        utility: value of the intents' weights against that of the queues, above 0.
        urllc_drift: by which a URLLC slice's queue grows faster, above 0.
        tolerance: shortfall that drains from a queue in a period, 0..1.
        urllc_mcs_backoff: MCS indices below link adaptation's choice for URLLC slices.
    """

    headroom: float = 1.2
    urllc_headroom: float = 2.0
    urllc_reserve: float = 0.05
    utility: float = 1.0
    urllc_drift: float = 10.0
    tolerance: float = 0.05
    urllc_mcs_backoff: float = 1.0

    def decide(self, s: Situation, memory: Memory) -> tuple[AllocationBatch, Memory]:
        """See `Rule`; what is remembered are the virtual queues."""
        demand, urllc = s.observation.demand, s.targets.urllc
        short = 1.0 - np.where(np.isnan(s.satisfaction), 1.0, s.satisfaction)
        grown = memory + short * np.where(urllc, self.urllc_drift, 1.0) - self.tolerance
        queue = np.maximum(grown, 0.0)
        ask = np.where(
            urllc,
            self.urllc_headroom * demand + self.urllc_reserve + LEAST,
            self.headroom * demand + LEAST,
        )
        value = (self.utility * s.targets.weight + queue) / ask
        share = served_in_order(ask, value, s.present)
        return allocation_of(share, urllc, self.urllc_mcs_backoff, s.present), queue
