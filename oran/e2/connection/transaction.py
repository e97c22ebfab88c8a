"""Requests without an answer, and when they are given up."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

from oran.e2.connection.errors import ViolationError
from oran.e2.connection.procedure import PROCEDURES, Procedure
from oran.e2.e2ap import CauseMisc, CauseProtocol, ControlAckRequest, Message, RicControlRequest


@dataclass(frozen=True, slots=True)
class Transaction:
    """A request without an answer.

    Attributes:
        procedure: which procedure it started.
        key: what its answer will carry.
        request: the request.
        deadline: when it is given up, in seconds of the caller's clock.
    """

    procedure: Procedure
    key: Hashable
    request: Message
    deadline: float

    @property
    def unacknowledged(self) -> bool:
        """Whether it is a control that is answered only where it fails."""
        return (
            isinstance(self.request, RicControlRequest)
            and self.request.ack_request is not ControlAckRequest.ACK
        )


class Transactions:
    """The requests of one direction that have no answer.

    All requests of a procedure wait equally long, so that in each group the oldest is the first to
    be given up, and nothing needs sorting.

    Attributes:
        limit: most requests that are held.
    """

    def __init__(self, limit: int) -> None:
        self.limit: Final = limit
        self._groups: Final[dict[Procedure, OrderedDict[Hashable, Transaction]]] = {
            procedure: OrderedDict() for procedure in PROCEDURES if procedure.response is not None
        }
        self._deadline: float | None = None
        self._stale = False
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Transaction]:
        for group in self._groups.values():
            yield from group.values()

    def has(self, procedure: Procedure, key: Hashable) -> bool:
        """Whether such a request has no answer yet."""
        return key in self._groups[procedure]

    def find(self, procedure: Procedure, key: Hashable) -> Transaction:
        """The request that an outcome with this key answers.

        Raises:
            ViolationError: there is none.
        """
        found = self._groups[procedure].get(key)
        if found is None:
            raise ViolationError(
                f"{procedure.name}: no request with {key!r} waits for an answer",
                CauseProtocol.NOT_COMPATIBLE_WITH_STATE,
                answered=False,
            )
        return found

    def check(self, procedure: Procedure, key: Hashable) -> None:
        """That one more request may be held.

        Raises:
            ViolationError: such a request is being answered already, or there are too many.
        """
        if key in self._groups[procedure]:
            raise ViolationError(
                f"{procedure.name}: a request with {key!r} waits for its answer already",
                CauseProtocol.NOT_COMPATIBLE_WITH_STATE,
                answered=False,
            )
        if self._count >= self.limit:
            raise ViolationError(
                f"{procedure.name}: {self.limit} requests wait for their answers already",
                CauseMisc.CONTROL_PROCESSING_OVERLOAD,
            )

    def open(self, procedure: Procedure, request: Message, now: float) -> None:
        """Hold a request that was checked."""
        self._hold(procedure, procedure.key(request), request, now)

    def start(self, procedure: Procedure, request: Message, now: float) -> None:
        """Check a request, and hold it.

        Raises:
            ViolationError: as `check`; nothing has changed.
        """
        key = procedure.key(request)
        self.check(procedure, key)
        self._hold(procedure, key, request, now)

    def _hold(self, procedure: Procedure, key: Hashable, request: Message, now: float) -> None:
        deadline = now + procedure.timeout
        self._groups[procedure][key] = Transaction(procedure, key, request, deadline)
        self._count += 1
        if self._deadline is None or deadline < self._deadline:
            self._deadline = deadline

    def close(self, transaction: Transaction) -> None:
        """Forget a request, which has its answer."""
        del self._groups[transaction.procedure][transaction.key]
        self._count -= 1
        self._stale = True

    def clear(self, but: Procedure | None = None) -> list[Transaction]:
        """Forget all requests but those of one procedure, and return them."""
        cleared: list[Transaction] = []
        for procedure, group in self._groups.items():
            if procedure is not but:
                cleared += group.values()
                group.clear()
        self._count -= len(cleared)
        self._stale = True
        return cleared

    @property
    def bound(self) -> float | None:
        """A time before which none is given up; at most `deadline`, and free."""
        return self._deadline

    def deadline(self) -> float | None:
        """When the first request is given up; None if there is none."""
        if self._stale:
            firsts = (next(iter(g.values())).deadline for g in self._groups.values() if g)
            self._deadline = min(firsts, default=None)
            self._stale = False
        return self._deadline

    def expire(self, now: float) -> list[Transaction]:
        """Forget the requests that are to be given up by `now`, and return them."""
        expired: list[Transaction] = []
        at = self.deadline()
        if at is None or at > now:
            return expired
        for group in self._groups.values():
            while group and (first := next(iter(group.values()))).deadline <= now:
                self.close(first)
                expired.append(first)
        self.deadline()  # so that `bound` is no time that has passed
        return expired
