"""Nodes that report UE by UE: aggregation by hand, and what FlexRIC's emulator sent."""

import math
from dataclasses import replace
from typing import Any

import pytest

from oran.e2 import e2ap, kpm
from oran.e2.common.ueid import GnbUeId, Guami
from oran.e2.per.string import Bits
from oran.measurements import SLICE_COLUMN
from oran.snssai import Snssai
from tests.oran.e2.captures import need_captures
from tests.xapp.rig import NOW_MS
from tests.xapp_e2.node import PLMN, SNSSAIS, ScriptedNode, gnb, kpm_function, rc_function
from tests.xapp_e2.rig import Pair, World
from xapp.e2.backlog import MOST_IN_A_ROW
from xapp.e2.cell import E2Options
from xapp.e2.columns import Names
from xapp.e2.reading import PassedOver
from xapp.e2.users import UserReading, asked_of_ues, separable
from xapp.service.refusal import Reason, Refusal

NAMES = ("DRB.UEThpDl", "DRB.PdcpSduVolumeDL", "RRU.PrbUsedDl", "CARR.WBCQIDist")
OFFERED = tuple(kpm.OfferedMeasurement(n) for n in NAMES)
A, B = SNSSAIS[:2]


def ue(number: int) -> GnbUeId:
    return GnbUeId(number, Guami(PLMN, Bits(0, 8), Bits(0, 10), Bits(0, 6)))


def indication(*ues: tuple[Any, ...], start_ms: int = NOW_MS) -> e2ap.RicIndication:
    message = kpm.IndicationFormat3(
        tuple(
            kpm.UeReport(ue(i), kpm.IndicationFormat1((kpm.Record(values),)))
            for i, values in enumerate(ues)
        )
    )
    return e2ap.RicIndication(
        e2ap.RicRequestId(1, 1), 2, 1, e2ap.IndicationType.REPORT,
        kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(kpm.timestamp_v3(start_ms))),
        kpm.INDICATION_MESSAGE.encode(message),
    )  # fmt: skip


@pytest.fixture
def reading() -> UserReading:
    names = Names(OFFERED)
    return UserReading("n", "c", names, asked_of_ues(names), (A, B), 1_000)


def test_values_of_ues_become_those_of_their_slice(reading: UserReading) -> None:
    # Throughput and CQI are means, volume and PRBs sums; columns stand in the catalogue's order.
    assert (
        reading.report(A, indication((100.0, 7, 3.5, 9.0), (300.0, 5, 1.5, None)), NOW_MS) is None
    )
    made = reading.report(B, indication((10.0, 1, 0.25, 15.0)), NOW_MS)
    assert made is not None
    first, second = made.slices
    assert (first.snssai, second.snssai) == (A, B)
    assert first["DRB.UEThpDl"] == 200.0
    assert first["DRB.PdcpSduVolumeDL"] == 12
    assert first["RRU.PrbUsedDl"] == 5.0
    assert first["CARR.WBCQIDist"] == 9.0
    assert (first["RRC.ConnMean"], second["RRC.ConnMean"]) == (2.0, 1.0)
    assert math.isnan(first["DRB.RlcSduDelayDl"])
    assert made.start_ms == NOW_MS
    assert made.period_ms == 1_000


def test_a_slice_without_ues_does_not_hold_up_the_others(reading: UserReading) -> None:
    assert reading.report(A, indication((1.0, 1, 1.0, 1.0)), NOW_MS) is None
    later = indication((2.0, 2, 2.0, 2.0), start_ms=NOW_MS + 1_000)
    made = reading.report(A, later, NOW_MS + 1_000)
    assert made is not None
    assert made.start_ms == NOW_MS
    assert made.slices[0]["DRB.UEThpDl"] == 1.0
    assert math.isnan(made.slices[1]["RRC.ConnMean"])
    made = reading.report(
        B, indication((3.0, 3, 3.0, 3.0), start_ms=NOW_MS + 1_900), NOW_MS + 1_900
    )
    assert made is not None, "the phases of subscriptions may differ"
    assert made.slices[0]["DRB.UEThpDl"] == 2.0


