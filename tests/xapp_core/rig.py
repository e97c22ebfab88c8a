"""The emulator's core API on sockets, with a front that can misbehave, and a driver of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry

from e2sim.core.api import CoreApi
from e2sim.core.network import CoreNetwork
from e2sim.core.twin import CoredTwin
from e2sim.network import Network
from e2sim.node.node import Node
from e2sim.scenario import Scenario
from tests.e2sim.cores import EDGE
from xapp.core.client import CoreClient
from xapp.core.driver import CoreDriver
from xapp.core.metrics import CoreMetrics
from xapp.core.options import CoreOptions
from xapp.core.settings import CoreSettings

SEEDS = np.array([5, 6], np.uint64)
LONGEST_S = 30.0
"""A machine that is busy may take its time; what never comes fails the test."""


def played(scenario: Scenario = EDGE) -> tuple[CoredTwin, Node]:
    """A twin of two cells with cores, and the node that plays it."""
    twin = CoredTwin(Network(scenario, SEEDS), CoreNetwork(scenario, SEEDS))
    return twin, Node(twin, "n")


def options(url: str, **change: Any) -> CoreOptions:
    fields: dict[str, Any] = {"url": url, "timeout_ms": 30_000}
    made = CoreSettings(**(fields | change)).options()
    assert made is not None
    return made


def counted(registry: CollectorRegistry) -> dict[str, float]:
    """Counters of the core that are above zero, by name and label values."""
    found = {}
    for metric in registry.collect():
        for s in metric.samples:
            if s.name.startswith("slicepilot_core_") and s.name.endswith("_total") and s.value:
                name = s.name.removeprefix("slicepilot_core_").removesuffix("_total")
                found[" ".join([name, *s.labels.values()])] = s.value
    return found


@dataclass
class Front:
    """Answers for a core API, as long as nothing else is asked of it.

    Attributes:
        api: what answers.
        mode: `well`, `hang`, `drop`, or the bytes to answer a report with, head included.
        asked: request lines, in their order.
    """

    api: CoreApi
    mode: str | bytes = "well"
    asked: list[str] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                method, target, _ = head.split("\r\n")[0].split(" ")
                length = next((h for h in head.split("\r\n") if h.startswith("content-length")), "")
                body = await reader.readexactly(int(length.partition(":")[2] or 0))
                self.asked.append(f"{method.upper()} {target}")
                if not await self._answer(writer, method.upper(), target, body):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _answer(
        self, writer: asyncio.StreamWriter, method: str, target: str, body: bytes
    ) -> bool:
        if self.mode == "hang":
            await self.release.wait()
            return False
        if self.mode == "drop":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            return False
        if isinstance(self.mode, bytes) and "report" in target:
            writer.write(self.mode)
            await writer.drain()
            return False
        answer = self.api.answer(method, target, body)
        content = b"" if answer.document is None else json.dumps(answer.document).encode()
        about = f"Content-Length: {len(content)}\r\n" if content else ""
        writer.write(f"HTTP/1.1 {int(answer.status)} X\r\n{about}\r\n".encode() + content)
        await writer.drain()
        return True


@asynccontextmanager
async def fronted(twin: CoredTwin) -> AsyncIterator[tuple[Front, str]]:
    """A front of a twin's API, and its URL."""
    front = Front(CoreApi(twin, "n"))
    server = await asyncio.start_server(front.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield front, f"http://127.0.0.1:{port}"
    finally:
        front.release.set()
        server.close()


@dataclass
class Driven:
    """A driver whose steps the test takes itself."""

    driver: CoreDriver
    client: CoreClient
    registry: CollectorRegistry

    async def look(self) -> None:
        """One look at each cell's report."""
        for cell in self.driver.cells:
            await self.driver.serve(self.client, cell)


@asynccontextmanager
async def driven(made: CoreOptions) -> AsyncIterator[Driven]:
    """A driver that is connected, without its task."""
    registry = CollectorRegistry()
    driver = CoreDriver(made, CoreMetrics(registry), time.perf_counter)
    client = CoreClient(made.url, made.timeout_s)
    try:
        await driver.connect(client)
        yield Driven(driver, client, registry)
    finally:
        await client.close()


async def until(what: Callable[[], bool], step: Callable[[], object] = lambda: None) -> None:
    """Wait for something, taking a step now and then."""
    async with asyncio.timeout(LONGEST_S):
        while not what():
            step()
            await asyncio.sleep(0.005)
