"""What indications say, against the twin's own numbers."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.e2.column import CELL_NAMES, USER_NAMES
from e2sim.e2.offer import KpmVersion
from oran.e2 import e2ap, kpm
from oran.e2.common.ueid import GnbDuUeId
from oran.e2.connection import Succeeded
from oran.e2.kpm import TestCondition, TestExpression, TestType, UeCondition
from oran.measurements import (
    CELL_COLUMN,
    CELL_MEASUREMENTS,
    SLICE_COLUMN,
    SLICE_MEASUREMENTS,
    Measurement,
)
from tests.e2sim_e2.rig import SNSSAIS, FakeTwin, Pair, asking, of_cell, of_users, same, slice_is

EVERYTHING = asking(
    *(m.name for m in CELL_MEASUREMENTS),
    *((m.name, s) for m in SLICE_MEASUREMENTS for s in SNSSAIS),
)
ROWS = [*CELL_MEASUREMENTS, *(m for m in SLICE_MEASUREMENTS for _ in SNSSAIS)]


def table(twin: FakeTwin) -> np.ndarray:
    """Values of all periods in the order of `ROWS`, [periods, columns]."""
    return np.array([np.concatenate([r.cell[0], r.slices[0].T.reshape(-1)]) for r in twin.reports])


def weights(twin: FakeTwin, measurement: Measurement) -> np.ndarray | None:
    """What weights a slice's mean over periods, [periods, slices]."""
    delivered = np.array([d.delivered_packets[0] for d in twin.details], np.float64)
    dropped = np.array([d.dropped_packets[0] for d in twin.details], np.float64)
    blocks = np.array([r.slices[0][:, SLICE_COLUMN["TB.TotNbrDl"]] for r in twin.reports])
    return {
        "DRB.RlcSduDelayDl": delivered,
        "DRB.RlcPacketDropRateDl": delivered + dropped,
        "CARR.PDSCHMCSDist": blocks,
    }.get(measurement.name)


def merged(measurement: Measurement, found: np.ndarray, weight: np.ndarray | None) -> float:
    """One column's periods as one value, by the words of the catalogue."""
    if measurement.name == "DRB.BufferSize.Qos":
        return float(found[-1])
    there = ~np.isnan(found)
    if not there.any():
        return math.nan
    if "per period" in measurement.unit:
        return float(found[there].sum())
    if weight is None or there.sum() == 1:
        exact = found[there].mean()
    elif np.nansum(weight[there]) == 0:
        return math.nan
    else:
        exact = np.average(found[there], weights=np.nan_to_num(weight[there]))
    return round(float(exact) / measurement.resolution) * measurement.resolution


def records(indication: e2ap.RicIndication) -> tuple[kpm.Record, ...]:
    message = kpm.INDICATION_MESSAGE.decode(indication.message)
    assert isinstance(message, kpm.IndicationFormat1)
    return message.records


def test_a_report_a_period_has_the_values_of_the_period() -> None:
    pair = Pair()
    assert isinstance(pair.subscribe(of_cell(*EVERYTHING)), Succeeded)
    for i in range(20):
        (indication,) = pair.tick()
        (record,) = records(indication)
        expected = table(pair.twin)[-1]
        for value, wanted, m in zip(record.values, expected, ROWS, strict=True):
            assert value == wanted or (value is None and math.isnan(wanted)), m.name
            assert (
                type(value)
                in ((int,) if m.kind == "integer" else (float,), (type(None),))[value is None]
            )
        assert indication.sequence_number == i
        header = kpm.INDICATION_HEADER.decode(indication.header)
        assert isinstance(header, kpm.IndicationHeader)
        assert kpm.unix_ms(header.start) == pair.end_ms - 100
        assert len(header.start) == 8


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_several_periods_make_one(granularity: int, count: int, seed: int) -> None:
    pair = Pair(twin=FakeTwin(seed=seed))
    action = of_cell(*EVERYTHING, granularity_ms=100 * granularity)
    pair.subscribe(action, period_ms=100 * granularity * count)
    (indication,) = pair.tick(granularity * count)
    found = records(indication)
    assert len(found) == count
    everything = table(pair.twin)
    for i, record in enumerate(found):
        chunk = slice(i * granularity, (i + 1) * granularity)
        for j, (value, m) in enumerate(zip(record.values, ROWS, strict=True)):
            weight = weights(pair.twin, m)
            if weight is not None and j >= len(CELL_MEASUREMENTS):
                weight = weight[chunk, (j - len(CELL_MEASUREMENTS)) % len(SNSSAIS)]
            wanted = merged(m, everything[chunk, j], weight)
            # A mean that lies between two steps may be rounded to either.
            step = 0.0 if "per period" in m.unit else m.resolution * 1.001
            if value is None or math.isnan(wanted):
                assert value is None, m.name
                assert math.isnan(wanted), m.name
            else:
                assert isinstance(value, int | float)
                assert math.isclose(value, wanted, abs_tol=step, rel_tol=1e-12), m.name


