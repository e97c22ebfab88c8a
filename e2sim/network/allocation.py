"""Allocations at the twin's door: checked, then turned into PRBs and powers."""

import numpy as np

from e2sim.network.state import State
from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from oran.batch import (
    ADMISSION,
    DEDICATED,
    MAX,
    MCS_BACKOFF,
    MIN,
    SLICE_FIELDS,
    AllocationBatch,
)

_HIGH = np.full(SLICE_FIELDS, 100)
_HIGH[MCS_BACKOFF] = MAX_MCS_BACKOFF
_NAMES = (
    "dedicated_prb_ratio", "min_prb_ratio", "max_prb_ratio", "mcs_backoff", "admission_ratio",
)  # fmt: skip


def check(allocation: AllocationBatch, cells: int, slices: int) -> None:
    """Raise `ValueError` where an allocation is not feasible for `cells` cells of `slices`.

    The rules are those of `oran.allocation.Allocation.check`; nothing is clipped.
    """
    rows, power = allocation.slices, allocation.tx_power_offset_db
    if rows.shape != (cells, slices, SLICE_FIELDS):
        raise ValueError(f"slices: shape {rows.shape}, needs {(cells, slices, SLICE_FIELDS)}")
    for name, values in (("slices", rows), ("tx_power_offset_db", power)):
        if values.dtype != np.int64:
            raise ValueError(f"{name}: needs int64, got {values.dtype}")
    _refuse(
        (rows < 0) | (rows > _HIGH), rows, f"is outside 0..100 (MCS backoff: 0..{MAX_MCS_BACKOFF})"
    )
    ordered = rows[..., DEDICATED : MAX + 1]
    _refuse(ordered[..., :-1] > ordered[..., 1:], rows, "breaks dedicated <= min <= max")
    total = rows[..., MIN].sum(axis=1)
    if (total > 100).any():
        cell = int(np.argmax(total > 100))
        raise ValueError(
            f"cells[{cell}].slices: the sum of min_prb_ratio is {total[cell]}, above 100"
        )
    low, high = TX_POWER_OFFSET_DB
    if ((power < low) | (power > high)).any():
        cell = int(np.argmax((power < low) | (power > high)))
        raise ValueError(
            f"cells[{cell}].tx_power_offset_db: {power[cell]} is outside {low}..{high}"
        )


def _refuse(bad: np.ndarray, rows: np.ndarray, reason: str) -> None:
    if bad.any():
        cell, place, field = np.argwhere(bad)[0]
        raise ValueError(
            f"cells[{cell}].slices[{place}].{_NAMES[field]}: {rows[cell, place, field]} {reason}"
        )


def apply(allocation: AllocationBatch, prbs: int, state: State) -> None:
    """Write a checked allocation into the state of its cells.

    PRBs are rounded down, so that minima that sum to 100 % fit the carrier; what rounding leaves
    goes to the pool all slices share.
    """
    rows, part = allocation.slices, state.slices
    part["dedicated"] = rows[..., DEDICATED] * prbs // 100
    part["minimum"] = rows[..., MIN] * prbs // 100
    part["maximum"] = rows[..., MAX] * prbs // 100
    part["backoff"] = rows[..., MCS_BACKOFF]
    part["admission"] = rows[..., ADMISSION] / 100.0
    state.cells["boost"] = 10.0 ** (allocation.tx_power_offset_db / 10.0)
