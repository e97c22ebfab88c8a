"""Two connections, two careless users, a bad wire: random walks, and what must hold after them.

Each step either is taken by the tables or is refused without a trace. Once the wire behaves and
the users do what each owes the other (answer, ask for deletion of what is doubtful, report on what
is subscribed), no request is left without an end, and both ends know the same subscriptions.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from oran.e2 import e2ap
from oran.e2.connection import (
    Aborted,
    Connection,
    Event,
    Failed,
    LocalProtocolError,
    Notified,
    RemoteProtocolError,
    Role,
    State,
    SubscriptionState,
    Succeeded,
    TimedOut,
)
from oran.e2.connection.procedure import STEPS
from oran.e2.e2ap import Message, Outcome, RicRequestId
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.pair import Pair, ids

T = TypeVar("T")
ROLES: Final = st.sampled_from(list(Role))
PICKS: Final = st.integers(0, 1 << 16)
ENDINGS: Final = (Succeeded, Failed, TimedOut, Aborted)
ROUNDS: Final = 6


def pick(options: Sequence[T], at: int) -> T:
    return options[at % len(options)]


def trace(end: Connection) -> tuple[object, ...]:
    """All that can be seen of a connection."""
    return end.state, dict(end.functions), dict(end.subscriptions), end.pending, end.unanswered


class Wire(RuleBasedStateMachine):
    """A wire that keeps order and loses nothing, under users who do as they please."""

    faulty = False

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair.set_up()
        self.open: Counter[Message] = Counter()
        self.heard: set[RicRequestId] = set()

    def attempt(self, role: Role, message: Message) -> bool:
        end = self.pair.ends[role]
        before = trace(end)
        try:
            self.pair.send(role, message)
        except LocalProtocolError:
            assert trace(end) == before
            return False
        procedure, outcome = STEPS[type(message)]
        if outcome is Outcome.INITIATING and procedure.response is not None:
            self.open[message] += 1
        return True

    def note(self, events: Sequence[Event | RemoteProtocolError]) -> None:
        for event in events:
            if isinstance(event, ENDINGS):
                self.open[event.request] -= 1
                assert self.open[event.request] >= 0
            if isinstance(event, Notified) and isinstance(event.message, e2ap.RicIndication):
                self.heard.add(event.message.request_id)

    def deliver_to(self, role: Role) -> None:
        end = self.pair.ends[role]
        before = trace(end)
        event = self.pair.deliver(role)
        if isinstance(event, RemoteProtocolError):
            assert trace(end) == before
            if event.answer is not None:
                assert e2ap.encode(e2ap.decode(event.answer)) == event.answer
        self.note([event])

    def tick(self) -> None:
        for end in self.pair.ends.values():
            self.note(end.handle_timer(self.pair.now))
            assert (end.next_timer() or self.pair.now + 1) > self.pair.now

    def reconnect(self) -> None:
        for end in self.pair.ends.values():
            self.note(end.disconnect())
        now = self.pair.now
        self.pair = Pair.set_up()
        self.pair.now = now + 1

    # What the users do.

    @rule(function_id=st.sampled_from([messages.KPM, messages.RC]))
    def subscribe(self, function_id: int) -> None:
        request_id = self.pair.ric.new_request_id()
        self.attempt(Role.RIC, messages.subscription_request(request_id, function_id, (0, 1)))

    @precondition(lambda self: self.pair.ric.subscriptions)
    @rule(at=PICKS)
    def delete(self, at: int) -> None:
        request_id, found = pick(list(self.pair.ric.subscriptions.items()), at)
        self.attempt(Role.RIC, messages.delete_request(request_id, found.request.ran_function_id))

    @rule(ack=st.sampled_from([*e2ap.ControlAckRequest, None]))
    def control(self, ack: e2ap.ControlAckRequest | None) -> None:
        self.attempt(Role.RIC, messages.control_request(self.pair.ric.new_request_id(), ack))

    @precondition(lambda self: self.pair.node.subscriptions)
    @rule(at=PICKS)
    def indicate(self, at: int) -> None:
        request_id, found = pick(list(self.pair.node.subscriptions.items()), at)
        self.attempt(Role.NODE, messages.indication(request_id, found.request.ran_function_id))

    @rule(role=ROLES, kind=st.sampled_from(
        [e2ap.ResetRequest, e2ap.E2RemovalRequest, e2ap.E2SetupRequest, e2ap.E2ConnectionUpdate,
         e2ap.E2NodeConfigurationUpdate]
    ))  # fmt: skip
    def manage(self, role: Role, kind: type[Message]) -> None:
        number = self.pair.ends[role].new_transaction_id()
        self.attempt(role, messages.example(kind, number))

    @rule(function=st.sampled_from(messages.FUNCTIONS), add=st.booleans())
    def offer(self, function: e2ap.RanFunction, add: bool) -> None:
        number = self.pair.node.new_transaction_id()
        deleted = messages.revisions(function.id)
        self.attempt(
            Role.NODE,
            e2ap.RicServiceUpdate(number, (function,))
            if add
            else e2ap.RicServiceUpdate(number, deleted=deleted),
        )

    @rule(role=ROLES, at=PICKS, grant=st.booleans())
    def answer(self, role: Role, at: int, grant: bool) -> None:
        waiting = self.pair.ends[role].unanswered
        if waiting:
            request = pick(waiting, at)
            answer = messages.success(request) if grant else messages.failure(request)
            self.attempt(role, answer or messages.success(request))

    # What the wire and the clock do.

    @rule(role=ROLES, at=PICKS)
    def deliver(self, role: Role, at: int) -> None:
        wire = self.pair.wires[role]
        if wire:
            if self.faulty:
                wire.rotate(-(at % len(wire)))
            self.deliver_to(role)

    @rule(seconds=st.floats(0.0, 30.0))
    def wait(self, seconds: float) -> None:
        self.pair.now += seconds
        self.tick()

    @rule()
    def cut(self) -> None:
        self.reconnect()

    @invariant()
    def every_request_that_has_not_ended_is_waited_for(self) -> None:
        waited = Counter(m for end in self.pair.ends.values() for m in end.pending)
        waiting = [e for end in self.pair.ends.values() for e in end._waiting]
        waited += Counter(e.request for e in waiting if isinstance(e, ENDINGS))
        assert waited == +self.open

    # What must hold in the end.

    def settle(self) -> None:
        """Deliver all and grant all until nobody waits for anything."""
        while not self.pair.drained() or any(e.unanswered for e in self.pair.ends.values()):
            for role, end in self.pair.ends.items():
                while self.pair.wires[role]:
                    self.deliver_to(role)
                for request in end.unanswered:
                    if not self.attempt(role, messages.success(request)):
                        # The request lost its object meanwhile: leave it to its timer.
                        self.pair.now += 60.0
                        self.tick()
        while times := [t for e in self.pair.ends.values() if (t := e.next_timer()) is not None]:
            self.pair.now = max(self.pair.now, *times)
            self.tick()

    def agree(self) -> bool:
        """One round of what each owes the other; whether both know the same then."""
        self.settle()
        if {e.state for e in self.pair.ends.values()} != {State.ACTIVE}:
            if not self.attempt(Role.NODE, messages.example(e2ap.E2SetupRequest)):
                self.reconnect()
            self.settle()
        self.heard = set()
        for request_id, found in list(self.pair.node.subscriptions.items()):
            self.attempt(Role.NODE, messages.indication(request_id, found.request.ran_function_id))
        self.settle()
        for request_id, found in list(self.pair.ric.subscriptions.items()):
            silent = self.faulty and request_id not in self.heard
            if silent or found.state is not SubscriptionState.ACTIVE:
                function_id = found.request.ran_function_id
                self.attempt(Role.RIC, messages.delete_request(request_id, function_id))
        self.settle()
        return ids(self.pair.node) == ids(self.pair.ric) and all(
            s.state is SubscriptionState.ACTIVE
            for e in self.pair.ends.values()
            for s in e.subscriptions.values()
        )

    def teardown(self) -> None:
        assert any(self.agree() for _ in range(ROUNDS))
        assert not +self.open
        for end in self.pair.ends.values():
            assert (end.pending, end.unanswered, end.next_timer()) == ((), (), None)
        super().teardown()


class FaultyWire(Wire):
    """A wire that reorders, loses, repeats and garbles besides."""

    faulty = True

    @precondition(lambda self: not self.pair.drained())
    @rule(role=ROLES, at=PICKS, repeat=st.booleans())
    def lose_or_repeat(self, role: Role, at: int, repeat: bool) -> None:
        wire = self.pair.wires[role]
        if wire and repeat:
            wire.append(pick(wire, at))
        elif wire:
            del wire[at % len(wire)]

    @precondition(lambda self: not self.pair.drained())
    @rule(role=ROLES, at=PICKS, position=PICKS, flips=st.integers(1, 255))
    def garble(self, role: Role, at: int, position: int, flips: int) -> None:
        wire = self.pair.wires[role]
        if wire:
            packet = bytearray(pick(wire, at))
            packet[position % len(packet)] ^= flips
            wire[at % len(wire)] = bytes(packet)


LONG: Final[Any] = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestWire = Wire.TestCase
TestWire.settings = LONG
TestFaultyWire = FaultyWire.TestCase
TestFaultyWire.settings = LONG
