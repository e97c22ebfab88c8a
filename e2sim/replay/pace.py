"""The pace of a replay: when each recorded period is due."""

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """Due times of one cell's periods.

    Attributes:
        speed: recorded seconds per second; 0 is as fast as answers come.
        longest_gap_ms: bound to which a longer gap between periods is shortened, ms.
        played_ms: recorded time from the first period to the last, gaps shortened.
        shortened: how many gaps were.
        removed_ms: recorded time that was taken out of them.
    """

    speed: float
    longest_gap_ms: int
    played_ms: int = 0
    shortened: int = 0
    removed_ms: int = 0
    _last_ms: int | None = None

    def due_s(self, recorded_ms: int) -> float:
        """Seconds from the first period until this one; called in the order of time."""
        apart_ms = 0 if self._last_ms is None else recorded_ms - self._last_ms
        self._last_ms = recorded_ms
        if apart_ms > self.longest_gap_ms:
            self.shortened += 1
            self.removed_ms += apart_ms - self.longest_gap_ms
            apart_ms = self.longest_gap_ms
        self.played_ms += apart_ms
        return self.played_ms / 1e3 / self.speed if self.speed else 0.0
