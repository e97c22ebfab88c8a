"""The safety shield of one cell: projection onto the allowed set, see `xapp.decision.shield`."""

from collections.abc import Sequence
from typing import Final

from oran.batch import ADMISSION, DEDICATED, MAX, MIN
from xapp.decision.scalar import IntRow, IntRows

# Columns of `edits`, the order of `xapp.decision.shield.Edit`.
_SHARE_SUM: Final = 0
_SHARE_STEP: Final = 1
_URLLC_FLOOR: Final = 2
_SHARE_ORDER: Final = 3
_ADMISSION_FLOOR: Final = 4


def shield_cell(
    rows: IntRows,
    previous: Sequence[Sequence[int]],
    urllc: Sequence[bool],
    share_step: int,
    urllc_floor: int,
    admission_floor: int,
    edits: IntRow,
) -> None:
    """Move the slices' rows, in place, into the allowed set; add what was changed to `edits`.

    Args:
        rows: the proposal, one row a slice.
        previous: the allocation in force, with a sum of `MIN` of at most 100.
        urllc: whether a slice is a URLLC slice.
        share_step: `Limits.max_share_step`.
        urllc_floor: `Limits.urllc_floor`.
        admission_floor: `Limits.admission_floor`.
        edits: one count a reason.
    """
    count = len(rows)
    total = 0
    for i in range(count):
        total += rows[i][MIN]
    far = share_step
    critical = 0
    for i in range(count):
        if total > 100:
            lowered = rows[i][MIN] * 100 // total
            if lowered != rows[i][MIN]:
                rows[i][MIN] = lowered
                edits[_SHARE_SUM] += 1
        far = max(far, abs(rows[i][MIN] - previous[i][MIN]))
        if urllc[i]:
            critical += 1
    if far > share_step:
        # On the line between two allocations with sums at most 100 the sum stays so, and rounding
        # down keeps it there.
        for i in range(count):
            now = previous[i][MIN]
            moved = now + (rows[i][MIN] - now) * share_step // far
            if moved != rows[i][MIN]:
                rows[i][MIN] = moved
                edits[_SHARE_STEP] += 1

    # With more URLLC slices than the floor has room for, each is sure of an equal part of 100.
    floor = min(urllc_floor, 100 // max(critical, 1))
    below = False
    for i in range(count):
        if urllc[i] and rows[i][MIN] < floor:
            below = True
    if below:
        total = 0
        spare = 0
        for i in range(count):
            least = floor if urllc[i] else 0
            raised = max(rows[i][MIN], least)
            total += raised
            spare += raised - least
        above = max(total - 100, 0)
        pool = max(spare, 1)
        for i in range(count):
            least = floor if urllc[i] else 0
            raised = max(rows[i][MIN], least)
            # What is above the floors gives way in proportion, rounded up: the sum ends at most
            # at 100.
            lowered = raised - min(-((least - raised) * above // pool), raised - least)
            if lowered != rows[i][MIN]:
                rows[i][MIN] = lowered
                edits[_URLLC_FLOOR] += 1

    for i in range(count):
        share = rows[i][MIN]
        if rows[i][MAX] < share or rows[i][DEDICATED] > share:
            rows[i][MAX] = max(rows[i][MAX], share)
            rows[i][DEDICATED] = min(rows[i][DEDICATED], share)
            edits[_SHARE_ORDER] += 1
        admitted = 100 if urllc[i] else admission_floor
        if rows[i][ADMISSION] < admitted:
            rows[i][ADMISSION] = admitted
            edits[_ADMISSION_FLOOR] += 1


def shield_power(asked: int, now: int, step: int, floor: int) -> int:
    """The transmit power offset nearest to `asked` that the limits allow, dB."""
    return max(min(max(asked, now - step), now + step), floor)
