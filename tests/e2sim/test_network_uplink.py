"""The uplink: power control, neighbours, grants and reports."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.network import Network
from e2sim.network.propagation import noise_dbm
from e2sim.network.uplink import headroom_prbs, prb_power_dbm
from e2sim.scenario import (
    Duplex,
    Interference,
    Scenario,
    Traffic,
    Uplink,
)
from oran.batch import MAX, MIN, AllocationBatch
from oran.uplink import (
    UPLINK_CELL_COLUMN,
    UPLINK_CELL_MEASUREMENTS,
    UPLINK_COLUMN,
    UPLINK_MEASUREMENTS,
)
from tests.e2sim.test_network_cell import equal, seeds
from tests.e2sim.test_network_directions import BOTH, DIRECTIONS, HEAVY


@settings(max_examples=200)
@given(
    st.floats(50.0, 160.0), st.floats(-110.0, -60.0), st.sampled_from([0.0, 0.4, 0.8, 1.0]),
    st.floats(0.0, 26.0), st.integers(25, 273),
)  # fmt: skip
def test_power_follows_the_formula_for_every_grant_a_user_may_get(
    loss: float, p0: float, alpha: float, most: float, prbs: int
) -> None:
    sent = prb_power_dbm(loss, p0, alpha, most)
    enough = headroom_prbs(sent, most, prbs)
    assert 1 <= enough <= prbs
    for granted in (1, (1 + enough) // 2, enough):
        # TS 38.213 7.1.1 without corrections.
        wanted = min(most, p0 + 10.0 * math.log10(granted) + alpha * loss)
        assert sent + 10.0 * math.log10(granted) == pytest.approx(wanted, abs=1e-6)
    if enough < prbs:
        assert p0 + 10.0 * math.log10(enough + 1) + alpha * loss > most


def test_users_stand_where_they_stand_in_the_downlink() -> None:
    scenario = replace(BOTH, site_distance_m=700.0, uplink=Uplink(alpha=0.7, ue_power_dbm=20.0))
    network = Network(scenario, seeds(1, 2, 3))
    down, up = (network._of(d)[1].users[:, :48] for d in DIRECTIONS)
    power_dbm = 10.0 * math.log10(2 * 6300.0)
    noise = noise_dbm(106 * 12 * 30_000.0)
    assert noise == pytest.approx(-174.0 + 75.816 + 9.0, abs=1e-3)
    loss = power_dbm - noise - 10.0 * np.log10(down["snr"])
    assert 60.0 < loss.min() < loss.max() < 150.0
    sent = np.minimum(-80.0 + 3.0103 + 0.7 * loss, 20.0)
    received = sent - loss - (-174.0 + 55.563 + 5.0)
    np.testing.assert_allclose(10.0 * np.log10(up["snr"]), received, atol=1e-3)
    enough = 10.0 ** ((20.0 - sent) / 10.0)
    np.testing.assert_allclose(up["most"], np.minimum(np.floor(enough + 1e-3), 106), atol=1)
    assert (up["most"].min() < 20, up["most"].max()) == (True, 106)
    assert (down["most"] == 106).all()
    # Everyone is heard by one receiver.
    assert (up["inr"] == up["inr"][:, :1]).all()
    assert (up["inr"][:, 0] > 0.0).all()


def test_more_compensation_and_a_tighter_grid_disturb_neighbours_more() -> None:
    heard = []
    for alpha, distance in ((0.6, 200.0), (0.8, 200.0), (1.0, 200.0), (1.0, 100.0)):
        scenario = replace(BOTH, site_distance_m=distance, uplink=Uplink(alpha=alpha))
        network = Network(scenario, np.arange(32).astype(np.uint64))
        heard.append(float(np.median(network._of("uplink")[1].cells["inr"])))
    assert heard[0] < heard[1] < heard[2] < heard[3]


def alone(traffic: Traffic, **columns: Any) -> Scenario:
    """One slice that sends, in slots that each are a period."""
    part = BOTH.slices[1]
    assert part.uplink is not None
    sent = replace(part.uplink, traffic=traffic, queue=1024)
    part = replace(part, traffic=replace(part.traffic, load=(0.0, 0.0)), uplink=sent)
    return replace(BOTH, numerology=0, period_ms=1, slices=(part,), **columns)


PACKETS = Traffic(load=(0.4, 0.4), packet_bytes=(250, 250), admission=False)


def test_as_many_packets_wait_in_the_uplink_as_littles_law_says() -> None:
    scenario = alone(PACKETS, uplink=Uplink(grant_delay_slots=4, harq_rtt_slots=2))
    network = Network(scenario, np.arange(16).astype(np.uint64))
    allocation = equal(16)
    allocation = AllocationBatch(allocation.slices[:, :1].copy(), allocation.tx_power_offset_db)
    waiting = slots = arrived = 0
    for _ in range(3000):
        network.step(allocation)
        tally = network._of("uplink")[1].tallies
        waiting += int(tally["queued_bytes"].sum()) // 250
        slots += int((tally["delay_slots"] - tally["delivered_sdus"]).sum())
        slots += int(tally["late_sdus"].sum()) * 20
        arrived += int(tally["offered_sdus"].sum())
    assert arrived > 20_000
    assert waiting > 4 * arrived
    # Those set free by the expiry of others leave at a slot's start: they wait one slot more.
    left = int(tally["queued_bytes"].sum()) // 250 * 20
    assert slots <= waiting <= 1.01 * slots + left


@pytest.mark.parametrize("delay", [0, 1, 7, 13])
def test_no_packet_is_sent_before_its_grant(delay: int) -> None:
    # FDD, nobody disturbs, and one PRB in ten is used: all that waits is for the grant.
    scenario = alone(
        replace(PACKETS, load=(0.02, 0.02)),
        duplex=Duplex(),
        diversity=8,
        uplink=Uplink(grant_delay_slots=delay, load_db=-40.0),
        interference=Interference(sigma_db=0.0, burst_db=0.0),
    )
    network = Network(scenario, np.arange(8).astype(np.uint64))
    network._of("uplink")[1].users["snr"] = 1e4
    done = slots = 0
    for _ in range(1500):
        network.step(AllocationBatch(equal(8).slices[:, :1].copy(), np.zeros(8, np.int64)))
        tally = network._of("uplink")[1].tallies
        done += int(tally["delivered_sdus"].sum())
        slots += int(tally["delay_slots"].sum())
        assert (tally["delay_slots"] >= (delay + 1) * tally["delivered_sdus"]).all()
    assert done > 500
    assert slots == pytest.approx((delay + 1) * done, rel=0.02)


def test_a_loud_neighbours_uplink_is_heard() -> None:
    coupled = replace(HEAVY, interference=replace(HEAVY.interference, coupled_cells=3))
    delivered, around = [], []
    for share in (100, 10):
        network = Network(coupled, np.arange(24).astype(np.uint64))
        allocation = equal(24)
        allocation.slices[:, :, MIN] = 0
        allocation.slices[np.arange(24) % 3 != 0, :, MAX] = share
        total = np.zeros(24)
        for _ in range(60):
            network.step(allocation)
            total += network.detail("uplink").delivered_bytes.sum(axis=1)
        delivered.append(total[::3].sum())
        around.append(network._of("uplink")[1].cells["around"][::3].mean())
    assert around[1] < around[0] - 3.0
    assert delivered[1] > 1.05 * delivered[0]


def test_reports_of_the_uplink_hold_whole_steps_of_the_catalogue() -> None:
    network = Network(HEAVY, np.arange(16).astype(np.uint64))
    for _ in range(8):
        network.step(equal(16))
        report = network.uplink_report()
        for table, values in (
            (UPLINK_MEASUREMENTS, report.slices),
            (UPLINK_CELL_MEASUREMENTS, report.cell),
        ):
            assert values.shape[-1] == len(table)
            for column, m in enumerate(table):
                for value in values[..., column].ravel().tolist():
                    assert value == m.quantise(value) or np.isnan(value)
    d = network.detail("uplink")
    of = {name: report.slices[..., i] for name, i in UPLINK_COLUMN.items()}
    np.testing.assert_allclose(of["DRB.PdcpSduVolumeUL"], d.delivered_bytes * 8e-3, atol=0.5)
    np.testing.assert_allclose(of["RRU.PrbUsedUl"], d.used_prbs / 8, atol=0.005)  # U slots
    load = 100.0 * d.used_prbs.sum(axis=1) / (106 * 8)
    np.testing.assert_allclose(report.cell[:, UPLINK_CELL_COLUMN["RRU.PrbTotUl"]], load, atol=0.5)
    finished = d.delivered_packets + d.dropped_packets
    np.testing.assert_allclose(
        of["DRB.PacketLossRateUl"], d.dropped_packets / finished * 1e6, atol=0.5
    )
    grant = 10.0 * 0.5 * (1 + HEAVY.uplink.grant_delay_slots)
    assert (of["DRB.DelayUlNgranUeIncD1Dist"] >= grant).all()


def test_a_value_outside_the_catalogue_is_refused() -> None:
    network = Network(BOTH, seeds(1))
    network.step(equal(1))
    network._of("uplink")[1].tallies["blocks"][0, 0] = 2**33
    with pytest.raises(ValueError, match=r"TB\.TotNbrUl: .* is outside"):
        network.uplink_report()
