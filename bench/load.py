"""Load: reports sent over keep-alive HTTP/1.1, by a client too lean to be the bottleneck."""

import asyncio
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import msgspec

from oran.report import CellReport

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_FIRST_SEQUENCE = 1_000_000_000  # ten digits, so that every request has the same length


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests of one cell: the bytes around the two numbers that change from one to the next."""

    before: bytes
    between: bytes
    after: bytes

    @classmethod
    def of(cls, report: CellReport, cell: str) -> "Requests":
        """Requests that carry `report`, for the cell of that name."""
        document = report.to_document() | {
            "cell": cell,
            "sequence": _FIRST_SEQUENCE,
            "start_ms": int(time.time() * 1000),
        }
        body = msgspec.json.encode(document)
        head = (
            "POST /decide HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode()
        first, _, rest = body.partition(b'"sequence":')
        between, _, after = rest[10:].partition(b'"start_ms":')
        return cls(head + first + b'"sequence":', between + b'"start_ms":', after[13:])

    def stream(self) -> Iterator[bytes]:
        """Requests with rising sequence numbers, each made when it is asked for."""
        sequence = _FIRST_SEQUENCE
        while True:
            sequence += 1
            now = time.time_ns() // 1_000_000
            yield b"%b%d%b%d%b" % (self.before, sequence, self.between, now, self.after)


_ALL_SERVED_S = 30.0


class LoadError(RuntimeError):
    """The server answered something else than 200, or went away."""


def end_of(answer: bytes) -> int | None:
    """Length of the whole answer at the start of `answer`; None while its head is incomplete.

    Raises:
        LoadError: the answer is not 200 with a content length.
    """
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return None
    length = _LENGTH.search(answer, 0, head + 2)
    if not answer.startswith(b"HTTP/1.1 200 ") or length is None:
        raise LoadError(f"unexpected answer: {answer[:400]!r}")
    return head + 4 + int(length[1])


def latencies(port: int, requests: Requests, count: int) -> list[float]:
    """Microseconds of each of `count` requests, one after the other on one connection."""
    found = []
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = requests.stream()
        for _ in range(count):
            request = next(stream)
            start = time.perf_counter_ns()
            sock.sendall(request)
            answer = sock.recv(65_536)
            while (end := end_of(answer)) is None or len(answer) < end:
                part = sock.recv(65_536)
                if not part:
                    raise LoadError("the server closed the connection")
                answer += part
            found.append((time.perf_counter_ns() - start) / 1000)
    return found


class _Client(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered."""

    def __init__(self, requests: Requests) -> None:
        self._stream = requests.stream()
        self._answer = b""
        self.answered = 0
        self.failure: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(next(self._stream))

    def data_received(self, data: bytes) -> None:
        self._answer += data
        try:
            end = end_of(self._answer)
        except LoadError as error:
            self.failure = error
            self._transport.close()
            return
        if end is not None and len(self._answer) >= end:
            self._answer = self._answer[end:]
            self.answered += 1
            self._transport.write(next(self._stream))


async def throughput(port: int, requests: list[Requests], seconds: float) -> float:
    """Answers a second with one connection for each of `requests`.

    Raises:
        LoadError: an answer was not 200.
    """
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda r=r: _Client(r), "127.0.0.1", port)  # type: ignore[misc]
        for r in requests
    ]
    clients = [client for _, client in made]
    # A busy server accepts one connection a turn of its loop: wait until all are served.
    async with asyncio.timeout(_ALL_SERVED_S):
        while not all(c.answered or c.failure for c in clients):
            await asyncio.sleep(0.01)
    start, before = time.perf_counter(), sum(c.answered for c in clients)
    await asyncio.sleep(seconds)
    elapsed, after = time.perf_counter() - start, sum(c.answered for c in clients)
    for transport, _ in made:
        transport.abort()
    for client in clients:
        if client.failure is not None:
            raise client.failure
    return (after - before) / elapsed
