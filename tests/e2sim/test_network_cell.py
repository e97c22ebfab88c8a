"""What must hold of the network whatever its cells do."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from e2sim.network import Network
from e2sim.network.report import Detail
from e2sim.scenario import load_scenario
from oran.allocation import TX_POWER_OFFSET_DB
from oran.batch import ADMISSION, DEDICATED, MAX, MCS_BACKOFF, MIN, SLICE_FIELDS, AllocationBatch
from oran.measurements import (
    CELL_COLUMN,
    CELL_MEASUREMENTS,
    SLICE_COLUMN,
    SLICE_MEASUREMENTS,
)

MIXED = replace(load_scenario("mixed"), period_ms=20)
OVERLOAD = replace(load_scenario("overload"), period_ms=20)
SLICES = len(MIXED.slices)


def seeds(*numbers: int) -> NDArray[np.uint64]:
    return np.array(numbers, np.uint64)


def equal(cells: int, **columns: int) -> AllocationBatch:
    """The same for all cells: equal guarantees, and nothing held back but as `columns` say."""
    rows = np.zeros((cells, SLICES, SLICE_FIELDS), np.int64)
    rows[..., MIN], rows[..., MAX], rows[..., ADMISSION] = 33, 100, 100
    power = np.full(cells, columns.pop("tx_power_offset_db", 0), np.int64)
    for name, value in columns.items():
        rows[..., globals()[name]] = value
    return AllocationBatch(rows, power)


@st.composite
def allocations(draw: st.DrawFn, cells: int) -> AllocationBatch:
    """Any feasible allocation of `cells` cells."""
    rows = np.zeros((cells, SLICES, SLICE_FIELDS), np.int64)
    for cell in range(cells):
        left = 100
        for s in range(SLICES):
            rows[cell, s, MIN] = draw(st.integers(0, left))
            left -= int(rows[cell, s, MIN])
            rows[cell, s, DEDICATED] = draw(st.integers(0, int(rows[cell, s, MIN])))
            rows[cell, s, MAX] = draw(st.integers(int(rows[cell, s, MIN]), 100))
            rows[cell, s, MCS_BACKOFF] = draw(st.integers(0, 6))
            rows[cell, s, ADMISSION] = draw(st.integers(0, 100))
    power = draw(st.lists(st.integers(*TX_POWER_OFFSET_DB), min_size=cells, max_size=cells))
    return AllocationBatch(rows, np.array(power, np.int64))


def same(one: Detail, other: Detail, where: Any = ...) -> None:
    for f in fields(Detail):
        np.testing.assert_array_equal(getattr(one, f.name)[where], getattr(other, f.name))


def exogenous(network: Network) -> dict[str, NDArray[Any]]:
    """Everything no allocation may touch."""
    state = network._state
    users = ("snr", "inr", "stream", "on", "nominal", "due", "left", "rate")
    return {
        "words": state.words,
        "taps": state.taps,
        **{f"user {name}": state.users[name] for name in users},
        "interference": state.cells[["stream", "level", "burst"]],
        "swing": state.slices[["stream", "swing", "burst"]],
    }


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(0, 2**64 - 1))
def test_bytes_packets_and_prbs_are_conserved(data: st.DataObject, seed: int) -> None:
    scenario = data.draw(st.sampled_from([OVERLOAD, replace(OVERLOAD, slicing="strict")]))
    network = Network(scenario, seeds(seed))
    waiting_bytes = np.zeros((1, SLICES), np.int64)
    waiting = np.zeros((1, SLICES), np.int64)
    for _ in range(data.draw(st.integers(1, 8))):
        allocation = data.draw(allocations(1))
        network.step(allocation)
        d = network.detail()
        waiting_bytes += d.offered_bytes - d.delivered_bytes - d.dropped_bytes
        waiting += d.offered_packets - d.delivered_packets - d.dropped_packets
        np.testing.assert_array_equal(waiting_bytes, d.queued_bytes)
        np.testing.assert_array_equal(waiting > 0, d.queued_bytes > 0)
        assert (waiting >= 0).all()
        assert (d.offered_bytes <= d.demanded_bytes).all()
        assert (d.late_packets <= d.dropped_packets).all()
        assert (d.blocked_flows <= d.attempted_flows).all()
        carrier = OVERLOAD.prbs * OVERLOAD.slots_per_period
        assert d.used_prbs.sum() <= carrier
        limits = allocation.slices[..., MAX] * OVERLOAD.prbs // 100
        assert (d.used_prbs <= limits * OVERLOAD.slots_per_period).all()
        if scenario.slicing == "strict":
            own = allocation.slices[..., MIN] * OVERLOAD.prbs // 100
            assert (d.used_prbs <= own * OVERLOAD.slots_per_period).all()
        unused = allocation.slices[0, :, DEDICATED] * OVERLOAD.prbs // 100
        idle = np.maximum(unused * OVERLOAD.slots_per_period - d.used_prbs[0], 0)
        assert d.used_prbs.sum() + idle.sum() <= carrier


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_no_allocation_changes_what_the_world_does(data: st.DataObject) -> None:
    one, other = Network(MIXED, seeds(3, 4)), Network(MIXED, seeds(3, 4))
    for _ in range(5):
        one.step(data.draw(allocations(2)))
        other.step(data.draw(allocations(2)))
        for name, values in exogenous(one).items():
            np.testing.assert_array_equal(values, exogenous(other)[name], err_msg=name)
        a, b = one.detail(), other.detail()
        np.testing.assert_array_equal(a.demanded_bytes, b.demanded_bytes)
        np.testing.assert_array_equal(a.attempted_flows, b.attempted_flows)


def test_what_the_world_does_is_not_constant() -> None:
    network = Network(MIXED, seeds(3, 4))
    before = {name: values.copy() for name, values in exogenous(network).items()}
    network.step(equal(2))
    for name, values in exogenous(network).items():
        assert name in ("user snr", "user inr", "user on") or (values != before[name]).any(), name
        assert (values[0] != values[1]).any(), name


def test_a_cell_depends_on_its_seed_alone() -> None:
    wanted = seeds(*range(7))
    batches = [Network(MIXED, wanted, threads=threads) for threads in (1, 2, 3, 16)]
    alone = [Network(MIXED, wanted[i : i + 1]) for i in range(7)]
    rng = np.random.default_rng(0)
    for _ in range(20):
        allocation = equal(7, MCS_BACKOFF=int(rng.integers(7)), ADMISSION=int(rng.integers(101)))
        reports = [network.step(allocation) for network in batches]
        for report, network in zip(reports[1:], batches[1:], strict=True):
            np.testing.assert_array_equal(report.slices, reports[0].slices)
            np.testing.assert_array_equal(report.cell, reports[0].cell)
            same(network.detail(), batches[0].detail())
        for i, network in enumerate(alone):
            one = network.step(
                AllocationBatch(allocation.slices[i : i + 1], allocation.tx_power_offset_db[:1])
            )
            np.testing.assert_array_equal(one.slices[0], reports[0].slices[i])
            same(batches[0].detail(), network.detail(), slice(i, i + 1))


def test_reset_restarts_the_chosen_cells_and_no_other() -> None:
    network, untouched = Network(MIXED, seeds(1, 2, 3)), Network(MIXED, seeds(1, 2, 3))
    fresh = Network(MIXED, seeds(9))
    for _ in range(3):
        network.step(equal(3))
        untouched.step(equal(3))
    network.reset(np.array([False, True, False]), seeds(0, 9, 0))
    for _ in range(3):
        got, kept, new = network.step(equal(3)), untouched.step(equal(3)), fresh.step(equal(1))
        np.testing.assert_array_equal(got.slices[[0, 2]], kept.slices[[0, 2]])
        np.testing.assert_array_equal(got.slices[1], new.slices[0])


def test_reset_without_seeds_repeats_the_episode() -> None:
    network = Network(MIXED, seeds(1, 2))
    first = [network.step(equal(2)).slices for _ in range(3)]
    network.reset()
    for report in first:
        np.testing.assert_array_equal(network.step(equal(2)).slices, report)


def delivered(allocation: AllocationBatch, closer: float = 1.0) -> Any:
    """Bytes of each slice, of the same demand, with every user's SNR times `closer`."""
    cells = len(allocation.slices)
    network = Network(OVERLOAD, np.arange(cells).astype(np.uint64))
    network._state.users["snr"] *= closer
    total = np.zeros(SLICES)
    for _ in range(50):
        network.step(allocation)
        total += network.detail().delivered_bytes.sum(axis=0)
    return total


