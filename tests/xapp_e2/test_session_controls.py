"""The controls of a session: which are sent, repeated, replaced and held back."""

from dataclasses import replace

from oran.e2 import e2ap
from oran.measurements import SLICE_COLUMN
from oran.report import CellReport, SliceReport
from tests.xapp_e2.node import cgi, functions, kpm_function, rc_function, spc_function
from tests.xapp_e2.rig import World, pair
from xapp.e2.cell import E2Options


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
