"""A session and a scripted node in memory: reports in, decisions and controls out."""

from dataclasses import replace
from typing import Any

import pytest

from oran.e2 import e2ap, kpm
from oran.e2.connection import SubscriptionState
from oran.measurements import SLICE_COLUMN, SLICE_MEASUREMENTS
from oran.report import CellReport, SliceReport
from tests.xapp_e2.node import (
    KPM,
    SNSSAIS,
    ScriptedNode,
    cgi,
    functions,
    gnb,
    kpm_function,
    rc_function,
    spc_function,
)
from tests.xapp_e2.rig import Pair, World
from xapp.e2.backlog import MOST_IN_A_ROW
from xapp.e2.cell import E2Options
from xapp.e2.watchdog import Life


@pytest.fixture
def world() -> World:
    return World()


def pair(world: World, *, cells: int = 1, number: int = 7, **changed: Any) -> Pair:
    return Pair(world, ScriptedNode(gnb(number), **({"functions": functions(cells)} | changed)))


def busy(report: CellReport, used: tuple[float, ...], waiting: float = 1e8) -> CellReport:
    """A report in which every slice has data waiting, and used so many PRBs."""
    slices = []
    for s, prbs in zip(report.slices, used, strict=True):
        values = list(s.values)
        values[SLICE_COLUMN["RRU.PrbUsedDl"]] = prbs
        values[SLICE_COLUMN["DRB.BufferSize.Qos"]] = waiting
        slices.append(SliceReport(s.snssai, tuple(values)))
    return replace(report, slices=tuple(slices))


def offering(report: CellReport, kbit: float) -> CellReport:
    """A report in which the first slice is offered so much, and has it all waiting."""
    values = list(report.slices[0].values)
    values[SLICE_COLUMN["DRB.PdcpSduVolumeDL"]] = kbit
    values[SLICE_COLUMN["DRB.BufferSize.Qos"]] = kbit * 125
    first = SliceReport(report.slices[0].snssai, tuple(values))
    return replace(report, slices=(first, *report.slices[1:]))


def test_reports_become_decisions_and_these_the_node_s_allocations(world: World) -> None:
    rig = pair(world, cells=3).set_up()
    rig.play(3)
    assert len(world.cells) == 3
    for cell in world.cells.all():
        assert cell.decision is not None
        assert rig.node.cells[cell.key[1]] == cell.in_force.allocation(cell.snssais)
    assert world.value("e2_indications_total", outcome="decided") == 9
    assert world.value("decisions_total", rung="rule") == 9
    assert rig.session.node == rig.node.name == world.cells.all()[0].key[0]


@pytest.mark.parametrize("named", [False, True])
def test_what_the_node_reports_is_what_is_decided_on(world: World, named: bool) -> None:
    rig = pair(world, named=named).set_up()
    rig.pass_ms(100)
    sent = rig.report()
    rig.indicate(sent)
    (cell,) = world.cells.all()
    assert cell.report is not None
    assert cell.report == replace(sent, sequence=0)


def test_an_allocation_that_does_not_change_is_not_sent_again() -> None:
    rig = pair(World(E2Options(refresh_reports=0))).set_up()
    rig.play(6)
    before = rig.node.controls
    rig.play(30)
    assert rig.node.controls == before


def test_an_allocation_that_does_not_change_is_refreshed() -> None:
    world = World(E2Options(refresh_reports=10))
    rig = pair(world).set_up()
    rig.play(6)
    before = rig.node.controls
    rig.play(30)
    assert rig.node.controls == before + 2 * 3


