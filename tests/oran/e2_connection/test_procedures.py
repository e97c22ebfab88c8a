"""Every procedure in every way it can go, at both ends."""

import pytest

from oran.e2 import e2ap
from oran.e2.connection import (
    PROCEDURES,
    Failed,
    LocalProtocolError,
    Notified,
    Procedure,
    RemoteProtocolError,
    Requested,
    Role,
    State,
    Succeeded,
    TimedOut,
    Unanswered,
)
from oran.e2.connection.procedure import RESET, SETUP, STEPS
from oran.e2.e2ap import (
    CauseProtocol,
    Message,
    RicRequestId,
)
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.pair import CLASS_1, Pair, decoded, name

STARTS = [(p, role) for p in CLASS_1 for role in Role if role in p.initiators]
WRONG_STARTS = [(p, role) for p in PROCEDURES for role in Role if role not in p.initiators]


def ready(procedure: Procedure) -> tuple[Pair, Message]:
    """A pair for which the procedure's request is allowed, and that request."""
    pair = Pair() if procedure is SETUP else Pair.set_up()
    if procedure.request is e2ap.RicSubscriptionDeleteRequest:
        return pair, messages.delete_request(pair.subscribe())
    return pair, messages.example(procedure.request)


def any_message(kind: type[Message]) -> Message:
    """A message of any kind, built for nothing but its type."""
    request_id = RicRequestId(1, 7)
    others: dict[type[Message], Message] = {
        e2ap.ErrorIndication: e2ap.ErrorIndication(cause=messages.REFUSED),
        e2ap.RicIndication: messages.indication(request_id),
        e2ap.RicServiceQuery: e2ap.RicServiceQuery(7, messages.revisions(messages.KPM)),
        e2ap.RicSubscriptionDeleteRequired: e2ap.RicSubscriptionDeleteRequired(
            (e2ap.SubscriptionToDelete(request_id, messages.KPM, messages.REFUSED),)
        ),
    }
    return others.get(kind) or messages.example(kind)


def test_the_table_has_every_message_of_e2ap_once() -> None:
    assert set(STEPS) == {t.made for t in e2ap.MESSAGE_TYPES}
    steps = [m for p in PROCEDURES for m in (p.request, p.response, p.failure) if m]
    assert len(steps) == len(STEPS)
    for kind in e2ap.MESSAGE_TYPES:
        procedure, outcome = STEPS[kind.made]
        assert outcome is kind.outcome
        first = next(t for t in e2ap.MESSAGE_TYPES if t.made is procedure.request)
        assert first.procedure == kind.procedure


@pytest.mark.parametrize(("procedure", "role"), STARTS, ids=name)
def test_a_request_is_granted(procedure: Procedure, role: Role) -> None:
    pair, request = ready(procedure)
    pair.send(role, request)
    assert pair.ends[role].pending == (request,)
    assert pair.deliver(role.peer) == Requested(request)
    assert pair.ends[role.peer].unanswered == (request,)
    if procedure.during:
        assert pair.node.state is pair.ric.state is procedure.during
    answer = messages.success(request)
    pair.send(role.peer, answer)
    assert pair.deliver(role) == Succeeded(request, answer)
    assert pair.node.state is pair.ric.state is (procedure.on_success or State.ACTIVE)
    for end in pair.ends.values():
        assert (end.pending, end.unanswered, end.next_timer()) == ((), (), None)
    assert pair.node.functions == pair.ric.functions
    assert pair.node.subscriptions == pair.ric.subscriptions


@pytest.mark.parametrize(("procedure", "role"), STARTS, ids=name)
def test_a_request_is_refused(procedure: Procedure, role: Role) -> None:
    pair, request = ready(procedure)
    before = dict(pair.node.subscriptions), dict(pair.node.functions)
    pair.send(role, request)
    pair.deliver(role.peer)
    refusal = messages.failure(request)
    if refusal is None:
        assert procedure is RESET
        return
    pair.send(role.peer, refusal)
    assert pair.deliver(role) == Failed(request, refusal)
    assert pair.node.state is pair.ric.state is (procedure.otherwise or State.ACTIVE)
    for end in pair.ends.values():
        assert (end.pending, end.unanswered, end.next_timer()) == ((), (), None)
        assert (end.subscriptions, end.functions) == before