def test_more_prbs_more_power_or_a_better_place_never_deliver_less() -> None:
    cells = 24
    for s in range(SLICES):
        totals = []
        for share in (5, 20, 40, 80):
            allocation = equal(cells)
            allocation.slices[:, :, MIN] = 0
            allocation.slices[:, s, MAX] = share
            totals.append(delivered(allocation)[s])
        assert totals == sorted(totals)
        assert totals[-1] > 2.0 * totals[0]
    powers = [delivered(equal(cells, tx_power_offset_db=p)).sum() for p in (-9, -4, 0)]
    places = [delivered(equal(cells), closer).sum() for closer in (0.01, 0.1, 1.0, 10.0)]
    for totals in (powers, places):
        assert totals == sorted(totals)
        assert totals[-1] > 1.1 * totals[0]


def test_dedicated_prbs_stay_idle_and_minimum_ones_do_not() -> None:
    loads = (2.0, 0.0, 2.0)
    scenario = replace(
        OVERLOAD,
        slices=tuple(
            replace(s, traffic=replace(s.traffic, load=(load, load)))
            for s, load in zip(OVERLOAD.slices, loads, strict=True)
        ),
    )
    used = []
    for dedicated in (0, 60):
        allocation = equal(4)
        allocation.slices[:, :, MIN] = (0, 60, 0)
        allocation.slices[:, 1, DEDICATED] = dedicated
        network = Network(scenario, np.arange(4).astype(np.uint64))
        for _ in range(20):
            report = network.step(allocation)
        used.append(report.cell[:, CELL_COLUMN["RRU.PrbTotDl"]])
    assert used[0].mean() > 95
    assert (used[1] <= 41).all()  # 106 PRBs less 63 reserved ones


