"""Reachability of a target: when to try it again, told once when it changes."""

from collections.abc import Callable
from typing import Final

FIRST_RETRY_S: Final = 0.1
LAST_RETRY_S: Final = 5.0


class Reachability:
    """Exponential backoff shared by all lanes to one target.

    The pause after the n-th failure in a row is `FIRST_RETRY_S` · 2^(n-1), at most
    `LAST_RETRY_S`; failures within a pause (other lanes, the same outage) do not lengthen it.

    Args:
        name: the target, for the messages.
        clock: seconds, monotonic.
        announce: takes one line when the target becomes unreachable and one when it is back.
    """

    def __init__(
        self, name: str, clock: Callable[[], float], announce: Callable[[str], None]
    ) -> None:
        self._name = name
        self._clock = clock
        self._announce = announce
        self._failures = 0
        self._not_before = 0.0
        self._down_since = 0.0

    def retry_in_s(self) -> float:
        """Seconds until the next try is due; 0 where the target is not known to be down."""
        return max(0.0, self._not_before - self._clock()) if self._failures else 0.0

    def failed(self, reason: str) -> None:
        """Take note of a connection that could not be made."""
        now = self._clock()
        if self._failures and now < self._not_before:
            return
        if not self._failures:
            self._down_since = now
            self._announce(f"{self._name} is unreachable ({reason}); trying again until it answers")
        self._failures += 1
        # The exponent is bounded so that a long outage cannot overflow the power.
        pause = FIRST_RETRY_S * 2.0 ** min(self._failures - 1, 16)
        self._not_before = now + min(LAST_RETRY_S, pause)

    def succeeded(self) -> None:
        """Take note of a connection that was made."""
        if self._failures:
            self._announce(
                f"{self._name} is back after {self._clock() - self._down_since:.1f} s "
                f"and {self._failures} failed tries"
            )
        self._failures = 0
