"""The safety shield: projection of any proposal onto the set of allowed allocations.

The allowed set, given the allocation in force:

1. `min_prb_ratio` moves by at most `max_share_step` points a decision;
2. a URLLC slice keeps at least `urllc_floor` points of `min_prb_ratio`, whatever the step;
3. the sum of `min_prb_ratio` is at most 100, and dedicated <= min <= max <= 100 (TS 28.541 4.3.36);
4. `admission_ratio` is at least `admission_floor`, and 100 for URLLC;
5. `tx_power_offset_db` moves by at most `max_power_step_db` and stays at or above `power_floor_db`.

Every field that the projection changes is counted under the reason for it.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import ADMISSION, DEDICATED, MAX, MIN, AllocationBatch
from xapp.decision.targets import Targets


class Edit(IntEnum):
    """Why the shield changed a field; the index of its column in `Shielded.edits`."""

    SHARE_STEP = 0
    URLLC_FLOOR = 1
    SHARE_ORDER = 2
    ADMISSION_FLOOR = 3
    POWER = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the allowed set.

    Attributes:
        max_share_step: percentage points of `min_prb_ratio` a decision, 1..100.
        urllc_floor: percentage points, 0..50, for each URLLC slice.
        admission_floor: %, 0..100.
        max_power_step_db: dB a decision, 1..9.
        power_floor_db: lowest transmit power offset, -9..0 dB.

    Raises:
        ValueError: a bound is out of its range.
    """

    max_share_step: int = 30
    urllc_floor: int = 8
    admission_floor: int = 50
    max_power_step_db: int = 3
    power_floor_db: int = -6

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name}: {value} is outside {low}..{high}")


_RANGES: Final = {
    "max_share_step": (1, 100),
    "urllc_floor": (0, 50),
    "admission_floor": (0, 100),
    "max_power_step_db": (1, 9),
    "power_floor_db": (-9, 0),
}


@dataclass(frozen=True, slots=True)
class Shielded:
    """What the shield lets through.

    Attributes:
        allocation: an element of the allowed set for every cell.
        edits: int64 [N, len(Edit)], changed fields by reason.
    """

    allocation: AllocationBatch
    edits: NDArray[np.int64]


def project(
    proposal: AllocationBatch,
    previous: AllocationBatch,
    targets: Targets,
    present: NDArray[np.bool_],
    limits: Limits,
) -> Shielded:
    """The proposal, moved into the allowed set (see the module's text).

    `previous` is the allocation in force; its sums of `min_prb_ratio` are at most 100.
    """
    out = proposal.slices.copy()
    edits = np.zeros((len(present), len(Edit)), np.int64)
    _share(out, previous.slices[..., MIN], targets.urllc & present, limits, edits)

    wrong = (out[..., MAX] < out[..., MIN]) | (out[..., DEDICATED] > out[..., MIN])
    if wrong.any():
        edits[:, Edit.SHARE_ORDER] = wrong.sum(axis=1)
        out[..., MAX] = np.maximum(out[..., MAX], out[..., MIN])
        out[..., DEDICATED] = np.minimum(out[..., DEDICATED], out[..., MIN])

    floor = np.where(targets.urllc, 100, limits.admission_floor)
    refused = (out[..., ADMISSION] < floor) & present
    if refused.any():
        edits[:, Edit.ADMISSION_FLOOR] = refused.sum(axis=1)
        out[..., ADMISSION] = np.where(refused, floor, out[..., ADMISSION])

    asked, now = proposal.tx_power_offset_db, previous.tx_power_offset_db
    step = limits.max_power_step_db
    power = np.maximum(np.minimum(np.maximum(asked, now - step), now + step), limits.power_floor_db)
    edits[:, Edit.POWER] = power != asked
    return Shielded(AllocationBatch(out, power), edits)


def _share(
    out: NDArray[np.int64],
    previous: NDArray[np.int64],
    urllc: NDArray[np.bool_],
    limits: Limits,
    edits: NDArray[np.int64],
) -> None:
    """Bounds 1 to 3 on `min_prb_ratio`, in place; the common case, nothing to do, is cheap."""
    wanted = out[..., MIN]
    share = wanted
    if (np.abs(wanted - previous) > limits.max_share_step).any():
        share = _step(wanted, previous, limits.max_share_step)
        edits[:, Edit.SHARE_STEP] = (share != wanted).sum(axis=1)
    if (urllc & (share < limits.urllc_floor)).any() or (share.sum(axis=1) > 100).any():
        floored = _floor(share, urllc, limits.urllc_floor)
        edits[:, Edit.URLLC_FLOOR] = (floored != share).sum(axis=1)
        share = floored
    if share is not wanted:
        out[..., MIN] = share


def _step(wanted: NDArray[np.int64], previous: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """The point nearest to `wanted` on the line from `previous`, with no share moved beyond `step`.

    On a line between two allocations with sums at most 100 the sum stays so; rounding down keeps
    it there.
    """
    delta = wanted - previous
    far = np.maximum(np.abs(delta).max(axis=1, keepdims=True), step)
    moved: NDArray[np.int64] = previous + (delta * step) // far
    return moved


def _floor(share: NDArray[np.int64], urllc: NDArray[np.bool_], floor: int) -> NDArray[np.int64]:
    """URLLC shares raised to the floor; the others give way in proportion where the sum needs it.

    With more URLLC slices than the floor has room for, each gets an equal part of 100.
    """
    count = np.maximum(urllc.sum(axis=1, keepdims=True), 1)
    least = np.where(urllc, np.minimum(floor, 100 // count), 0)
    raised = np.maximum(share, least)
    above = np.maximum(raised.sum(axis=1, keepdims=True) - 100, 0)
    spare = raised - least
    pool = np.maximum(spare.sum(axis=1, keepdims=True), 1)
    cut = -((-spare * above) // pool)  # rounded up: the sum ends at or below 100
    lowered: NDArray[np.int64] = raised - np.minimum(cut, spare)
    return lowered
