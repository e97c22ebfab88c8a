"""A small HTTP server in place of the xApp: decides as told, and keeps what it was sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Reply = bytes | None
"""Bytes to answer with; None closes the connection without a word."""

Decide = Callable[[dict[str, Any]], Awaitable[Reply]]


def http(status: int, body: bytes, content_type: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def allocation(report: dict[str, Any], backoff: int = 0) -> dict[str, Any]:
    """Equal parts, so that any report has a feasible answer."""
    n = len(report["slices"])
    return {
        "tx_power_offset_db": 0,
        "slices": [
            {
                "snssai": s["snssai"],
                "dedicated_prb_ratio": 0,
                "min_prb_ratio": 100 // n,
                "max_prb_ratio": 100,
                "mcs_backoff": backoff,
                "admission_ratio": 100,
            }
            for s in report["slices"]
        ],
    }


def decision(report: dict[str, Any], backoff: int = 0) -> bytes:
    return http(200, json.dumps({"allocation": allocation(report, backoff)}).encode())


def problem(code: int, **members: object) -> bytes:
    return http(code, json.dumps(members).encode(), "application/problem+json")


async def decide_always(report: dict[str, Any]) -> Reply:
    return decision(report)


@dataclass
class FakeXapp:
    """What the server was sent, in the order of arrival."""

    url: str = ""
    reports: list[dict[str, Any]] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    cells_in_flight: set[str] = field(default_factory=set)
    crossed: int = 0

    async def serve(
        self, decide: Decide, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                lines = head.decode().lower().split("\r\n")
                length = next(int(x.split(":")[1]) for x in lines if x.startswith("content-length"))
                report = json.loads(await reader.readexactly(length))
                reply = await self._decide(decide, report)
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _decide(self, decide: Decide, report: dict[str, Any]) -> Reply:
        self.reports.append(report)
        self.crossed += report["cell"] in self.cells_in_flight
        self.cells_in_flight.add(report["cell"])
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await decide(report)
        finally:
            self.in_flight -= 1
            self.cells_in_flight.discard(report["cell"])


@asynccontextmanager
async def serving(decide: Decide = decide_always, port: int = 0) -> AsyncIterator[FakeXapp]:
    fake = FakeXapp()
    server = await asyncio.start_server(lambda r, w: fake.serve(decide, r, w), "127.0.0.1", port)
    try:
        bound = server.sockets[0].getsockname()[1]
        fake.url = f"http://127.0.0.1:{bound}"
        yield fake
    finally:
        server.close()
        await server.wait_closed()
