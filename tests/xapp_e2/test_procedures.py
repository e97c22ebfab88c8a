"""What nodes may ask, tell and offer beside reports."""

from dataclasses import replace
from typing import Any

import pytest

from oran.e2 import e2ap, kpm, rc
from oran.e2.common.cell import NrCgi
from oran.e2.common.function import RanFunctionName
from oran.e2.connection import LocalProtocolError
from oran.e2.per.string import Bits
from oran.e2.rc.function import FunctionDefinition
from tests.xapp_e2.node import (
    COMPONENT,
    EVERYTHING,
    KPM,
    PLMN,
    RC,
    SNSSAIS,
    SPC,
    ScriptedNode,
    cgi,
    functions,
    gnb,
    kpm_function,
    rc_function,
    values_of,
)
from tests.xapp_e2.rig import Pair, World
from xapp.e2.cell import E2Options
from xapp.e2.offer import Offer, offer_of, places_of, plmn_of
from xapp.e2.session import MAX_TOLD
from xapp.e2.watchdog import Life


@pytest.fixture
def rig() -> Pair:
    return Pair(
        World(E2Options(stale_periods=100, refresh_reports=0)), ScriptedNode(gnb(7))
    ).set_up()


def records(rig: Pair, *reports: Any, **changed: Any) -> e2ap.RicIndication:
    """An indication with a record for each report."""
    (request_id,) = rig.node.subscriptions
    asked = rig.node.subscriptions[request_id].action.measurements
    made = tuple(kpm.Record(values_of(r, asked)) for r in reports)
    message = kpm.INDICATION_MESSAGE.encode(replace(kpm.IndicationFormat1(made), **changed))
    return replace(rig.node.indication(request_id, reports[0]), message=message)


def test_of_several_records_the_last_one_is_decided_on(rig: Pair) -> None:
    rig.pass_ms(300)
    first = rig.report(start_ms=rig.world.time.ms - 200)
    last = rig.report(values=(50.0, *first.values[1:]))
    rig.say(records(rig, first, last))
    rig.settle()
    (cell,) = rig.world.cells.all()
    assert cell.report is not None
    assert cell.report.values == last.values
    assert cell.report.start_ms == last.start_ms


def test_a_record_that_is_incomplete_is_taken(rig: Pair) -> None:
    rig.pass_ms(100)
    report = rig.report()
    whole = kpm.INDICATION_MESSAGE.decode(records(rig, report).message)
    assert isinstance(whole, kpm.IndicationFormat1)
    part = replace(whole.records[0], incomplete=True)
    rig.say(records(rig, report, records=(part,)))
    rig.settle()
    assert rig.cell().reports == 1


def test_the_period_that_an_indication_names_counts(rig: Pair) -> None:
    rig.pass_ms(100)
    rig.say(records(rig, rig.report(), granularity_ms=50))
    rig.settle()
    (cell,) = rig.world.cells.all()
    assert cell.report is not None
    assert cell.report.period_ms == 50
    rig.pass_ms(100)
    rig.say(records(rig, rig.report(), granularity_ms=60_001))
    rig.settle()
    assert "60001 ms is outside" in rig.cell().reason


def test_a_message_of_another_format_makes_no_report(rig: Pair) -> None:
    rig.pass_ms(100)
    good = rig.node.indication(rig.node.of_cell(rig.cell().place.name), rig.report())
    conditions = (kpm.MatchingCondition(kpm.NO_LABEL),)
    other = kpm.IndicationFormat2((kpm.Record((1,)),), (kpm.ConditionalResult("A", conditions),))
    rig.say(replace(good, message=kpm.INDICATION_MESSAGE.encode(other)))
    rig.settle()
    assert "format 1 was asked for, got IndicationFormat2" in rig.cell().reason


def test_a_node_may_end_a_subscription(rig: Pair) -> None:
    (request_id,) = rig.node.subscriptions
    wanted = e2ap.SubscriptionToDelete(
        request_id, KPM, e2ap.CauseRicRequest.FUNCTION_RESOURCE_LIMIT
    )
    rig.say(e2ap.RicSubscriptionDeleteRequired((wanted,)))
    rig.settle()
    assert not rig.node.subscriptions
    assert rig.cell().life is Life.ABSENT
    rig.pass_ms(1_000)
    assert rig.cell().life is Life.ACTIVE
    assert rig.world.value("e2_subscriptions_total", event="lost") == 1


def test_changes_of_interfaces_are_acknowledged(rig: Pair) -> None:
    number = rig.node.connection.new_transaction_id()
    removed = e2ap.ComponentRemoval(COMPONENT.interface, COMPONENT.id)
    update = e2ap.E2NodeConfigurationUpdate(number, updated=(COMPONENT,), removed=(removed,))
    rig.say(update)
    rig.deliver(rig.to_ric.popleft())
    event: Any = rig.node.connection.receive(rig.to_node.popleft(), rig.world.time.s)
    yes = e2ap.ComponentAck(e2ap.UpdateOutcome.SUCCESS)
    answer = e2ap.ComponentAnswer(COMPONENT.interface, COMPONENT.id, yes)
    assert event.response == e2ap.E2NodeConfigurationUpdateAcknowledge(
        number, None, (answer,), (answer,)
    )


