"""Subscriptions, as both ends know them: one table of states (O-RAN E2AP 8.2.1 to 8.2.3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from oran.e2 import e2ap
from oran.e2.connection.errors import ViolationError
from oran.e2.connection.limits import MAX_SUBSCRIPTIONS
from oran.e2.e2ap import CauseProtocol, CauseRicRequest, RicRequestId


class SubscriptionState(Enum):
    """State of one subscription."""

    ABSENT = "unknown"
    PENDING = "asked for"
    ACTIVE = "active"
    DELETING = "being deleted"
    DOUBTFUL = "doubtful"
    """The node did not answer in time, and may have it or not: ask for its deletion."""
    CLEARING = "doubtful and being deleted"


class Turn(Enum):
    """What moves a subscription, besides messages."""

    TIMED_OUT = "no answer came"
    UNANSWERED = "no answer was sent"
    GONE = "the peer does not know it"
    """A failure of the deletion, or an Error Indication, with cause request-id-unknown."""


Step: TypeAlias = type[e2ap.Message] | Turn

_S: Final = SubscriptionState

TRANSITIONS: Final[Mapping[tuple[SubscriptionState, Step], SubscriptionState]] = {
    (_S.ABSENT, e2ap.RicSubscriptionRequest): _S.PENDING,
    (_S.PENDING, e2ap.RicSubscriptionResponse): _S.ACTIVE,
    (_S.PENDING, e2ap.RicSubscriptionFailure): _S.ABSENT,
    (_S.PENDING, Turn.TIMED_OUT): _S.DOUBTFUL,
    (_S.PENDING, Turn.UNANSWERED): _S.ABSENT,
    (_S.ACTIVE, e2ap.RicSubscriptionDeleteRequest): _S.DELETING,
    (_S.ACTIVE, Turn.GONE): _S.ABSENT,
    (_S.DELETING, e2ap.RicSubscriptionDeleteResponse): _S.ABSENT,
    (_S.DELETING, e2ap.RicSubscriptionDeleteFailure): _S.ACTIVE,
    (_S.DELETING, Turn.GONE): _S.ABSENT,
    (_S.DELETING, Turn.TIMED_OUT): _S.DOUBTFUL,
    (_S.DELETING, Turn.UNANSWERED): _S.ACTIVE,
    (_S.DOUBTFUL, e2ap.RicSubscriptionDeleteRequest): _S.CLEARING,
    (_S.DOUBTFUL, Turn.GONE): _S.ABSENT,
    (_S.CLEARING, e2ap.RicSubscriptionDeleteResponse): _S.ABSENT,
    (_S.CLEARING, e2ap.RicSubscriptionDeleteFailure): _S.DOUBTFUL,
    (_S.CLEARING, Turn.GONE): _S.ABSENT,
    (_S.CLEARING, Turn.TIMED_OUT): _S.DOUBTFUL,
}  # fmt: skip
"""The state after a step; a step that is not listed is not allowed."""

REPORTING: Final = (_S.ACTIVE, _S.DELETING, _S.DOUBTFUL, _S.CLEARING)
"""States in which the node may send indications."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription.

    Attributes:
        request: what the RIC asked for.
        state: its state.
        admitted: ids of the actions that the node carries out.
    """

    request: e2ap.RicSubscriptionRequest
    state: SubscriptionState
    admitted: tuple[int, ...] = ()


class Subscriptions:
    """Table of subscriptions, moved by what is sent and by what is received alike."""

    def __init__(self) -> None:
        self._subscriptions: dict[RicRequestId, Subscription] = {}
        self._checks: Final[dict[type[e2ap.Message], Callable[[Any], None]]] = {
            e2ap.RicIndication: self._check_indication,
            e2ap.RicSubscriptionRequest: self._check_request,
            e2ap.RicSubscriptionResponse: self._check_response,
            e2ap.RicSubscriptionDeleteRequest: self._check_delete,
        }
        self._moves: Final[dict[type[e2ap.Message], Callable[[Any], None]]] = {
            e2ap.RicSubscriptionRequest: self._ask,
            e2ap.RicSubscriptionResponse: self._admit,
            e2ap.RicSubscriptionFailure: self._follow,
            e2ap.RicSubscriptionDeleteRequest: self._follow,
            e2ap.RicSubscriptionDeleteResponse: self._follow,
            e2ap.RicSubscriptionDeleteFailure: self._lose,
            e2ap.ErrorIndication: self._lose,
        }

    @property
    def view(self) -> Mapping[RicRequestId, Subscription]:
        """The subscriptions, by their request ids."""
        return MappingProxyType(self._subscriptions)

    def check(self, message: e2ap.Message) -> None:
        """That a message fits the table.

        Raises:
            ViolationError: it does not.
        """
        check = self._checks.get(type(message))
        if check is not None:
            check(message)

    def apply(self, message: e2ap.Message) -> None:
        """Take a message that was checked."""
        apply = self._moves.get(type(message))
        if apply is not None:
            apply(message)

    def move(self, request_id: RicRequestId, step: Step) -> None:
        """Move a subscription, where the table has a move for it."""
        found = self._subscriptions.get(request_id)
        if found is None:
            return
        state = TRANSITIONS.get((found.state, step), found.state)
        if state is _S.ABSENT:
            del self._subscriptions[request_id]
        else:
            self._subscriptions[request_id] = replace(found, state=state)

    def drop_functions(self, function_ids: set[int]) -> None:
        """Forget the subscriptions of RAN functions that are in use no longer."""
        if not function_ids:
            return
        for request_id, found in list(self._subscriptions.items()):
            if found.request.ran_function_id in function_ids:
                del self._subscriptions[request_id]

    def clear(self) -> None:
        """Forget all subscriptions."""
        self._subscriptions.clear()

    def _ask(self, message: e2ap.RicSubscriptionRequest) -> None:
        state = TRANSITIONS[_S.ABSENT, type(message)]
        self._subscriptions[message.request_id] = Subscription(message, state)

    def _admit(self, message: e2ap.RicSubscriptionResponse) -> None:
        self.move(message.request_id, type(message))
        found = self._subscriptions[message.request_id]
        admitted = tuple(a.id for a in message.admitted)
        self._subscriptions[message.request_id] = replace(found, admitted=admitted)

    def _lose(self, message: e2ap.RicSubscriptionDeleteFailure | e2ap.ErrorIndication) -> None:
        gone = message.cause is CauseRicRequest.REQUEST_ID_UNKNOWN
        if message.request_id is not None:
            self.move(message.request_id, Turn.GONE if gone else type(message))

    def _follow(self, message: Any) -> None:
        self.move(message.request_id, type(message))

    def _find(self, request_id: RicRequestId, function_id: int) -> Subscription:
        found = self._subscriptions.get(request_id)
        if found is None:
            raise ViolationError(
                f"{request_id} is no subscription", CauseRicRequest.REQUEST_ID_UNKNOWN
            )
        if found.request.ran_function_id != function_id:
            raise ViolationError(
                f"{request_id} is a subscription of RAN function "
                f"{found.request.ran_function_id}, not of {function_id}",
                CauseRicRequest.RAN_FUNCTION_ID_INVALID,
            )
        return found

    def _check_request(self, message: e2ap.RicSubscriptionRequest) -> None:
        found = self._subscriptions.get(message.request_id)
        if found is not None:
            raise ViolationError(
                f"{message.request_id} is {found.state.value} already",
                CauseRicRequest.UNSPECIFIED,
                answered=found.state is not _S.PENDING,
            )
        if len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
            raise ViolationError(
                f"there are {MAX_SUBSCRIPTIONS} subscriptions already",
                CauseRicRequest.FUNCTION_RESOURCE_LIMIT,
            )
        ids = [a.id for a in message.details.actions]
        if len(set(ids)) < len(ids):
            raise ViolationError(
                f"{message.request_id}: action ids {ids} are not distinct",
                CauseRicRequest.DUPLICATE_ACTION,
            )

    def _check_delete(self, message: e2ap.RicSubscriptionDeleteRequest) -> None:
        found = self._find(message.request_id, message.ran_function_id)
        if (found.state, type(message)) not in TRANSITIONS:
            raise ViolationError(
                f"{message.request_id} is {found.state.value}; "
                "a subscription is deleted once its set-up has ended",
                CauseProtocol.NOT_COMPATIBLE_WITH_STATE,
                answered=found.state is _S.PENDING,
            )

    def _check_response(self, message: e2ap.RicSubscriptionResponse) -> None:
        found = self._find(message.request_id, message.ran_function_id)
        asked = {a.id for a in found.request.details.actions}
        refused = {a.id for a in message.not_admitted or ()}
        admitted = {a.id for a in message.admitted}
        if not admitted | refused <= asked or admitted & refused:
            raise ViolationError(
                f"{message.request_id}: actions {sorted(admitted)} admitted and "
                f"{sorted(refused)} not, of {sorted(asked)} that were asked for",
                CauseProtocol.SEMANTIC_ERROR,
                answered=False,
            )

    def _check_indication(self, message: e2ap.RicIndication) -> None:
        found = self._find(message.request_id, message.ran_function_id)
        if found.state not in REPORTING:
            raise ViolationError(
                f"{message.request_id} is {found.state.value}; indications come once it is active",
                CauseProtocol.NOT_COMPATIBLE_WITH_STATE,
            )
