"""The action: a policy's raw output, a residual on the tuned rule.

`xapp.decision.scalar.act.allocate_cell` makes an allocation of it. A policy that answers zeros
everywhere gives the rule's allocation; this is where training starts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SLICE_ACTIONS: Final = ("share", "cap", "mcs_backoff", "admission")
"""Raw outputs a slice: unbounded reals."""

CELL_ACTIONS: Final = ("tx_power",)
"""Raw outputs a cell: unbounded reals."""


@dataclass(frozen=True, slots=True)
class Action:
    """Raw outputs of a policy for N cells with S slice places.

    Attributes:
        slices: float32 [N, S, len(SLICE_ACTIONS)].
        cell: float32 [N, len(CELL_ACTIONS)].
    """

    slices: NDArray[np.float32]
    cell: NDArray[np.float32]


def at_rest(present: NDArray[np.bool_]) -> Action:
    """The action of zeros, which is the rule; `present` is [N, S]."""
    n, s = present.shape
    return Action(
        np.zeros((n, s, len(SLICE_ACTIONS)), np.float32),
        np.zeros((n, len(CELL_ACTIONS)), np.float32),
    )


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
