"""The terminator over framed TCP of this machine: many nodes, and what they do to each other."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from oran.e2 import e2ap
from oran.e2.transport import Address, Association, LinkOptions, UnreachableError, connect
from oran.report import CellReport
from tests.oran.e2.captures import need_captures
from tests.oran.e2_connection.loopback import run, until
from tests.xapp.test_views import rows
from tests.xapp_e2.node import SNSSAIS, ScriptedNode, gnb
from tests.xapp_e2.rig import RIC_ID, World
from xapp.e2 import terminator as terminator_module
from xapp.e2.exposition import NodesCollector
from xapp.e2.terminator import MOST_PUT_OFF, Listening, Terminator
from xapp.e2.view import nodes_view
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


def test_reports_are_answered_by_controls() -> None:
    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made) as node:
            await node.set_up()
            node.indicate(report(world, node, 0))
            await until(lambda: node.node.controls >= 2)
            (cell,) = world.cells.all()
            found = node.node.cells[cell.key[1]]
            assert found == cell.in_force.allocation(cell.snssais)
            view = nodes_view(made).nodes[0]
            assert (view.present, view.setups, view.lacking) == (True, 1, [])
            assert view.cells[0].subscription == "active"
            await until(lambda: nodes_view(made).nodes[0].cells[0].quota.known)
        assert not nodes_view(made).nodes[0].present

    run(test)


def test_a_node_that_flaps_leaves_nothing_behind() -> None:
    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made, 1) as steady:
            await steady.set_up()
            for i in range(100):
                async with client(made, 2) as flapping:
                    await flapping.set_up()
                    flapping.indicate(report(world, flapping, i))
                steady.indicate(report(world, steady, i))
            session = made.nodes[steady.node.name].session
            assert session is not None
            # An end with data unread takes with it what it sent last: only the other one's count.
            await until(lambda: session.cells[0].reports == 100)
            record = made.nodes["gnb_001_01_000002.22"]
            await until(lambda: record.session is None)
            assert record.setups == 100
            assert len(made.nodes) == 2
            assert made.server is not None
            assert made.server.count == 1
            gc.collect()
            sessions = [o for o in gc.get_objects() if type(o).__name__ == "Session"]
            assert len([s for s in sessions if type(s).__module__ == "xapp.e2.session"]) == 1

    run(test)


def test_nonsense_and_silence_cost_no_other_node_a_decision() -> None:
    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made, 1) as good:
            await good.set_up()
            assert made.server is not None
            _, writer = await asyncio.open_connection("127.0.0.1", made.server.address.port)
            async with client(made, 2), client(made, 3) as bad:
                await bad.set_up()
                for i in range(40):
                    writer.write(b"\x00\x00\x00\x05hello")
                    with contextlib.suppress(Exception):
                        bad.association.wire.send(bytes((i, 5, 7)) * 20)
                    good.indicate(report(world, good, i))
                    await asyncio.sleep(0)
                await until(lambda: world.value("e2_indications_total", outcome="decided") >= 40)
            writer.close()
            await writer.wait_closed()
            assert good.association.lost is None

    run(test)


def test_what_cannot_be_sent_is_counted_and_ends_nothing() -> None:
    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made) as node:
            await node.set_up()
            session = made.nodes[node.node.name].session
            assert session is not None
            for _ in range(3):
                assert not session._send(e2ap.ResetResponse(7))
            assert world.value("e2_faults_total", kind="not_sent") == 3
            node.indicate(report(world, node, 0))
            await until(lambda: world.value("e2_indications_total", outcome="decided") == 1)

    run(test)


def test_an_association_gives_way_to_a_newer_one_of_its_node() -> None:
    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made) as old, client(made) as new:
            await old.set_up()
            old.association.wire.send(b"nonsense")
            await until(lambda: nodes_view(made).nodes[0].faults == 1)
            await new.set_up()
            await until(lambda: old.association.lost is not None)
            assert world.value("e2_faults_total", kind="replaced") == 1
            assert nodes_view(made).nodes[0].faults == 1, "what went wrong before still counts"
            record = made.nodes[new.node.name]
            assert record.session is not None
            assert record.setups == 2
            new.indicate(report(world, new, 0))
            await until(lambda: world.value("e2_indications_total", outcome="decided") == 1)

    run(test)


def test_one_that_never_sets_up_is_shown_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminator_module, "SETUP_WAIT_S", 0.0)

    async def test() -> None:
        async with serving(World()) as made, client(made) as idle:
            idle.tasks.append(asyncio.create_task(idle._serve()))
            await until(lambda: idle.association.lost)

    run(test)


def test_a_flaw_of_a_session_ends_its_association_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made, 1) as one, client(made, 2) as other:
            await one.set_up()
            await other.set_up()
            broken = made.nodes[one.node.name].session
            assert broken is not None

            def fail(*args: object) -> None:
                raise ZeroDivisionError

            monkeypatch.setattr(broken, "handle", fail)
            one.indicate(report(world, one, 0))
            await until(lambda: one.association.lost)
            other.indicate(report(world, other, 0))
            await until(lambda: world.value("e2_indications_total", outcome="decided") == 1)
            assert world.value("e2_faults_total", kind="internal") == 1

    run(test)


def test_a_flaw_in_looking_after_a_session_ends_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminator_module, "LATE_S", 60.0)

    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made, 1) as one, client(made, 2) as other:
            await one.set_up()
            await other.set_up()
            broken = made.nodes[one.node.name].session
            assert broken is not None

            def fail(*args: object) -> None:
                raise ZeroDivisionError

            monkeypatch.setattr(broken, "tick", fail)
            await until(lambda: one.association.lost)
            assert made.nodes[one.node.name].lost
            assert other.association.lost is None

    run(test)


def test_a_node_that_changes_its_name_is_another_one() -> None:
    async def test() -> None:
        async with serving(World()) as made, client(made, 1) as node:
            await node.set_up()
            node.association.wire.send(b"nonsense")
            await until(lambda: nodes_view(made).nodes[0].faults == 1)
            node.node.id = gnb(2)
            node.association.send(node.node.setup())
            await until(lambda: len(made.nodes) == 2)
            one, two = made.nodes.values()
            assert [n.faults for n in nodes_view(made).nodes] == [1, 0]
            assert one.session is None
            assert two.session is not None

    run(test)


def test_a_bounded_number_of_nodes_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminator_module, "MAX_REMEMBERED", 2)

    async def test() -> None:
        async with serving(World()) as made, client(made, 1) as stays:
            await stays.set_up()
            for number in range(2, 6):
                async with client(made, number) as passing:
                    await passing.set_up()
                await until(lambda: made.server and made.server.count == 1)
            assert list(made.nodes) == [stays.node.name, "gnb_001_01_000005.22"]

    run(test)


def test_one_that_leaves_in_order_is_told_apart() -> None:
    async def test() -> None:
        async with serving(World()) as made, client(made) as node:
            await node.set_up()
            number = node.node.connection.new_transaction_id()
            node.association.send(e2ap.E2RemovalRequest(number))
            await until(lambda: made.nodes[node.node.name].session is None)
            assert made.nodes[node.node.name].lost == "left"

    run(test)


def test_more_nodes_than_are_served_are_refused_and_counted() -> None:
    async def test() -> None:
        world = World()
        async with serving(world, max_nodes=1) as made, client(made, 1) as one:
            await one.set_up()
            async with client(made, 2) as other:
                other.tasks.append(asyncio.create_task(other._serve()))
                await until(lambda: other.association.lost)
            registry = CollectorRegistry()
            registry.register(NodesCollector(lambda: made))
            refused = "slicepilot_e2_associations_refused_total"
            assert registry.get_sample_value(refused) == 1
            one.indicate(report(world, one, 0))
            await until(lambda: world.value("e2_indications_total", outcome="decided") == 1)

    run(test)


def test_looks_that_are_late_all_the_time_are_counted_and_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminator_module, "LATE_S", -1.0)
    monkeypatch.setattr(terminator_module, "TICK_S", 0.0)
    monkeypatch.setattr(terminator_module, "SETUP_WAIT_S", 0.0)

    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made) as node:
            node.tasks.append(asyncio.create_task(node._serve()))
            await until(lambda: node.association.lost)
            assert world.value("e2_late_looks_total") > MOST_PUT_OFF
            before = made._put_off
            late = [made._puts_off(0.0) for _ in range(2 * (MOST_PUT_OFF + 1))]
            cycle = [i > 0 for i in range(MOST_PUT_OFF + 1)]
            assert late == [cycle[(before + 1 + i) % len(cycle)] for i in range(len(late))]
            assert not made._puts_off(-2.0)

    run(test)


def test_an_address_in_use_is_told() -> None:
    async def test() -> None:
        world = World()
        async with serving(world) as made:
            assert made.server is not None
            taken = Listening(made.server.address, RIC_ID, 1, True, {})
            second = Terminator(taken, world.options, world.decider, SNSSAIS, world.metrics)
            with pytest.raises(UnreachableError, match=r"tcp://127\.0\.0\.1"):
                await second.listen()

    run(test)


def test_what_flexric_s_nodes_sent_is_served() -> None:
    """Set-up and indications as they were recorded: granted, and nothing of it an error."""
    setups = [c for c in need_captures() if c.name.endswith("E2setupRequest")]

    async def test() -> None:
        world = World()
        for capture in setups:
            async with serving(world) as made:
                assert made.server is not None
                link = await connect(made.server.address, LinkOptions())
                link.send(capture.octets)
                answer = e2ap.decode(await _receive(link))
                assert isinstance(answer, e2ap.E2SetupResponse)
                request = e2ap.decode(capture.octets)
                assert isinstance(request, e2ap.E2SetupRequest)
                assert {f.id for f in answer.accepted or ()} == {f.id for f in request.functions}
                (record,) = made.nodes.values()
                assert record.session is not None
                assert record.session.offer.measuring is not None
                asked = e2ap.decode(await _receive(link))
                assert isinstance(asked, e2ap.RicSubscriptionRequest)
                assert asked.ran_function_id == 2
                await link.close()
        assert world.value("e2_faults_total", kind="protocol") == 0

    run(test)


async def _receive(link: Any) -> bytes:
    while True:
        packet = await link.receive(None)
        if packet is not None:
            return bytes(packet)


def test_the_gauges_of_nodes_are_documented() -> None:
    found = {}

    async def test() -> None:
        world = World()
        async with serving(world) as made, client(made) as node:
            await node.set_up()
            registry = CollectorRegistry()
            registry.register(NodesCollector(lambda: made))
            assert generate_latest(registry)
            for family in registry.collect():
                suffix = "_total" if family.type == "counter" else ""
                labels = {k for s in family.samples for k in s.labels}
                assert family.samples, family.name
                found[family.name + suffix] = (family.type, labels)

    run(test)
    documented = {
        name: (kind, {label for label in labels.split(", ") if label})
        for name, kind, labels, _ in rows("## E2 nodes")
    }
    assert found == documented


def test_without_nodes_there_is_nothing_to_tell() -> None:
    assert nodes_view(None).listening is None
    assert not list(NodesCollector(lambda: None).collect())
