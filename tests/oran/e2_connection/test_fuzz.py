"""Any octets give an event or a `RemoteProtocolError`, and nothing grows without bound."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.e2 import e2ap
from oran.e2.connection import Connection, RemoteProtocolError, Role, State
from oran.e2.connection.limits import MAX_PENDING, MAX_RAN_FUNCTIONS, MAX_SUBSCRIPTIONS
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.captures import captured
from tests.oran.e2_connection.mutation import SEEDS, mutate
from tests.oran.e2_connection.pair import Pair


def busy(role: Role) -> Connection:
    """An end with a subscription, and requests of both ends that wait for answers."""
    pair = Pair.set_up()
    pair.subscribe()
    pair.send(Role.RIC, messages.subscription_request(pair.ric.new_request_id()))
    pair.send(Role.RIC, messages.control_request(pair.ric.new_request_id()))
    pair.send(Role.NODE, e2ap.RicServiceUpdate(0, messages.FUNCTIONS))
    for end in Role:
        while pair.wires[end]:
            pair.deliver(end)
    return pair.ends[role]


def take(connection: Connection, octets: bytes, now: float) -> None:
    """The invariant."""
    try:
        connection.receive(octets, now)
    except RemoteProtocolError as error:
        answer = error.answer
    else:
        return
    if answer is not None:
        e2ap.decode(answer)


@given(
    role=st.sampled_from(list(Role)),
    is_busy=st.booleans(),
    packets=st.lists(st.binary(max_size=80) | st.sampled_from(SEEDS), max_size=5),
    seed=st.integers(0, 1 << 32),
)
@settings(max_examples=300, deadline=None)
def test_any_octets(role: Role, is_busy: bool, packets: list[bytes], seed: int) -> None:
    connection = busy(role) if is_busy else Connection(role)
    random = Random(seed)
    for packet in packets:
        take(connection, packet, 1000.0)
        take(connection, mutate(packet or b"\x00", random), 1000.0)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", Role, ids=lambda r: r.name)
def test_half_a_million_spoilt_packets(role: Role) -> None:
    seeds = SEEDS + tuple(captured())
    random = Random(role.value)
    connection = busy(role)
    for i in range(500_000):
        if i % 1000 == 0 or connection.state is State.REMOVED:
            connection = busy(role)
        take(connection, mutate(random.choice(seeds), random, seeds), 1000.0 + i * 1e-3)
        if i % 100 == 0:
            connection.handle_timer(1000.0 + i * 1e-3)
            assert len(connection.subscriptions) <= MAX_SUBSCRIPTIONS
            assert len(connection.functions) <= MAX_RAN_FUNCTIONS
            assert len(connection.unanswered) <= MAX_PENDING
