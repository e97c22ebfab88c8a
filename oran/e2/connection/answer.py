"""What E2AP wants said about a message that cannot be taken (O-RAN E2AP 10)."""

from collections.abc import Callable, Container, Mapping
from types import SimpleNamespace
from typing import Any, Final

from oran.e2 import e2ap
from oran.e2.connection.errors import RemoteProtocolError, ViolationError
from oran.e2.connection.procedure import STEPS
from oran.e2.e2ap import Cause, CauseProtocol, CauseRicRequest, Message, Outcome, RicRequestId
from oran.e2.e2ap.fast import ids_in
from oran.e2.e2ap.fault import ERROR_INDICATION
from oran.e2.e2ap.pdu import MESSAGE_TYPES
from oran.e2.errors import DecodeError, ErrorKind


def _by_transaction(failure: type[Message]) -> Callable[[Any, Cause], Message]:
    made: Any = failure
    return lambda request, cause: made(transaction_id=request.transaction_id, cause=cause)


def _by_request(failure: type[Message]) -> Callable[[Any, Cause], Message]:
    made: Any = failure
    return lambda request, cause: made(
        request_id=request.request_id, ran_function_id=request.ran_function_id, cause=cause
    )


def _control(request: e2ap.RicControlRequest, cause: Cause) -> Message:
    return e2ap.RicControlFailure(
        request.request_id, request.ran_function_id, cause, request.call_process_id
    )


def error_indication(message: Message, cause: Cause) -> e2ap.ErrorIndication:
    """An Error Indication that names the message by what ids it has."""
    return e2ap.ErrorIndication(
        transaction_id=getattr(message, "transaction_id", None),
        request_id=getattr(message, "request_id", None),
        ran_function_id=getattr(message, "ran_function_id", None),
        cause=cause,
    )


_FAILURES: Final[Mapping[type[Message], Callable[[Any, Cause], Message]]] = {
    e2ap.E2SetupRequest: _by_transaction(e2ap.E2SetupFailure),
    e2ap.RicServiceUpdate: _by_transaction(e2ap.RicServiceUpdateFailure),
    e2ap.E2NodeConfigurationUpdate: _by_transaction(e2ap.E2NodeConfigurationUpdateFailure),
    e2ap.E2ConnectionUpdate: _by_transaction(e2ap.E2ConnectionUpdateFailure),
    e2ap.E2RemovalRequest: _by_transaction(e2ap.E2RemovalFailure),
    e2ap.RicSubscriptionRequest: _by_request(e2ap.RicSubscriptionFailure),
    e2ap.RicSubscriptionDeleteRequest: _by_request(e2ap.RicSubscriptionDeleteFailure),
    e2ap.RicControlRequest: _control,
}


def refusal(request: Message, cause: Cause) -> Message | None:
    """The answer to an initiating message that cannot be taken.

    CriticalityDiagnostics are left out: they are optional, the cause says the same, and there are
    peers that stop at them.

    Returns:
        The failure message of the procedure; an Error Indication where it has none; None for an
        Error Indication, which is never answered.
    """
    if isinstance(request, e2ap.ErrorIndication):
        return None
    made = _FAILURES.get(type(request))
    return error_indication(request, cause) if made is None else made(request, cause)


def refuse(
    message: Message, violation: ViolationError, subscriptions: Container[RicRequestId]
) -> RemoteProtocolError:
    """The error for a message of the peer that breaks a rule, with the answer that E2AP wants.

    Args:
        message: the message.
        violation: the rule.
        subscriptions: the request ids that this end knows.
    """
    answer: Message | None = None
    if STEPS[type(message)][1] is Outcome.INITIATING:
        if violation.answered:
            answer = refusal(message, violation.cause)
    elif (
        isinstance(message, e2ap.RicSubscriptionResponse)
        and message.request_id not in subscriptions
    ):
        # The node has a subscription that nobody here knows, and must not keep it.
        answer = error_indication(message, CauseRicRequest.REQUEST_ID_UNKNOWN)
    packet = None if answer is None else e2ap.encode(answer)
    return RemoteProtocolError(violation.reason, violation.cause, packet)


def check_understood(message: Message) -> None:
    """O-RAN E2AP 10.3.4: an unknown IE of criticality reject forbids to act on the message."""
    refused = [ie.id for ie in message.unknown_ies if ie.criticality is e2ap.Criticality.REJECT]
    if refused:
        raise ViolationError(
            f"{type(message).__name__}: IEs {refused} are unknown, and may not be ignored",
            CauseProtocol.ABSTRACT_SYNTAX_ERROR_REJECT,
        )


_CAUSES: Final = {
    ErrorKind.TRANSFER_SYNTAX: CauseProtocol.TRANSFER_SYNTAX_ERROR,
    ErrorKind.REJECT: CauseProtocol.ABSTRACT_SYNTAX_ERROR_REJECT,
    ErrorKind.NOTIFY: CauseProtocol.ABSTRACT_SYNTAX_ERROR_IGNORE,
    ErrorKind.IGNORE: CauseProtocol.ABSTRACT_SYNTAX_ERROR_IGNORE,
    ErrorKind.FALSELY_CONSTRUCTED: CauseProtocol.FALSELY_CONSTRUCTED,
}


def undecodable(octets: bytes, error: DecodeError) -> RemoteProtocolError:
    """O-RAN E2AP 10.2, 10.3: the answer to octets that are no message, with the cause that fits.

    For a request in which something is missing that may not be, it is the failure message of the
    procedure, where it has one and the octets tell the ids that it needs; otherwise an Error
    Indication. There is none where the octets look like an answer or like one, or want to be
    ignored.
    """
    cause = _CAUSES[error.kind]
    initiating = not octets or octets[0] >> 5 == Outcome.INITIATING
    quiet = (
        not initiating
        or octets[1:2] == bytes((ERROR_INDICATION,))
        or error.kind is ErrorKind.IGNORE
    )
    if quiet:
        return RemoteProtocolError(str(error), cause, None)
    answer = _rejected(octets, cause) if error.kind is ErrorKind.REJECT else None
    if answer is None:
        answer = e2ap.ErrorIndication(cause=cause)
    return RemoteProtocolError(str(error), cause, e2ap.encode(answer))


def _rejected(octets: bytes, cause: Cause) -> Message | None:
    """The failure message of the procedure that the octets would start, if they tell its ids."""
    request = _REQUESTS.get(octets[1])
    if request is None:
        return None
    ids = ids_in(octets)
    try:
        if request is e2ap.RicControlRequest:
            call = ids.get("call_process_id")
            return e2ap.RicControlFailure(ids["request_id"], ids["ran_function_id"], cause, call)
        return _FAILURES[request](SimpleNamespace(**ids), cause)
    except (AttributeError, KeyError):
        return None  # the octets do not tell enough


_REQUESTS: Final = {t.procedure: t.made for t in MESSAGE_TYPES if t.made in _FAILURES}
"""Requests whose procedure has a failure message, by procedure code."""
