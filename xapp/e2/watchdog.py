"""The watchdog of a cell's subscription: when to subscribe, and when one is stale."""

from enum import Enum
from typing import Final

FIRST_PAUSE_S: Final = 1.0
LAST_PAUSE_S: Final = 60.0
"""Pauses between attempts that bring no report: doubled from the first to the last."""

FIRST_REPORT_S: Final = 5.0
"""Least time that a node has for the first report of a subscription."""


class Life(Enum):
    """Where a subscription stands."""

    ABSENT = "absent"
    ASKED = "asked for"
    ACTIVE = "active"


class Step(Enum):
    """What is due."""

    NOTHING = 0
    SUBSCRIBE = 1
    RENEW = 2
    """The subscription is stale: delete it; `SUBSCRIBE` follows after a pause."""


class Watchdog:
    """State and times of one subscription; times are seconds of a clock that never goes back.

    A subscription that the node refuses or loses, or that is silent for too long, is asked for anew
    after a pause. The pause doubles as long as no report comes, so that a node that cannot report
    is not flooded.

    Args:
        silence_s: seconds without a report after which a subscription is stale.

    Attributes:
        life: where the subscription stands.
    """

    __slots__ = ("_pause", "_silence_s", "_since", "life")

    def __init__(self, silence_s: float) -> None:
        self.life = Life.ABSENT
        self._silence_s = silence_s
        self._since = 0.0
        self._pause = FIRST_PAUSE_S

    def next(self, now: float) -> Step:
        """What is due now; after `RENEW` the subscription counts as absent."""
        if self.life is Life.ABSENT and now >= self._since:
            return Step.SUBSCRIBE
        if self.life is Life.ACTIVE and now - self._since >= self._silence_s:
            self.absent(now)
            return Step.RENEW
        return Step.NOTHING

    def asked(self) -> None:
        """The subscription was asked for."""
        self.life = Life.ASKED

    def admitted(self, now: float) -> None:
        """The node has it, and ought to report from now on."""
        self.life = Life.ACTIVE
        self._since = now + max(0.0, FIRST_REPORT_S - self._silence_s)

    def heard(self, now: float) -> None:
        """A report came."""
        self._since = now
        self._pause = FIRST_PAUSE_S

    def absent(self, now: float) -> None:
        """The node refused it, lost it, or is no longer relied on for it."""
        self.life = Life.ABSENT
        self._since = now + self._pause
        self._pause = min(2.0 * self._pause, LAST_PAUSE_S)

    def reset(self, now: float) -> None:
        """The node forgot it in order, as at a reset: ask again at once."""
        self.life, self._since = Life.ABSENT, now