def test_what_adds_up_over_slices_is_told_of_the_cell() -> None:
    pair = Pair()
    adding = [
        "DRB.PdcpSduVolumeDL", "DRB.RlcSduTransmittedVolumeDL", "RRU.PrbUsedDl", "TB.TotNbrDl",
        "TB.ErrTotalNbrDl", "RRC.ConnMean", "DRB.EstabAtt", "DRB.EstabSucc",
    ]  # fmt: skip
    pair.subscribe(of_cell(*asking(*adding)))
    for indication in pair.tick(10):
        del indication
    (indication,) = pair.tick()
    (record,) = records(indication)
    slices = pair.twin.reports[-1].slices[0]
    for value, name in zip(record.values, adding, strict=True):
        column = slices[:, SLICE_COLUMN[name]]
        assert same(value, math.nan if np.isnan(column).all() else float(np.nansum(column)))


def test_subscriptions_run_beside_each_other_and_end_alone() -> None:
    pair = Pair()
    fast = pair.subscribe(of_cell(*asking("RRU.PrbTotDl")))
    slow = pair.subscribe(
        of_cell(*asking("PEE.AvgPower")),
        of_cell(*asking("CARR.MeanTxPwr"), granularity_ms=300),
        period_ms=300,
    )
    assert isinstance(fast, Succeeded)
    assert isinstance(slow, Succeeded)
    first, second = (s.request.request_id for s in (fast, slow))  # type: ignore[attr-defined]
    got = [(i.request_id, i.action_id, i.sequence_number) for i in pair.tick(6)]
    assert [g for g in got if g[0] == first] == [(first, 1, i) for i in range(6)]
    assert [g for g in got if g[0] == second] == [
        (second, action, i) for i in range(2) for action in (1, 2)
    ]
    assert isinstance(pair.ask(e2ap.RicSubscriptionDeleteRequest(first, pair.ids.kpm)), Succeeded)
    assert {i.request_id for i in pair.tick(3)} == {second}
    assert (pair.tally.subscriptions, pair.tally.deleted) == (2, 1)
    assert pair.tally.indications == 0  # counted by who sends them


def test_a_report_begins_after_its_subscription() -> None:
    """No period from before it, and none left out."""
    pair = Pair()
    pair.tick(3)
    pair.subscribe(of_cell(*asking("RRU.PrbTotDl"), granularity_ms=200), period_ms=200)
    assert pair.tick() == []
    (indication,) = pair.tick()
    header = kpm.INDICATION_HEADER.decode(indication.header)
    assert isinstance(header, kpm.IndicationHeader)
    assert kpm.unix_ms(header.start) == pair.end_ms - 200


def test_names_and_the_older_time_stamp_by_option() -> None:
    pair = Pair(names=True, version=KpmVersion.V2_03)
    asked = asking("RRU.PrbTotDl", ("DRB.UEThpDl", SNSSAIS[0]))
    pair.subscribe(of_cell(*asked))
    (indication,) = pair.tick()
    message = kpm.INDICATION_MESSAGE.decode(indication.message)
    assert isinstance(message, kpm.IndicationFormat1)
    assert (message.measurements, message.granularity_ms) == (asked, 100)
    header = kpm.INDICATION_HEADER.decode(indication.header)
    assert isinstance(header, kpm.IndicationHeader)
    assert len(header.start) == 4
    assert kpm.unix_ms(header.start) == (pair.end_ms - 100) // 1000 * 1000
    assert {f.oid for f in pair.setup.functions} >= {kpm.OID_V2}


def cqi(expression: TestExpression, value: Any, *, logical_or: bool = False) -> UeCondition:
    return UeCondition(TestCondition(TestType.CQI, expression, value), logical_or)


GREATER, LESS, EQUAL = (
    TestExpression.GREATER_THAN, TestExpression.LESS_THAN, TestExpression.EQUAL,
)  # fmt: skip