def test_values_of_other_periods_make_no_report_together(reading: UserReading) -> None:
    assert reading.report(A, indication((1.0, 1, 1.0, 1.0)), NOW_MS) is None
    later = NOW_MS + 2_000
    made = reading.report(B, indication((3.0, 3, 3.0, 3.0), start_ms=later), later)
    assert made is not None
    assert made.start_ms == NOW_MS
    assert made.slices[0]["DRB.UEThpDl"] == 1.0
    assert math.isnan(made.slices[1]["DRB.UEThpDl"])
    made = reading.report(A, indication((4.0, 4, 4.0, 4.0), start_ms=later), later)
    assert made is not None
    assert made.start_ms == later
    assert [s["DRB.UEThpDl"] for s in made.slices] == [4.0, 3.0]


def test_a_subscription_that_is_made_anew_begins_anew(reading: UserReading) -> None:
    assert reading.report(A, indication((1.0, 1, 1.0, 1.0)), NOW_MS) is None
    reading.restart(A)
    made = reading.report(B, indication((3.0, 3, 3.0, 3.0)), NOW_MS)
    assert made is None, "the other slice has told nothing yet"
    made = reading.report(A, indication((2.0, 2, 2.0, 2.0)), NOW_MS)
    assert made is not None
    assert [s["DRB.UEThpDl"] for s in made.slices] == [2.0, 3.0]


def test_reports_that_waited_are_passed_over_and_those_after_are_not(
    reading: UserReading,
) -> None:
    def told(i: int, late_ms: int) -> list[float | None]:
        """Throughput of the first slice in the reports made; None where one was passed over."""
        found: list[float | None] = []
        for s in (A, B):
            sent = indication((float(i), 1, 1.0, 1.0), start_ms=NOW_MS + 1_000 * i)
            try:
                made = reading.report(s, sent, NOW_MS + 1_000 * (i + 1) + late_ms)
            except PassedOver:
                found.append(None)
                continue
            if made is not None:
                found.append(made.slices[0]["DRB.UEThpDl"])
        return found

    assert [told(i, 5) for i in range(3)] == [[0.0], [1.0], [2.0]]
    # Twelve periods that waited, read at once.
    waited = [told(i, 1_000 * (14 - i)) for i in range(3, 15)]
    assert waited[:7] == [[None, None]] * 7
    assert waited[7] == [10.0], "one in a while is decided on all the same"
    assert waited[-1] == [14.0]
    assert not reading.clock_was_set()
    assert told(15, 5) == [15.0]


def test_a_clock_that_was_set_is_followed_and_told_once(reading: UserReading) -> None:
    passed, made = 0, 0
    for i in range(30):
        behind = 0 if i < 5 else 60_000
        now = NOW_MS + 1_000 * (i + 1)
        for s in (A, B):
            sent = indication((1.0, 1, 1.0, 1.0), start_ms=now - 1_000 - behind)
            try:
                made += reading.report(s, sent, now) is not None
            except PassedOver:
                passed += 1
        if i == 20:
            assert reading.clock_was_set()
    assert not reading.clock_was_set()
    assert passed <= 2 * MOST_IN_A_ROW
    assert made >= 30 - MOST_IN_A_ROW - 1


@pytest.mark.parametrize("value", [16.0, math.inf, -1.0])
def test_a_ue_out_of_range_is_refused(reading: UserReading, value: float) -> None:
    with pytest.raises(Refusal) as refused:
        reading.report(A, indication((1.0, 1, 1.0, value)), NOW_MS)
    wanted = Reason.OUT_OF_RANGE if math.isfinite(value) else Reason.NOT_FINITE
    assert refused.value.reason is wanted


def test_a_sum_out_of_range_is_refused(reading: UserReading) -> None:
    with pytest.raises(Refusal, match="the sum over the UEs is 400"):
        reading.report(A, indication((1.0, 1, 200.0, 1.0), (1.0, 1, 200.0, 1.0)), NOW_MS)


def test_another_number_of_values_makes_no_report(reading: UserReading) -> None:
    with pytest.raises(ValueError, match="2 values for 4 measurements"):
        reading.report(A, indication((1.0, 1)), NOW_MS)


