"""Recorded periods: reports without the stamps that only the moment of sending can give."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from e2sim.replay.census import FileTally
from oran.measurements import SLICE_COLUMN, SLICE_MEASUREMENTS
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai

PERIOD_MS: Final = 250
"""Reporting period of both testbeds, ms."""

CARRIER_PRBS: Final = 50
"""PRBs of the 10 MHz carrier of both testbeds (TS 36.101 5.6-1)."""

CELL_VALUES: Final = CellReport.cell_values({"RRU.PrbAvailDl": CARRIER_PRBS})

EMBB: Final = Snssai(1, 1)
URLLC: Final = Snssai(2, 1)
MMTC: Final = Snssai(3, 1)

SLICE_OF_ID: Final = (EMBB, MMTC, URLLC)
"""S-NSSAI by the `slice_id` of both testbeds."""


@dataclass(frozen=True, slots=True)
class RecordedPeriod:
    """One period of one cell.

    Attributes:
        recorded_ms: end of the period by the recorder's clock, ms since 1970-01-01 UTC.
        slices: measurements by slice, in the order of their S-NSSAIs.
        rows: how many rows of which file it was made from.
    """

    recorded_ms: int
    slices: tuple[SliceReport, ...]
    rows: tuple[tuple[FileTally, int], ...]

    def count_used(self) -> None:
        """Count the rows as used."""
        for tally, n in self.rows:
            tally.used += n

    def report(self, node: str, cell: str, sequence: int, start_ms: int) -> CellReport:
        """The report, stamped."""
        return CellReport(node, cell, sequence, start_ms, PERIOD_MS, CELL_VALUES, self.slices)


class RecordedCell(Protocol):
    """One cell of a recording, to be read once from front to back."""

    @property
    def node(self) -> str:
        """Global E2 node id, 1..64 characters."""
        ...

    @property
    def cell(self) -> str:
        """Cell id, 1..64 characters."""
        ...

    def periods(self) -> Iterator[RecordedPeriod]:
        """Its periods in the order of time, `recorded_ms` strictly increasing."""
        ...

    def close(self) -> None:
        """Close its files."""
        ...


def quantised(measurements: Mapping[str, float]) -> dict[str, float]:
    """Slice measurements rounded to the catalogue's resolution.

    Raises:
        ValueError: a value is outside the catalogue's range.
    """
    return {
        name: SLICE_MEASUREMENTS[SLICE_COLUMN[name]].quantise(value)
        for name, value in measurements.items()
    }


def tallied(tallies: Iterable[FileTally]) -> tuple[tuple[FileTally, int], ...]:
    """Tallies of rows, one a row, as `RecordedPeriod.rows` has them."""
    by_id: dict[int, tuple[FileTally, int]] = {}
    for tally in tallies:
        _, n = by_id.get(id(tally), (tally, 0))
        by_id[id(tally)] = (tally, n + 1)
    return tuple(by_id.values())
