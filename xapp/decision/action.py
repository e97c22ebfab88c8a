"""The action: how a policy's raw output becomes an allocation, as a residual on the tuned rule.

A policy that answers zeros everywhere gives the rule's allocation; this is where training starts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from oran.batch import ADMISSION, MAX, MCS_BACKOFF, MIN, SLICE_FIELDS, AllocationBatch

SLICE_ACTIONS: Final = ("share", "cap", "mcs_backoff", "admission")
"""Raw outputs a slice: unbounded reals."""

CELL_ACTIONS: Final = ("tx_power",)
"""Raw outputs a cell: unbounded reals."""

SHARE_BOUND: Final = 2.0
"""A share is multiplied by at most e^2 and at least e^-2 before shares are brought to sum 1."""

_OPEN: Final = 6.0
# The logistic function of 6 is 0.9975: at rest, caps and admission stand at 100 %, power at 0 dB.

# One hyperbolic tangent for all four: tanh(x / 2) / 2 + 1 / 2 is the logistic function of x.
_GAIN: Final = np.array((1.0 / SHARE_BOUND, 0.5, 1.0, 0.5))
_BIAS: Final = np.array((0.0, 0.5 * _OPEN, 0.0, 0.5 * _OPEN))


@dataclass(frozen=True, slots=True)
class Action:
    """Raw outputs of a policy for N cells with S slice places.

    Attributes:
        slices: float32 [N, S, len(SLICE_ACTIONS)].
        cell: float32 [N, len(CELL_ACTIONS)].
    """

    slices: NDArray[np.float32]
    cell: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Base:
    """The rule's answer, to which an action is a residual.

    Attributes:
        share: float64 [N, S], shares of the carrier, above 0 and summing to 1 over present slices,
            0 at an empty place.
        mcs_backoff: float64 [N, S], MCS indices, 0..MAX_MCS_BACKOFF.
    """

    share: NDArray[np.float64]
    mcs_backoff: NDArray[np.float64]


def to_allocation(action: Action, base: Base, present: NDArray[np.bool_]) -> AllocationBatch:
    """The allocation that an action means; feasible, but not yet shielded.

    Raises:
        ValueError: an output is NaN or infinite.
    """
    raw = action.slices.astype(np.float64)
    if not (np.isfinite(raw).all() and np.isfinite(action.cell).all()):
        raise ValueError("the policy's output is not finite")
    t = np.tanh(raw * _GAIN + _BIAS)
    weight = base.share * np.exp(SHARE_BOUND * t[..., 0])
    shares = whole_percent(weight / weight.sum(axis=1, keepdims=True))
    held_back = base.mcs_backoff + MAX_MCS_BACKOFF * t[..., 2]
    out = np.zeros((*present.shape, SLICE_FIELDS), np.int64)
    out[..., MIN] = shares
    out[..., MAX] = shares + np.rint((100 - shares) * (0.5 + 0.5 * t[..., 1]))
    out[..., MCS_BACKOFF] = np.rint(np.minimum(np.maximum(held_back, 0.0), MAX_MCS_BACKOFF))
    out[..., ADMISSION] = np.rint(50.0 + 50.0 * t[..., 3])
    out *= present[..., None]
    open_ = np.tanh(0.5 * (action.cell[:, 0].astype(np.float64) - _OPEN))
    power = np.rint(TX_POWER_OFFSET_DB[0] * (0.5 + 0.5 * open_))
    return AllocationBatch(out, power.astype(np.int64))


def whole_percent(share: NDArray[np.float64]) -> NDArray[np.int64]:
    """Shares [N, S] >= 0 that sum to 1 as whole percents that sum to 100: largest remainder.

    Ties go to the earlier slice place. (Balinski and Young, Fair Representation, 1982, ch. 3.)
    """
    exact = share * 100.0
    whole = np.floor(exact)
    short = 100 - whole.sum(axis=1, keepdims=True)
    rank = (whole - exact).argsort(axis=1, kind="stable").argsort(axis=1)
    percent: NDArray[np.int64] = (whole + (rank < short)).astype(np.int64)
    return percent
