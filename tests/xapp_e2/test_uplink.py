"""The uplink that nodes report: asked for where announced, shown, and no part of a report."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from oran.e2 import e2ap, kpm
from oran.e2.connection import Succeeded
from oran.report import CellReport
from oran.snssai import Snssai
from oran.uplink import UPLINK_COLUMN, UPLINK_MEASUREMENTS
from tests.e2sim_e2.rig import SNSSAIS, FakeTwin, Pair, of_cell
from tests.e2sim_e2.test_uplink import SendingTwin
from tests.oran.e2_connection.loopback import run, until
from tests.xapp.rig import NOW_MS
from tests.xapp.test_views import rows
from tests.xapp_e2.node import (
    EVERYTHING,
    ScriptedNode,
    cgi,
    gnb,
    kpm_function,
    rc_function,
    spc_function,
)
from tests.xapp_e2.node import SNSSAIS as TRIPLE
from tests.xapp_e2.rig import Pair as MemoryPair
from tests.xapp_e2.rig import World
from tests.xapp_e2.sockets import client, report, serving
from xapp.e2.backlog import MOST_IN_A_ROW
from xapp.e2.columns import Names, asked_for, columns_of, lacking
from xapp.e2.exposition import NodesCollector
from xapp.e2.reading import Reading
from xapp.e2.uplink import MAX_WAITING
from xapp.e2.view import nodes_view
from xapp.e2.watchdog import Life

SENT = tuple(m.name for m in UPLINK_MEASUREMENTS)


def reading_of(names: Names, snssais: Sequence[Snssai]) -> tuple[Reading, Any]:
    asked = asked_for(names, snssais)
    columns = columns_of(asked, names, snssais)
    assert not columns.unknown
    return Reading("node", "cell", names, columns, 100), asked


@pytest.mark.parametrize("twin", [FakeTwin(seed=3), SendingTwin(seed=3)])
def test_what_the_node_sends_is_what_is_shown(twin: FakeTwin) -> None:
    """The emulator's node and the xApp's reading of it, by octets."""
    pair = Pair(twin=twin)
    definition = next(f for f in pair.setup.functions if f.id == pair.ids.kpm).definition
    offered = (kpm.FUNCTION_DESCRIPTION.decode(definition).reports or ())[0].measurements
    reading, asked = reading_of(Names(offered), SNSSAIS)
    assert isinstance(pair.subscribe(of_cell(*asked)), Succeeded)
    for _ in range(3):
        (indication,) = pair.tick()
        made = reading.report(indication, pair.end_ms)
        assert all(map(same, made.values, twin.reports[-1].cell[0].tolist()))
        before = reading.uplink.values
        reading.uplink.accept(made)
        assert (reading.uplink.values is not before) == twin.scenario.has_uplink
        for s, found in enumerate(made.slices):
            wanted = tuple(twin.reports[-1].slices[0, s].tolist())
            assert all(map(same, found.values, wanted))
        assert list(reading.uplink.values) == (list(SNSSAIS) if twin.scenario.has_uplink else [])
        for s, values in enumerate(reading.uplink.values.values()):
            sent = twin.uplinks[-1].slices[0, s].tolist()
            assert all(map(same, values, sent))
    assert reading.uplink.rejected == 0
    reading.restart()
    assert reading.uplink.named() == {}


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def test_the_uplink_is_asked_for_last_and_its_lack_is_none() -> None:
    snssais = (Snssai(1), Snssai(2))
    offered = [kpm.OfferedMeasurement(n.upper(), i) for i, n in enumerate((*SENT, *EVERYTHING))]
    names = Names(offered)
    asked = asked_for(names, snssais)
    assert [m.type for m in asked] == [n.upper() for n in (*EVERYTHING, *SENT)]
    plain = Names([kpm.OfferedMeasurement(n) for n in EVERYTHING])
    assert len(asked_for(plain, snssais)) == len(EVERYTHING)
    assert lacking(names) == lacking(plain) == ()
    assert not Names([kpm.OfferedMeasurement(n) for n in SENT]).announced
    # A node that changes its uplink alone is no longer the same.
    assert plain != Names([kpm.OfferedMeasurement(n) for n in (*EVERYTHING, SENT[0])])


def indication(values: Sequence[int | float | None]) -> e2ap.RicIndication:
    message = kpm.IndicationFormat1((kpm.Record(tuple(values)),))
    return e2ap.RicIndication(
        e2ap.RicRequestId(1, 1), 2, 1, e2ap.IndicationType.REPORT,
        kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(kpm.timestamp_v3(NOW_MS))),
        kpm.INDICATION_MESSAGE.encode(message), 0,
    )  # fmt: skip


def test_an_impossible_value_of_the_uplink_spoils_no_report() -> None:
    names = Names([kpm.OfferedMeasurement(n) for n in ("RRU.PrbTotDl", *SENT)])
    reading, asked = reading_of(names, [Snssai(1)])
    values: list[int | float | None] = [50, *[1] * len(SENT)]
    values[1 + UPLINK_COLUMN["RRU.PrbUsedUl"]] = 276.0
    values[1 + UPLINK_COLUMN["CARR.PUSCHMCSDist"]] = None
    values[1 + UPLINK_COLUMN["DRB.UEThpUl"]] = math.inf
    made = reading.report(indication(values), NOW_MS)
    reading.uplink.accept(made)
    assert made["RRU.PrbTotDl"] == 50
    assert reading.uplink.rejected == 2
    (named,) = reading.uplink.named().values()
    left_out = {"RRU.PrbUsedUl", "CARR.PUSCHMCSDist", "DRB.UEThpUl"}
    assert named == dict.fromkeys(set(SENT) - left_out, 1)
    assert len(asked) == len(values)


def test_the_gauges_of_the_uplink_are_documented_and_in_base_units() -> None:
    functions = (kpm_function((*EVERYTHING, *SENT)), rc_function(), spc_function([cgi(0)]))
    found: dict[str, tuple[str, set[str], float]] = {}

    def collect(registry: CollectorRegistry) -> None:
        for family in registry.collect():
            if "_uplink_" in family.name:
                (sample,) = family.samples
                found[family.name] = (family.type, set(sample.labels), sample.value)

    async def test() -> None:
        world, registry = World(), CollectorRegistry()
        async with serving(world) as made, client(made, functions=functions) as node:
            await node.set_up()
            registry.register(NodesCollector(lambda: made))
            node.indicate(report(world, node, 0))
            await until(lambda: world.value("e2_indications_total", outcome="decided") == 1)
            (record,) = made.nodes.values()
            assert record.session is not None
            uplink = record.session.cells[0].uplink
            assert uplink.named()  # asked for
            assert not any(uplink.named().values())  # and not measured
            collect(registry)
            assert not found
            uplink.values = {Snssai(1): (800.0, 7.0, 125.0, 2_500.0, 12.5, 10.0, 30.0, 1.0)}
            collect(registry)
            view = nodes_view(made).nodes[0].cells[0]
            sent = dict(zip(SENT, uplink.values[Snssai(1)], strict=True))
            assert view.uplink == {str(Snssai(1)): sent}
            assert view.uplink_rejected == 0

    run(test)
    documented = {
        name: (kind, {label for label in labels.split(", ") if label})
        for name, kind, labels, _ in rows("### Uplink of E2 cells")
    }
    assert {name: (kind, labels) for name, (kind, labels, _) in found.items()} == documented
    prefix = "slicepilot_e2_slice_uplink_"
    assert {name.removeprefix(prefix): value for name, (_, _, value) in found.items()} == {
        "ue_throughput_bytes_per_second": 100_000.0,
        "delay_seconds": pytest.approx(0.0125),
        "loss_ratio": pytest.approx(0.0025),
        "prbs_used": 12.5,
    }


def test_the_uplink_shown_is_that_of_the_last_report_decided_on() -> None:
    """Two reports that are read before the first is decided on, as in one turn, and refusals."""
    names = Names([kpm.OfferedMeasurement(n) for n in ("RRU.PrbTotDl", SENT[0])])
    reading, _ = reading_of(names, [Snssai(1)])
    uplink = reading.uplink

    def read(value: float) -> CellReport:
        return reading.report(indication([50, value]), NOW_MS)

    def shown() -> list[float]:
        return [v for named in uplink.named().values() for v in named.values()]

    first, second, third = read(1.0), read(2.0), read(3.0)
    assert shown() == []
    uplink.accept(second)  # the first one was refused
    assert shown() == [2.0]
    uplink.accept(second)
    uplink.accept(first)
    assert shown() == [1.0], "the order of decisions counts"
    uplink.accept(third)
    for i in range(3 * MAX_WAITING):
        read(float(i))
    assert shown() == [3.0]
    assert len(uplink._waiting) <= MAX_WAITING
    last = read(9.0)
    uplink.accept(last)
    assert shown() == [9.0]


def test_the_uplink_is_gone_with_the_subscription_and_without_a_decision() -> None:
    world = World()
    offered = (kpm_function((*EVERYTHING, *SENT)), spc_function([cgi(0)]))
    rig = MemoryPair(world, ScriptedNode(gnb(7), offered)).set_up()
    rig.play(1)
    uplink = rig.cell().uplink
    assert list(uplink.values) == list(TRIPLE)
    before = uplink.values
    rig.pass_ms(100)
    rig.indicate(rig.report(start_ms=world.time.ms + 10_000))
    assert world.value("refusals_total", reason="too_early") == 1
    assert uplink.values is before
    rig.pass_ms(2_000)
    assert world.value("e2_subscriptions_total", event="stale") == 1
    assert rig.cell().life is Life.ABSENT
    assert uplink.values == {}
    rig.pass_ms(1_000)
    rig.play(MOST_IN_A_ROW + 1)  # after a report of the future the next ones seem to have waited
    assert list(uplink.values) == list(TRIPLE)
