"""One E2 connection, without sockets, clocks or threads (O-RAN E2AP 8 and 10)."""

from collections.abc import Mapping
from typing import Final

from oran.e2 import e2ap
from oran.e2.connection.answer import check_understood, refuse, undecodable
from oran.e2.connection.errors import LocalProtocolError, ViolationError
from oran.e2.connection.event import (
    Aborted,
    Event,
    Failed,
    MayRetry,
    Notified,
    Requested,
    Succeeded,
    TimedOut,
    Unanswered,
)
from oran.e2.connection.functions import RanFunctions
from oran.e2.connection.identifiers import Identifiers
from oran.e2.connection.limits import MAX_PENDING
from oran.e2.connection.procedure import CONTROL, RESET, SETUP, STEPS, Procedure, Recall, State
from oran.e2.connection.role import Role
from oran.e2.connection.subscription import Subscription, Subscriptions, Turn
from oran.e2.connection.transaction import Transaction, Transactions
from oran.e2.e2ap import CauseProtocol, Message, Outcome, RicRequestId
from oran.e2.errors import DecodeError, EncodeError

_WITH_FUNCTION: Final = e2ap.RicSubscriptionRequest | e2ap.RicControlRequest
_OF_SUBSCRIPTION: Final = e2ap.RicSubscriptionRequest | e2ap.RicSubscriptionDeleteRequest


