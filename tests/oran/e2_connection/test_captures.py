"""Both ends follow conversations that other implementations had."""

from itertools import groupby

from oran.e2 import e2ap
from oran.e2.connection import (
    Connection,
    Event,
    Failed,
    Notified,
    Requested,
    Role,
    State,
    Succeeded,
)
from oran.e2.connection.procedure import STEPS
from oran.e2.e2ap import Outcome
from tests.oran.e2_connection.captures import Capture, captures


def follow(role: Role, conversation: list[Capture]) -> list[Event]:
    """The events at one end, which sends what it sent then."""
    end = Connection(role)
    events = []
    for capture in conversation:
        if capture.sender is role:
            end.send(e2ap.decode(capture.octets), 0.0)
        else:
            events.append(end.receive(capture.octets, 0.0))
    assert end.state is State.ACTIVE
    assert end.pending == end.unanswered == ()
    assert not end.subscriptions
    return events


def expected(capture: Capture) -> type[Event]:
    procedure, outcome = STEPS[type(e2ap.decode(capture.octets))]
    if outcome is Outcome.INITIATING:
        return Requested if procedure.response else Notified
    return Succeeded if outcome is Outcome.SUCCESSFUL else Failed


def test_both_ends_follow_every_recorded_conversation() -> None:
    conversations = [list(g) for _, g in groupby(captures(), key=lambda c: c.peers)]
    assert len(conversations) == 2
    for conversation in conversations:
        for role in Role:
            events = follow(role, conversation)
            received = [c for c in conversation if c.sender is not role]
            assert [type(e) for e in events] == [expected(c) for c in received]
