"""Allocations at the twin's door: checked, then turned into PRBs and powers."""

import numpy as np

from e2sim.network.jit import entry, fuse
from e2sim.network.plan import Plan
from e2sim.network.records import I64
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

_LOWEST_DB, _HIGHEST_DB = TX_POWER_OFFSET_DB
_BOOST = np.array([10.0 ** (db / 10.0) for db in range(_LOWEST_DB, _HIGHEST_DB + 1)])

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
    if not feasible(np.ascontiguousarray(rows), np.ascontiguousarray(power)):
        _explain(rows, power)


def _explain(rows: I64, power: I64) -> None:
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
    cell = int(np.argmax((power < _LOWEST_DB) | (power > _HIGHEST_DB)))
    raise ValueError(
        f"cells[{cell}].tx_power_offset_db: {power[cell]} is outside {_LOWEST_DB}..{_HIGHEST_DB}"
    )


def _refuse(bad: np.ndarray, rows: np.ndarray, reason: str) -> None:
    if bad.any():
        cell, place, field = np.argwhere(bad)[0]
        raise ValueError(
            f"cells[{cell}].slices[{place}].{_NAMES[field]}: {rows[cell, place, field]} {reason}"
        )


@fuse
def apply(plan: Plan, cell: State, rows: I64, power: int) -> None:
    """A cell takes over its checked allocation: `rows` [S, SLICE_FIELDS], and `power` in dB.

    PRBs are rounded down, so that minima that sum to 100 % fit the carrier; what rounding leaves
    goes to the pool all slices share.
    """
    prbs = plan.carrier[0].prbs
    for s in range(len(plan.slices)):
        part = cell.slices[s]
        part.dedicated = rows[s, DEDICATED] * prbs // 100
        part.minimum = rows[s, MIN] * prbs // 100
        part.maximum = rows[s, MAX] * prbs // 100
        part.backoff = rows[s, MCS_BACKOFF]
        part.admission = rows[s, ADMISSION] / 100.0
    cell.cells[0].boost = _BOOST[power - _LOWEST_DB]


@entry
def feasible(rows: I64, power: I64) -> bool:
    """Whether `check` finds nothing to refuse in an allocation of the right shape and type."""
    cells, slices, _ = rows.shape
    fine = True
    for c in range(cells):
        total = 0
        for s in range(slices):
            row = rows[c, s]
            fine &= 0 <= row[DEDICATED] <= row[MIN] <= row[MAX] <= 100
            fine &= 0 <= row[MCS_BACKOFF] <= MAX_MCS_BACKOFF and 0 <= row[ADMISSION] <= 100
            total += row[MIN]
        fine &= total <= 100 and _LOWEST_DB <= power[c] <= _HIGHEST_DB
    return fine
