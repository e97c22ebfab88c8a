"""Cells: the state of every cell the xApp knows, bounded in number."""

from dataclasses import dataclass, field

from oran.report import CellReport
from oran.snssai import Snssai
from xapp.decision.pipeline import Rows
from xapp.service.decision import Decision, Made
from xapp.service.refusal import Flaw, Reason, Refusal
from xapp.service.slices import SliceSet

Key = tuple[str, str]
"""Node and cell."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old or how early a report may be.

    Attributes:
        max_age_ms: a report whose period ended longer ago is stale, milliseconds.
        max_ahead_ms: a report may start at most this far in the future, milliseconds.
    """

    max_age_ms: int
    max_ahead_ms: int

    def check(self, report: CellReport, now_ms: int) -> None:
        """Raise `Refusal` where the report is stale or from the future."""
        age = now_ms - report.start_ms - report.period_ms
        if age > self.max_age_ms:
            raise Refusal(
                Reason.STALE,
                f"the report's period ended {age} ms ago; at most {self.max_age_ms} ms are served",
                [Flaw("start_ms", f"{report.start_ms} is too old at {now_ms}")],
            )
        if report.start_ms - now_ms > self.max_ahead_ms:
            raise Refusal(
                Reason.TOO_EARLY,
                f"the report starts {report.start_ms - now_ms} ms ahead of this clock; at most "
                f"{self.max_ahead_ms} ms are accepted",
                [Flaw("start_ms", f"{report.start_ms} is in the future at {now_ms}")],
            )


@dataclass(slots=True)
class Cell:
    """What is remembered of one cell.

    Attributes:
        key: node and cell.
        snssais: slices of the allocation in force, in its order.
        in_force: the last allocation decided.
        last: start and sequence of the last report accepted.
        seen_ms: when that was, wall clock.
        report: the last report; None after a restart, until the next one.
        made: the decision on it.
        slices: the slice set of the last report.
        periods: periods in which something with a target was measured, by slice.
        violations: those of them in which a target was not met, by slice.
    """

    key: Key
    snssais: tuple[Snssai, ...]
    in_force: Rows
    last: tuple[int, int]
    seen_ms: int
    report: CellReport | None = None
    made: Made | None = None
    slices: SliceSet | None = None
    periods: dict[str, int] = field(default_factory=dict)
    violations: dict[str, int] = field(default_factory=dict)

    @property
    def decision(self) -> Decision | None:
        """The wire form of the decision on the last report."""
        return None if self.made is None else self.made.decision

    def check_order(self, report: CellReport) -> None:
        """Raise `Refusal` unless the report comes after the last one accepted."""
        if (report.start_ms, report.sequence) <= self.last:
            raise Refusal(
                Reason.REPEATED,
                f"start_ms {report.start_ms}, sequence {report.sequence} is not after "
                f"{self.last[0]}, {self.last[1]}, the last report accepted for this cell",
                [Flaw("sequence", "not after the last report's")],
            )


class Cells:
    """The cells known, at most `limit`; a cell idle for `idle_ms` gives way to a new one."""

    def __init__(self, limit: int, idle_ms: int) -> None:
        self.limit = limit
        self.forgotten = 0
        self._idle_ms = idle_ms
        self._cells: dict[Key, Cell] = {}

    def __len__(self) -> int:
        return len(self._cells)

    def get(self, key: Key) -> Cell | None:
        """The cell, or None where it is not known."""
        return self._cells.get(key)

    def all(self) -> list[Cell]:
        """A copy of the list of cells, safe to walk from another thread."""
        return list(self._cells.values())

    def make_room(self, now_ms: int) -> Key | None:
        """Make room for one more cell; the key of the cell that was forgotten, if any.

        Raises:
            Refusal: all places are taken by cells that report.
        """
        if len(self._cells) < self.limit:
            return None
        oldest = min(self._cells.values(), key=lambda c: c.seen_ms)
        if now_ms - oldest.seen_ms < self._idle_ms:
            raise Refusal(
                Reason.CELLS_FULL,
                f"{self.limit} cells report already, the most this xApp is set to serve",
            )
        del self._cells[oldest.key]
        self.forgotten += 1
        return oldest.key

    def add(self, cell: Cell) -> None:
        """Remember a cell; room is made beforehand."""
        self._cells[cell.key] = cell
