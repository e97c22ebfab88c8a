"""What goes wrong with one node at the terminator, and costs the others nothing."""

import asyncio
import contextlib

import pytest

from oran.e2 import e2ap
from tests.oran.e2_connection.loopback import run, until
from tests.xapp_e2.rig import World
from tests.xapp_e2.sockets import client, report, serving
from xapp.e2 import terminator as terminator_module
from xapp.e2.terminator import MOST_PUT_OFF


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
