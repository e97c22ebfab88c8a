"""Nodes that come and go at the terminator: newer, renamed, too many, and those that leave."""

import asyncio
import gc

import pytest
from prometheus_client import CollectorRegistry

from oran.e2 import e2ap
from tests.oran.e2_connection.loopback import run, until
from tests.xapp_e2.node import gnb
from tests.xapp_e2.rig import World
from tests.xapp_e2.sockets import client, report, serving
from xapp.e2 import terminator as terminator_module
from xapp.e2.exposition import NodesCollector
from xapp.e2.view import nodes_view


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
