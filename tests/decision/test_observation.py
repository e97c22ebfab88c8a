"""The observation: in range, the same bits in any batch, equivariant, and right by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.batch import AllocationBatch, ReportBatch
from oran.intent import Intent, Sla
from oran.measurements import SLICE_MEASUREMENTS
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from tests.strategies import random_allocation, reports
from xapp.decision.observation import OBSERVATION, observe
from xapp.decision.targets import Targets

INDEX = {f.name: i for i, f in enumerate(OBSERVATION)}


@given(reports(), st.integers(0, 2**32))
def test_every_feature_of_any_report_is_finite_and_in_its_range(
    drawn: tuple[CellReport, tuple[Intent, ...]], seed: int
) -> None:
    report, intents = drawn
    previous = random_allocation(np.random.default_rng(seed), 1, len(report.slices), feasible=True)
    seen = observe(ReportBatch.of(report), Targets.of(intents), previous)
    assert np.isfinite(seen.slices).all()
    assert np.isfinite(seen.demand).all()
    for i, feature in enumerate(OBSERVATION):
        column = seen.slices[..., i]
        assert (column >= feature.low).all(), feature
        assert (column <= feature.high).all(), feature


@given(st.lists(reports(slices=3), min_size=2, max_size=20), st.integers(0, 2**32))
def test_a_cell_is_seen_with_the_same_bits_alone_and_in_a_batch(
    drawn: list[tuple[CellReport, tuple[Intent, ...]]], seed: int
) -> None:
    singles = [ReportBatch.of(report) for report, _ in drawn]
    rows = [Targets.of(intents) for _, intents in drawn]
    previous = random_allocation(np.random.default_rng(seed), len(drawn), 3, feasible=True)
    together = observe(
        ReportBatch(
            100,
            np.concatenate([b.cell for b in singles]),
            np.concatenate([b.slices for b in singles]),
            np.concatenate([b.present for b in singles]),
        ),
        Targets(
            *(
                np.concatenate([getattr(t, name) for t in rows])
                for name in ("sst", "weight", "throughput_kbps", "delay_ms", "drop_rate")
            )
        ),
        previous,
    )
    for n, (single, row) in enumerate(zip(singles, rows, strict=True)):
        alone = observe(
            ReportBatch(100, single.cell, single.slices, single.present),
            row,
            AllocationBatch(previous.slices[n : n + 1], previous.tx_power_offset_db[n : n + 1]),
        )
        assert alone.slices[0].tobytes() == together.slices[n].tobytes()
        assert alone.demand[0].tobytes() == together.demand[n].tobytes()


@given(reports(slices=4), st.permutations(range(4)), st.integers(0, 2**32))
def test_the_order_of_slices_does_not_matter(
    drawn: tuple[CellReport, tuple[Intent, ...]], order: list[int], seed: int
) -> None:
    report, intents = drawn
    batch = ReportBatch.of(report)
    previous = random_allocation(np.random.default_rng(seed), 1, 4, feasible=True)
    straight = observe(batch, Targets.of(intents), previous)
    turned = observe(
        ReportBatch(batch.period_ms, batch.cell, batch.slices[:, order], batch.present),
        Targets.of([intents[i] for i in order]),
        AllocationBatch(previous.slices[:, order], previous.tx_power_offset_db),
    )
    # The sum over slices (cell_demand) may differ in its last bit with the order of its terms.
    np.testing.assert_allclose(turned.slices, straight.slices[:, order], rtol=1e-6)
    assert turned.demand.tobytes() == straight.demand[:, order].tobytes()


def test_an_empty_slice_place_is_all_zeros_and_changes_nothing_else() -> None:
    report, intents = _by_hand()
    batch = ReportBatch.of(report)
    widened = ReportBatch(
        batch.period_ms,
        batch.cell,
        np.concatenate([batch.slices, np.full((1, 1, len(SLICE_MEASUREMENTS)), np.nan)], axis=1),
        np.array([[True, True, False]]),
    )
    previous = random_allocation(np.random.default_rng(1), 1, 3, feasible=True)
    ghost = Intent(Snssai(9), Sla())
    wide = observe(widened, Targets.of((*intents, ghost)), previous)
    narrow = observe(
        batch,
        Targets.of(intents),
        AllocationBatch(previous.slices[:, :2], previous.tx_power_offset_db),
    )
    assert not wide.slices[0, 2].any()
    assert wide.demand[0, 2] == 0.0
    assert wide.slices[0, :2].tobytes() == narrow.slices[0].tobytes()


def _by_hand() -> tuple[CellReport, tuple[Intent, ...]]:
    first = SliceReport.of(
        Snssai(1, 1),
        {
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
        },
    )
    second = SliceReport.of(
        Snssai(2, 1), {"DRB.RlcSduDelayDl": 25.0, "DRB.RlcPacketDropRateDl": 3_000}
    )
    cell = CellReport.cell_values({"RRU.PrbAvailDl": 100, "RRU.PrbTotDl": 60})
    report = CellReport("n", "c", 0, 0, 500, cell, (first, second))
    intents = (
        Intent(Snssai(1, 1), Sla(throughput_kbps=30_000.0)),
        Intent(Snssai(2, 1), Sla(delay_ms=7.5, drop_rate=1e-3), 3.0),
    )
    return report, intents


def test_hand_computed_values() -> None:
    report, intents = _by_hand()
    previous = AllocationBatch(
        np.array([[[0, 60, 100, 3, 50], [10, 40, 80, 0, 100]]]), np.array([-3])
    )
    seen = observe(ReportBatch.of(report), Targets.of(intents), previous)
    # Efficiency: (4000 + 0.1 * 250) kbit over 40.1 PRBs for half a second; the nominal 250 kbit
    # for the slice that used none. Demand: 6000 + 10 UEs * 40 kbit, of 100 PRBs.
    demand = 6_400.0 / (4_025.0 / 40.1 * 100.0)
    assert seen.demand[0] == pytest.approx([demand, 0.0])
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
    assert set(expected) == set(INDEX)
    for name, pair in expected.items():
        assert seen.slices[0, :, INDEX[name]] == pytest.approx(pair, rel=1e-6), name
