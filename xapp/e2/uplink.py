"""The uplink of a cell as its node reports it: shown, and no part of a report or a decision."""

import math
from collections.abc import Sequence
from typing import Final

from oran.snssai import Snssai
from oran.uplink import UPLINK_MEASUREMENTS
from xapp.e2.columns import Columns, Values


class Uplink:
    """What the slices of one cell sent.

    Attributes:
        values: of each slice in the last report, one for each row of `UPLINK_MEASUREMENTS`, NaN
            where not measured; empty where the node reports no uplink.
        rejected: values outside the catalogue's range, which are left out and spoil no report.
    """

    def __init__(self) -> None:
        self.values: dict[Snssai, Values] = {}
        self.rejected = 0

    def take(self, columns: Columns, row: Sequence[float]) -> None:
        """One more report, whose columns' values have a NaN at their end."""
        self.values = {snssai: self._fitting(pick(row)) for snssai, pick in columns.uplink}

    def forget(self) -> None:
        """There are no reports any more."""
        self.values = {}

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
