"""The procedures of E2AP and the states of a connection: one table for both ends (O-RAN E2AP 8)."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from oran.e2 import e2ap
from oran.e2.connection import limits
from oran.e2.connection.role import Role


class State(Enum):
    """State of a connection."""

    IDLE = "not set up"
    SETTING_UP = "setting up"
    ACTIVE = "set up"
    RESETTING = "resetting"
    REMOVING = "removing"
    REMOVED = "removed"
    CLOSED = "closed"


class Recall(Enum):
    """What a request makes both ends forget."""

    NOTHING = 0
    SUBSCRIPTIONS = 1
    """All subscriptions, and all requests but resets: each of two that cross is answered."""
    EVERYTHING = 2
    """All subscriptions, all requests, and the RAN functions."""


def transaction_key(message: Any) -> Hashable:
    """What ties an answer to its request: the transaction id."""
    key: Hashable = message.transaction_id
    return key


def request_key(message: Any) -> Hashable:
    """What ties an answer to its request: the RIC request id."""
    key: Hashable = message.request_id
    return key


def control_key(message: Any) -> Hashable:
    """What ties an answer to its control: one subscription can have several inserts waiting."""
    return control_key_of(message.request_id, message.call_process_id)


def control_key_of(request_id: e2ap.RicRequestId, call_process_id: bytes | None) -> Hashable:
    """The key of a control with these ids; of plain numbers, which are hashed fastest."""
    return request_id.requestor_id, request_id.instance_id, call_process_id


def no_key(_: Any) -> Hashable:
    """Nothing to tie."""
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Procedure:
    """One elementary procedure.

    Attributes:
        name: as the specification has it.
        request: its initiating message.
        response: its successful outcome; None for a procedure of class 2.
        failure: its unsuccessful outcome, where it has one.
        initiators: who may start it.
        key: what ties an outcome to its request.
        timeout: seconds until a request without an answer is given up.
        sent_in: states in which it may be started.
        received_in: states in which the peer may start it. More than `sent_in` where the peer
            cannot know yet that this end is about to change its state.
        recalls: what is forgotten at both ends when the request is sent or received.
        during: the state while an answer is awaited, or None if it does not change.
        on_success: the state after the response.
        otherwise: the state after a failure, or when no answer came.
    """

    name: str
    request: type[e2ap.Message]
    response: type[e2ap.Message] | None
    failure: type[e2ap.Message] | None
    initiators: tuple[Role, ...]
    key: Callable[[Any], Hashable]
    timeout: float = 0.0
    sent_in: tuple[State, ...] = (State.ACTIVE,)
    received_in: tuple[State, ...] = (State.ACTIVE,)
    recalls: Recall = Recall.NOTHING
    during: State | None = None
    on_success: State | None = None
    otherwise: State | None = None


NODE: Final = (Role.NODE,)
RIC: Final = (Role.RIC,)
BOTH: Final = NODE + RIC
_S: Final = State
_OPEN: Final = tuple(state for state in State if state is not State.CLOSED)

SETUP: Final = Procedure(
    "E2 Setup", e2ap.E2SetupRequest, e2ap.E2SetupResponse, e2ap.E2SetupFailure,
    NODE, transaction_key, limits.SETUP_TIMEOUT,
    sent_in=(_S.IDLE, _S.ACTIVE),
    received_in=(_S.IDLE, _S.SETTING_UP, _S.ACTIVE, _S.RESETTING, _S.REMOVING),
    recalls=Recall.EVERYTHING,
    during=_S.SETTING_UP, on_success=_S.ACTIVE, otherwise=_S.IDLE,
)  # fmt: skip
RESET: Final = Procedure(
    "Reset", e2ap.ResetRequest, e2ap.ResetResponse, None,
    BOTH, transaction_key, limits.RESET_TIMEOUT,
    received_in=(_S.ACTIVE, _S.RESETTING, _S.REMOVING),
    recalls=Recall.SUBSCRIPTIONS,
    during=_S.RESETTING, on_success=_S.ACTIVE, otherwise=_S.ACTIVE,
)  # fmt: skip
REMOVAL: Final = Procedure(
    "E2 Removal", e2ap.E2RemovalRequest, e2ap.E2RemovalResponse, e2ap.E2RemovalFailure,
    BOTH, transaction_key, limits.REMOVAL_TIMEOUT,
    received_in=(_S.ACTIVE, _S.REMOVING),
    during=_S.REMOVING, on_success=_S.REMOVED, otherwise=_S.ACTIVE,
)  # fmt: skip
ERROR_INDICATION: Final = Procedure(
    "Error Indication", e2ap.ErrorIndication, None, None, BOTH, no_key,
    sent_in=_OPEN, received_in=_OPEN,
)  # fmt: skip
SUBSCRIPTION: Final = Procedure(
    "RIC Subscription", e2ap.RicSubscriptionRequest, e2ap.RicSubscriptionResponse,
    e2ap.RicSubscriptionFailure, RIC, request_key, limits.EVENT_CREATE_TIMEOUT,
)  # fmt: skip
SUBSCRIPTION_DELETE: Final = Procedure(
    "RIC Subscription Delete", e2ap.RicSubscriptionDeleteRequest,
    e2ap.RicSubscriptionDeleteResponse, e2ap.RicSubscriptionDeleteFailure,
    RIC, request_key, limits.EVENT_DELETE_TIMEOUT,
)  # fmt: skip
SUBSCRIPTION_DELETE_REQUIRED: Final = Procedure(
    "RIC Subscription Delete Required", e2ap.RicSubscriptionDeleteRequired, None, None, NODE,
    no_key, received_in=(_S.ACTIVE, _S.REMOVING),
)  # fmt: skip
INDICATION: Final = Procedure(
    "RIC Indication", e2ap.RicIndication, None, None, NODE, no_key,
    received_in=(_S.ACTIVE, _S.REMOVING),
)  # fmt: skip
CONTROL: Final = Procedure(
    "RIC Control", e2ap.RicControlRequest, e2ap.RicControlAcknowledge, e2ap.RicControlFailure,
    RIC, control_key, limits.CONTROL_TIMEOUT,
)  # fmt: skip
SERVICE_UPDATE: Final = Procedure(
    "RIC Service Update", e2ap.RicServiceUpdate, e2ap.RicServiceUpdateAcknowledge,
    e2ap.RicServiceUpdateFailure, NODE, transaction_key, limits.SERVICE_UPDATE_TIMEOUT,
)  # fmt: skip
SERVICE_QUERY: Final = Procedure(
    "RIC Service Query", e2ap.RicServiceQuery, None, None, RIC, no_key,
)  # fmt: skip
CONFIGURATION_UPDATE: Final = Procedure(
    "E2 Node Configuration Update", e2ap.E2NodeConfigurationUpdate,
    e2ap.E2NodeConfigurationUpdateAcknowledge, e2ap.E2NodeConfigurationUpdateFailure,
    NODE, transaction_key, limits.CONFIGURATION_UPDATE_TIMEOUT,
)  # fmt: skip
CONNECTION_UPDATE: Final = Procedure(
    "E2 Connection Update", e2ap.E2ConnectionUpdate, e2ap.E2ConnectionUpdateAcknowledge,
    e2ap.E2ConnectionUpdateFailure, RIC, transaction_key, limits.CONNECTION_UPDATE_TIMEOUT,
)  # fmt: skip

PROCEDURES: Final = (
    SETUP, RESET, REMOVAL, ERROR_INDICATION, SUBSCRIPTION, SUBSCRIPTION_DELETE,
    SUBSCRIPTION_DELETE_REQUIRED, INDICATION, CONTROL, SERVICE_UPDATE, SERVICE_QUERY,
    CONFIGURATION_UPDATE, CONNECTION_UPDATE,
)  # fmt: skip

STEPS: Final[dict[type[e2ap.Message], tuple[Procedure, e2ap.Outcome]]] = {
    message: (procedure, outcome)
    for procedure in PROCEDURES
    for message, outcome in zip(
        (procedure.request, procedure.response, procedure.failure), e2ap.Outcome, strict=True
    )
    if message is not None
}
"""Which procedure, and which step of it, a message is."""