@pytest.mark.parametrize(
    ("conditions", "matches"),
    [
        ((slice_is(1),), lambda s, q: s == 0),
        ((slice_is(2), cqi(GREATER, 7)), lambda s, q: s == 1 and q > 7),
        ((slice_is(1, logical_or=True), slice_is(3)), lambda s, q: s in (0, 2)),
        ((cqi(LESS, 3, logical_or=True), cqi(EQUAL, 9.0)), lambda s, q: q < 3 or q == 9),
        (
            (cqi(LESS, 9, logical_or=True), slice_is(2), slice_is(2)),
            lambda s, q: (q < 9 or s == 1) and s == 1,
        ),
        (
            (UeCondition(TestCondition(TestType.S_NSSAI, EQUAL, bytes.fromhex("03000001"))),),
            lambda s, q: s == 2,
        ),
        ((UeCondition(TestCondition(TestType.S_NSSAI, EQUAL, b"\1")),), lambda s, q: False),
        (
            (UeCondition(TestCondition(TestType.S_NSSAI, TestExpression.PRESENT)),),
            lambda s, q: True,
        ),
    ],
)
def test_users_that_match_are_reported_one_by_one(
    conditions: tuple[UeCondition, ...], matches: Any
) -> None:
    pair = Pair()
    action = of_users(*asking(*USER_NAMES), conditions=conditions, granularity_ms=200)
    assert isinstance(pair.subscribe(action, period_ms=200), Succeeded)
    found = pair.tick(2)
    users = pair.twin.seen
    wanted = [
        i for i, s in enumerate(users[-1].slice.tolist()) if matches(s, int(users[-1].cqi[0, i]))
    ]
    assert pair.tally.empty == (not wanted)
    if not wanted:
        assert not found
        return
    message = kpm.INDICATION_MESSAGE.decode(found[0].message)
    assert isinstance(message, kpm.IndicationFormat3)
    assert [u.ue for u in message.ues] == [GnbDuUeId(i) for i in wanted]
    for i, ue in zip(wanted, message.ues, strict=True):
        volume = sum(int(u.volume_bytes[0, i]) for u in users)
        active = sum(int(u.active_slots[0, i]) for u in users if u.active_slots[0, i])
        counted = sum(int(u.volume_bytes[0, i]) for u in users if u.active_slots[0, i])
        (record,) = ue.report.records
        throughput, kbit, queued, quality, mcs = record.values
        rate = counted * 8.0 / (active * 0.5) if active else math.nan
        assert same(throughput, rate if math.isnan(rate) else round(rate))
        assert kbit == round(volume * 0.008)
        assert queued == int(users[-1].queued_bytes[0, i])
        assert same(quality, round(np.mean([u.cqi[0, i] for u in users]), 2))
        assert same(mcs, round(np.mean([u.mcs[0, i] for u in users]), 2))


def test_a_report_that_is_longer_than_a_packet_is_counted_and_not_sent() -> None:
    pair = Pair(names=True)
    asked = asking("DRB.RlcSduTransmittedVolumeDL") * 2000
    everybody = UeCondition(TestCondition(TestType.S_NSSAI, TestExpression.PRESENT))
    assert isinstance(pair.subscribe(of_users(*asked, conditions=(everybody,))), Succeeded)
    assert pair.tick() == []
    assert pair.tally.unsent == {"RicIndication": 1}
    assert isinstance(pair.subscribe(of_cell(*asking("RRU.PrbTotDl"))), Succeeded)
    assert len(pair.tick()) == 1


def test_users_cost_nothing_while_nobody_asks() -> None:
    pair = Pair()
    pair.subscribe(of_cell(*asking("RRU.PrbTotDl")))
    assert not pair.reports.wants_users
    assert pair.site.play(0, with_users=False)[0].users == ()


def test_what_is_announced_is_what_is_served() -> None:
    pair = Pair()
    definition = next(f for f in pair.setup.functions if f.id == pair.ids.kpm).definition
    description = kpm.FUNCTION_DESCRIPTION.decode(definition)
    assert description.reports is not None
    styles = {r.type: [m.name for m in r.measurements] for r in description.reports}
    assert styles == {1: list(CELL_NAMES), 4: list(USER_NAMES)}
    assert set(CELL_NAMES) == CELL_COLUMN.keys() | SLICE_COLUMN.keys()