def test_one_control_is_under_way_and_the_newest_waits(world: World) -> None:
    rig = pair(world, mute={e2ap.RicControlRequest}, functions=functions()[:2]).set_up()
    for volume in (500, 60_000, 5, 100):
        rig.pass_ms(100)
        rig.indicate(offering(rig.report(), volume))
    asked = [m for m in rig.node.received if isinstance(m, e2ap.RicControlRequest)]
    assert len(asked) == 1
    assert world.value("e2_controls_total", model="rc", outcome="replaced") >= 1
    first = asked[0]
    rig.node.mute.clear()
    rig.say(e2ap.RicControlAcknowledge(first.request_id, first.ran_function_id))
    rig.settle()
    (cell,) = world.cells.all()
    name = cell.key[1] if cell.key[1] in rig.node.cells else rig.node.name
    assert rig.node.cells[name].slices[0].min_prb_ratio == cell.in_force.slices[0][1]


def test_a_node_without_spc_is_one_cell_controlled_by_quota_alone(world: World) -> None:
    offered = (kpm_function(), rc_function(by_cell=False))
    rig = pair(world, functions=offered).set_up()
    (found,) = rig.node.subscriptions.values()
    assert found.action.cell is None
    rig.play(3)
    assert [c.place.name for c in rig.session.cells] == [rig.node.name]
    assert rig.node.name in rig.node.cells
    assert world.value("e2_controls_total", model="spc", outcome="not_offered") == 3


def test_several_cells_without_a_place_for_the_cell_get_no_quota(world: World) -> None:
    offered = (kpm_function(), rc_function(by_cell=False), spc_function([cgi(0), cgi(1)]))
    rig = pair(world, functions=offered).set_up()
    rig.play(1)
    assert world.value("e2_controls_total", model="rc", outcome="not_offered") == 2
    assert world.value("e2_controls_total", model="spc", outcome="sent") == 2


def test_only_what_is_announced_is_asked_for(world: World) -> None:
    names = ("RRU.PrbTotDl", "DRB.UEThpDl", "Vendor.Secret", "drb.pdcpsduvolumedl")
    offered = (kpm_function(names), spc_function([cgi(0)]))
    rig = pair(world, functions=offered).set_up()
    (found,) = rig.node.subscriptions.values()
    asked = [m.type for m in found.action.measurements]
    assert asked == ["RRU.PrbTotDl", "DRB.UEThpDl", "drb.pdcpsduvolumedl"]
    measuring = rig.session.offer.measuring
    assert measuring is not None
    assert "RRU.PrbUsedDl" in measuring.lacking
    rig.play(1)
    assert world.value("e2_indications_total", outcome="decided") == 1


def test_unknown_columns_are_listed_and_cost_nothing(world: World) -> None:
    rig = pair(world, named=True).set_up()
    rig.pass_ms(100)
    (request_id,) = rig.node.subscriptions
    found = rig.node.subscriptions[request_id]
    extra = kpm.Measurement("Vendor.Secret", (kpm.NO_LABEL,))
    found.action = replace(found.action, measurements=(extra, *found.action.measurements))
    rig.indicate(rig.report())
    assert rig.cell().unknown == ("Vendor.Secret",)
    assert world.value("e2_indications_total", outcome="decided") == 1


def test_a_value_out_of_range_is_refused_as_over_http(world: World) -> None:
    rig = pair(world).set_up()
    rig.pass_ms(100)
    report = rig.report()
    values = list(report.slices[1].values)
    values[SLICE_COLUMN["CARR.WBCQIDist"]] = 16.0
    slices = (report.slices[0], SliceReport(SNSSAIS[1], tuple(values)), report.slices[2])
    rig.indicate(replace(report, slices=slices))
    assert world.value("refusals_total", reason="out_of_range") == 1
    assert rig.cell().rejected == 1
    rig.play(1)
    assert rig.cell().reports == 1


@pytest.mark.parametrize(
    ("shift", "reason"), [(-10_000, "stale_report"), (10_000, "too_early"), (0, "repeated_report")]
)
def test_age_and_order_are_judged_as_over_http(world: World, shift: int, reason: str) -> None:
    rig = pair(world).set_up()
    rig.play(1)
    report = rig.report(start_ms=world.time.ms + shift)
    message = rig.node.indication(rig.node.of_cell(report.cell), report)
    for _ in range(MOST_IN_A_ROW + 1):
        rig.say(message)
    rig.settle()
    assert world.value("refusals_total", reason=reason) >= 1


