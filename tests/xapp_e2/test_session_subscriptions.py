"""The subscriptions of a session: what they ask for, and when they are made anew."""

from oran.e2 import e2ap, kpm
from oran.e2.connection import SubscriptionState
from oran.measurements import SLICE_MEASUREMENTS
from tests.xapp_e2.node import KPM, SNSSAIS, cgi, kpm_function, spc_function
from tests.xapp_e2.rig import World, pair
from xapp.e2.watchdog import Life


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


def test_the_catalogue_is_asked_for_in_its_order(world: World) -> None:
    rig = pair(world).set_up()
    (found,) = rig.node.subscriptions.values()
    names = [m.type for m in found.action.measurements]
    assert names[4:] == [m.name for m in SLICE_MEASUREMENTS]
    assert all(len(m.labels) == len(SNSSAIS) for m in found.action.measurements[4:])
    trigger = kpm.EVENT_TRIGGER.decode(found.request.details.event_trigger)
    assert trigger == kpm.EventTrigger(100)
    assert found.request.start_time is None, "nodes that stop at a fourth IE"


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
