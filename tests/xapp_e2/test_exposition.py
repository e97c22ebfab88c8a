"""What the terminator tells of its nodes: gauges and the view."""

from prometheus_client import CollectorRegistry, generate_latest

from tests.oran.e2_connection.loopback import run
from tests.xapp.test_views import rows
from tests.xapp_e2.rig import World
from tests.xapp_e2.sockets import client, serving
from xapp.e2.exposition import NodesCollector
from xapp.e2.view import nodes_view


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
