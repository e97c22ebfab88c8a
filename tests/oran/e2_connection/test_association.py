"""The pump over real sockets: TCP everywhere, SCTP where the kernel has it."""

import asyncio
from random import Random
from typing import Any

import pytest

from oran.e2 import e2ap
from oran.e2.connection import (
    Aborted,
    Notified,
    Requested,
    State,
    TimedOut,
    Unanswered,
)
from oran.e2.e2ap import Message
from oran.e2.transport import (
    MAX_PDU,
    Association,
    Item,
    LinkClosedError,
    LinkOptions,
    Wire,
    connect,
)
from oran.e2.transport.framing import frame
from oran.e2.transport.tcp import TcpLink
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.loopback import SCHEMES, grant, node, run, serving, set_up, until

BIG = 300_000


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_conversation(scheme: str) -> None:
    """Set-up, subscription, reports up to the largest PDU, control, an orderly end."""
    received: list[Message] = []
    ended = asyncio.Event()

    async def ric(association: Association) -> None:
        async for item in association:
            match item:
                case Requested(message=e2ap.E2SetupRequest() as request):
                    association.send(messages.success(request))
                    request_id = association.connection.new_request_id()
                    association.send(messages.subscription_request(request_id))
                case Notified(message=e2ap.RicIndication() as report):
                    received.append(report)
                    control = association.connection.new_request_id()
                    association.send(messages.control_request(control))
        assert association.lost is not None
        ended.set()

    async def test() -> None:
        sizes = [1, 1000, 65_535, 65_536, BIG]
        if scheme == "tcp":
            sizes.append(MAX_PDU - 100)
        async with serving(scheme, ric) as server:
            async with node(server) as association:
                await set_up(association)
                request = await anext(association)
                assert isinstance(request, Requested)
                association.send(messages.success(request.message))
                (request_id,) = association.connection.subscriptions
                for size in sizes:
                    association.send(messages.indication(request_id, message=bytes(size)))
                    control = await anext(association)
                    assert isinstance(control, Requested)
                    association.send(messages.success(control.message))
            await ended.wait()
        assert [len(m.message) for m in received if isinstance(m, e2ap.RicIndication)] == sizes

    run(test)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_many_reports_in_a_row_keep_their_order(scheme: str) -> None:
    count = 5_000
    numbers: list[int | None] = []

    async def ric(association: Association) -> None:
        async for item in association:
            if isinstance(item, Requested):
                association.send(messages.success(item.message))
                request_id = association.connection.new_request_id()
                association.send(messages.subscription_request(request_id))
            elif isinstance(item, Notified):
                assert isinstance(item.message, e2ap.RicIndication)
                numbers.append(item.message.sequence_number)

    async def test() -> None:
        async with serving(scheme, ric) as server, node(server) as association:
            await set_up(association)
            request = await anext(association)
            assert isinstance(request, Requested)
            association.send(messages.success(request.message))
            (request_id,) = association.connection.subscriptions
            for i in range(count):
                report = e2ap.RicIndication(
                    request_id, messages.KPM, 0, e2ap.IndicationType.REPORT, b"h", b"m", i
                )
                association.send(report)
                if i % 100 == 0:
                    await asyncio.sleep(0)
            await until(lambda: len(numbers) == count)

    run(test)
    assert numbers == list(range(count))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_was_sent_last_arrives(scheme: str) -> None:
    """More than the kernel's buffers hold, in order, before an orderly end."""
    arrived: list[bytes] = []
    ended = asyncio.Event()
    sent = [Random(i).randbytes(BIG) for i in range(24)]

    async def ric(association: Association) -> None:
        async for item in association:
            if isinstance(item, Requested):
                association.send(messages.success(item.message))
                request_id = association.connection.new_request_id()
                association.send(messages.subscription_request(request_id))
            elif isinstance(item, Notified):
                assert isinstance(item.message, e2ap.RicIndication)
                arrived.append(item.message.message)
        ended.set()

    async def test() -> None:
        async with serving(scheme, ric) as server:
            async with node(server, LinkOptions(linger_s=30.0)) as association:
                await set_up(association)
                request = await anext(association)
                assert isinstance(request, Requested)
                association.send(messages.success(request.message))
                (request_id,) = association.connection.subscriptions
                for message in sent:
                    association.send(messages.indication(request_id, message=message))
            await ended.wait()

    run(test)
    assert arrived == sent


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_request_without_an_answer_times_out(scheme: str) -> None:
    """The reader, which waits for nothing else, is told of a timer that another task starts."""
    items: list[Item] = []

    async def ric(association: Association) -> None:
        setup = await anext(association)
        assert isinstance(setup, Requested)
        association.send(messages.success(setup.message))

        async def decide() -> None:
            await asyncio.sleep(0.1)
            control = association.connection.new_request_id()
            association.send(messages.control_request(control))

        decider = asyncio.create_task(decide())
        items.append(await anext(association))
        await decider

    async def test() -> None:
        async with serving(scheme, ric) as server, node(server) as association:
            await set_up(association)
            assert isinstance(await anext(association), Requested)
            # Its own timer may run out before it sees that the RIC has left.
            left = [item async for item in association]
            assert all(isinstance(item, Unanswered) for item in left)

    run(test)
    assert [type(i) for i in items] == [TimedOut]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_was_asked_is_aborted_when_the_peer_goes(scheme: str) -> None:
    items: list[Item] = []

    async def ric(association: Association) -> None:
        async for item in association:
            assert isinstance(item, Requested)
            association.send(messages.success(item.message))
            control = association.connection.new_request_id()
            association.send(messages.control_request(control))
            async for other in association:
                items.append(other)

    async def test() -> None:
        async with serving(scheme, ric) as server:
            async with node(server) as association:
                await set_up(association)
                await anext(association)
            await until(lambda: items)
            await until(lambda: server.count == 0)

    run(test)
    assert [type(i) for i in items] == [Aborted]


