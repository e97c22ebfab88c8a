"""The terminator over framed TCP of this machine: what nodes send is served."""

from typing import Any

import pytest

from oran.e2 import e2ap
from oran.e2.transport import LinkOptions, UnreachableError, connect
from tests.oran.e2.captures import need_captures
from tests.oran.e2_connection.loopback import run, until
from tests.xapp_e2.node import SNSSAIS
from tests.xapp_e2.rig import RIC_ID, World
from tests.xapp_e2.sockets import client, report, serving
from xapp.e2.terminator import Listening, Terminator
from xapp.e2.view import nodes_view


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
