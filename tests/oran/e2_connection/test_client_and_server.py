"""A client that comes back, and a server with many associations."""

import asyncio
import socket
from random import Random
from typing import Any

import pytest

from oran.e2 import e2ap
from oran.e2.connection import (
    Aborted,
    Failed,
    Requested,
    Role,
    Succeeded,
)
from oran.e2.e2ap import TimeToWait
from oran.e2.transport import (
    Association,
    Backoff,
    Item,
    LinkOptions,
    Retry,
    Server,
    UnreachableError,
    connect,
    keep_connected,
)
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.loopback import SCHEMES, ask, grant, node, run, serving, set_up, until

QUICK = Backoff(first_s=0.01, limit_s=0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_client_comes_back(scheme: str) -> None:
    """After a refusal with a time to wait, after an end, and while there is no server."""
    retries: list[Retry] = []
    events: list[Item] = []
    setups = 0

    async def ric(association: Association) -> None:
        nonlocal setups
        async for item in association:
            assert isinstance(item, Requested)
            setups += 1
            refusal = messages.failure(item.message, TimeToWait.V2S)
            assert refusal is not None
            association.send(refusal if setups == 1 else messages.success(item.message))
            if setups == 2:
                return

    async def serve(association: Association) -> None:
        association.send(messages.setup_request())
        async for item in association:
            events.append(item)
            if isinstance(item, Failed):
                return

    async def test() -> None:
        async with serving(scheme, ric) as server:
            address = server.address
            client = asyncio.create_task(
                keep_connected(
                    address, Role.NODE, serve, Random(1), backoff=QUICK, report=retries.append
                )
            )
            await until(lambda: len(events) == 3)
        await until(lambda: len(retries) >= 6)
        async with await Server.start(address, Role.RIC, grant):
            await until(lambda: len(events) == 4)
            client.cancel()
            await asyncio.gather(client, return_exceptions=True)

    run(test)
    assert [type(e) for e in events] == [Failed, Succeeded, Succeeded, Succeeded]
    refused, ended, *others = retries
    assert refused.reason == "closed here"
    assert QUICK.limit_s < refused.delay_s <= 2.0
    assert "has closed the association" in ended.reason or "reset" in ended.reason
    assert ended.failures == 1
    assert [r.failures for r in others] == list(range(1, len(others) + 1))
    assert all("refused" in r.reason or "reset" in r.reason for r in others[1:])
    assert all(r.delay_s <= QUICK.limit_s for r in retries[1:])


def test_an_error_in_serving_costs_only_one_association() -> None:
    complaints: list[dict[str, Any]] = []

    async def broken(association: Association) -> None:
        async for item in association:
            assert isinstance(item, Requested)
            if isinstance(item.message, e2ap.RicServiceUpdate):
                raise ZeroDivisionError
            association.send(messages.success(item.message))

    async def test() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, c: complaints.append(c))
        async with serving("tcp", broken) as server, node(server) as good, node(server) as bad:
            await set_up(good)
            await set_up(bad)
            bad.send(e2ap.RicServiceUpdate(0))
            assert [type(item) async for item in bad] == [Aborted]
            reset = messages.example(e2ap.ResetRequest)
            assert isinstance(await ask(good, reset), Succeeded)

    run(test)
    assert [type(c["exception"]) for c in complaints] == [ZeroDivisionError]


def test_a_server_gets_over_a_shortage(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints: list[dict[str, Any]] = []
    errors = [OSError(24, "Too many open files"), OSError(103, "Software caused connection abort")]
    monkeypatch.setattr("oran.e2.transport.server._PAUSE_S", 0.01)

    async def test() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, c: complaints.append(c))
        accept = loop.sock_accept

        async def short(sock: socket.socket) -> Any:
            if errors:
                raise errors.pop(0)
            return await accept(sock)

        monkeypatch.setattr(loop, "sock_accept", short)
        async with serving("tcp", grant) as server, node(server) as association:
            await set_up(association)

    run(test)
    assert [c["exception"].errno for c in complaints] == [24]


def test_there_are_only_so_many_associations() -> None:
    async def test() -> None:
        async with serving("tcp", grant, max_associations=1) as server, node(server) as first:
            await set_up(first)
            async with node(server) as second:
                assert [item async for item in second] == []
            assert server.refused == 1
            assert isinstance(await ask(first, e2ap.RicServiceUpdate(0)), Succeeded)

    run(test)


def test_a_server_closes_with_its_associations() -> None:
    async def test() -> None:
        async with serving("tcp", grant) as server, node(server) as association:
            await set_up(association)
            await server.close()
            assert [item async for item in association] == []
            assert association.lost is not None
            with pytest.raises(UnreachableError, match="refused"):
                await connect(server.address, LinkOptions())

    run(test)
