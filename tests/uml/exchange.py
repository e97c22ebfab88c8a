"""What runs in the guest: a node and a RIC in two network namespaces, over SCTP or TCP.

Each prints a line when a step is done, which the guest's INIT waits for and the test looks for.
"""

import asyncio
import socket
import struct
import sys
from collections import Counter
from random import Random

from oran.e2 import e2ap
from oran.e2.connection import Failed, Notified, RemoteProtocolError, Requested, Role, Succeeded
from oran.e2.transport import (
    Address,
    Association,
    Backoff,
    LinkOptions,
    Retry,
    Server,
    keep_connected,
)
from tests.oran.e2_connection import messages

OPTIONS = LinkOptions(heartbeat_s=0.5, retransmissions=3, rto_max_s=0.5)
SIZES = (1, 65_536, 150_000, 250_000)
_DATA = 0


def say(line: str) -> None:
    """A line for INIT and the test."""
    print(f"EXCHANGE {line}", flush=True)


def data_chunks(packet: bytes) -> list[tuple[int, int]]:
    """Stream and payload protocol identifier of each DATA chunk of an IPv4 packet of SCTP."""
    chunks = packet[(packet[0] & 15) * 4 + 12 :]
    found = []
    while len(chunks) >= 16:
        kind, length = chunks[0], int.from_bytes(chunks[2:4], "big")
        if kind == _DATA:
            stream, identifier = struct.unpack(">H2xI", chunks[8:16])
            found.append((stream, identifier))
        chunks = chunks[(length + 3) // 4 * 4 :] if length else b""
    return found


async def sniff(seen: Counter[tuple[int, int]]) -> None:
    """Count the DATA chunks of all SCTP packets of this namespace, by stream and identifier."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_SCTP) as sock:
        sock.setblocking(False)
        while True:
            seen.update(data_chunks(await loop.sock_recv(sock, 65_536)))


async def serve_ric(association: Association) -> None:
    """Grant the set-up, subscribe, and answer each report with a control."""
    sizes: list[int] = []
    async for item in association:
        match item:
            case Requested(message=e2ap.E2SetupRequest() as request):
                association.send(messages.success(request))
                request_id = association.connection.new_request_id()
                association.send(messages.subscription_request(request_id))
            case Notified(message=e2ap.RicIndication() as report):
                sizes.append(len(report.message))
                association.send(messages.control_request(association.connection.new_request_id()))
            case Succeeded(request=e2ap.RicControlRequest()):
                if len(sizes) == len(SIZES):
                    say(f"ric: reports of {sizes} octets, each followed by a control")
            case Failed() | RemoteProtocolError():
                say(f"ric: {item!r}")
    assert association.lost is not None
    say(f"ric: lost: {association.lost.reason}")


async def serve_node(association: Association) -> None:
    """Set up, and report once after each control."""
    association.send(messages.setup_request())
    left = list(SIZES)
    async for item in association:
        match item:
            case Succeeded(request=e2ap.E2SetupRequest()):
                say(f"node: set up with functions {sorted(association.connection.functions)}")
            case Requested(message=message):
                association.send(messages.success(message))
                if left:
                    (request_id,) = association.connection.subscriptions
                    report = messages.indication(request_id, message=bytes(left.pop(0)))
                    association.send(report)
            case Failed() | RemoteProtocolError():
                say(f"node: {item!r}")


def report(retry: Retry) -> None:
    """Tell why there is no association."""
    say(f"node: retry: {retry.reason}")


async def main(role: str, url: str) -> None:
    """Play one role: the node until it is killed, the RIC until it is told to stop."""
    address = Address.parse(url)
    if role == "node":
        backoff = Backoff(first_s=0.2, limit_s=1.0)
        await keep_connected(
            address, Role.NODE, serve_node, Random(1),
            options=OPTIONS, backoff=backoff, report=report,
        )  # fmt: skip
    seen: Counter[tuple[int, int]] = Counter()
    sniffer = asyncio.create_task(sniff(seen))
    async with await Server.start(address, Role.RIC, serve_ric, options=OPTIONS):
        say("ric: listening")
        await asyncio.to_thread(sys.stdin.readline)
    sniffer.cancel()
    await asyncio.gather(sniffer, return_exceptions=True)
    say(f"ric: from the node came streams and identifiers {sorted(seen)}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
