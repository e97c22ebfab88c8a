"""What single requests may be, and how some of them are answered."""

import pytest

from oran.e2 import e2ap
from oran.e2.connection import (
    Connection,
    Failed,
    LocalProtocolError,
    MayRetry,
    Notified,
    RemoteProtocolError,
    Requested,
    Role,
    State,
    Succeeded,
)
from oran.e2.connection.errors import ViolationError
from oran.e2.connection.limits import CONTROL_TIMEOUT
from oran.e2.connection.procedure import CONTROL, control_key
from oran.e2.connection.transaction import Transactions
from oran.e2.e2ap import (
    CauseMisc,
    CauseProtocol,
    CauseRicRequest,
    RicRequestId,
    TimeToWait,
)
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.pair import Pair, decoded, ids, name


def test_time_to_wait() -> None:
    pair = Pair()
    request = messages.setup_request()
    pair.send(Role.NODE, request)
    pair.deliver(Role.RIC)
    refusal = messages.failure(request, TimeToWait.V20S)
    assert refusal is not None
    pair.send(Role.RIC, refusal)
    assert pair.deliver(Role.NODE) == Failed(request, refusal)
    with pytest.raises(LocalProtocolError, match=r"wants 20\.000 s more"):
        pair.send(Role.NODE, request)
    refused = pair.now
    assert pair.advance(Role.NODE) == (MayRetry(request),)
    assert pair.now == refused + 20.0
    assert pair.node.next_timer() is None
    assert isinstance(pair.ask(Role.NODE, request), Succeeded)


def test_a_control_without_acknowledgement() -> None:
    pair = Pair.set_up()
    quiet = messages.control_request(pair.ric.new_request_id(), None)
    failing = messages.control_request(pair.ric.new_request_id(), e2ap.ControlAckRequest.NO_ACK)
    pair.send(Role.RIC, quiet)
    pair.send(Role.RIC, failing)
    assert pair.deliver(Role.NODE) == Requested(quiet)
    assert pair.deliver(Role.NODE) == Requested(failing)
    refusal = messages.failure(failing)
    assert refusal is not None
    pair.send(Role.NODE, refusal)
    assert pair.deliver(Role.RIC) == Failed(failing, refusal)
    assert pair.advance(Role.RIC) == (Succeeded(quiet, None),)
    assert pair.advance(Role.NODE) == ()
    assert pair.node.unanswered == pair.ric.pending == ()


def test_inserts_are_answered_by_their_call_process_ids() -> None:
    pair = Pair.set_up()
    request_id = pair.subscribe(messages.RC)
    first, second = (messages.control_request(request_id, call_process_id=c) for c in (b"1", b"2"))
    for request in (first, second):
        pair.send(Role.RIC, request)
        pair.deliver(Role.NODE)
    for request in (second, first):
        answer = messages.success(request)
        pair.send(Role.NODE, answer)
        assert pair.deliver(Role.RIC) == Succeeded(request, answer)


def test_messages_without_an_answer() -> None:
    pair = Pair.set_up()
    request_id = pair.subscribe()
    for role, message in (
        (Role.NODE, messages.indication(request_id)),
        (
            Role.NODE,
            e2ap.RicSubscriptionDeleteRequired(
                (e2ap.SubscriptionToDelete(request_id, messages.KPM, messages.REFUSED),)
            ),
        ),
        (Role.RIC, e2ap.RicServiceQuery(0)),
        (Role.RIC, e2ap.ErrorIndication(cause=messages.REFUSED)),
        (Role.NODE, e2ap.ErrorIndication(cause=messages.REFUSED)),
    ):
        pair.send(role, message)
        assert pair.deliver(role.peer) == Notified(message)
    assert pair.drained()
    assert ids(pair.node) == ids(pair.ric) == {request_id}


def test_an_unknown_ie_that_may_not_be_ignored() -> None:
    pair = Pair.set_up()
    raw = e2ap.RawIe(999, e2ap.Criticality.REJECT, b"\x00")
    request = e2ap.RicServiceUpdate(5, deleted=messages.revisions(messages.RC), unknown_ies=(raw,))
    pair.wires[Role.RIC].append(e2ap.encode(request))
    answer = decoded(pair.deliver(Role.RIC))
    expected = CauseProtocol.ABSTRACT_SYNTAX_ERROR_REJECT
    assert answer == e2ap.RicServiceUpdateFailure(5, expected)
    ignored = e2ap.RawIe(999, e2ap.Criticality.IGNORE, b"\x00")
    request = e2ap.RicServiceUpdate(5, unknown_ies=(ignored,))
    pair.wires[Role.RIC].append(e2ap.encode(request))
    assert pair.deliver(Role.RIC) == Requested(request)


def test_what_has_no_encoding_is_the_callers_fault() -> None:
    pair = Pair.set_up()
    with pytest.raises(LocalProtocolError, match="RICrequestID"):
        pair.send(Role.RIC, messages.control_request(RicRequestId(1, 65536)))
    assert pair.ric.pending == ()


def test_an_unknown_function_is_neither_asked_nor_served() -> None:
    pair = Pair.set_up()
    request = messages.subscription_request(RicRequestId(1, 1), function_id=9)
    with pytest.raises(LocalProtocolError, match="RAN function 9 is not in use; in use are 2, 3"):
        pair.send(Role.RIC, request)
    pair.wires[Role.NODE].append(e2ap.encode(request))
    assert decoded(pair.deliver(Role.NODE)) == e2ap.RicSubscriptionFailure(
        request.request_id, 9, CauseRicRequest.RAN_FUNCTION_ID_INVALID
    )