def test_slices_of_one_sst_cannot_be_told_apart() -> None:
    assert separable([Snssai(1, 1), Snssai(1, 2), Snssai(2)]) == (Snssai(1, 1), Snssai(2))


def test_each_slice_has_its_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    offered = (kpm_function(NAMES, style=(4, 4, 1, 3)), rc_function(by_cell=False))
    rig = Pair(world, ScriptedNode(gnb(7), offered))
    conditions = []

    def subscribe(message: e2ap.RicSubscriptionRequest) -> e2ap.Message:
        (action,) = message.details.actions
        assert action.definition is not None
        definition = kpm.ACTION_DEFINITION.decode(action.definition)
        assert isinstance(definition.format, kpm.ActionFormat4)
        conditions.append(definition.format.conditions)
        return e2ap.RicSubscriptionResponse(
            message.request_id, message.ran_function_id, (e2ap.ActionAdmitted(action.id),), ()
        )

    monkeypatch.setattr(rig.node, "_subscribe", subscribe)
    rig.set_up()
    test = [kpm.TestCondition(kpm.TestType.S_NSSAI, kpm.TestExpression.EQUAL, i) for i in (1, 2, 3)]
    assert conditions == [(kpm.UeCondition(t),) for t in test]
    for request_id in list(rig.connection.subscriptions):
        made = indication((1_000.0, 10, 5.0, 9.0), start_ms=world.time.ms - 100)
        rig.say(replace(made, request_id=request_id))
        rig.settle()
    assert world.value("e2_indications_total", outcome="part") == 2
    assert world.value("e2_indications_total", outcome="decided") == 1
    assert rig.node.controls == 1, "the quota; there is no SPC"
    # From now on one slice alone has UEs: the others' subscriptions are not given up for that.
    talking = next(iter(rig.connection.subscriptions))
    for _ in range(120):
        rig.pass_ms(100)
        made = indication((1_000.0, 10, 5.0, 9.0), start_ms=world.time.ms - 100)
        rig.say(replace(made, request_id=talking))
        rig.settle()
    assert world.value("e2_subscriptions_total", event="stale") == 0
    assert len(rig.connection.subscriptions) == len(conditions) == 3
    # A node that tells of none of them is silent.
    rig.pass_ms(10_000)
    assert world.value("e2_subscriptions_total", event="stale") == 3


def test_what_flexric_s_emulator_sent_is_decided_on() -> None:
    """Its set-up and its reports of UEs, under the ids of our subscriptions."""
    captured = need_captures()
    setup = next(c for c in captured if c.name.endswith("E2setupRequest"))
    reports = [
        e2ap.decode(c.octets) for c in captured if c.name.endswith("indicationMessage-Format3")
    ]
    world = World(E2Options(period_ms=1_000))
    first = reports[0]
    assert isinstance(first, e2ap.RicIndication)
    header = kpm.INDICATION_HEADER.decode(first.header)
    assert isinstance(header, kpm.IndicationHeader)
    halves = header.start[4:] + header.start[:4]
    world.time.ms = int.from_bytes(halves, "big") // 1000 + 500
    rig = Pair(world, ScriptedNode(gnb(1), ()))
    rig.deliver(setup.octets)
    node = rig.node.connection
    request = e2ap.decode(setup.octets)
    node.send(request, world.time.s)
    while rig.to_node:
        event: Any = node.receive(rig.to_node.popleft(), world.time.s)
        message = getattr(event, "message", None)
        if isinstance(message, e2ap.RicSubscriptionRequest):
            admitted = (e2ap.ActionAdmitted(message.details.actions[0].id),)
            rig.say(e2ap.RicSubscriptionResponse(message.request_id, 2, admitted, ()))
    rig.settle()
    ids = list(rig.connection.subscriptions)
    assert len(ids) == 3
    for request_id in ids:
        rig.say(replace(first, request_id=request_id, ran_function_id=2, action_id=1))
    rig.settle()
    cell = rig.cell()
    assert (cell.reports, cell.rejected, cell.reason) == (1, 0, "")
    assert "DRB.PdcpSduVolumeUL" in cell.unknown
    (known,) = world.cells.all()
    assert known.report is not None
    assert known.report.slices[0].values[SLICE_COLUMN["RRC.ConnMean"]] >= 1.0