class Connection:
    """One end of an E2 connection over one association: octets in, events out.

    The rules are tables that both ends share: `procedure.PROCEDURES` and
    `subscription.TRANSITIONS`. Sending a message and receiving it move them in the same way.

    All times are seconds of a clock that the caller chooses and that never goes back.

    Attributes:
        role: which end this is.
        state: where the connection stands.
    """

    def __init__(self, role: Role, requestor_id: int = 1) -> None:
        """Make an end of a connection that is not set up.

        Args:
            role: which end.
            requestor_id: requestor part of the ids that `new_request_id` gives, 0..65535.
        """
        self.role: Final = role
        self.state = State.IDLE
        self._sent = Transactions(MAX_PENDING)
        self._received = Transactions(MAX_PENDING)
        self._functions = RanFunctions()
        self._subscriptions = Subscriptions()
        self._not_before: dict[Procedure, tuple[float, Message]] = {}
        self._waiting: list[Event] = []
        self._identifiers = Identifiers(requestor_id)

    @property
    def functions(self) -> Mapping[int, e2ap.RanFunction]:
        """RAN functions in use, by id."""
        return self._functions.view

    @property
    def subscriptions(self) -> Mapping[RicRequestId, Subscription]:
        """Subscriptions, by request id."""
        return self._subscriptions.view

    @property
    def pending(self) -> tuple[Message, ...]:
        """Requests that were sent and have no answer."""
        return tuple(t.request for t in self._sent)

    @property
    def unanswered(self) -> tuple[Message, ...]:
        """Requests of the peer that have no answer."""
        return tuple(t.request for t in self._received)

    @property
    def setup_not_before(self) -> float | None:
        """When E2 Setup may be tried again, if the peer has asked to wait; kept after the end."""
        held = self._not_before.get(SETUP)
        return None if held is None else held[0]

    def new_transaction_id(self) -> int:
        """An id for a request of this end, 0..255, that none without an answer has.

        Raises:
            LocalProtocolError: all ids are taken.
        """
        return self._identifiers.transaction_id(self._sent)

    def new_request_id(self) -> RicRequestId:
        """An id for a subscription or a control that none in use has.

        Raises:
            LocalProtocolError: all ids of this requestor are taken.
        """
        return self._identifiers.request_id(self._sent, self._subscriptions)

    def send(self, message: Message, now: float) -> bytes:
        """The packet of a message that the caller wants to send, taken as sent.

        Raises:
            LocalProtocolError: the message is not allowed now, or has no encoding. Nothing has
                changed.
        """
        try:
            octets = e2ap.encode(message)
            if type(message) is e2ap.RicControlRequest and self._ready(Role.RIC):
                self._functions.check_id(message.ran_function_id)
                self._sent.start(CONTROL, message, now)
            else:
                self._take(message, True, now)
        except EncodeError as error:
            raise LocalProtocolError(str(error)) from error
        except ViolationError as violation:
            raise LocalProtocolError(violation.reason) from None
        return octets

    def receive(self, octets: bytes, now: float) -> Event:
        """What a packet of the peer means: one of `Requested`, `Notified`, `Succeeded`, `Failed`.

        Raises:
            RemoteProtocolError: the packet is no message, or not allowed now. Nothing has changed.
        """
        try:
            message = e2ap.decode(octets)
        except DecodeError as error:
            raise undecodable(octets, error) from error
        try:
            if type(message) is e2ap.RicIndication and self._ready(Role.RIC):
                if message.unknown_ies:
                    check_understood(message)
                self._subscriptions.check(message)
                return Notified(message)
            return self._take(message, False, now)
        except ViolationError as violation:
            raise refuse(message, violation, self._subscriptions.view) from None

    def next_timer(self) -> float | None:
        """When `handle_timer` is to be called; in the past if at once, None if never."""
        return self._due(self._sent.deadline(), self._received.deadline())

    @property
    def waiting(self) -> bool:
        """Whether `handle_timer` has events to give at once, whatever the time."""
        return bool(self._waiting)

    def alarm(self) -> float | None:
        """A time before which no timer is due, if early, at a small part of `next_timer`'s cost."""
        return self._due(self._sent.bound, self._received.bound)

    def _due(self, first: float | None, other: float | None) -> float | None:
        if self._waiting:
            return float("-inf")
        if self.state is State.CLOSED:
            return None
        if first is None or (other is not None and other < first):
            first = other
        for at, _ in self._not_before.values():
            if first is None or at < first:
                first = at
        return first

    def handle_timer(self, now: float) -> tuple[Event, ...]:
        """What time has brought: any of `TimedOut`, `Succeeded`, `Aborted`, `Unanswered`, ..."""
        events, self._waiting = self._waiting, []
        for transaction in self._sent.expire(now):
            events.append(self._give_up(transaction))
        for transaction in self._received.expire(now):
            events += self._forgo(transaction)
        for procedure, (at, request) in list(self._not_before.items()):
            if at <= now:
                del self._not_before[procedure]
                events.append(MayRetry(request))
        return tuple(events)

    def disconnect(self) -> tuple[Event, ...]:
        """The association has ended: what waited is `Aborted`, and nothing can be sent."""
        self._recall(Recall.EVERYTHING)
        self.state = State.CLOSED
        events, self._waiting = tuple(self._waiting), []
        return events

    def _ready(self, role: Role) -> bool:
        """Whether this is that end of a connection that is set up.

        Then what the control loop consists of passes all checks of its procedure but those that
        depend on its ids; a test holds this short way and the long one equal.
        """
        return self.state is State.ACTIVE and self.role is role

    def _take(self, message: Message, mine: bool, now: float) -> Event:
        procedure, outcome = STEPS[type(message)]
        if message.unknown_ies and not mine:
            check_understood(message)
        if outcome is Outcome.INITIATING:
            return self._initiate(procedure, message, mine, now)
        return self._conclude(procedure, message, mine, now)

    def _initiate(self, procedure: Procedure, message: Message, mine: bool, now: float) -> Event:
        transactions = self._sent if mine else self._received
        self._check_start(procedure, message, mine, now)
        self._subscriptions.check(message)
        if procedure.response is None:
            self._subscriptions.apply(message)
            return Notified(message)
        self._functions.check(message)
        if isinstance(message, _WITH_FUNCTION):
            self._functions.check_id(message.ran_function_id)
        transactions.check(procedure, procedure.key(message))
        # Nothing is refused from here on.
        self._recall(procedure.recalls)
        transactions.open(procedure, message, now)
        self._subscriptions.apply(message)
        self.state = procedure.during or self.state
        return Requested(message)

    def _check_start(self, procedure: Procedure, message: Message, mine: bool, now: float) -> None:
        initiator = self.role if mine else self.role.peer
        if initiator not in procedure.initiators:
            raise ViolationError(
                f"{procedure.name}: is not started by the {initiator.value}",
                CauseProtocol.NOT_COMPATIBLE_WITH_STATE,
            )
        if self.state not in (procedure.sent_in if mine else procedure.received_in):
            raise ViolationError(
                f"{procedure.name}: not while the connection is {self.state.value}",
                CauseProtocol.NOT_COMPATIBLE_WITH_STATE,
                answered=self.state is not State.RESETTING,
            )
        if mine and procedure in self._not_before:
            at = self._not_before[procedure][0]
            if now < at:
                raise ViolationError(
                    f"{procedure.name}: the peer wants {at - now:.3f} s more to pass",
                    CauseProtocol.NOT_COMPATIBLE_WITH_STATE,
                )

    def _conclude(self, procedure: Procedure, message: Message, mine: bool, now: float) -> Event:
        transactions = self._received if mine else self._sent
        found = transactions.find(procedure, procedure.key(message))
        if procedure is CONTROL:  # it moves nothing else
            transactions.close(found)
            made = Failed if type(message) is procedure.failure else Succeeded
            return made(found.request, message)
        self._subscriptions.check(message)
        # Nothing is refused from here on.
        transactions.close(found)
        self._subscriptions.apply(message)
        if type(message) is procedure.failure:
            self._leave(procedure, procedure.otherwise)
            wait: e2ap.TimeToWait | None = getattr(message, "time_to_wait", None)
            if wait is not None and not mine:
                self._not_before[procedure] = now + float(wait.value[1:-1]), found.request
            return Failed(found.request, message)
        self._subscriptions.drop_functions(self._functions.apply(found.request, message))
        self._leave(procedure, procedure.on_success)
        return Succeeded(found.request, message)

    def _leave(self, procedure: Procedure, state: State | None) -> None:
        if state is None or self.state is not procedure.during:
            return
        self.state = state
        if state is State.REMOVED:
            self._recall(Recall.EVERYTHING)

    def _recall(self, what: Recall) -> None:
        if what is Recall.NOTHING:
            return
        spared = RESET if what is Recall.SUBSCRIPTIONS else None
        self._waiting += [Aborted(t.request) for t in self._sent.clear(but=spared)]
        self._received.clear(but=spared)
        self._subscriptions.clear()
        if what is Recall.EVERYTHING:
            self._functions.clear()

    def _give_up(self, transaction: Transaction) -> Event:
        request = transaction.request
        if transaction.unacknowledged:
            return Succeeded(request, None)
        if isinstance(request, _OF_SUBSCRIPTION):
            self._subscriptions.move(request.request_id, Turn.TIMED_OUT)
        self._leave(transaction.procedure, transaction.procedure.otherwise)
        return TimedOut(request)

    def _forgo(self, transaction: Transaction) -> list[Event]:
        request = transaction.request
        if transaction.unacknowledged:
            return []
        if isinstance(request, _OF_SUBSCRIPTION):
            self._subscriptions.move(request.request_id, Turn.UNANSWERED)
        self._leave(transaction.procedure, transaction.procedure.otherwise)
        return [Unanswered(request)]
