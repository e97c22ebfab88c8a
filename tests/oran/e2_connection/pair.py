"""Both ends of a connection in memory, with the packets between them in plain sight."""

from collections import deque
from typing import Final

from oran.e2 import e2ap
from oran.e2.connection import (
    PROCEDURES,
    Connection,
    Event,
    Procedure,
    RemoteProtocolError,
    Requested,
    Role,
    State,
)
from oran.e2.e2ap import Message, RicRequestId
from tests.oran.e2_connection import messages

CLASS_1: Final = [p for p in PROCEDURES if p.response is not None]
"""Procedures with an answer."""


def name(value: Procedure | Role) -> str:
    """What a case of a test is called."""
    return value.name.replace(" ", "")


class Pair:
    """A node and a RIC, the packets under way to each, and a clock."""

    def __init__(self) -> None:
        self.ends = {role: Connection(role) for role in Role}
        self.wires: dict[Role, deque[bytes]] = {role: deque() for role in Role}
        self.now = 1000.0

    @classmethod
    def set_up(cls) -> "Pair":
        """A pair after E2 Setup."""
        pair = cls()
        pair.ask(Role.NODE, messages.setup_request(pair.node.new_transaction_id()))
        assert pair.node.state is pair.ric.state is State.ACTIVE
        return pair

    @property
    def node(self) -> Connection:
        """The node's end."""
        return self.ends[Role.NODE]

    @property
    def ric(self) -> Connection:
        """The RIC's end."""
        return self.ends[Role.RIC]

    def send(self, role: Role, message: Message) -> None:
        """Let one end send a message."""
        self.wires[role.peer].append(self.ends[role].send(message, self.now))

    def deliver(self, role: Role) -> Event | RemoteProtocolError:
        """Give one end its next packet; the answer to an error goes onto the wire."""
        packet = self.wires[role].popleft()
        try:
            return self.ends[role].receive(packet, self.now)
        except RemoteProtocolError as error:
            if error.answer is not None:
                self.wires[role.peer].append(error.answer)
            return error

    def ask(self, role: Role, request: Message) -> Event | RemoteProtocolError:
        """Let one end ask, and the other one grant it; returns the event at the first end."""
        self.send(role, request)
        event = self.deliver(role.peer)
        assert event == Requested(request)
        self.send(role.peer, messages.success(request))
        return self.deliver(role)

    def subscribe(self, function_id: int = messages.KPM) -> RicRequestId:
        """Make one subscription."""
        request = messages.subscription_request(self.ric.new_request_id(), function_id)
        self.ask(Role.RIC, request)
        return request.request_id

    def advance(self, role: Role) -> tuple[Event, ...]:
        """Let time pass until one end's next timer."""
        at = self.ends[role].next_timer()
        assert at is not None
        self.now = max(self.now, at)
        return self.ends[role].handle_timer(self.now)

    def drained(self) -> bool:
        """Whether no packet is under way."""
        return not any(self.wires.values())


def ids(connection: Connection) -> set[RicRequestId]:
    """The subscriptions that one end knows."""
    return set(connection.subscriptions)


def decoded(error: Event | RemoteProtocolError) -> Message | None:
    """The answer that a remote error carries."""
    assert isinstance(error, RemoteProtocolError)
    return None if error.answer is None else e2ap.decode(error.answer)
