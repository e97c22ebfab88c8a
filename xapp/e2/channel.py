"""A channel of control: one control at a time under way to a cell, and the newest waits."""

from collections.abc import Callable
from enum import Enum
from typing import Final

MAX_FAILURES: Final = 3
"""Failures in a row after which nothing is sent for a while."""


class Offered(Enum):
    """What became of a control that was offered to a channel."""

    SEND = "sent"
    UNCHANGED = "unchanged"
    WAITS = "waits"
    REPLACED = "replaced"
    """Another one came before it could be sent."""
    HELD = "held"
    """The node fails too often: nothing is sent for a while."""
    DROPPED = "dropped"
    """It waited, and what the node has is not known any more."""


Count = Callable[[Offered], None]
"""Told what became of a control; once of each that was offered, but `SEND` and `WAITS`. Nothing is
told of those that were put back."""


class Channel:
    """Controls of one RAN function for one cell; a control is the octets that say all of it.

    Args:
        refresh: a control that is the one in force already is sent again when it has been offered
            so many times; 0, never.
        hold_s: seconds for which nothing is sent after `MAX_FAILURES` failures in a row.
        count: told of controls that are not sent.

    Attributes:
        in_force: what the node has acknowledged last; None where that is not known.
        under_way: what was sent and has no answer.
        failures: failures in a row.
        held_until: when controls are sent again after too many failures, seconds; 0 before.
    """

    __slots__ = (
        "_count", "_counted", "_hold_s", "_refresh", "_same", "_waiting", "failures",
        "held_until", "in_force", "under_way",
    )  # fmt: skip

    def __init__(self, refresh: int, hold_s: float, count: Count) -> None:
        self.in_force: bytes | None = None
        self.under_way: bytes | None = None
        self.failures = 0
        self.held_until = 0.0
        self._waiting: bytes | None = None
        self._counted = True  # whether what waits is counted
        self._refresh = refresh
        self._hold_s = hold_s
        self._same = 0
        self._count = count

    def offer(self, control: bytes, now: float) -> bool:
        """Take a control; where the answer is True, the caller sends it."""
        offered = self._offer(control, now)
        if offered is Offered.SEND:
            return True
        if offered is not Offered.WAITS:
            self._count(offered)
        return False

    def put_back(self, control: bytes, now: float) -> bool:
        """As `offer`, for one that stands for no decision."""
        return self._offer(control, now, counted=False) is Offered.SEND

    def _offer(self, control: bytes, now: float, *, counted: bool = True) -> Offered:
        if self.under_way is not None:
            if control == self._waiting and counted:
                return Offered.UNCHANGED  # the one that waits says the same
            if self._waiting is not None and self._counted:
                self._count(Offered.REPLACED)
            self._waiting = None if control == self.under_way else control
            self._counted = counted
            return Offered.UNCHANGED if self._waiting is None else Offered.WAITS
        if control == self.in_force:
            self._same += 1
            if not self._refresh or self._same < self._refresh:
                return Offered.UNCHANGED
        if now < self.held_until:
            return Offered.HELD
        self._same = 0
        self.under_way = control
        return Offered.SEND

    def acknowledged(self, now: float) -> bytes | None:
        """The node did what was under way; what to send next, if something waits."""
        self.in_force, self.under_way = self.under_way, None
        self.failures = 0
        return self._next(now)

    def failed(self, now: float) -> bytes | None:
        """The node refused, or did not answer: what it has is not known."""
        self.in_force = self.under_way = None
        self.failures += 1
        if self.failures >= MAX_FAILURES:
            self.failures = 0
            self.held_until = now + self._hold_s
        return self._next(now)

    def forget(self) -> None:
        """Nothing is under way, and what the node has in force is not known."""
        if self._waiting is not None and self._counted:
            self._count(Offered.DROPPED)
        self.under_way = self.in_force = self._waiting = None

    def _next(self, now: float) -> bytes | None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return None
        offer = self.offer if self._counted else self.put_back
        return waiting if offer(waiting, now) else None
