"""Slices that a node has and that are left alone: told once, counted, and with what would help."""

import json
import re

from prometheus_client import CollectorRegistry

from oran.intent import DEFAULT_INTENTS
from oran.snssai import Snssai
from tests.oran.e2_connection.loopback import run
from tests.xapp_e2.node import (
    SNSSAIS,
    ScriptedNode,
    cgi,
    gnb,
    kpm_function,
    rc_function,
    spc_function,
)
from tests.xapp_e2.rig import Pair, World
from tests.xapp_e2.sockets import client, serving
from xapp.e2.exposition import NodesCollector
from xapp.e2.left import MAX_NAMED, Left, problems_of
from xapp.e2.offer import Place, offer_of, places_of
from xapp.e2.view import nodes_view
from xapp.settings import IntentSettings

A, B, C = SNSSAIS
STRANGE = (Snssai(1, 4), Snssai(2, 4), Snssai(9))


def place_of(slices: tuple[Snssai, ...], intents: tuple[Snssai, ...], *, by_ue: bool) -> Place:
    style = (4, 4, 1, 3) if by_ue else (1, 1, 1, 1)
    offer = offer_of((kpm_function(style=style), spc_function([cgi(0)], slices)))
    (place,) = places_of(offer, "n", intents, {})
    return place


def test_why_each_slice_is_left() -> None:
    place = place_of((*SNSSAIS[:2], STRANGE[0]), SNSSAIS, by_ue=False)
    assert place.snssais == (A, B)
    assert place.left == ((STRANGE[0], Left.NO_INTENT),)
    # Told apart by their SST alone; a slice that the cell does not have takes no other's place.
    twin = Snssai(2, 7)
    place = place_of((twin, B, STRANGE[2]), (A, B, twin), by_ue=True)
    assert place.snssais == (twin,)
    assert place.left == ((B, Left.SAME_SST), (STRANGE[2], Left.NO_INTENT))
    many = tuple(Snssai(1, i) for i in range(18))
    place = place_of((*many, many[0]), many, by_ue=False)
    assert (place.snssais, place.left) == (many[:16], tuple((s, Left.TOO_MANY) for s in many[16:]))


def test_what_is_proposed_are_settings_that_serve_them() -> None:
    (text,) = problems_of((s, Left.NO_INTENT) for s in (*STRANGE, STRANGE[0]))
    assert ": 1-000004, 2-000004, 9." in text
    (proposed,) = re.findall(r"XAPP_INTENTS='(.*)'", text)
    intents = [IntentSettings(**i).to_intent() for i in json.loads(proposed)]
    assert [i.snssai for i in intents] == list(STRANGE)
    assert [i.sla for i in intents[:2]] == [i.sla for i in DEFAULT_INTENTS[:2]]
    many = [(Snssai(1, i), reason) for i in range(MAX_NAMED + 5) for reason in Left]
    assert all(f"{Snssai(1, MAX_NAMED - 1)} and 5 more" in t for t in problems_of(many))
    assert len(problems_of(many)) == len(Left)
    assert problems_of(()) == ()


def test_a_node_of_other_slices_is_told_once_and_what_is_served_anew_when_they_change() -> None:
    world = World()
    offered = (kpm_function(), rc_function(), spc_function([cgi(0), cgi(1)], STRANGE))
    rig = Pair(world, ScriptedNode(gnb(7), offered)).set_up()
    rig.pass_ms(60_000)
    assert not rig.node.subscriptions
    assert [c.refusal for c in rig.session.cells] == ["none of its slices has an intent"] * 2

    def told() -> list[str]:
        return [str(c) for c in world.log.calls if "slices left alone" in str(c)]

    assert len(told()) == 1
    assert rig.session.problems == problems_of((s, Left.NO_INTENT) for s in STRANGE)
    assert "XAPP_INTENTS" in told()[0]
    rig.set_up()
    assert len(told()) == 1
    rig.node.functions = (kpm_function(), rc_function(), spc_function([cgi(0)], (*SNSSAIS, A)))
    rig.set_up()
    assert rig.session.problems == ()
    assert rig.cell().refusal == ""
    rig.node.functions = offered
    rig.set_up()
    assert len(told()) == 2


def test_the_views_of_nodes_tell_them() -> None:
    found: dict[str, float | None] = {}
    slices = (A, B, STRANGE[0], STRANGE[1])
    offered = (kpm_function(), spc_function([cgi(0), cgi(1)], slices))

    async def test() -> None:
        world, registry = World(), CollectorRegistry()
        async with serving(world) as made, client(made, functions=offered) as node:
            await node.set_up()
            view = nodes_view(made).nodes[0]
            assert view.problems == list(problems_of((s, Left.NO_INTENT) for s in STRANGE[:2]))
            assert [c.left for c in view.cells] == [["1-000004", "2-000004"]] * 2
            registry.register(NodesCollector(lambda: made))
            for reason in Left:
                labels = {"node": node.node.name, "reason": reason.value}
                found[reason] = registry.get_sample_value("slicepilot_e2_node_slices_left", labels)

    run(test)
    assert found == {Left.NO_INTENT: 4.0, Left.SAME_SST: 0.0, Left.TOO_MANY: 0.0}