def test_too_many_requests_are_refused_and_leave_no_trace() -> None:
    transactions = Transactions(2)
    requests = [messages.control_request(RicRequestId(1, i)) for i in range(3)]
    for request in requests[:2]:
        transactions.check(CONTROL, control_key(request))
        transactions.open(CONTROL, request, 0.0)
    with pytest.raises(ViolationError, match="2 requests wait") as refused:
        transactions.check(CONTROL, control_key(requests[2]))
    assert refused.value.cause is CauseMisc.CONTROL_PROCESSING_OVERLOAD
    assert refused.value.answered
    transactions.close(transactions.find(CONTROL, control_key(requests[0])))
    transactions.check(CONTROL, control_key(requests[2]))
    assert [t.request for t in transactions.clear()] == [requests[1]]
    assert (len(transactions), transactions.deadline()) == (0, None)


def test_a_refused_control_is_named_in_full() -> None:
    pair = Pair()
    control = messages.control_request(RicRequestId(3, 4), call_process_id=b"call")
    pair.wires[Role.NODE].append(e2ap.encode(control))
    assert decoded(pair.deliver(Role.NODE)) == e2ap.RicControlFailure(
        RicRequestId(3, 4), messages.RC, CauseProtocol.NOT_COMPATIBLE_WITH_STATE, b"call"
    )


_TRANSFER = CauseProtocol.TRANSFER_SYNTAX_ERROR
_REJECT = CauseProtocol.ABSTRACT_SYNTAX_ERROR_REJECT
_IGNORE = CauseProtocol.ABSTRACT_SYNTAX_ERROR_IGNORE
_FALSE = CauseProtocol.FALSELY_CONSTRUCTED


@pytest.mark.parametrize("role", Role, ids=name)
@pytest.mark.parametrize(
    ("octets", "cause", "answered"),
    [
        ("", _TRANSFER, True),
        ("00", _TRANSFER, True),
        ("000540 01 00", _TRANSFER, True),
        ("000240 01 00", _TRANSFER, False),  # looks like an Error Indication
        ("200100 01 00", _TRANSFER, False),  # looks like an answer
        ("400100 01 00", _TRANSFER, False),
        ("000300 03 000000", _REJECT, True),  # Reset without its IEs
        ("000e00 03 000000", _REJECT, True),  # a procedure of a later version, criticality reject
        ("000e40 03 000000", _IGNORE, False),  # ignore
        ("000e80 03 000000", _IGNORE, True),  # notify
        ("200e00 03 000000", _REJECT, False),
        ("000300 0f 000002 0031000200 00 0031000200 00", _FALSE, True),  # TransactionID twice
        # Reset for a reason of misc that this version does not have.
        ("000300 0f 000002 0031000200 00 000140 02 5a00", _REJECT, True),
    ],
)
def test_octets_that_are_no_message(
    role: Role, octets: str, cause: CauseProtocol, answered: bool
) -> None:
    """An Error Indication, but not for what might be an answer or an Error Indication itself."""
    pair = Pair.set_up()
    pair.wires[role].append(bytes.fromhex(octets))
    error = pair.deliver(role)
    assert isinstance(error, RemoteProtocolError)
    assert error.cause is cause, error
    assert decoded(error) == (e2ap.ErrorIndication(cause=cause) if answered else None)
    pair.wires[role.peer].clear()
    assert pair.node.state is pair.ric.state is State.ACTIVE


def test_ids_in_use_are_not_given_again() -> None:
    pair = Pair.set_up()
    number = pair.node.new_transaction_id()
    pair.send(Role.NODE, e2ap.RicServiceUpdate(number))
    others = {pair.node.new_transaction_id() for _ in range(255)}
    assert others == set(range(256)) - {number}
    for other in others:
        pair.send(Role.NODE, messages.example(e2ap.E2NodeConfigurationUpdate, other))
    with pytest.raises(LocalProtocolError, match="all 256 transaction ids"):
        pair.node.new_transaction_id()

    subscribed = pair.subscribe()
    control = messages.control_request(pair.ric.new_request_id())
    pair.send(Role.RIC, control)
    others_ = {pair.ric.new_request_id() for _ in range(65_534)}
    assert len(others_) == 65_534
    assert not others_ & {subscribed, control.request_id}
    assert pair.ric.new_request_id() in others_
    with pytest.raises(ValueError, match="requestor_id: 65536"):
        Connection(Role.RIC, 65_536)


def test_an_alarm_that_has_gone_off_is_set_to_the_next_time() -> None:
    """Otherwise the loop would call once more at once, for nothing."""
    pair = Pair.set_up()
    ric = pair.ric
    for i in range(2):
        ric.send(messages.control_request(RicRequestId(2, i)), float(i))
    assert ric.alarm() == CONTROL_TIMEOUT
    assert len(ric.handle_timer(CONTROL_TIMEOUT)) == 1
    assert ric.alarm() == ric.next_timer() == 1.0 + CONTROL_TIMEOUT
    assert len(ric.handle_timer(1.0 + CONTROL_TIMEOUT)) == 1
    assert ric.alarm() is None
