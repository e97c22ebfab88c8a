"""One valid message of each kind, for a connection that offers RAN functions 2 and 3."""

from oran.e2 import e2ap
from oran.e2.e2ap import CauseMisc, CauseRicRequest, Message, RicRequestId
from oran.e2.per.string import Bits

KPM, RC = 2, 3
FUNCTIONS = tuple(
    e2ap.RanFunction(i, b"definition", 1, "1.3.6.1.4.1.53148.1.2.2.2") for i in (KPM, RC)
)
NODE_ID = e2ap.GnbNode(e2ap.GlobalGnbId(b"\x00\xf1\x10", Bits(411, 29)))
RIC_ID = e2ap.GlobalRicId(b"\x00\xf1\x10", Bits(25, 20))
COMPONENT = e2ap.Component(
    e2ap.InterfaceType.NG, e2ap.NgComponent("amf1"), e2ap.ComponentConfiguration(b"q", b"r")
)
ANSWER = e2ap.ComponentAnswer(
    e2ap.InterfaceType.NG,
    e2ap.NgComponent("amf1"),
    e2ap.ComponentAck(e2ap.UpdateOutcome.SUCCESS),
)
TNL = e2ap.TnlAssociation(e2ap.TnlInformation(Bits(0x7F000001, 32)), e2ap.TnlUsage.BOTH)
REFUSED = CauseMisc.UNSPECIFIED


def revisions(*ids: int) -> tuple[e2ap.RanFunctionRevision, ...]:
    """RAN functions by id, in their first revision."""
    return tuple(e2ap.RanFunctionRevision(i, 1) for i in ids)


def setup_request(transaction_id: int = 0) -> e2ap.E2SetupRequest:
    """A node with KPM and RC."""
    return e2ap.E2SetupRequest(transaction_id, NODE_ID, FUNCTIONS, (COMPONENT,))


def setup_response(transaction_id: int = 0) -> e2ap.E2SetupResponse:
    """A RIC that takes both."""
    return e2ap.E2SetupResponse(transaction_id, RIC_ID, (ANSWER,), revisions(KPM, RC))


def subscription_request(
    request_id: RicRequestId, function_id: int = KPM, actions: tuple[int, ...] = (0,)
) -> e2ap.RicSubscriptionRequest:
    """Reports."""
    made = tuple(e2ap.Action(i, e2ap.ActionType.REPORT, b"action") for i in actions)
    return e2ap.RicSubscriptionRequest(
        request_id, function_id, e2ap.SubscriptionDetails(b"trigger", made)
    )


def subscription_response(
    request: e2ap.RicSubscriptionRequest, *, admitted: int | None = None
) -> e2ap.RicSubscriptionResponse:
    """The first `admitted` actions, by default all."""
    ids = [a.id for a in request.details.actions]
    return e2ap.RicSubscriptionResponse(
        request.request_id,
        request.ran_function_id,
        tuple(e2ap.ActionAdmitted(i) for i in ids[:admitted]),
        tuple(e2ap.ActionNotAdmitted(i, REFUSED) for i in ids[len(ids[:admitted]) :]) or None,
    )


def delete_request(request_id: RicRequestId, function_id: int = KPM) -> Message:
    """The end of a subscription."""
    return e2ap.RicSubscriptionDeleteRequest(request_id, function_id)


def indication(
    request_id: RicRequestId, function_id: int = KPM, message: bytes = b"message"
) -> e2ap.RicIndication:
    """A report."""
    return e2ap.RicIndication(
        request_id, function_id, 0, e2ap.IndicationType.REPORT, b"header", message
    )


def control_request(
    request_id: RicRequestId,
    ack: e2ap.ControlAckRequest | None = e2ap.ControlAckRequest.ACK,
    call_process_id: bytes | None = None,
) -> e2ap.RicControlRequest:
    """A control."""
    return e2ap.RicControlRequest(request_id, RC, b"header", b"message", call_process_id, ack)