@pytest.mark.parametrize(("procedure", "role"), STARTS, ids=name)
def test_nobody_answers_in_time(procedure: Procedure, role: Role) -> None:
    pair, request = ready(procedure)
    pair.send(role, request)
    pair.deliver(role.peer)
    sent = pair.now
    assert pair.ends[role].handle_timer(sent + procedure.timeout - 0.001) == ()
    assert pair.advance(role) == (TimedOut(request),)
    assert pair.now == sent + procedure.timeout
    assert pair.advance(role.peer) == (Unanswered(request),)
    assert pair.node.state is pair.ric.state is (procedure.otherwise or State.ACTIVE)
    with pytest.raises(LocalProtocolError, match="waits for an answer"):
        pair.send(role.peer, messages.success(request))
    for end in pair.ends.values():
        assert (end.pending, end.unanswered, end.next_timer()) == ((), (), None)


@pytest.mark.parametrize(("procedure", "role"), STARTS, ids=name)
def test_an_answer_comes_too_late_or_twice(procedure: Procedure, role: Role) -> None:
    pair, request = ready(procedure)
    pair.send(role, request)
    pair.deliver(role.peer)
    pair.send(role.peer, messages.success(request))
    answer = pair.wires[role][0]
    pair.advance(role)
    error = pair.deliver(role)
    assert isinstance(error, RemoteProtocolError)
    assert error.cause is CauseProtocol.NOT_COMPATIBLE_WITH_STATE
    assert error.answer is None
    again, request = ready(procedure)
    again.ask(role, request)
    again.wires[role].append(answer)
    assert isinstance(again.deliver(role), RemoteProtocolError)
    assert again.drained()


@pytest.mark.parametrize(("procedure", "role"), STARTS, ids=name)
def test_a_request_comes_twice(procedure: Procedure, role: Role) -> None:
    pair, request = ready(procedure)
    pair.send(role, request)
    pair.wires[role.peer].append(pair.wires[role.peer][0])
    assert pair.deliver(role.peer) == Requested(request)
    # The first one will be answered, and a second answer could be taken for that one.
    assert decoded(pair.deliver(role.peer)) is None
    with pytest.raises(LocalProtocolError):
        pair.send(role, request)


@pytest.mark.parametrize(("procedure", "role"), WRONG_STARTS, ids=name)
def test_only_its_initiator_starts_a_procedure(procedure: Procedure, role: Role) -> None:
    pair = Pair.set_up()
    message = any_message(procedure.request)
    with pytest.raises(LocalProtocolError, match="is not started by"):
        pair.send(role, message)
    pair.wires[role.peer].append(e2ap.encode(message))
    answer = decoded(pair.deliver(role.peer))
    expected = procedure.failure or e2ap.ErrorIndication
    assert type(answer) is expected
    assert getattr(answer, "cause", None) is CauseProtocol.NOT_COMPATIBLE_WITH_STATE


@pytest.mark.parametrize("procedure", [p for p in PROCEDURES if p is not SETUP], ids=name)
def test_nothing_but_a_setup_starts_a_connection(procedure: Procedure) -> None:
    message = any_message(procedure.request)
    for role in procedure.initiators:
        pair = Pair()
        if procedure.request is e2ap.ErrorIndication:
            pair.send(role, message)
            assert pair.deliver(role.peer) == Notified(message)
            continue
        with pytest.raises(LocalProtocolError, match="while the connection is not set up"):
            pair.send(role, message)
        pair.wires[role.peer].append(e2ap.encode(message))
        answer = decoded(pair.deliver(role.peer))
        assert type(answer) is (procedure.failure or e2ap.ErrorIndication)
