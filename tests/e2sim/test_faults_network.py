"""When faults strike, and what they do to cells."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.faults import FaultProcess, FaultsNow
from e2sim.faults.process import CLEAR, STARTING, STRUCK
from e2sim.faults.streams import at, streams
from e2sim.network import Network, noise
from e2sim.network.fading import LANES
from e2sim.network.state import SCALE
from e2sim.scenario import Fault, Power, Scenario, load_scenario
from oran.measurements import CELL_COLUMN, SLICE_COLUMN
from tests.e2sim.reference_faults import spans, stream
from tests.e2sim.test_network_cell import equal, seeds

MIXED = replace(load_scenario("mixed"), period_ms=50)
SEED = st.integers(0, 2**64 - 1)


def failing(*faults: Fault, **changed: object) -> Scenario:
    return replace(MIXED, faults=faults, **changed)  # type: ignore[arg-type]


def truth(network: Network) -> FaultsNow:
    found = network.faults()
    assert found is not None
    return found


@given(SEED, st.integers(0, 200), st.integers(1, 10_000))
def test_streams_are_those_of_the_kernel(seed: int, index: int, counter: int) -> None:
    key = streams(seeds(seed), index + 1, 41)
    with np.errstate(over="ignore"):
        assert key[0, index] == noise.stream(np.uint64(seed), index, 41)
        assert at(key, counter)[0, index] == noise.at(key[0, index], counter)


@settings(deadline=None)
@given(
    st.lists(SEED, min_size=1, max_size=4),
    st.floats(0.01, 0.5),
    st.floats(0.01, 0.5),
    st.sampled_from([0.0, 0.04]),
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 15)), min_size=1, max_size=8),
)
def test_phases_are_those_of_times_drawn_one_by_one(
    cells: list[int], mtbf: float, mttr: float, startup: float, steps: list[tuple[int, int]]
) -> None:
    faults = (
        Fault(kind="gnb_outage", mtbf_s=mtbf, mttr_s=mttr, startup_s=startup, cells=0.7),
        Fault(kind="stale_report", at_s=0.07, for_s=0.2),
    )
    process = FaultProcess(faults, len(cells))
    process.restart(np.arange(len(cells)), seeds(*cells))
    first = 0
    for step, ticks in steps:
        first += step
        phases = process.phases(np.full(len(cells), first), ticks)
        for c, seed in enumerate(cells):
            for f, fault in enumerate(faults):
                times = spans(fault, stream(seed, f, 41), 1000)
                for j in range(ticks):
                    found = [t for t in times if t.begin <= first + j < t.end]
                    wanted = CLEAR
                    if found:
                        wanted = STRUCK if first + j < found[0].mended else STARTING
                    assert phases[c, j, f] == wanted


def test_availability_is_that_of_the_mean_times() -> None:
    fault = Fault(kind="backhaul_loss", mtbf_s=3.0, mttr_s=1.0)
    process = FaultProcess((fault, replace(fault, cells=0.25)), 400)
    process.restart(np.arange(400), np.arange(400).astype(np.uint64))
    on = np.mean(
        [process.phases(np.full(400, 100 * i), 1)[:, 0] == STRUCK for i in range(300)], axis=0
    )
    assert on[:, 0].mean() == pytest.approx(0.25, abs=0.01)
    assert (on[:, 1] > 0).mean() == pytest.approx(0.25, abs=0.06)


def test_a_failed_gnb_sends_nothing_until_it_has_started_up() -> None:
    fault = Fault(kind="gnb_outage", at_s=0.1, for_s=0.1, startup_s=0.05)
    network = Network(failing(fault, power=Power(off_w=12.0)), seeds(1, 2))
    used, flags, watts = [], [], []
    for _ in range(8):
        report = network.step(equal(2))
        used.append(network.detail().used_prbs.sum(axis=1))
        assert report.health is not None
        flags.append(report.health[:, 0].tolist())
        watts.append(report.cell[:, CELL_COLUMN["PEE.AvgPower"]])
    off = [2, 3, 4]
    assert all((used[i] == 0).all() == (i in off) for i in range(8))
    assert flags == [[2, 2] if i in off else [0, 0] for i in range(8)]
    np.testing.assert_allclose(watts[2], 12.0)
    np.testing.assert_allclose(watts[4], 112.0)
    assert (network.energy().slots.sum(axis=1) == MIXED.slots_per_period).all()
    waiting = [network.detail().queued_bytes.sum()]
    assert waiting[0] > 0


def test_an_outage_within_a_period_degrades_it() -> None:
    fault = Fault(kind="gnb_outage", at_s=0.06, for_s=0.02)
    network = Network(failing(fault), seeds(1))
    flags = []
    for _ in range(3):
        health = network.step(equal(1)).health
        assert health is not None
        flags.append(health[0].tolist())
    assert flags == [[0, 0], [1, 0], [0, 0]]
    assert truth(network).share.tolist() == [[0.0]]


@pytest.mark.parametrize("severity", [0.3, 1.0])
def test_the_backhaul_loses_its_share_and_no_sdu_is_unaccounted_for(severity: float) -> None:
    fault = Fault(kind="backhaul_loss", severity=severity, at_s=0.5, for_s=100.0)
    network, whole = (Network(s, np.arange(8).astype(np.uint64)) for s in (failing(fault), MIXED))
    offered, lost, waiting = np.zeros(3), np.zeros(3), np.zeros((8, 3), np.int64)
    for i in range(60):
        report, intact = network.step(equal(8)), whole.step(equal(8))
        d = network.detail()
        waiting += d.offered_packets - d.delivered_packets - d.dropped_packets
        np.testing.assert_array_equal(waiting > 0, d.queued_bytes > 0)
        np.testing.assert_array_equal(d.offered_bytes, whole.detail().offered_bytes)
        assert report.health is not None
        assert (report.health[:, 1] == (0 if i < 10 else 2 if severity == 1.0 else 1)).all()
        if i < 10:
            np.testing.assert_array_equal(report.slices, intact.slices)
            assert not d.lost_packets.any()
        else:
            offered += d.offered_packets.sum(axis=0)
            lost += d.lost_packets.sum(axis=0)
    np.testing.assert_allclose(lost / offered, severity, atol=0.02)


def test_a_burst_lowers_the_sinr_by_its_decibels_where_interference_rules() -> None:
    fault = Fault(kind="interference_burst", severity=10.0, at_s=0.2, for_s=100.0)
    network, calm = (Network(s, np.arange(16).astype(np.uint64)) for s in (failing(fault), MIXED))
    for n in (network, calm):
        n._state.users["snr"] *= 1e6
        n._state.users["inr"] *= 1e6
    cqi = SLICE_COLUMN["CARR.WBCQIDist"]
    for _ in range(8):
        struck, quiet = network.step(equal(16)), calm.step(equal(16))
    here = slice(SCALE * LANES, SCALE * LANES + MIXED.slices[0].users)
    ratio = network._state.radio[:, 0, here] / calm._state.radio[:, 0, here]
    np.testing.assert_allclose(ratio, 0.1, rtol=1e-3)
    assert struck.slices[..., cqi].mean() < quiet.slices[..., cqi].mean() - 1.0


FAILURE = load_scenario("failure")


def test_faults_are_the_seeds_alone() -> None:
    """Neither allocations nor other cells nor threads change what fails, or what is falsified."""
    scenario = replace(FAILURE, period_ms=100)
    wanted = np.arange(5).astype(np.uint64)
    one, other = Network(scenario, wanted), Network(scenario, wanted, threads=3)
    alone = Network(scenario, wanted[3:4])
    other.reset(np.array([False, True, False, False, False]))
    for i in range(400):
        a, b = one.step(equal(5)), other.step(equal(5, MCS_BACKOFF=i % 7, ADMISSION=i % 101))
        c = alone.step(equal(1))
        x, y, z = truth(one), truth(other), truth(alone)
        for name in ("share", "on_report", "health", "site_health", "link_health"):
            np.testing.assert_array_equal(getattr(x, name), getattr(y, name))
            np.testing.assert_array_equal(getattr(x, name)[3:4], getattr(z, name))
        np.testing.assert_array_equal(a.repeated, b.repeated)
        np.testing.assert_array_equal(a.slices[3:4], c.slices)
        np.testing.assert_array_equal(a.cell[3:4], c.cell)


def test_sites_and_links_have_health_of_their_own() -> None:
    faults = (
        Fault(kind="site_outage", name="edge", at_s=0.05, for_s=0.1),
        Fault(kind="link_outage", name="a", severity=0.25, at_s=0.05, for_s=0.1),
        Fault(kind="link_outage", name="b", severity=0.5, at_s=0.125, for_s=0.1),
        Fault(kind="link_outage", name="a", severity=0.5, at_s=0.1, for_s=0.05),
    )
    network = Network(failing(*faults), seeds(1))
    found: list[list[float]] = []
    for _ in range(4):
        network.step(equal(1))
        now = truth(network)
        found.append([*now.site_health[0].tolist(), *now.link_health[0].tolist()])
    assert (truth(network).site_names, truth(network).link_names) == (("edge",), ("a", "b"))
    # `b` fails from tick 13 of 10..14 on.
    expected: list[list[float]] = [[1, 1, 1], [0, 0.75, 1], [0, 0.375, 0.8], [1, 1, 0.5]]
    np.testing.assert_allclose(found, expected)


def test_a_restart_forgets_the_truth_of_the_cells_that_restart_alone() -> None:
    network, whole = (Network(FAILURE, np.arange(4).astype(np.uint64)) for _ in range(2))
    for n in (network, whole):
        for _ in range(150):
            n.step(equal(4))
    before = truth(whole)
    assert (before.share[[0, 2]] > 0.0).any()
    network.reset(np.array([False, True, False, True]))
    after = truth(network)
    for name in ("share", "on_report", "health", "site_health", "link_health", "false_slices"):
        np.testing.assert_array_equal(getattr(after, name)[[0, 2]], getattr(before, name)[[0, 2]])
    np.testing.assert_array_equal(after.measured.slices[::2], before.measured.slices[::2])
    assert not after.share[1::2].any()
    assert not after.health[1::2].any()
    assert (after.site_health[1::2] == 1.0).all()
    assert np.isnan(after.measured.slices[1::2]).all()
    network.reset(np.array([True, False, True, False]))
    assert network.faults() is None


def test_a_scenario_without_faults_says_nothing_of_them() -> None:
    network = Network(MIXED, seeds(1))
    report = network.step(equal(1))
    assert (network.faults(), report.health, report.repeated) == (None, None, None)
    struck = Network(FAILURE, seeds(1))
    assert struck.faults() is None


def test_the_bundled_failures_have_every_kind_and_all_of_them_happen() -> None:
    network = Network(FAILURE, np.arange(8).astype(np.uint64))
    seen = np.zeros(len(FAILURE.faults))
    for _ in range(1200):
        network.step(equal(8))
        seen += (truth(network).share > 0).any(axis=0)
    assert {f.kind for f in FAILURE.faults} == set(truth(network).kinds)
    assert len(set(truth(network).kinds)) == 8
    assert (seen > 10).all()