def test_mcs_backoff_lowers_errors_and_admission_refuses_flows() -> None:
    errors, refused = [], []
    for backoff, admission in ((0, 100), (4, 50), (6, 0)):
        network = Network(MIXED, np.arange(16).astype(np.uint64))
        allocation = equal(16, MCS_BACKOFF=backoff, ADMISSION=admission)
        total = np.zeros(len(SLICE_MEASUREMENTS))
        for _ in range(60):
            total += np.nansum(network.step(allocation).slices, axis=(0, 1))
        of = {m.name: total[i] for i, m in enumerate(SLICE_MEASUREMENTS)}
        errors.append(of["TB.ErrTotalNbrDl"] / of["TB.TotNbrDl"])
        refused.append(1.0 - of["DRB.EstabSucc"] / of["DRB.EstabAtt"])
    assert errors[0] > 10.0 * errors[1] >= 10.0 * errors[2]
    assert refused[0] == 0.0
    assert refused[1] == pytest.approx(0.5, abs=0.03)
    assert refused[2] == 1.0


def test_energy_follows_the_linear_model() -> None:
    power = MIXED.power
    network = Network(MIXED, np.arange(8).astype(np.uint64))
    report = network.step(equal(8, tx_power_offset_db=-3))
    used = network.detail().used_prbs.sum(axis=1) / (MIXED.prbs * MIXED.slots_per_period)
    watts = 2 * (56.0 + 2.6 * 6.3 * 10**-0.3 * used)
    assert (power.chains, power.fixed_w, power.max_w, power.slope) == (2, 56.0, 6.3, 2.6)
    np.testing.assert_allclose(network.detail().energy_j, watts * 0.02)
    np.testing.assert_allclose(report.cell[:, CELL_COLUMN["PEE.AvgPower"]], watts, atol=0.051)


def test_reports_hold_whole_steps_of_the_catalogue() -> None:
    network = Network(OVERLOAD, np.arange(16).astype(np.uint64))
    for _ in range(10):
        report = network.step(equal(16))
        for table, values in (
            (SLICE_MEASUREMENTS, report.slices),
            (CELL_MEASUREMENTS, report.cell),
        ):
            for column, m in enumerate(table):
                for value in values[..., column].ravel().tolist():
                    assert value == m.quantise(value) or np.isnan(value)
        assert report.present.all()
        assert report.period_ms == OVERLOAD.period_ms
    detail = network.detail()
    volume = report.slices[..., SLICE_COLUMN["DRB.PdcpSduVolumeDL"]]
    np.testing.assert_allclose(volume, detail.offered_bytes * 8e-3, atol=0.5)
    finished = detail.delivered_packets + detail.dropped_packets
    rate = report.slices[..., SLICE_COLUMN["DRB.RlcPacketDropRateDl"]]
    measured = finished > 0
    expected = detail.dropped_packets[measured] / finished[measured] * 1e6
    np.testing.assert_allclose(rate[measured], expected, atol=0.5)
    assert np.isnan(rate[~measured]).all()


def test_what_was_not_measured_is_nan() -> None:
    silent = replace(
        MIXED,
        cqi_period_slots=100,
        slices=tuple(replace(s, traffic=replace(s.traffic, load=(0.0, 0.0))) for s in MIXED.slices),
    )
    network = Network(silent, seeds(1))
    network.step(equal(1))
    report = network.step(equal(1))
    missing = {m.name for m, v in zip(SLICE_MEASUREMENTS, report.slices[0, 0], strict=True)
               if np.isnan(v)}  # fmt: skip
    assert missing == {
        "DRB.UEThpDl",
        "DRB.RlcSduDelayDl",
        "DRB.RlcPacketDropRateDl",
        "CARR.WBCQIDist",
        "CARR.PDSCHMCSDist",
    }
    assert np.isnan(report.cell[0, CELL_COLUMN["CARR.MeanTxPwr"]])
    assert report.cell[0, CELL_COLUMN["RRU.PrbTotDl"]] == 0.0
