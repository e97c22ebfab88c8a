"""Resets, removals and set-ups, and what they meet on their way."""

import pytest

from oran.e2 import e2ap
from oran.e2.connection import (
    Aborted,
    LocalProtocolError,
    Procedure,
    RemoteProtocolError,
    Requested,
    Role,
    State,
    Succeeded,
)
from oran.e2.connection.procedure import REMOVAL, RESET
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.pair import Pair, decoded, ids, name


@pytest.mark.parametrize("role", Role, ids=name)
def test_a_reset_ends_subscriptions_and_requests(role: Role) -> None:
    pair = Pair.set_up()
    pair.subscribe()
    update = e2ap.RicServiceUpdate(pair.node.new_transaction_id(), deleted=messages.revisions(3))
    control = messages.control_request(pair.ric.new_request_id())
    pair.send(Role.NODE, update)
    pair.send(Role.RIC, control)
    pair.deliver(Role.NODE)
    pair.deliver(Role.RIC)
    reset = e2ap.ResetRequest(pair.ends[role].new_transaction_id(), messages.REFUSED)
    assert isinstance(pair.ask(role, reset), Succeeded)
    assert pair.advance(Role.NODE) == (Aborted(update),)
    assert pair.advance(Role.RIC) == (Aborted(control),)
    for end in pair.ends.values():
        assert (end.state, ids(end), end.unanswered) == (State.ACTIVE, set(), ())
        assert set(end.functions) == {messages.KPM, messages.RC}


def test_resets_that_cross() -> None:
    pair = Pair.set_up()
    pair.subscribe()
    resets = {role: messages.example(e2ap.ResetRequest, int(role is Role.RIC)) for role in Role}
    for role in Role:
        pair.send(role, resets[role])
    for role in Role:
        assert pair.deliver(role) == Requested(resets[role.peer])
    for role in Role:
        pair.send(role, messages.success(resets[role.peer]))
    pair.send(Role.RIC, messages.subscription_request(pair.ric.new_request_id()))
    for role in Role:
        event = pair.deliver(role)
        assert isinstance(event, Succeeded)
        assert event.request == resets[role]
    assert isinstance(pair.deliver(Role.NODE), Requested)
    assert pair.node.state is pair.ric.state is State.ACTIVE


def test_a_late_answer_to_a_reset_that_crossed_ends_nothing_else() -> None:
    pair = Pair.set_up()
    for role in Role:
        pair.send(role, messages.example(e2ap.ResetRequest, int(role is Role.RIC)))
    for role in Role:
        pair.deliver(role)
        pair.send(role, e2ap.ResetResponse(int(role is Role.NODE)))
    removal = e2ap.E2RemovalRequest(9)
    pair.send(Role.RIC, removal)
    assert isinstance(pair.deliver(Role.RIC), Succeeded)
    assert pair.ric.state is State.REMOVING
    assert isinstance(pair.deliver(Role.NODE), Succeeded)
    assert pair.deliver(Role.NODE) == Requested(removal)
    assert pair.node.state is State.REMOVING


def test_what_crosses_a_reset_is_no_matter() -> None:
    pair = Pair.set_up()
    request_id = pair.subscribe()
    pair.send(Role.RIC, messages.example(e2ap.ResetRequest))
    pair.send(Role.NODE, messages.indication(request_id))
    update = e2ap.RicServiceUpdate(0, deleted=messages.revisions(messages.RC))
    pair.send(Role.NODE, update)
    assert decoded(pair.deliver(Role.RIC)) is None
    assert decoded(pair.deliver(Role.RIC)) is None
    pair.deliver(Role.NODE)
    assert pair.advance(Role.NODE) == (Aborted(update),)
    assert set(pair.ric.functions) == set(pair.node.functions)


def test_removals_that_cross() -> None:
    pair = Pair.set_up()
    for role in Role:
        pair.send(role, e2ap.E2RemovalRequest(int(role is Role.RIC)))
    for role in Role:
        assert isinstance(pair.deliver(role), Requested)
    for role in Role:
        pair.send(role, e2ap.E2RemovalResponse(int(role is Role.NODE)))
    for role in Role:
        assert isinstance(pair.deliver(role), RemoteProtocolError | Succeeded)
    assert pair.node.state is pair.ric.state is State.REMOVED
    assert pair.node.pending == pair.ric.pending == ()


@pytest.mark.parametrize("role", Role, ids=name)
def test_a_removal_ends_all(role: Role) -> None:
    pair = Pair.set_up()
    pair.subscribe()
    control = messages.control_request(pair.ric.new_request_id())
    pair.send(Role.RIC, control)
    pair.deliver(Role.NODE)
    removal = e2ap.E2RemovalRequest(pair.ends[role].new_transaction_id())
    assert isinstance(pair.ask(role, removal), Succeeded)
    assert pair.ric.handle_timer(pair.now) == (Aborted(control),)
    for end in pair.ends.values():
        assert (end.state, ids(end), end.functions) == (State.REMOVED, set(), {})
        assert (end.pending, end.unanswered, end.next_timer()) == ((), (), None)


@pytest.mark.parametrize("other", [RESET, REMOVAL], ids=name)
def test_a_setup_overrides_what_the_ric_is_at(other: Procedure) -> None:
    pair = Pair.set_up()
    pair.subscribe()
    pair.send(Role.RIC, messages.example(other.request))
    pair.send(Role.NODE, messages.setup_request(9))
    assert isinstance(pair.deliver(Role.NODE), RemoteProtocolError)
    assert pair.deliver(Role.RIC) == Requested(messages.setup_request(9))
    assert pair.advance(Role.RIC) == (Aborted(messages.example(other.request)),)
    pair.send(Role.RIC, messages.setup_response(9))
    while pair.wires[Role.NODE]:
        pair.deliver(Role.NODE)
    while pair.wires[Role.RIC]:
        pair.deliver(Role.RIC)
    assert pair.node.state is pair.ric.state is State.ACTIVE
    assert pair.drained()


def test_a_setup_that_is_tried_again_takes_the_place_of_the_first() -> None:
    pair = Pair()
    pair.send(Role.NODE, messages.setup_request(1))
    pair.deliver(Role.RIC)
    pair.advance(Role.NODE)
    pair.send(Role.NODE, messages.setup_request(2))
    assert pair.deliver(Role.RIC) == Requested(messages.setup_request(2))
    with pytest.raises(LocalProtocolError):
        pair.send(Role.RIC, messages.setup_response(1))
    pair.send(Role.RIC, messages.setup_response(2))
    assert isinstance(pair.deliver(Role.NODE), Succeeded)


def test_the_end_of_the_association() -> None:
    pair = Pair.set_up()
    pair.subscribe()
    control = messages.control_request(pair.ric.new_request_id())
    pair.send(Role.RIC, control)
    assert pair.ric.disconnect() == (Aborted(control),)
    assert (pair.ric.state, ids(pair.ric), pair.ric.next_timer()) == (State.CLOSED, set(), None)
    with pytest.raises(LocalProtocolError):
        pair.send(Role.RIC, e2ap.ErrorIndication(cause=messages.REFUSED))
    pair.wires[Role.RIC].append(e2ap.encode(e2ap.ErrorIndication(cause=messages.REFUSED)))
    assert decoded(pair.deliver(Role.RIC)) is None
