"""Reports and allocations of many cells as arrays: the form the twin and the policies work in.

A batch has N cells with S slice places each; a cell with fewer slices leaves places empty
(`present` False, values NaN). Serving one report is the batch with N = 1 and no empty place.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from oran.allocation import Allocation, SliceAllocation
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import CellReport
from oran.snssai import Snssai


@dataclass(frozen=True, slots=True)
class ReportBatch:
    """Measurements of N cells in one period.

    Attributes:
        period_ms: length of the period, one for all cells.
        cell: float64 [N, len(CELL_MEASUREMENTS)]; NaN where not measured.
        slices: float64 [N, S, len(SLICE_MEASUREMENTS)]; NaN where not measured.
        present: bool [N, S]; False at an empty slice place.
        health: int8 [N, 2], places in `oran.report.STATES` of gNB and backhaul; None where all is
            well.
        repeated: bool [N], True where the cell's last report is sent again with its old stamp;
            None where none is.
    """

    period_ms: int
    cell: NDArray[np.float64]
    slices: NDArray[np.float64]
    present: NDArray[np.bool_]
    health: NDArray[np.int8] | None = None
    repeated: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        n, s = self.present.shape
        if self.cell.shape != (n, len(CELL_MEASUREMENTS)):
            raise ValueError(f"cell: shape {self.cell.shape}, needs {(n, len(CELL_MEASUREMENTS))}")
        if self.slices.shape != (n, s, len(SLICE_MEASUREMENTS)):
            raise ValueError(
                f"slices: shape {self.slices.shape}, needs {(n, s, len(SLICE_MEASUREMENTS))}"
            )

    @classmethod
    def of(cls, report: CellReport) -> Self:
        """The batch of one report."""
        return cls(
            report.period_ms,
            np.array((report.values,)),
            np.array((tuple(s.values for s in report.slices),)),
            np.ones((1, len(report.slices)), np.bool_),
        )


DEDICATED: Final = 0
MIN: Final = 1
MAX: Final = 2
MCS_BACKOFF: Final = 3
ADMISSION: Final = 4
SLICE_FIELDS: Final = 5
"""Columns of `AllocationBatch.slices`: the integer fields of `SliceAllocation`, in its order."""


@dataclass(frozen=True, slots=True)
class AllocationBatch:
    """Allocations of N cells.

    Attributes:
        slices: int64 [N, S, SLICE_FIELDS]; zeros at an empty slice place.
        tx_power_offset_db: int64 [N].
    """

    slices: NDArray[np.int64]
    tx_power_offset_db: NDArray[np.int64]

    def __post_init__(self) -> None:
        n = self.tx_power_offset_db.shape[0]
        if self.slices.ndim != 3 or self.slices.shape[::2] != (n, SLICE_FIELDS):
            raise ValueError(f"slices: shape {self.slices.shape}, needs ({n}, S, {SLICE_FIELDS})")

    @classmethod
    def of(cls, allocation: Allocation) -> Self:
        """The batch of one allocation."""
        return cls(
            np.array(
                [
                    [
                        (
                            s.dedicated_prb_ratio,
                            s.min_prb_ratio,
                            s.max_prb_ratio,
                            s.mcs_backoff,
                            s.admission_ratio,
                        )
                        for s in allocation.slices
                    ]
                ],
                np.int64,
            ),
            np.array([allocation.tx_power_offset_db], np.int64),
        )

    def one(self, cell: int, snssais: tuple[Snssai, ...]) -> Allocation:
        """The allocation of one cell; `snssais` name its slice places from the first on."""
        rows = self.slices[cell].tolist()
        return Allocation(
            tuple(SliceAllocation(s, *row) for s, row in zip(snssais, rows, strict=False)),
            int(self.tx_power_offset_db[cell]),
        )
