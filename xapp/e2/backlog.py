"""Backlog: which reports are passed over when more come than can be decided on."""

from typing import Final

MOST_IN_A_ROW: Final = 7
"""Reports of a cell that are passed over in a row; the next is decided on however late it is."""

LATE_PERIODS: Final = 2
LEAST_LATE_MS: Final = 100

_FORGET_MS: Final = 1
"""How much the usual delay may grow from report to report, ms: a clock that was set is followed."""


class Backlog:
    """Finds the reports of a cell that waited to be read.

    A node's reports take their usual time from the start of their period until they are read, which
    holds the period, the way, and the difference of the clocks. Those that take longer by more than
    `LATE_PERIODS` periods, and `LEAST_LATE_MS`, have waited, and newer ones stand behind them: they
    are passed over at a small part of a decision's cost, so that decisions are made on fresh
    reports again, if on fewer of them.

    Args:
        period_ms: of the reports.
    """

    __slots__ = ("_allowed_ms", "_passed", "_usual_ms")

    def __init__(self, period_ms: int) -> None:
        self._allowed_ms = max(LATE_PERIODS * period_ms, LEAST_LATE_MS)
        self._usual_ms: int | None = None
        self._passed = 0

    def passes_over(self, start_ms: int, now_ms: int) -> bool:
        """Whether a report that is read now is passed over; both in ms of their own clock."""
        delay = now_ms - start_ms
        usual = delay if self._usual_ms is None else min(delay, self._usual_ms + _FORGET_MS)
        self._usual_ms = usual
        if delay - usual <= self._allowed_ms or self._passed >= MOST_IN_A_ROW:
            self._passed = 0
            return False
        self._passed += 1
        return True
