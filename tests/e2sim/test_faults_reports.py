"""Faults of reports: what goes out in place of what was measured, and how it is stamped."""

import math
from dataclasses import replace

import numpy as np
import pytest

from e2sim.e2 import period
from e2sim.e2.merging import Merge, Rule, merge
from e2sim.network import Network
from e2sim.node.node import Node
from e2sim.scenario import Fault, Scenario, load_scenario
from oran.batch import ReportBatch
from oran.measurements import (
    CELL_COLUMN,
    CELL_MEASUREMENTS,
    SLICE_COLUMN,
    SLICE_MEASUREMENTS,
    UINT32,
)
from oran.report import Health
from oran.snssai import Snssai
from tests.e2sim.test_faults_network import truth
from tests.e2sim.test_network_cell import equal, seeds

MIXED = load_scenario("mixed")
BUFFER = SLICE_COLUMN["DRB.BufferSize.Qos"]


def with_faults(*faults: Fault) -> Scenario:
    return replace(MIXED, faults=faults)


def alike(one: ReportBatch, other: ReportBatch) -> bool:
    return np.array_equal(one.cell, other.cell, equal_nan=True) and np.array_equal(
        one.slices, other.slices, equal_nan=True
    )


def test_reports_are_falsified_and_the_network_is_not() -> None:
    faults = (
        Fault(kind="garbled_report", mtbf_s=0.5, mttr_s=0.5),
        Fault(kind="spoofed_report", mtbf_s=0.5, mttr_s=0.5),
        Fault(kind="stale_report", mtbf_s=0.5, mttr_s=0.3),
    )
    told, true = Network(with_faults(*faults), seeds(1, 2)), Network(MIXED, seeds(1, 2))
    falsified = 0
    for _ in range(60):
        report, measured = told.step(equal(2)), true.step(equal(2))
        now = truth(told)
        assert alike(now.measured, measured)
        np.testing.assert_array_equal(told.detail().energy_j, true.detail().energy_j)
        np.testing.assert_array_equal(told.detail().dropped_bytes, true.detail().dropped_bytes)
        for got, kept, false in (
            (report.cell, measured.cell, now.false_cell),
            (report.slices, measured.slices, now.false_slices),
        ):
            unlike = ~((got == kept) | (np.isnan(got) & np.isnan(kept)))
            np.testing.assert_array_equal(unlike, false)
        quiet = ~now.on_report.any(axis=1)
        assert not now.false_slices[quiet].any()
        falsified += int(now.false_slices.any())
    assert falsified > 30


def test_a_stale_report_has_the_last_values_and_the_stamp_it_says() -> None:
    old = Fault(kind="stale_report", stamp="old", at_s=0.3, for_s=0.2)
    fresh = Fault(kind="stale_report", stamp="fresh", at_s=0.7, for_s=0.2)
    node = Node(Network(with_faults(old, fresh), seeds(1)), "n")
    reports = [node.play(1_000_000 + 100 * i)[0] for i in range(11)]
    repeated = [i for i in range(1, 11) if reports[i].slices == reports[i - 1].slices]
    assert repeated == [3, 4, 7, 8]
    for i, report in enumerate(reports):
        stamp = (report.sequence, report.start_ms)
        assert stamp == ((2, 1_000_100) if i in (3, 4) else (i, 999_900 + 100 * i))


def test_a_first_report_cannot_be_stale() -> None:
    network = Network(with_faults(Fault(kind="stale_report", at_s=0.0, for_s=9.0)), seeds(1))
    first = network.step(equal(1))
    assert first.repeated is not None
    assert not first.repeated[0]
    second = network.step(equal(1))
    assert second.repeated is not None
    assert second.repeated[0]
    assert alike(first, second)
    network.reset()
    assert alike(network.step(equal(1)), first)
    assert not truth(network).false_slices.any()