class Counting:
    """A wire that counts how often it is read."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.peer = wire.peer
        self.reads = 0

    async def receive(self, until: float | None) -> bytes | None:
        self.reads += 1
        return await self.wire.receive(until)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wire, name)


def test_a_closed_peer_ends_the_association_at_once() -> None:
    async def test() -> None:
        async def leave(association: Association) -> None:
            await anext(association)

        async with serving("tcp", leave) as server:
            link = await connect(server.address, LinkOptions())
            wire: Any = Counting(link)
            async with node(server) as association:
                association.wire.abort(LinkClosedError("not wanted"))
                pump = Association(association.connection, wire)
                pump.send(messages.setup_request())
                items = [item async for item in pump]
                assert [type(i) for i in items] == [Aborted]
                assert wire.reads <= 2
                assert pump.connection.state is State.CLOSED
                with pytest.raises(StopAsyncIteration):
                    await anext(pump)
                with pytest.raises(LinkClosedError, match="closed"):
                    wire.send(b"\x00")
                await pump.close()

    run(test)


def test_an_end_from_another_task_wakes_the_reader() -> None:
    async def test() -> None:
        async with serving("tcp", grant) as server, node(server) as association:
            await set_up(association)
            reader = asyncio.create_task(anext(association, None))
            await asyncio.sleep(0)
            association.wire.abort(LinkClosedError("not wanted"))
            assert await reader is None
            assert association.lost is not None
            assert association.lost.reason == "not wanted"

    run(test)


def test_who_serves_goes_on_where_iterating_stopped() -> None:
    """Packets that were taken from the kernel at once, and events of one moment, are not lost."""
    told: list[Item] = []
    asked: list[Message] = []
    enough = asyncio.Event()

    async def ric(association: Association) -> None:
        def take(item: Item) -> bool:
            told.append(item)
            if len(told) == 6:
                enough.set()
            return True

        async for item in association:
            match item:
                case Requested(message=e2ap.E2SetupRequest() as request):
                    association.send(messages.success(request))
                    for _ in range(3):
                        request_id = association.connection.new_request_id()
                        asked.append(messages.subscription_request(request_id))
                        association.send(asked[-1])
                case Requested(message=e2ap.ResetRequest()):
                    pass
                case _:
                    told.append(item)
                    break
        await association.serve(take)

    async def test() -> None:
        async with serving("tcp", ric) as server, node(server) as association:
            await set_up(association)
            for _ in range(3):
                assert isinstance(await anext(association), Requested)
            # A reset aborts what was asked; what follows comes in the same segment.
            packets = [
                association.connection.send(message, 0.0)
                for message in (
                    e2ap.ResetRequest(1, e2ap.CauseMisc.OM_INTERVENTION),
                    e2ap.ErrorIndication(cause=e2ap.CauseMisc.UNSPECIFIED),
                    e2ap.ErrorIndication(cause=e2ap.CauseMisc.OM_INTERVENTION),
                    e2ap.ErrorIndication(cause=e2ap.CauseMisc.HARDWARE_FAILURE),
                )
            ]
            assert isinstance(association.wire, TcpLink)
            association.wire._sock.sendall(b"".join(map(frame, packets)))
            await asyncio.wait_for(enough.wait(), 10.0)

    run(test)
    assert [i.request for i in told[:3] if isinstance(i, Aborted)] == asked
    causes = [getattr(i.message, "cause", None) for i in told[3:] if isinstance(i, Notified)]
    unspecified = e2ap.CauseMisc.UNSPECIFIED
    assert causes[:3] == [
        unspecified, e2ap.CauseMisc.OM_INTERVENTION, e2ap.CauseMisc.HARDWARE_FAILURE
    ]  # fmt: skip


@pytest.mark.slow  # the time that a request may go unanswered
def test_a_request_that_its_taker_leaves_unanswered_is_told_when_served_too() -> None:
    """`serve` arms the timers that arrivals set, as `async for` does."""
    told: list[Item] = []
    ended = asyncio.Event()

    async def ric(association: Association) -> None:
        def take(item: Item) -> bool:
            told.append(item)
            if isinstance(item, Unanswered):
                ended.set()
            return not ended.is_set()

        await association.serve(take)

    async def test() -> None:
        async with serving("tcp", ric) as server, node(server) as association:
            association.send(messages.setup_request())
            await asyncio.wait_for(ended.wait(), 30.0)

    run(test)
    assert [type(item) for item in told] == [Requested, Unanswered]
