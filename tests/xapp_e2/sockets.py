"""A terminator, and scripted nodes over framed TCP of this machine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

from oran.e2.transport import Address, Association, LinkOptions, connect
from oran.report import CellReport
from tests.oran.e2_connection.loopback import until
from tests.xapp_e2.node import SNSSAIS, ScriptedNode, gnb
from tests.xapp_e2.rig import RIC_ID, World
from xapp.e2.terminator import Listening, Terminator
from xapp.service.nominal import nominal_report

HERE = Address.parse("tcp://127.0.0.1:0")


@dataclass
class Client:
    """A scripted node over a socket."""

    node: ScriptedNode
    association: Association
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def set_up(self) -> None:
        self.association.send(self.node.setup())
        self.tasks.append(asyncio.create_task(self._serve()))
        await until(lambda: self.node.subscriptions or self.association.lost)

    async def _serve(self) -> None:
        async for item in self.association:
            for message in self.node.react(item):
                self.association.send(message)

    def indicate(self, report: CellReport) -> None:
        request_id = self.node.of_cell(report.cell)
        self.association.send(self.node.indication(request_id, report))

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.association.close()


@contextlib.asynccontextmanager
async def serving(world: World, *, max_nodes: int = 16) -> AsyncIterator[Terminator]:
    listening = Listening(HERE, RIC_ID, max_nodes, True, {})
    made = Terminator(listening, world.options, world.decider, SNSSAIS, world.metrics)
    await made.listen()
    made.start()
    try:
        yield made
    finally:
        await made.stop()


@contextlib.asynccontextmanager
async def client(terminator: Terminator, number: int = 7, **changed: Any) -> AsyncIterator[Client]:
    assert terminator.server is not None
    link = await connect(terminator.server.address, LinkOptions(linger_s=5.0))
    node = ScriptedNode(gnb(number), **changed)
    made = Client(node, Association(node.connection, link))
    try:
        yield made
    finally:
        await made.close()


def report(world: World, client: Client, sequence: int) -> CellReport:
    """A nominal report of the node's first cell; time goes on by a period."""
    world.time.ms += 100
    made = nominal_report(SNSSAIS, world.time.ms - 100, sequence)
    return replace(made, node=client.node.name, cell="nrcell_001_01_000000000")