def test_stamps_of_four_octets_are_read(world: World) -> None:
    rig = pair(world, v2=True).set_up()
    rig.play(12)
    assert rig.cell().reports == 12


def test_indications_that_are_nonsense_cost_one_report_each(world: World) -> None:
    rig = pair(world).set_up()
    rig.play(1)
    rig.pass_ms(100)
    good = rig.node.indication(rig.node.of_cell(rig.cell().place.name), rig.report())
    for field in ("header", "message"):
        for octets in (b"\xff", b"\x00" * 40, bytes(range(256))):
            changed: Any = {field: octets}
            rig.say(replace(good, **changed))
            rig.settle()
    assert rig.cell().rejected == 6
    rig.say(good)
    rig.settle()
    assert rig.cell().reports == 2


def test_a_silent_subscription_is_made_anew(world: World) -> None:
    rig = pair(world).set_up()
    rig.play(2)
    (first,) = rig.node.subscriptions
    rig.pass_ms(1_900)
    assert world.value("e2_subscriptions_total", event="stale") == 0
    rig.pass_ms(100)
    assert world.value("e2_subscriptions_total", event="stale") == 1
    assert first not in rig.node.subscriptions
    rig.pass_ms(1_000)
    (second,) = rig.node.subscriptions
    assert second != first
    rig.play(2)
    assert rig.cell().reports == 4


def test_a_node_that_never_reports_is_asked_ever_more_rarely(world: World) -> None:
    rig = pair(world).set_up()
    for _ in range(6_000):
        rig.pass_ms(100)
    asked = sum(isinstance(m, e2ap.RicSubscriptionRequest) for m in rig.node.received)
    assert 8 <= asked <= 20
    assert len(rig.node.subscriptions) <= 1


def test_a_refused_subscription_is_asked_for_again(world: World) -> None:
    rig = pair(world, refuse={e2ap.RicSubscriptionRequest}).set_up()
    assert "FUNCTION_RESOURCE_LIMIT" in rig.cell().refusal.upper().replace("-", "_")
    rig.node.refuse.clear()
    rig.pass_ms(1_000)
    assert rig.cell().life is Life.ACTIVE
    rig.play(1)
    assert rig.cell().reports == 1


def test_a_subscription_without_an_answer_is_cleared_away(world: World) -> None:
    rig = pair(world, mute={e2ap.RicSubscriptionRequest}).set_up()
    rig.pass_ms(5_000)
    assert world.value("e2_subscriptions_total", event="timed_out") == 1
    rig.node.mute.clear()
    rig.pass_ms(1_000)
    rig.play(1)
    states = {s.state for s in rig.connection.subscriptions.values()}
    assert states == {SubscriptionState.ACTIVE}
    assert rig.cell().reports == 1


def test_a_reset_ends_subscriptions_and_they_are_made_anew(world: World) -> None:
    rig = pair(world, cells=2).set_up()
    rig.play(1)
    rig.node.subscriptions.clear()
    number = rig.node.connection.new_transaction_id()
    rig.say(e2ap.ResetRequest(number, e2ap.CauseMisc.OM_INTERVENTION))
    rig.settle()
    assert len(rig.node.subscriptions) == 2
    controls = rig.node.controls
    rig.play(1)
    assert rig.cell().reports == 2
    assert rig.node.controls == controls + 4, "what the node kept is not known: all is sent again"


def test_a_node_that_lost_its_subscription_is_asked_again(world: World) -> None:
    rig = pair(world).set_up()
    (request_id,) = rig.node.subscriptions
    rig.node.subscriptions.clear()
    cause = e2ap.CauseRicRequest.REQUEST_ID_UNKNOWN
    rig.say(e2ap.ErrorIndication(request_id=request_id, ran_function_id=KPM, cause=cause))
    rig.settle()
    assert world.value("e2_subscriptions_total", event="lost") == 1
    rig.pass_ms(1_000)
    rig.play(1)
    assert rig.cell().reports == 1


