"""The safety shield: projection of any proposal onto the set of allowed allocations.

The allowed set, given the allocation in force:

1. the sum of `min_prb_ratio` is at most 100;
2. `min_prb_ratio` moves by at most `max_share_step` points a decision;
3. a URLLC slice keeps at least `urllc_floor` points of `min_prb_ratio`, whatever the step;
4. dedicated <= min <= max <= 100 (TS 28.541 4.3.36);
5. `admission_ratio` is at least `admission_floor`, and 100 for URLLC;
6. `tx_power_offset_db` moves by at most `max_power_step_db` and stays at or above `power_floor_db`.

Every field that the projection changes is counted under the reason for it.
`xapp.decision.scalar.shield` does it; here are its bounds and reasons.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch


class Edit(IntEnum):
    """Why the shield changed a field; the index of its column in `Shielded.edits`."""

    SHARE_SUM = 0
    SHARE_STEP = 1
    URLLC_FLOOR = 2
    SHARE_ORDER = 3
    ADMISSION_FLOOR = 4
    POWER = 5


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
