"""What the pump tells of timers that run out, and of ends from either side."""

import asyncio
from typing import Any

import pytest

from oran.e2.connection import Aborted, Requested, State, TimedOut, Unanswered
from oran.e2.transport import Association, Item, LinkClosedError, LinkOptions, Wire, connect
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.loopback import SCHEMES, grant, node, run, serving, set_up, until


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
