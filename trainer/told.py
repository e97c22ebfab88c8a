"""What cells tell of themselves, which faults may falsify, and what the xApp makes of that."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import STATES

_CELL_LOW, _CELL_HIGH = np.array([(m.low, m.high) for m in CELL_MEASUREMENTS]).T
_SLICE_LOW, _SLICE_HIGH = np.array([(m.low, m.high) for m in SLICE_MEASUREMENTS]).T
_FAILED: Final = STATES.index("failed")


def joined_reports(reports: Sequence[ReportBatch]) -> ReportBatch:
    """Reports of several batches, one below the other."""
    marked = any(r.health is not None or r.repeated is not None for r in reports)
    return ReportBatch(
        reports[0].period_ms,
        np.concatenate([r.cell for r in reports]),
        np.concatenate([r.slices for r in reports]),
        np.concatenate([r.present for r in reports]),
        np.concatenate([_health(r) for r in reports]) if marked else None,
        np.concatenate([_repeated(r) for r in reports]) if marked else None,
    )


def rows_of(report: ReportBatch, rows: slice) -> ReportBatch:
    """The reports of some cells."""
    return ReportBatch(
        report.period_ms,
        report.cell[rows],
        report.slices[rows],
        report.present[rows],
        None if report.health is None else report.health[rows],
        None if report.repeated is None else report.repeated[rows],
    )


def in_range(report: ReportBatch) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values of cells and of slices are in the catalogue's ranges, or not measured."""
    cell, slices = report.cell, report.slices
    return (
        ~((cell < _CELL_LOW) | (cell > _CELL_HIGH)),
        ~((slices < _SLICE_LOW) | (slices > _SLICE_HIGH)),
    )


def refused(report: ReportBatch) -> NDArray[np.bool_]:
    """bool [N]: the xApp refuses the report, and the allocation in force stays.

    It is the last one again, stamp and all, or a value is outside the catalogue's range.
    """
    cell, slices = in_range(report)
    return _repeated(report) | ~cell.all(axis=1) | ~slices.all(axis=(1, 2))


def failed(report: ReportBatch) -> NDArray[np.bool_]:
    """bool [N]: the node says that it has failed; the xApp falls back to the static reservation."""
    found: NDArray[np.bool_] = _health(report)[:, 0] == _FAILED
    return found


def _health(report: ReportBatch) -> NDArray[np.int8]:
    return np.zeros((len(report.cell), 2), np.int8) if report.health is None else report.health


def _repeated(report: ReportBatch) -> NDArray[np.bool_]:
    return np.zeros(len(report.cell), np.bool_) if report.repeated is None else report.repeated
