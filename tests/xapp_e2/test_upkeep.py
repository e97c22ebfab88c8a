"""What a session keeps, repeats, counts and leaves off in the course of a node's life."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from oran.e2 import e2ap
from oran.e2.e2ap import Message
from tests.xapp_e2.node import KPM, ScriptedNode, cgi, functions, gnb, spc_function
from tests.xapp_e2.rig import Pair, World
from xapp.e2.cell import E2Options
from xapp.e2.control import MAX_ROLLBACKS
from xapp.e2.effect import Verdict
from xapp.e2.watchdog import Life


def pair(world: World, *, cells: int = 1, **changed: Any) -> Pair:
    return Pair(world, ScriptedNode(gnb(7), functions(cells), **changed))


def update(rig: Pair, **changed: tuple[Any, ...]) -> None:
    number = rig.node.connection.new_transaction_id()
    rig.say(e2ap.RicServiceUpdate(number, **changed))
    rig.settle()


def test_a_service_update_keeps_the_cells_that_stay_as_they_were() -> None:
    rig = pair(World(), cells=2).set_up()
    rig.play(3)
    first, second = rig.session.cells
    trust, subscriptions = first.trust, set(rig.node.subscriptions)
    update(rig, modified=(spc_function([cgi(0), cgi(1), cgi(2)]),))
    assert rig.session.cells[:2] == [first, second]
    assert len(rig.session.cells) == 3
    assert rig.session.cells[0].trust is trust
    assert set(rig.node.subscriptions) > subscriptions
    rig.play(1)
    assert first.reports == 4
    assert rig.session.cells[2].reports == 1
    update(rig, modified=(spc_function([cgi(1), cgi(2)]),))
    assert rig.session.cells[0] is second
    assert len(rig.node.subscriptions) == 2, "that of the cell that is gone was deleted"


def test_a_cell_whose_measuring_was_taken_out_of_service_subscribes_anew() -> None:
    world = World()
    rig = pair(world).set_up()
    rig.play(1)
    (cell,) = rig.session.cells
    kpm = next(f for f in rig.node.functions if f.id == KPM)
    update(rig, deleted=(e2ap.RanFunctionRevision(KPM, 1),))
    assert rig.session.cells == []
    rig.node.subscriptions.clear()
    update(rig, added=(kpm,))
    assert len(rig.session.cells) == 1
    assert rig.session.cells[0] is not cell
    assert rig.cell().life is Life.ACTIVE


def test_a_rollback_is_sent_until_it_is_acknowledged() -> None:
    world = World(E2Options(pause_s=600.0))
    rig = pair(world).set_up()
    rig.play(2)
    cell = rig.cell()
    rig.node.refuse.add(e2ap.RicControlRequest)
    for _ in range(world.options.strikes):
        if cell.trust.take(Verdict.INEFFECTIVE, world.time.s):
            rig.session._distrust(cell, world.time.s)
    rig.settle()
    assert cell.quota is not None
    rest = cell.quota.rollback
    assert rest is not None
    rig.play(1)
    assert cell.quota.rollbacks == 2
    rig.node.refuse.clear()
    rig.play(1)
    assert cell.quota.channel.in_force == rest
    rig.play(1)
    assert cell.quota.rollback is None


def test_a_rollback_is_given_up_in_the_end() -> None:
    world = World(E2Options(pause_s=1e6))
    rig = pair(world).set_up()
    rig.play(2)
    cell = rig.cell()
    rig.node.refuse.add(e2ap.RicControlRequest)
    for _ in range(world.options.strikes):
        if cell.trust.take(Verdict.INEFFECTIVE, world.time.s):
            rig.session._distrust(cell, world.time.s)
    rig.settle()
    assert cell.quota is not None
    cell.quota.channel._hold_s = 0.0
    rig.play(3 * MAX_ROLLBACKS)
    assert cell.quota.rollbacks == MAX_ROLLBACKS


def test_what_cannot_be_sent_is_counted_and_told_once() -> None:
    world = World()
    rig = pair(world).set_up()

    rig.session.not_sent("not now")
    rig.session.not_sent("not now")
    assert world.value("e2_faults_total", kind="not_sent") == 2
    assert rig.session.faults == 2
    assert sum("not_sent" in str(call) for call in world.log.calls) == 1


def test_a_subscription_that_cannot_be_sent_is_tried_after_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    rig = pair(world)
    tries: list[float] = []

    def send(message: Message) -> bool:
        if isinstance(message, e2ap.RicSubscriptionRequest):
            tries.append(world.time.s)
            return False
        return rig._send(message)

    monkeypatch.setattr(rig.session._subscriptions, "_send", send)
    rig.set_up()
    for _ in range(100):
        rig.pass_ms(100)
    pauses = [round(b - a, 3) for a, b in pairwise(tries)]
    assert pauses == [1.0, 2.0, 4.0]


def test_a_clock_that_is_set_is_followed_and_counted() -> None:
    world = World()
    rig = pair(world).set_up()
    rig.play(5)
    before = rig.cell().reports
    for _ in range(20):
        rig.pass_ms(100)
        report = rig.report()
        # The node's clock is behind what it was.
        rig.indicate(replace(report, start_ms=report.start_ms - 1_500))
    assert world.value("e2_faults_total", kind="clock_set") == 1
    assert rig.cell().reports - before >= 11
