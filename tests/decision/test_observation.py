"""The observation: finite, in range, equivariant, and right by hand."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.allocation import Allocation
from oran.intent import Intent, Sla
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from tests.strategies import random_rows, reports
from xapp.decision.observation import FEATURES, OBSERVATION
from xapp.decision.pipeline import Rows, observe
from xapp.decision.targets import Targets


@given(reports(), st.randoms(use_true_random=False))
def test_every_feature_of_any_report_is_finite_and_in_its_range(
    drawn: tuple[CellReport, tuple[Intent, ...]], rng: random.Random
) -> None:
    report, intents = drawn
    count = len(report.slices)
    features, demand = observe(report, Targets.of(intents), random_rows(rng, count, feasible=True))
    assert len(features) == FEATURES * count
    assert all(0.0 <= d < math.inf for d in demand)
    for i, value in enumerate(features):
        feature = OBSERVATION[i % FEATURES]
        assert math.isfinite(value), feature
        assert feature.low <= value <= feature.high, feature


@given(reports(slices=4), st.permutations(range(4)), st.randoms(use_true_random=False))
def test_the_order_of_slices_does_not_matter(
    drawn: tuple[CellReport, tuple[Intent, ...]], order: list[int], rng: random.Random
) -> None:
    report, intents = drawn
    previous = random_rows(rng, 4, feasible=True)
    straight, demand = observe(report, Targets.of(intents), previous)
    turned, turned_demand = observe(
        CellReport(
            report.node, report.cell, report.sequence, report.start_ms, report.period_ms,
            report.values, tuple(report.slices[i] for i in order),
        ),
        Targets.of([intents[i] for i in order]),
        Rows([previous.slices[i] for i in order], previous.tx_power_offset_db),
    )  # fmt: skip
    assert turned_demand == [demand[i] for i in order]
    # The sum over slices (cell_demand) may differ in its last bit with the order of its terms.
    moved = [v for i in order for v in straight[FEATURES * i : FEATURES * (i + 1)]]
    assert turned == pytest.approx(moved, rel=1e-12)


def test_hand_computed_values() -> None:
    first = {
        "DRB.UEThpDl": 10_000.0,
        "DRB.PdcpSduVolumeDL": 6_000,
        "DRB.RlcSduTransmittedVolumeDL": 4_000,
        "DRB.BufferSize.Qos": 5_000,
        "RRU.PrbUsedDl": 40.0,
        "CARR.WBCQIDist": 9.0,
        "TB.TotNbrDl": 200,
        "TB.ErrTotalNbrDl": 20,
        "RRC.ConnMean": 10.0,
        "DRB.EstabAtt": 4,
        "DRB.EstabSucc": 3,
    }
    second = {"DRB.RlcSduDelayDl": 25.0, "DRB.RlcPacketDropRateDl": 3_000}
    report = CellReport(
        "n", "c", 0, 0, 500,
        CellReport.cell_values({"RRU.PrbAvailDl": 100, "RRU.PrbTotDl": 60}),
        (SliceReport.of(Snssai(1, 1), first), SliceReport.of(Snssai(2, 1), second)),
    )  # fmt: skip
    targets = Targets.of(
        (
            Intent(Snssai(1, 1), Sla(throughput_kbps=30_000.0)),
            Intent(Snssai(2, 1), Sla(delay_ms=7.5, drop_rate=1e-3), 3.0),
        )
    )
    previous = Rows([[0, 60, 100, 3, 50], [10, 40, 80, 0, 100]], -3)
    features, demands = observe(report, targets, previous)
    # Efficiency: (4000 + 0.1 * 250) kbit over 40.1 PRBs for half a second; the nominal 250 kbit
    # for the slice that used none. Demand: 6000 + 10 UEs * 40 kbit, of 100 PRBs.
    demand = 6_400.0 / (4_025.0 / 40.1 * 100.0)
    assert demands == pytest.approx([demand, 0.0])
    expected = {
        "throughput": (0.5, 0.0),
        "offered_rate": (6.0 / 16.0, 0.0),
        "delivered_rate": (4.0 / 14.0, 0.0),
        "delay": (0.0, 25.0 / 225.0),
        "drop": (0.0, 0.75),
        "buffer": (0.2, 0.0),
        "connected_ues": (0.5, 1.0 / 11.0),
        "cqi": (0.6, 7.0 / 15.0),
        "mcs": (10.0 / 28.0, 10.0 / 28.0),
        "error_rate": (0.1, 0.0),
        "admitted": (0.75, 0.0),
        "throughput_to_target": (0.25, 1.0),
        "delay_to_target": (0.0, 0.25),
        "drop_to_target": (0.0, 0.75),
        "prb_used": (0.4, 0.0),
        "demand": (demand / (demand + 0.5), 0.0),
        "cell_demand": (demand / (demand + 1.0),) * 2,
        "measured": (11.0 / 14.0, 2.0 / 14.0),
        "cell_load": (0.6, 0.6),
        "previous_dedicated": (0.0, 0.1),
        "previous_min": (0.6, 0.4),
        "previous_max": (1.0, 0.8),
        "previous_mcs_backoff": (0.5, 0.0),
        "previous_admission": (0.5, 1.0),
        "previous_power": (1.0 / 3.0,) * 2,
        "is_embb": (1.0, 0.0),
        "is_urllc": (0.0, 1.0),
        "is_mmtc": (0.0, 0.0),
        "weight": (0.5, 0.75),
        "target_throughput": (0.75, 0.0),
        "target_delay": (1.0, 7.5 / 27.5),
        "target_drop": (1.0, 0.5),
    }
    assert list(expected) == [f.name for f in OBSERVATION]
    for i, (name, pair) in enumerate(expected.items()):
        assert features[i::FEATURES] == pytest.approx(pair, rel=1e-7), name


def test_volumes_that_were_not_measured_are_carried_over_from_the_throughput() -> None:
    names = {"DRB.UEThpDl": 3_000.0, "RRC.ConnMean": 2.0}
    cell = CellReport.cell_values({"RRU.PrbAvailDl": 100})
    report = CellReport("n", "c", 0, 0, 100, cell, (SliceReport.of(Snssai(1), names),))
    _, demand = observe(
        report, Targets.of([Intent(Snssai(1), Sla())]), Rows([[0, 100, 100, 0, 100]])
    )
    # 600 kbit in the period, as if carried by the 0.1 PRB of the prior: (600 + 5) / 0.1 a PRB.
    assert demand == pytest.approx([600.0 / (6_050.0 * 100.0)])


def test_rows_and_allocations_are_the_same_thing() -> None:
    rows = Rows([[0, 60, 100, 3, 50], [10, 40, 80, 0, 100]], -3)
    allocation = rows.allocation((Snssai(1), Snssai(2)))
    assert isinstance(allocation, Allocation)
    assert Rows.of(allocation) == rows