def example(kind: type[Message], number: int = 7) -> Message:
    """An initiating message of class 1 whose answer is tied by `number`."""
    request_id = RicRequestId(1, number)
    examples: dict[type[Message], Message] = {
        e2ap.E2SetupRequest: setup_request(number),
        e2ap.ResetRequest: e2ap.ResetRequest(number, CauseMisc.OM_INTERVENTION),
        e2ap.E2RemovalRequest: e2ap.E2RemovalRequest(number),
        e2ap.RicServiceUpdate: e2ap.RicServiceUpdate(number, deleted=revisions(RC)),
        e2ap.E2NodeConfigurationUpdate: e2ap.E2NodeConfigurationUpdate(
            number, updated=(COMPONENT,)
        ),
        e2ap.E2ConnectionUpdate: e2ap.E2ConnectionUpdate(number, added=(TNL,)),
        e2ap.RicSubscriptionRequest: subscription_request(request_id),
        e2ap.RicSubscriptionDeleteRequest: delete_request(request_id),
        e2ap.RicControlRequest: control_request(request_id),
    }
    return examples[kind]


def success(request: Message) -> Message:  # noqa: PLR0911 - one for each procedure
    """The answer that grants a request."""
    match request:
        case e2ap.E2SetupRequest():
            return setup_response(request.transaction_id)
        case e2ap.ResetRequest():
            return e2ap.ResetResponse(request.transaction_id)
        case e2ap.E2RemovalRequest():
            return e2ap.E2RemovalResponse(request.transaction_id)
        case e2ap.RicServiceUpdate():
            return e2ap.RicServiceUpdateAcknowledge(request.transaction_id)
        case e2ap.E2NodeConfigurationUpdate():
            return e2ap.E2NodeConfigurationUpdateAcknowledge(request.transaction_id)
        case e2ap.E2ConnectionUpdate():
            return e2ap.E2ConnectionUpdateAcknowledge(request.transaction_id)
        case e2ap.RicSubscriptionRequest():
            return subscription_response(request)
        case e2ap.RicSubscriptionDeleteRequest():
            return e2ap.RicSubscriptionDeleteResponse(request.request_id, request.ran_function_id)
        case e2ap.RicControlRequest():
            return e2ap.RicControlAcknowledge(
                request.request_id, request.ran_function_id, request.call_process_id
            )
    raise TypeError(f"{request!r} is no request")


def failure(request: Message, wait: e2ap.TimeToWait | None = None) -> Message | None:  # noqa: PLR0911
    """The answer that refuses a request; None for a Reset, which cannot be refused."""
    match request:
        case e2ap.E2SetupRequest():
            return e2ap.E2SetupFailure(request.transaction_id, REFUSED, wait)
        case e2ap.E2RemovalRequest():
            return e2ap.E2RemovalFailure(request.transaction_id, REFUSED)
        case e2ap.RicServiceUpdate():
            return e2ap.RicServiceUpdateFailure(request.transaction_id, REFUSED, wait)
        case e2ap.E2NodeConfigurationUpdate():
            return e2ap.E2NodeConfigurationUpdateFailure(request.transaction_id, REFUSED, wait)
        case e2ap.E2ConnectionUpdate():
            return e2ap.E2ConnectionUpdateFailure(request.transaction_id, REFUSED, wait)
        case e2ap.RicSubscriptionRequest():
            return e2ap.RicSubscriptionFailure(
                request.request_id, request.ran_function_id, CauseRicRequest.ACTION_NOT_SUPPORTED
            )
        case e2ap.RicSubscriptionDeleteRequest():
            return e2ap.RicSubscriptionDeleteFailure(
                request.request_id, request.ran_function_id, REFUSED
            )
        case e2ap.RicControlRequest():
            return e2ap.RicControlFailure(
                request.request_id,
                request.ran_function_id,
                CauseRicRequest.CONTROL_FAILED_TO_EXECUTE,
                request.call_process_id,
            )
    return None
