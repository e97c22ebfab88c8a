"""Reporters: actions that are served, each turning periods of the twin into indication messages."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from e2sim.e2.column import CellColumn, SliceColumn, UserColumn
from e2sim.e2.condition import Matches
from e2sim.e2.merging import Lost
from e2sim.e2.period import Period
from oran.e2.common.ueid import UeId
from oran.e2.kpm import (
    IndicationFormat1,
    IndicationFormat3,
    IndicationMessage,
    Measurement,
    Record,
    UeReport,
)

Chunk = tuple[Period, ...]
"""The periods of one granularity period."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What a report repeats of its subscription: nothing, or measurements and granularity."""

    measurements: tuple[Measurement, ...] | None = None
    granularity_ms: int | None = None

    def message(self, records: Iterable[Record]) -> IndicationFormat1:
        """The records as a message."""
        return IndicationFormat1(tuple(records), self.measurements, self.granularity_ms)


class Content(Protocol):
    """What is reported.

    Attributes:
        lost: values that were measured and are told as `noValue`, by measurement and reason.
    """

    @property
    def lost(self) -> "Counter[tuple[str, Lost]]":
        """See above."""
        ...

    def message(self, chunks: list[Chunk]) -> IndicationMessage | None:
        """The message about some granularity periods; None where there is nothing to tell."""
        ...


@dataclass(frozen=True, slots=True)
class CellContent:
    """Values of the cell (message format 1)."""

    columns: tuple[CellColumn | SliceColumn, ...]
    naming: Naming
    lost: Counter[tuple[str, Lost]] = field(default_factory=Counter)

    def message(self, chunks: list[Chunk]) -> IndicationMessage:
        """See `Content.message`."""
        return self.naming.message(self._record(chunk) for chunk in chunks)

    def _record(self, chunk: Chunk) -> Record:
        values = tuple(column.value(chunk) for column in self.columns)
        for column, value in zip(self.columns, values, strict=True):
            if value is None and (reason := column.lost(chunk)) is not None:
                self.lost[column.rule.measurement.name, reason] += 1
        return Record(values)


@dataclass(frozen=True, slots=True)
class UserContent:
    """Values of each user that matches when the report is made (message format 3)."""

    columns: tuple[UserColumn, ...]
    matches: Matches
    ue_id: Callable[[int], UeId]
    naming: Naming
    lost: Counter[tuple[str, Lost]] = field(default_factory=Counter)
    """None: what users are reported with is never falsified."""

    def message(self, chunks: list[Chunk]) -> IndicationMessage | None:
        """See `Content.message`; None where no user matches, as format 3 needs one."""
        matching = [u.user for u in chunks[-1][-1].users if u.present and self.matches(u)]
        if not matching:
            return None
        return IndicationFormat3(
            tuple(
                UeReport(
                    self.ue_id(user), self.naming.message(self._record(user, c) for c in chunks)
                )
                for user in matching
            )
        )

    def _record(self, user: int, chunk: Chunk) -> Record:
        rows = [period.users[user].row for period in chunk]
        return Record(tuple(column.value(rows) for column in self.columns))


@dataclass(frozen=True, slots=True)
class Report:
    """A report that is due.

    Attributes:
        sequence: its number in its action, 0..65535.
        start_ms: start of its first granularity period, ms since 1970-01-01 UTC.
        message: what it says.
    """

    sequence: int
    start_ms: int
    message: IndicationMessage


class Reporter:
    """One action that is served.

    Attributes:
        content: what it reports.
        empty: reports that were due and had nothing to tell.
    """

    def __init__(self, content: Content, granularity: int, records: int) -> None:
        """Start with the next period.

        Args:
            content: what to report.
            granularity: periods of the twin in one granularity period.
            records: granularity periods in one report.
        """
        self.content: Final = content
        self.empty = 0
        self._granularity = granularity
        self._size = granularity * records
        self._periods: list[Period] = []
        self._sequence = 0

    def take(self, period: Period) -> Report | None:
        """One more period has been played; returns the report, where one is due."""
        self._periods.append(period)
        if len(self._periods) < self._size:
            return None
        periods, self._periods = self._periods, []
        size = self._granularity
        chunks = [tuple(periods[i : i + size]) for i in range(0, len(periods), size)]
        message = self.content.message(chunks)
        if message is None:
            self.empty += 1
            return None
        sequence, self._sequence = self._sequence, (self._sequence + 1) % (1 << 16)
        return Report(sequence, periods[0].start_ms, message)
