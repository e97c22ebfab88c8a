"""A node and a RIC over sockets of this machine."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest

from oran.e2 import e2ap
from oran.e2.connection import Connection, Requested, Role, Succeeded
from oran.e2.e2ap import Message
from oran.e2.transport import (
    Address,
    Association,
    Item,
    LinkOptions,
    Serve,
    Server,
    connect,
)
from tests.oran.e2_connection import messages

OPTIONS: Final = LinkOptions(linger_s=5.0)


def sctp_is_there() -> bool:
    """Whether this kernel has SCTP."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP).close()
    except OSError:
        return False
    return True


SCHEMES: Final = [
    "tcp",
    pytest.param(
        "sctp", marks=pytest.mark.skipif(not sctp_is_there(), reason="this kernel has no SCTP")
    ),
]


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test to its end, and check that it leaves no task behind."""

    async def main() -> None:
        async with asyncio.timeout(60.0):
            await test()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main(), debug=os.environ.get("PYTHONASYNCIODEBUG") == "1")


@contextlib.asynccontextmanager
async def serving(
    scheme: str, serve: Serve, *, options: LinkOptions = OPTIONS, max_associations: int = 8
) -> AsyncIterator[Server]:
    """A RIC at a port that the system chooses."""
    address = Address.parse(f"{scheme}://127.0.0.1:0")
    async with await Server.start(
        address, Role.RIC, serve, options=options, max_associations=max_associations
    ) as server:
        yield server


@contextlib.asynccontextmanager
async def node(server: Server, options: LinkOptions = OPTIONS) -> AsyncIterator[Association]:
    """A node that is connected, but not set up."""
    link = await connect(server.address, options)
    association = Association(Connection(Role.NODE), link)
    try:
        yield association
    finally:
        await association.close()


async def grant(association: Association) -> None:
    """Grant whatever is asked until the association ends."""
    async for item in association:
        if isinstance(item, Requested):
            association.send(messages.success(item.message))


async def ask(association: Association, request: Message) -> Item:
    """The next item after a request."""
    association.send(request)
    return await anext(association)


async def set_up(association: Association) -> None:
    """E2 Setup, from the node."""
    item = await ask(association, messages.setup_request())
    assert isinstance(item, Succeeded)
    assert isinstance(item.response, e2ap.E2SetupResponse)


async def until(what: Callable[[], object]) -> None:
    """Wait for something that other tasks bring about."""
    while not what():
        await asyncio.sleep(0.01)
