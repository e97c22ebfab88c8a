"""The uplink of a cell as its node reports it: shown, and no part of a report or a decision."""

import math
from collections.abc import Sequence
from typing import Final

from oran.report import CellReport
from oran.snssai import Snssai
from oran.uplink import UPLINK_MEASUREMENTS
from xapp.e2.columns import Columns, Values

MAX_WAITING: Final = 64
"""Reports that wait for what becomes of them; those that were refused are forgotten beyond."""


class Uplink:
    """What the slices of one cell sent.

    Attributes:
        values: of each slice in the last report that was decided on, one for each row of
            `UPLINK_MEASUREMENTS`, NaN where not measured; empty where the node reports no uplink.
        rejected: values outside the catalogue's range, which are left out and spoil no report.
    """

    def __init__(self) -> None:
        self.values: dict[Snssai, Values] = {}
        self.rejected = 0
        # By the id of its report: each id is taken anew before it is accepted.
        self._waiting: dict[int, tuple[Columns, Sequence[float]]] = {}

    def take(self, report: CellReport, columns: Columns, row: Sequence[float]) -> None:
        """One more report, whose columns' values have a NaN at their end."""
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.clear()
        self._waiting[id(report)] = columns, row

    def accept(self, report: CellReport) -> None:
        """A report was decided on."""
        found = self._waiting.pop(id(report), None)
        if found is not None:
            columns, row = found
            self.values = {snssai: self._fitting(pick(row)) for snssai, pick in columns.uplink}

    def forget(self) -> None:
        """There are no reports any more."""
        self.values = {}
        self._waiting.clear()

    def named(self) -> dict[str, dict[str, float]]:
        """The values that were measured, by slice and name."""
        return {
            str(snssai): {
                m.name: value
                for m, value in zip(UPLINK_MEASUREMENTS, values, strict=True)
                if not math.isnan(value)
            }
            for snssai, values in self.values.items()
        }

    def _fitting(self, values: Values) -> Values:
        fitting = tuple(
            value if low <= value <= high else math.nan
            for value, (low, high) in zip(values, _RANGES, strict=True)
        )
        self.rejected += sum(map(math.isnan, fitting)) - sum(map(math.isnan, values))
        return fitting


_RANGES: Final = tuple((m.low, m.high) for m in UPLINK_MEASUREMENTS)
