"""Answers: what became of one report, and the two roles that deal in them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from oran.allocation import Allocation
from oran.report import CellReport


class Loss(StrEnum):
    """Why a report went unanswered."""

    UNREACHABLE = "unreachable"
    CONNECTION_LOST = "connection_lost"
    TIMEOUT = "timeout"
    MALFORMED = "malformed_answer"


@dataclass(frozen=True, slots=True)
class Decided:
    """The xApp decided.

    Attributes:
        allocation: checked, with the report's slices in the report's order.
        latency_s: from the request's first byte handed over to the answer's last byte read.
    """

    allocation: Allocation
    latency_s: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The xApp answered with a problem (RFC 9457).

    Attributes:
        status: HTTP status, 400..599.
        problem: the problem's `type`; `about:blank` where the answer names none.
        title: the problem's `title`, or empty.
        detail: the problem's `detail`, or empty.
        latency_s: as in `Decided`.
    """

    status: int
    problem: str
    title: str
    detail: str
    latency_s: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer that could be used."""

    loss: Loss
    detail: str


@dataclass(frozen=True, slots=True)
class Written:
    """The report is in a file, where nobody answers."""


Answer = Decided | Refused | Unanswered | Written


class Link(Protocol):
    """One lane to a target: one report at a time, so the order of a cell's reports holds."""

    async def exchange(self, report: CellReport) -> Answer:
        """Hand over one report and wait for what becomes of it."""
        ...

    def close(self) -> None:
        """Give the lane up."""
        ...


class Target(Protocol):
    """Where reports go; as many lanes at once as there are cells in flight."""

    @property
    def name(self) -> str:
        """The target as the user wrote it."""
        ...

    def open_link(self) -> Link:
        """A new lane; connects when first used."""
        ...

    def retry_in_s(self) -> float:
        """Seconds until a target that was unreachable is tried again; 0 where it is not."""
        ...

    def close(self) -> None:
        """Give up what the lanes share."""
        ...