def test_garbled_values_are_of_three_kinds_and_carried_by_every_encoder() -> None:
    fault = Fault(kind="garbled_report", severity=0.4, at_s=0.0, for_s=1e6)
    network = Network(with_faults(fault), np.arange(32).astype(np.uint64))
    found: dict[str, list[float]] = {"integer": [], "real": []}
    share = []
    for _ in range(20):
        report = network.step(equal(32))
        now = truth(network)
        share.append(now.false_slices.mean())
        for table, values, false in (
            (CELL_MEASUREMENTS, report.cell, now.false_cell),
            (SLICE_MEASUREMENTS, report.slices, now.false_slices),
        ):
            for column, m in enumerate(table):
                found[m.kind] += values[..., column][false[..., column]].tolist()
    assert 0.3 < np.mean(share) <= 0.42
    for kind, ones in (("integer", UINT32), ("real", -1.0)):
        values = np.array(found[kind])
        absent, all_ones = np.isnan(values).mean(), (values == ones).mean()
        assert absent == pytest.approx(1 / 3, abs=0.05)
        assert all_ones == pytest.approx(1 / 3, abs=0.05)
        kept = values[~np.isnan(values)]
        assert (kept == np.rint(kept)).all()
        assert kept.min() >= (0 if kind == "integer" else -(2**31))
        assert kept.max() <= UINT32


def test_garbage_is_told_to_a_ric_as_far_as_the_wire_carries_it() -> None:
    columns = {m.name: m for m in (*CELL_MEASUREMENTS, *SLICE_MEASUREMENTS)}
    for name, value, wanted in (
        ("RRU.PrbTotDl", UINT32, UINT32),
        ("DRB.UEThpDl", -1.0, -1.0),
        ("RRU.PrbUsedDl", 5e8, 5e8),
        ("TB.TotNbrDl", UINT32 + 1.0, math.nan),
        ("DRB.UEThpDl", math.inf, math.nan),
    ):
        rule = Rule(columns[name], Merge.MEAN)
        assert merge([(value,)], 0, rule) == pytest.approx(wanted, nan_ok=True)
        merge([(value,), (1.0,)], 0, rule)  # whatever it is, it does not raise
    assert merge([(UINT32,), (UINT32,)], 0, Rule(columns["TB.TotNbrDl"], Merge.SUM)) != UINT32


def test_spoofed_values_are_multiplied_within_the_catalogue() -> None:
    third = Snssai.parse("3-000001")
    fault = Fault(kind="spoofed_report", slice=third, severity=10.0, at_s=0.5, for_s=1e6)
    network = Network(with_faults(fault), np.arange(4).astype(np.uint64))
    for i in range(30):
        report = network.step(equal(4))
        now = truth(network)
        true = now.measured.slices[:, 2, BUFFER]
        told = np.minimum(10.0 * true, UINT32) if i >= 5 else true
        np.testing.assert_array_equal(report.slices[:, 2, BUFFER], told)
        others = now.false_slices.copy()
        others[:, 2, BUFFER] = False
        assert not others.any()
    names = ("RRU.PrbTotDl", "RRU.PrbUsedDl")
    most = replace(fault, slice=None, severity=1000.0, measurements=names, at_s=0.0)
    network = Network(with_faults(most), np.arange(4).astype(np.uint64))
    for _ in range(5):
        report = network.step(equal(4))
        assert set(report.cell[:, CELL_COLUMN["RRU.PrbTotDl"]]) <= {0.0, 100.0}
        for value in report.slices[..., SLICE_COLUMN["RRU.PrbUsedDl"]].ravel().tolist():
            assert value == SLICE_MEASUREMENTS[SLICE_COLUMN["RRU.PrbUsedDl"]].quantise(value)


def test_health_reaches_the_report_and_its_document() -> None:
    faults = (
        Fault(kind="gnb_outage", at_s=0.1, for_s=0.1),
        Fault(kind="backhaul_loss", severity=0.5, at_s=0.1, for_s=0.2),
    )
    node = Node(Network(with_faults(*faults), seeds(1)), "n")
    reports = [node.play(10_000 + 100 * i)[0] for i in range(4)]
    assert [r.health for r in reports] == [
        Health(), Health("failed", "degraded"), Health("ok", "degraded"), Health(),
    ]  # fmt: skip
    assert reports[1].to_document()["health"] == {"gnb": "failed", "backhaul": "degraded"}


def test_e2_periods_have_the_stamp_of_the_report() -> None:
    fault = Fault(kind="stale_report", at_s=0.1, for_s=0.1)
    network = Network(with_faults(fault), seeds(1))
    node = Node(network, "n")
    found = [
        period.play(node, network, 10_000 + 100 * i, MIXED.slot_ms, with_users=False)[0]
        for i in range(3)
    ]
    assert [p.start_ms for p in found] == [9_900, 9_900, 10_100]
    assert found[0].cell == found[1].cell
