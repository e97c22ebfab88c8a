"""Backlog: which reports are passed over when more come than can be decided on."""

from typing import Final

MOST_IN_A_ROW: Final = 7
"""Reports of a cell that are passed over in a row; the next is decided on however late it is."""

LATE_PERIODS: Final = 2
LEAST_LATE_MS: Final = 20

_FORGET_MS: Final = 1
"""How much the usual delay may grow from report to report, ms: a clock that drifts is followed."""

_DRAINING: Final = 4
"""Reports that waited come faster than they were made: their delay falls by at least this part of
the time between their periods. After a clock was set it stays."""


class Backlog:
    """Finds the reports of a cell that waited to be read.

    A node's reports take their usual time from the start of their period until they are read, which
    holds the period, the way, and the difference of the clocks. Those that take longer by more than
    `LATE_PERIODS` periods, and `LEAST_LATE_MS`, have waited, and newer ones stand behind them: they
    are passed over at a small part of a decision's cost, so that decisions are made on fresh
    reports again, if on fewer of them.

    A clock that was set, the node's or this host's, makes the delay jump too, but then it stays
    where it is. After `MOST_IN_A_ROW` such reports that delay is the usual one.

    Args:
        period_ms: of the reports.

    Attributes:
        steps: how often a clock was set; whoever has taken note sets it back to 0.
    """

    __slots__ = ("_allowed_ms", "_jump", "_last_ms", "_passed", "_usual_ms", "steps")

    def __init__(self, period_ms: int) -> None:
        self._allowed_ms = max(LATE_PERIODS * period_ms, LEAST_LATE_MS)
        self._usual_ms: int | None = None
        self._last_ms = 0
        self._jump: tuple[int, int, int] | None = None  # start and delay at a jump; reports since
        self._passed = 0
        self.steps = 0

    def passes_over(self, start_ms: int, now_ms: int) -> bool:
        """Whether a report that is read now is passed over; both in ms of their own clock."""
        delay = now_ms - start_ms
        if self._usual_ms is None:
            self._usual_ms = self._last_ms = delay
        usual = min(delay, self._usual_ms + _FORGET_MS)
        if self._jump is not None or delay - self._last_ms > self._allowed_ms:
            usual = self._follow(start_ms, delay, usual)
        self._usual_ms, self._last_ms = usual, delay
        if delay - usual <= self._allowed_ms or self._passed >= MOST_IN_A_ROW:
            self._passed = 0
            return False
        self._passed += 1
        return True

    def _follow(self, start_ms: int, delay: int, usual: int) -> int:
        """The usual delay where it may be a clock that was set."""
        if self._jump is None:
            self._jump = (start_ms, delay, 1)
            return usual
        start, first, seen = self._jump
        if _DRAINING * (first - delay) > start_ms - start:
            self._jump = None
            return usual
        if seen < MOST_IN_A_ROW:
            self._jump = (start, first, seen + 1)
            return usual
        self._jump = None
        self.steps += 1
        return delay