def test_a_node_that_takes_its_leave_is_let_go(rig: Pair) -> None:
    rig.say(e2ap.E2RemovalRequest(rig.node.connection.new_transaction_id()))
    rig.settle()
    assert rig.session.removed


def test_functions_that_change_or_go_are_probed_anew(rig: Pair) -> None:
    rig.play(1)
    number = rig.node.connection.new_transaction_id()
    fewer = kpm_function(EVERYTHING[:6])
    gone = (e2ap.RanFunctionRevision(RC, 1),)
    rig.say(e2ap.RicServiceUpdate(number, modified=(fewer,), deleted=gone))
    rig.settle()
    rig.pass_ms(5_000)
    (found,) = rig.node.subscriptions.values()
    assert len(found.action.measurements) == 6
    assert rig.cell().quota is None
    rig.play(1)
    assert rig.cell().reports == 1


def test_a_control_without_an_answer_gives_way_to_the_newest_under_another_id(rig: Pair) -> None:
    rig.node.mute.add(e2ap.RicControlRequest)
    rig.play(1)
    (first, *_) = [m for m in rig.node.received if isinstance(m, e2ap.RicControlRequest)]
    rig.node.mute.clear()
    rig.pass_ms(2_000)
    assert rig.world.value("e2_control_answers_total", model="rc", outcome="timed_out") == 1
    late = e2ap.RicControlAcknowledge(first.request_id, first.ran_function_id)
    with pytest.raises(LocalProtocolError, match="waits for an answer"):
        rig.node.connection.send(late, rig.world.time.s)
    rig.play(1)
    quota = rig.cell().quota
    assert quota is not None
    assert quota.request_id != first.request_id
    assert quota.channel.in_force is not None


def test_only_so_much_trouble_is_told(rig: Pair) -> None:
    before = len(rig.world.log.calls)
    for i in range(3 * MAX_TOLD):
        rig.session._tell(f"kind {i}", "", "")
        rig.session._tell(f"kind {i}", "", "")
    assert len(rig.world.log.calls) - before == MAX_TOLD


def test_what_cannot_be_read_or_used_is_told() -> None:
    broken = e2ap.RanFunction(9, b"\xff", 1, rc.OID)
    found = offer_of((broken, replace(kpm_function(), definition=b"\x00")))
    assert len(found.problems) == 2
    assert found.measuring is None
    found = offer_of((kpm_function(style=(3, 3, 1, 2)),))
    assert found.problems == ("E2SM-KPM report styles are 3; 1 and 4 can be used",)
    found = offer_of((kpm_function(("Vendor.Secret",)),))
    assert found.problems == ("report style 1 has no measurement that is known",)
    nameless = FunctionDefinition(RanFunctionName(rc.SHORT_NAME, rc.OID, "x"))
    function = replace(rc_function(), definition=rc.FUNCTION_DEFINITION.encode(nameless))
    assert offer_of((function, e2ap.RanFunction(7, b"?", 1, "1.2.3"))) == Offer()


def test_a_function_that_stands_twice_is_taken_once() -> None:
    first, second = kpm_function(EVERYTHING[:5]), replace(kpm_function(), id=77)
    found = offer_of((first, second, rc_function(by_cell=False), replace(rc_function(), id=78)))
    assert found.measuring is not None
    assert found.measuring.function_id == KPM
    assert found.quota is not None
    assert not found.quota.by_cell


def test_cells_that_the_operator_names_are_those_of_a_node_that_tells_none() -> None:
    offer = offer_of(functions()[:2])
    places = places_of(offer, "n", SNSSAIS, {"n": (cgi(1), cgi(2)), "other": (cgi(3),)})
    assert [p.cell for p in places] == [cgi(1), cgi(2)]
    assert all(p.snssais == SNSSAIS for p in places)
    assert [p.cell for p in places_of(offer, "else", SNSSAIS, {"n": (cgi(1),)})] == [None]


def test_every_kind_of_node_has_a_plmn() -> None:
    enb = e2ap.GlobalEnbId(PLMN, Bits(1, 20))
    en_gnb = e2ap.GlobalEnGnbId(PLMN, Bits(1, 22))
    ng_enb = e2ap.GlobalNgEnbId(PLMN, Bits(1, 20))
    nodes = (gnb(1), e2ap.EnGnbNode(en_gnb), e2ap.NgEnbNode(ng_enb), e2ap.EnbNode(enb))
    assert [plmn_of(n) for n in nodes] == [PLMN] * 4


def test_spc_goes_to_its_function_and_names_the_cell(rig: Pair) -> None:
    rig.play(1)
    sent = [m for m in rig.node.received if isinstance(m, e2ap.RicControlRequest)]
    assert {m.ran_function_id for m in sent} == {RC, SPC}
    assert all(m.ack_request is e2ap.ControlAckRequest.ACK for m in sent)
    assert isinstance(cgi(0), NrCgi)
