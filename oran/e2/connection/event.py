"""What a connection reports.

Each message of the peer gives one of `Requested`, `Notified`, `Succeeded`, `Failed`, or a
`RemoteProtocolError`. The others come from time, and from what ends requests in bulk. Each request
that was sent ends in exactly one of `Succeeded`, `Failed`, `TimedOut`, `Aborted`.
"""

from dataclasses import dataclass
from typing import TypeAlias

from oran.e2.e2ap import Message


@dataclass(frozen=True, slots=True)
class Requested:
    """The peer wants an answer to `message`."""

    message: Message


@dataclass(frozen=True, slots=True)
class Notified:
    """The peer told something that has no answer."""

    message: Message


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The peer did what was asked.

    Attributes:
        request: what was asked.
        response: the answer; None for a RIC Control that asked for no acknowledgement and met no
            failure in time.
    """

    request: Message
    response: Message | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The peer refused what was asked, by `failure`."""

    request: Message
    failure: Message


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The peer did not answer `request` in time. It may or may not have done what was asked."""

    request: Message


@dataclass(frozen=True, slots=True)
class Aborted:
    """A set-up, a reset, a removal or the end of the association took the answer to `request`."""

    request: Message


@dataclass(frozen=True, slots=True)
class Unanswered:
    """This end did not answer the peer's `request` in time; an answer can no longer be sent."""

    request: Message


@dataclass(frozen=True, slots=True)
class MayRetry:
    """The time to wait, which came with the refusal of `request`, is over."""

    request: Message


Event: TypeAlias = (
    Requested | Notified | Succeeded | Failed | TimedOut | Aborted | Unanswered | MayRetry
)
