"""Subscriptions: what goes wrong between two ends, and how they agree again."""

import pytest

from oran.e2 import e2ap
from oran.e2.connection import (
    Failed,
    LocalProtocolError,
    Notified,
    RemoteProtocolError,
    Requested,
    Role,
    SubscriptionState,
    Succeeded,
    TimedOut,
    Unanswered,
)
from oran.e2.connection.limits import MAX_SUBSCRIPTIONS
from oran.e2.connection.subscription import TRANSITIONS
from oran.e2.e2ap import CauseProtocol, CauseRicRequest, RicRequestId
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.pair import Pair, decoded, ids

S = SubscriptionState


def state(pair: Pair, role: Role, request_id: RicRequestId) -> SubscriptionState:
    found = pair.ends[role].subscriptions.get(request_id)
    return S.ABSENT if found is None else found.state


def states(pair: Pair, request_id: RicRequestId) -> tuple[SubscriptionState, SubscriptionState]:
    """At the node and at the RIC."""
    return state(pair, Role.NODE, request_id), state(pair, Role.RIC, request_id)


def test_every_state_of_a_subscription_can_be_left() -> None:
    assert {before for before, _ in TRANSITIONS} == set(S)
    assert set(TRANSITIONS.values()) == set(S)


def test_a_life() -> None:
    pair = Pair.set_up()
    request = messages.subscription_request(pair.ric.new_request_id(), actions=(0, 1, 5))
    pair.send(Role.RIC, request)
    assert states(pair, request.request_id) == (S.ABSENT, S.PENDING)
    assert pair.deliver(Role.NODE) == Requested(request)
    with pytest.raises(LocalProtocolError, match="indications come once it is active"):
        pair.send(Role.NODE, messages.indication(request.request_id))
    pair.send(Role.NODE, messages.subscription_response(request, admitted=2))
    pair.send(Role.NODE, messages.indication(request.request_id))
    assert isinstance(pair.deliver(Role.RIC), Succeeded)
    assert isinstance(pair.deliver(Role.RIC), Notified)
    assert states(pair, request.request_id) == (S.ACTIVE, S.ACTIVE)
    for end in pair.ends.values():
        assert end.subscriptions[request.request_id].admitted == (0, 1)
        assert end.subscriptions[request.request_id].request == request
    delete = messages.delete_request(request.request_id)
    pair.send(Role.RIC, delete)
    pair.send(Role.NODE, messages.indication(request.request_id))
    assert isinstance(pair.deliver(Role.RIC), Notified)
    assert pair.deliver(Role.NODE) == Requested(delete)
    pair.send(Role.NODE, messages.success(delete))
    assert isinstance(pair.deliver(Role.RIC), Succeeded)
    assert states(pair, request.request_id) == (S.ABSENT, S.ABSENT)


def test_a_lost_request_is_doubtful_until_its_deletion_fails() -> None:
    pair = Pair.set_up()
    request = messages.subscription_request(pair.ric.new_request_id())
    pair.send(Role.RIC, request)
    pair.wires[Role.NODE].clear()
    assert pair.advance(Role.RIC) == (TimedOut(request),)
    assert states(pair, request.request_id) == (S.ABSENT, S.DOUBTFUL)
    pair.send(Role.RIC, messages.delete_request(request.request_id))
    answer = decoded(pair.deliver(Role.NODE))
    assert isinstance(answer, e2ap.RicSubscriptionDeleteFailure)
    assert answer.cause is CauseRicRequest.REQUEST_ID_UNKNOWN
    assert isinstance(pair.deliver(Role.RIC), Failed)
    assert states(pair, request.request_id) == (S.ABSENT, S.ABSENT)


def test_a_lost_response_is_doubtful_until_the_deletion() -> None:
    pair = Pair.set_up()
    request = messages.subscription_request(pair.ric.new_request_id())
    pair.send(Role.RIC, request)
    pair.deliver(Role.NODE)
    pair.send(Role.NODE, messages.success(request))
    pair.wires[Role.RIC].clear()
    pair.advance(Role.RIC)
    assert states(pair, request.request_id) == (S.ACTIVE, S.DOUBTFUL)
    pair.ask(Role.RIC, messages.delete_request(request.request_id))
    assert states(pair, request.request_id) == (S.ABSENT, S.ABSENT)


