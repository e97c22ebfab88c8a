"""Peers that talk nonsense, do not read, or talk without end."""

import asyncio
import socket
from dataclasses import replace

import pytest

from oran.e2 import e2ap
from oran.e2.connection import (
    Notified,
    RemoteProtocolError,
    Requested,
    Succeeded,
)
from oran.e2.transport import (
    MAX_PDU,
    Association,
    LinkClosedError,
    LinkOptions,
    Server,
    SlowPeerError,
)
from oran.e2.transport.association import MAX_ERRORS_IN_A_ROW
from oran.e2.transport.link import FAIR_RUN
from oran.e2.transport.tcp import TcpLink
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.loopback import SCHEMES, ask, grant, node, run, serving, set_up, until

BIG = 300_000


def raw(server: Server) -> socket.socket:
    """A plain TCP client."""
    return socket.create_connection((server.address.host, server.address.port))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nonsense_costs_only_who_sends_it(scheme: str) -> None:
    """Answered in kind, and given up after a while, beside a node that goes on."""
    errors: list[RemoteProtocolError] = []

    async def ric(association: Association) -> None:
        async for item in association:
            if isinstance(item, Requested):
                association.send(messages.success(item.message))
            elif isinstance(item, RemoteProtocolError):
                errors.append(item)

    async def test() -> None:
        async with serving(scheme, ric) as server, node(server) as good, node(server) as bad:
            await set_up(good)
            bad.wire.send(b"\x00\xff\x00nonsense")
            answer = await anext(bad)
            assert isinstance(answer, Notified)
            assert isinstance(answer.message, e2ap.ErrorIndication)
            await set_up(bad)
            for _ in range(MAX_ERRORS_IN_A_ROW + 1):
                bad.wire.send(b"\x40nonsense")
            assert [item async for item in bad] == []
            assert len(errors) == 1 + MAX_ERRORS_IN_A_ROW + 1
            update = e2ap.RicServiceUpdate(0)
            assert isinstance(await ask(good, update), Succeeded)

    run(test)


@pytest.mark.parametrize(
    "octets", [b"\x00\x00\x00\x00", (MAX_PDU + 1).to_bytes(4, "big"), b"GET / HTTP/1.1\r\n\r\n"]
)
def test_a_frame_of_no_allowed_length_ends_the_association(octets: bytes) -> None:
    ends: list[LinkClosedError | None] = []

    async def ric(association: Association) -> None:
        async for item in association:
            raise AssertionError(item)
        ends.append(association.lost)

    async def test() -> None:
        async with serving("tcp", ric) as server, node(server) as good:
            with raw(server) as sock:
                sock.sendall(octets)
                await until(lambda: ends)
                assert await asyncio.to_thread(sock.recv, 1) == b""
            await until(lambda: server.count == 1)
            assert good.lost is None
            (end,) = ends
            assert end is not None
            assert f"1..{MAX_PDU} are accepted" in end.reason

    run(test)


@pytest.mark.parametrize("how", ["queue", "stall"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_peer_that_does_not_read_is_given_up(scheme: str, how: str) -> None:
    """What waits for it is bounded in octets and in time, and another node is served meanwhile."""
    options = LinkOptions(
        queue_octets=2 * MAX_PDU if how == "queue" else 1 << 30,
        stall_s=60.0 if how == "queue" else 0.2,
    )
    ends: list[str] = []

    async def flood(association: Association) -> None:
        """Controls for who offers RC, and no more than was asked for the other one."""
        request = await anext(association)
        assert isinstance(request, Requested)
        association.send(messages.success(request.message))
        if messages.RC not in association.connection.functions:
            await grant(association)
            return
        try:
            while True:
                control = e2ap.RicControlRequest(
                    association.connection.new_request_id(), messages.RC, b"h", bytes(BIG)
                )
                for number in range(16):
                    association.send(replace(control, call_process_id=str(number).encode()))
                await asyncio.sleep(0.02)
        except SlowPeerError as error:
            ends.append(error.reason)
            raise

    async def test() -> None:
        kpm = replace(messages.setup_request(), functions=messages.FUNCTIONS[:1])
        async with (
            serving(scheme, flood, options=options) as server,
            node(server) as good,
            node(server) as bad,
        ):
            assert isinstance(await ask(good, kpm), Succeeded)
            bad.send(messages.setup_request())
            while not ends:
                await asyncio.sleep(0.02)
                assert isinstance(await ask(good, e2ap.RicServiceUpdate(0)), Succeeded)
            await until(lambda: server.count == 1)

    run(test)
    (reason,) = ends
    assert ("octets wait" if how == "queue" else "has read nothing for 0.2 s") in reason


def test_a_busy_peer_leaves_others_their_turn() -> None:
    async def test() -> None:
        ours, theirs = socket.socketpair()
        reader = TcpLink(ours, "reader", LinkOptions())
        writer = TcpLink(theirs, "writer", LinkOptions())
        for _ in range(1000):
            writer.send(b"pdu")
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        for _ in range(1000):
            assert await reader.receive(None) == b"pdu"
        assert turns >= 1000 // FAIR_RUN - 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.close()
        await reader.close()

    run(test)


def test_what_waits_is_counted_once() -> None:
    """A queue that fills and empties many times over never reaches its limit."""
    options = LinkOptions(queue_octets=MAX_PDU)

    async def test() -> None:
        ours, theirs = socket.socketpair()
        reader = TcpLink(ours, "reader", options)
        writer = TcpLink(theirs, "writer", options)
        for i in range(20):
            pdus = [bytes([i]) * (MAX_PDU // 2), bytes([i]) * (MAX_PDU // 4)]
            for pdu in pdus:
                writer.send(pdu)
            arrived: list[bytes] = []
            while len(arrived) < len(pdus):
                pdu_or_none = await reader.receive(None)
                arrived += [] if pdu_or_none is None else [pdu_or_none]
            assert arrived == pdus
            assert writer._queued == 0
        await writer.close()
        await reader.close()

    run(test)
