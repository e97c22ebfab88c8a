"""What a session keeps, repeats, counts and leaves off in the course of a node's life."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.e2 import e2ap
from oran.e2.e2ap import Message
from tests.xapp_e2.node import KPM, SNSSAIS, ScriptedNode, cgi, functions, gnb, spc_function
from tests.xapp_e2.rig import Pair, World
from xapp.decision.pipeline import Rows
from xapp.e2.cell import E2Options
from xapp.e2.control import MAX_ROLLBACKS
from xapp.e2.effect import Verdict
from xapp.e2.metrics import Answered, Controlled, Function
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


def outcomes(world: World) -> dict[str, float]:
    return {
        a.value: sum(
            world.value("e2_control_answers_total", model=m, outcome=a.value) for m in ("rc", "spc")
        )
        for a in Answered
    }


def test_every_control_that_was_sent_ends_once_whatever_ends_it() -> None:
    world = World()
    rig = pair(world, cells=2).set_up()
    rig.node.mute.add(e2ap.RicControlRequest)
    rig.play(1)
    nothing = dict.fromkeys(map(str, Answered), 0.0)
    assert outcomes(world) == nothing
    rig.node.subscriptions.clear()
    rig.set_up()  # on the same association: both ends forget what was asked
    rig.pass_ms(0)
    assert outcomes(world) == nothing | {"aborted": 4.0}
    rig.play(1)
    (*_, last) = [m for m in rig.node.received if isinstance(m, e2ap.RicControlRequest)]
    # A cell that is taken out of service while a control to it is under way.
    update(rig, modified=(spc_function([cgi(0)]),))
    rig.say(e2ap.RicControlAcknowledge(last.request_id, last.ran_function_id))
    rig.settle()
    assert outcomes(world) == nothing | {"aborted": 4.0, "acknowledged": 1.0}
    rig.pass_ms(2_000)
    sent = sum(world.value("e2_controls_total", model=m, outcome="sent") for m in ("rc", "spc"))
    assert sum(outcomes(world).values()) == sent == 8
    assert not rig.session._controls._parted


def test_subscriptions_that_a_reset_or_a_new_set_up_ends_are_counted() -> None:
    world = World()
    rig = pair(world, cells=2).set_up()
    number = rig.node.connection.new_transaction_id()
    rig.node.subscriptions.clear()
    rig.say(e2ap.ResetRequest(number, e2ap.CauseMisc.OM_INTERVENTION))
    rig.settle()
    assert world.value("e2_subscriptions_total", event="lost") == 2
    rig.node.subscriptions.clear()
    rig.set_up()
    assert world.value("e2_subscriptions_total", event="lost") == 4
    assert world.value("e2_subscriptions_total", event="admitted") == 6
    # A cell that is served no more: its subscription is deleted, not lost.
    update(rig, modified=(spc_function([cgi(0)]),))
    assert len(rig.node.subscriptions) == 1
    assert world.value("e2_subscriptions_total", event="lost") == 4


_STEPS = st.sampled_from(
    ["a", "b", "c", "distrust", "acknowledged", "refused", "timed_out", "reset", "wait", "deaf"]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(_STEPS, max_size=60))
def test_each_decision_and_each_control_is_counted_once(steps: list[str]) -> None:
    world = World(E2Options(pause_s=3.0, refresh_reports=2))
    rig = pair(world).set_up()
    cell, controls = rig.cell(), rig.session._controls
    under_way: list[e2ap.RicControlRequest] = []
    hears = True

    def send(message: Message) -> bool:
        assert isinstance(message, e2ap.RicControlRequest)
        if hears:
            under_way.append(message)
        return hears

    controls._send = send
    decided, now = 0, 100.0
    for step in steps:
        now += 0.5
        match step:
            case "a" | "b" | "c":
                ratio = 10 * ord(step) % 90
                rows = Rows(tuple([0, ratio, ratio, 0, ratio] for _ in SNSSAIS), 0)
                controls.actuate(cell, rows, now)
                decided += 1
            case "distrust":
                if cell.trust.until is None:
                    cell.trust.until = now + 3.0
                    rest = world.decider.slice_sets.get(cell.place.snssais).at_rest
                    controls.roll_back(cell, rest, now)
            case "wait":
                now += 5.0
            case "deaf":
                hears = not hears
            case "reset":
                ended, under_way = under_way, []
                controls.forget()
                for request in ended:
                    controls.answered(request, Answered.ABORTED, now)
            case _:
                if under_way:
                    controls.answered(under_way.pop(0), Answered(step), now)
        for model, control in ((Function.RC, cell.quota), (Function.SPC, cell.rest)):
            assert control is not None
            told = {c: world.value("e2_controls_total", model=model, outcome=c) for c in Controlled}
            ends = sum(
                world.value("e2_control_answers_total", model=model, outcome=a) for a in Answered
            )
            rolled_back = told.pop(Controlled.ROLLED_BACK)
            waits = control.channel._waiting is not None and control.channel._counted
            assert sum(told.values()) + waits == decided
            going = sum(r.request_id == control.request_id for r in under_way)
            assert told[Controlled.SENT] + rolled_back == ends + going
            assert going == (control.channel.under_way is not None)