def test_a_deletion_before_the_node_has_answered() -> None:
    pair = Pair.set_up()
    request = messages.subscription_request(pair.ric.new_request_id())
    with pytest.raises(LocalProtocolError, match="no subscription"):
        pair.send(Role.RIC, messages.delete_request(request.request_id))
    pair.send(Role.RIC, request)
    with pytest.raises(LocalProtocolError, match="once its set-up has ended"):
        pair.send(Role.RIC, messages.delete_request(request.request_id))
    pair.deliver(Role.NODE)
    pair.advance(Role.RIC)
    pair.send(Role.RIC, messages.delete_request(request.request_id))
    answer = decoded(pair.deliver(Role.NODE))
    assert isinstance(answer, e2ap.RicSubscriptionDeleteFailure)
    assert answer.cause is CauseProtocol.NOT_COMPATIBLE_WITH_STATE
    pair.deliver(Role.RIC)
    assert states(pair, request.request_id) == (S.PENDING, S.DOUBTFUL)
    assert pair.advance(Role.NODE) == (Unanswered(request),)
    assert states(pair, request.request_id) == (S.ABSENT, S.DOUBTFUL)


def test_a_deletion_without_an_answer_and_one_refused() -> None:
    pair = Pair.set_up()
    request_id = pair.subscribe()
    delete = messages.delete_request(request_id)
    pair.send(Role.RIC, delete)
    pair.deliver(Role.NODE)
    pair.advance(Role.RIC)
    pair.advance(Role.NODE)
    assert states(pair, request_id) == (S.ACTIVE, S.DOUBTFUL)
    pair.send(Role.RIC, delete)
    pair.deliver(Role.NODE)
    assert states(pair, request_id) == (S.DELETING, S.CLEARING)
    refusal = messages.failure(delete)
    assert refusal is not None
    pair.send(Role.NODE, refusal)
    pair.deliver(Role.RIC)
    assert states(pair, request_id) == (S.ACTIVE, S.DOUBTFUL)


def test_a_doubtful_subscription_is_deleted_again_until_there_is_an_answer() -> None:
    pair = Pair.set_up()
    request_id = pair.subscribe()
    delete = messages.delete_request(request_id)
    for _ in range(3):
        pair.send(Role.RIC, delete)
        pair.wires[Role.NODE].clear()
        assert pair.advance(Role.RIC) == (TimedOut(delete),)
        assert states(pair, request_id) == (S.ACTIVE, S.DOUBTFUL)
    # Until then, reports of it are no error.
    pair.send(Role.NODE, messages.indication(request_id))
    assert isinstance(pair.deliver(Role.RIC), Notified)
    pair.ask(Role.RIC, delete)
    assert states(pair, request_id) == (S.ABSENT, S.ABSENT)


@pytest.mark.parametrize("before", [S.ACTIVE, S.DELETING, S.DOUBTFUL, S.CLEARING])
def test_an_end_that_does_not_know_a_subscription_says_so(before: SubscriptionState) -> None:
    pair = Pair.set_up()
    request_id = pair.subscribe()
    delete = messages.delete_request(request_id)
    if before in (S.DOUBTFUL, S.CLEARING):
        pair.send(Role.RIC, delete)
        pair.advance(Role.RIC)
    if before in (S.DELETING, S.CLEARING):
        pair.send(Role.RIC, delete)
    assert state(pair, Role.RIC, request_id) is before
    gone = e2ap.ErrorIndication(request_id=request_id, cause=CauseRicRequest.REQUEST_ID_UNKNOWN)
    pair.wires[Role.RIC].append(e2ap.encode(gone))
    assert pair.deliver(Role.RIC) == Notified(gone)
    assert state(pair, Role.RIC, request_id) is S.ABSENT


@pytest.mark.parametrize("stale", ["indication", "response"])
def test_a_subscription_that_the_ric_does_not_know_ends(stale: str) -> None:
    pair = Pair.set_up()
    request = messages.subscription_request(pair.ric.new_request_id())
    pair.wires[Role.NODE].append(e2ap.encode(request))
    assert pair.deliver(Role.NODE) == Requested(request)
    pair.send(Role.NODE, messages.success(request))
    if stale == "indication":
        pair.wires[Role.RIC].clear()
        pair.send(Role.NODE, messages.indication(request.request_id))
    answer = decoded(pair.deliver(Role.RIC))
    unknown = CauseRicRequest.REQUEST_ID_UNKNOWN
    expected = e2ap.ErrorIndication(None, request.request_id, messages.KPM, unknown)
    assert answer == expected
    assert pair.deliver(Role.NODE) == Notified(expected)
    assert ids(pair.node) == set()
    with pytest.raises(LocalProtocolError, match="is no subscription"):
        pair.send(Role.NODE, messages.indication(request.request_id))


def test_a_request_id_in_use_is_refused_and_stays() -> None:
    pair = Pair.set_up()
    request_id = pair.subscribe()
    again = messages.subscription_request(request_id)
    with pytest.raises(LocalProtocolError, match="is active already"):
        pair.send(Role.RIC, again)
    pair.wires[Role.NODE].append(e2ap.encode(again))
    assert isinstance(decoded(pair.deliver(Role.NODE)), e2ap.RicSubscriptionFailure)
    error = pair.deliver(Role.RIC)
    assert isinstance(error, RemoteProtocolError)
    assert states(pair, request_id) == (S.ACTIVE, S.ACTIVE)


