"""Columns of a recording: what each must hold, and rows read by them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final

from e2sim.replay.census import FileTally, Reason, RowError
from e2sim.replay.source import MAX_LINE, CutError, Source
from oran.measurements import SLICE_COLUMN, SLICE_MEASUREMENTS, UINT32

LATEST_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999: a later time stamp is no time."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a report is made from.

    Attributes:
        name: as the header has it.
        integer: whether only whole numbers are right.
        high: largest value accepted; the smallest is 0.
    """

    name: str
    integer: bool = False
    high: float = inf

    def parse(self, text: str) -> float:
        """The value; any other text raises `RowError`."""
        try:
            value = float(text)
        except ValueError:
            raise RowError(Reason.NOT_A_NUMBER, f"{text!r}, needs a number", self.name) from None
        # float() takes digit groups such as 1_000, which no recorder writes.
        if "_" in text:
            raise RowError(Reason.NOT_A_NUMBER, f"{text!r}, needs a number", self.name)
        if not isfinite(value):
            raise RowError(Reason.NOT_FINITE, f"{text!r}, needs a finite number", self.name)
        if value < 0.0:
            raise RowError(Reason.NEGATIVE, f"{text!r}, needs 0 or more", self.name)
        if value > self.high:
            raise RowError(Reason.OUT_OF_RANGE, f"{text!r}, above {self.high:.15g}", self.name)
        if self.integer and not value.is_integer():
            raise RowError(Reason.NOT_AN_INTEGER, f"{text!r}, needs an integer", self.name)
        return value


def bound(measurement: str, factor: float = 1.0) -> float:
    """Largest value of a slice measurement of the catalogue, over `factor`."""
    return SLICE_MEASUREMENTS[SLICE_COLUMN[measurement]].high / factor


def time_column(name: str) -> Column:
    """A column of milliseconds since 1970-01-01 UTC."""
    return Column(name, integer=True, high=LATEST_MS)


def count_column(name: str) -> Column:
    """A column of counts."""
    return Column(name, integer=True, high=UINT32)


def index_of(header: Sequence[str], columns: Sequence[Column]) -> list[int] | None:
    """Where the columns stand in a header; None when one is absent."""
    try:
        return [header.index(c.name) for c in columns]
    except ValueError:
        return None


def rows(source: Source, tally: FileTally, width: int) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of each row with `width` fields; the others are refused."""
    lines = source.lines()
    while True:
        try:
            number, line = next(lines)
        except StopIteration:
            return
        except CutError as error:
            tally.read += 1
            tally.refuse(0, RowError(Reason.CUT, f"the file ends too early: {error}"))
            return
        tally.read += 1
        try:
            yield number, _fields(line, width)
        except RowError as error:
            tally.refuse(number, error)


def _fields(line: bytes, width: int) -> list[str]:
    if len(line) > MAX_LINE:
        raise RowError(Reason.LINE_TOO_LONG, f"more than {MAX_LINE} bytes")
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise RowError(Reason.UNDECODABLE, f"byte {error.start}: {error.reason}") from None
    if not text.strip():
        raise RowError(Reason.EMPTY_LINE, "nothing on the line")
    fields = text.split(",")
    if len(fields) != width:
        raise RowError(Reason.COLUMNS, f"{len(fields)} columns, needs {width}")
    return fields