def test_a_service_update_that_adds_control_is_used(world: World) -> None:
    rig = pair(world, functions=(kpm_function(), spc_function([cgi(0)]))).set_up()
    rig.play(1)
    assert rig.cell().quota is None
    number = rig.node.connection.new_transaction_id()
    rig.say(e2ap.RicServiceUpdate(number, added=(rc_function(),)))
    rig.settle()
    rig.play(1)
    assert rig.cell().quota is not None
    assert world.value("e2_controls_total", model="rc", outcome="sent") == 1
    assert len(rig.node.subscriptions) == 1


def test_controls_that_fail_are_held_back_and_tried_again() -> None:
    world = World(E2Options(pause_s=5.0, refresh_reports=0))
    rig = pair(world, refuse={e2ap.RicControlRequest}).set_up()
    rig.play(10)
    assert rig.node.controls == 2 * 3
    assert world.value("e2_controls_total", model="rc", outcome="held") == 7
    rig.node.refuse.clear()
    rig.pass_ms(5_000)
    rig.pass_ms(2_000)
    rig.play(3)
    assert world.value("e2_control_answers_total", model="rc", outcome="acknowledged") >= 1


def test_a_node_that_ignores_its_acknowledged_controls_is_found_out() -> None:
    world = World(E2Options(strikes=3, pause_s=10.0))
    rig = pair(world, deaf=True).set_up()
    for _ in range(12):
        rig.pass_ms(100)
        rig.indicate(busy(rig.report(), (100.0, 2.0, 2.0)))
    cell = rig.cell()
    assert world.value("e2_effects_total", verdict="ineffective") >= 3
    assert not cell.trust.granted(world.time.s)
    assert "guarantee" in cell.effect.reason
    asked = rig.node.controls
    until = cell.trust.until
    assert until is not None
    while world.time.s + 0.1 < until:
        rig.pass_ms(100)
        rig.indicate(busy(rig.report(), (100.0, 2.0, 2.0)))
    assert rig.node.controls == asked
    assert world.value("e2_controls_total", model="rc", outcome="held") >= 90
    rig.play(1)
    assert cell.trust.granted(world.time.s)
    assert rig.node.controls > asked


def test_nonsense_of_one_node_costs_another_no_decision(world: World) -> None:
    good, bad = pair(world, number=1).set_up(), pair(world, number=2).set_up()
    for i in range(50):
        world.time.ms += 100
        for octets in (b"", b"\x00", bytes((i,)) * 64, bytes(200)):
            bad.deliver(octets)
        good.indicate(good.report())
    assert good.cell().reports == 50
    assert world.value("e2_faults_total", kind="protocol") == 200
    assert bad.session.faults == 200


def test_a_flaw_of_the_decider_costs_one_decision(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = pair(world).set_up()
    rig.play(1)

    def fail(*args: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(world.decider, "make", fail)
        rig.play(1)
    assert world.value("refusals_total", reason="internal_error") == 1
    rig.play(1)
    assert rig.cell().reports == 2


def test_the_catalogue_is_asked_for_in_its_order(world: World) -> None:
    rig = pair(world).set_up()
    (found,) = rig.node.subscriptions.values()
    names = [m.type for m in found.action.measurements]
    assert names[4:] == [m.name for m in SLICE_MEASUREMENTS]
    assert all(len(m.labels) == len(SNSSAIS) for m in found.action.measurements[4:])
    trigger = kpm.EVENT_TRIGGER.decode(found.request.details.event_trigger)
    assert trigger == kpm.EventTrigger(100)
    assert found.request.start_time is None, "nodes that stop at a fourth IE"