def test_a_response_for_actions_that_nobody_asked_for() -> None:
    pair = Pair.set_up()
    request = messages.subscription_request(pair.ric.new_request_id(), actions=(0,))
    pair.send(Role.RIC, request)
    pair.deliver(Role.NODE)
    wrong = e2ap.RicSubscriptionResponse(
        request.request_id, messages.KPM, (e2ap.ActionAdmitted(1),)
    )
    with pytest.raises(LocalProtocolError, match="actions"):
        pair.send(Role.NODE, wrong)
    pair.wires[Role.RIC].append(e2ap.encode(wrong))
    error = pair.deliver(Role.RIC)
    assert isinstance(error, RemoteProtocolError)
    assert error.cause is CauseProtocol.SEMANTIC_ERROR
    assert error.answer is None
    assert pair.ric.pending == (request,)


def test_what_a_subscription_request_may_not_be() -> None:
    pair = Pair.set_up()
    twice = messages.subscription_request(pair.ric.new_request_id(), actions=(3, 3))
    with pytest.raises(LocalProtocolError, match="not distinct"):
        pair.send(Role.RIC, twice)
    wrong = messages.indication(pair.subscribe(), messages.RC)
    with pytest.raises(LocalProtocolError, match="of RAN function 2, not of 3"):
        pair.send(Role.NODE, wrong)
    pair.wires[Role.RIC].append(e2ap.encode(wrong))
    answer = decoded(pair.deliver(Role.RIC))
    assert isinstance(answer, e2ap.ErrorIndication)
    assert answer.cause is CauseRicRequest.RAN_FUNCTION_ID_INVALID


def test_there_are_only_so_many_subscriptions() -> None:
    pair = Pair.set_up()
    for _ in range(MAX_SUBSCRIPTIONS):
        request = messages.subscription_request(pair.ric.new_request_id())
        pair.ask(Role.RIC, request)
    assert len(pair.node.subscriptions) == MAX_SUBSCRIPTIONS
    request = messages.subscription_request(pair.ric.new_request_id())
    with pytest.raises(LocalProtocolError, match=f"{MAX_SUBSCRIPTIONS} subscriptions"):
        pair.send(Role.RIC, request)
    pair.wires[Role.NODE].append(e2ap.encode(request))
    answer = decoded(pair.deliver(Role.NODE))
    assert isinstance(answer, e2ap.RicSubscriptionFailure)
    assert answer.cause is CauseRicRequest.FUNCTION_RESOURCE_LIMIT


def test_functions_come_and_go_with_their_subscriptions() -> None:
    pair = Pair.set_up()
    kept, lost = pair.subscribe(messages.KPM), pair.subscribe(messages.RC)
    new = e2ap.RanFunction(7, b"definition", 1, "1.2.3")
    changed = e2ap.RanFunction(messages.KPM, b"another", 2, "1.2.3")
    update = e2ap.RicServiceUpdate(
        pair.node.new_transaction_id(), (new,), (changed,), messages.revisions(messages.RC)
    )
    pair.ask(Role.NODE, update)
    for end in pair.ends.values():
        assert end.functions == {messages.KPM: changed, 7: new}
        assert ids(end) == {kept}
    assert lost not in pair.node.subscriptions
    refused = e2ap.RanFunctionRejected(9, messages.REFUSED)
    offers = tuple(e2ap.RanFunction(i, b"d", 1, "1.2.3") for i in (8, 9, 10))
    update = e2ap.RicServiceUpdate(pair.node.new_transaction_id(), offers)
    pair.send(Role.NODE, update)
    pair.deliver(Role.RIC)
    pair.send(
        Role.RIC,
        e2ap.RicServiceUpdateAcknowledge(
            update.transaction_id, messages.revisions(8, 9), (refused,)
        ),
    )
    pair.deliver(Role.NODE)
    assert set(pair.node.functions) == set(pair.ric.functions) == {messages.KPM, 7, 8}


def test_there_are_only_so_many_functions() -> None:
    pair = Pair.set_up()
    offers = tuple(e2ap.RanFunction(i, b"d", 1, "1.2.3") for i in range(100, 355))
    update = e2ap.RicServiceUpdate(0, offers)
    with pytest.raises(LocalProtocolError, match="257 RAN functions; at most 256"):
        pair.send(Role.NODE, update)
    pair.wires[Role.RIC].append(e2ap.encode(update))
    assert isinstance(decoded(pair.deliver(Role.RIC)), e2ap.RicServiceUpdateFailure)
    assert set(pair.ric.functions) == {messages.KPM, messages.RC}
