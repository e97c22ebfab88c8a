"""A session and a scripted node in memory: reports in, decisions out."""

from dataclasses import replace
from typing import Any

import pytest

from oran.e2 import kpm
from oran.measurements import SLICE_COLUMN
from oran.report import SliceReport
from tests.xapp_e2.node import SNSSAIS
from tests.xapp_e2.rig import World, pair
from xapp.e2.backlog import MOST_IN_A_ROW


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
