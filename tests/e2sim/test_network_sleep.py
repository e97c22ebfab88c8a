"""Sleep states: energies computed by hand, delays that include waking up, and the rules."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.network.energy import STATES
from e2sim.scenario import (
    Interference,
    Power,
    Scenario,
    Sleep,
    SliceUplink,
    Traffic,
    load_scenario,
)
from oran.batch import ADMISSION, MAX, MIN, SLICE_FIELDS, AllocationBatch
from oran.measurements import CELL_COLUMN, SLICE_COLUMN
from oran.uplink import UPLINK_MEASUREMENTS
from tests.e2sim.test_network_cell import seeds
from tests.e2sim.test_network_reference import sleepy

NIGHT = load_scenario("night")
ACTIVE, IDLE, LIGHT, DEEP, OFF = range(5)
DELAY = SLICE_COLUMN["DRB.RlcSduDelayDl"]


def all_prbs(cells: int, slices: int) -> AllocationBatch:
    rows = np.zeros((cells, slices, SLICE_FIELDS), np.int64)
    rows[..., MIN], rows[..., MAX], rows[..., ADMISSION] = 100 // slices, 100, 100
    return AllocationBatch(rows, np.zeros(cells, np.int64))


def one_message(sleep: Sleep, length_ms: int = 160) -> Scenario:
    """One user, and one message of one SDU a period."""
    traffic = Traffic(
        load=(0.0005, 0.0005), packet_bytes=(100, 100), periodic_share=1.0, period_ms=length_ms
    )
    part = replace(NIGHT.slices[0], users=1, traffic=traffic)
    power = Power(sleep=sleep, off_w=5.0)
    calm = Interference(mean_db=-40.0, sigma_db=0.0, burst_db=0.0)
    return replace(NIGHT, period_ms=length_ms, power=power, slices=(part,), interference=calm)


def played(scenario: Scenario, seed: int) -> tuple[Network, Any, int]:
    """A cell near its site after one period, the report, and the slot of its message."""
    network = Network(scenario, seeds(seed))
    network._state.users["snr"] = 1e9
    due = int(network._state.users["due"][0, 0])
    return network, network.step(all_prbs(1, 1)), due


@pytest.mark.parametrize("wanted", [(10, 50), (60, 200), (225, 240), (300, 310)])
def test_energy_and_delay_of_a_message_to_a_sleeping_cell(wanted: tuple[int, int]) -> None:
    """Slots of 0.5 ms: SSB in slot 0, 4 idle slots, deep sleep from slot 4, down by slot 54."""
    scenario = one_message(Sleep(deepest="deep", idle_ms=2.0, ssb_ms=160, full_load_w=560.0))
    for seed in range(200):
        due = int(Network(scenario, seeds(seed))._state.users["due"][0, 0])
        if wanted[0] <= due < wanted[1]:
            break
    network, report, due = played(scenario, seed)
    energy, unit_w = network.energy(), 2.0
    wake = min(max(due, 54) + 50, 320)
    assert energy.entries[0, 1] >= 1
    used = int(network.detail().used_prbs.sum())
    if wake < 320:
        assert report.slices[0, 0, DELAY] == (wake + 1 - due) * 5
        again = wake + 5  # after 4 idle slots
        deep = wake - 4 + (320 - again if 320 - again >= 100 else 0)
        light = 320 - again if 12 <= 320 - again < 100 else 0
        idle = 320 - 2 - deep - light
    else:
        assert used == 0  # the message waits for the next SSB, in the next period
        deep, light, idle = 316, 0, 3
    slots = [1 + (wake < 320), idle, light, deep, 0]
    assert energy.slots[0].tolist() == slots
    entries = energy.entries[0].tolist()
    assert entries == [int(light > 0), 1 + int(deep > wake - 4 and wake < 320)]
    half_ms = 0.5e-3
    active_j = unit_w * half_ms * (
        slots[ACTIVE] * (55 + 225 * 0.4) + 225 * 0.6 * (20 + used) / scenario.prbs
    )  # fmt: skip
    joules = [
        active_j,
        unit_w * half_ms * 55 * idle,
        unit_w * (half_ms * 25 * light + 0.090 * entries[0]),
        unit_w * (half_ms * 1 * deep + 1.0 * entries[1]),
        0.0,
    ]
    np.testing.assert_allclose(energy.joules[0], joules, rtol=1e-12)
    assert network.detail().energy_j[0] == pytest.approx(sum(joules))
    watts = report.cell[0, CELL_COLUMN["PEE.AvgPower"]]
    assert watts == pytest.approx(sum(joules) / 0.16, abs=0.051)


def test_what_a_user_sends_wakes_the_site() -> None:
    """Slots of 0.5 ms, signals each 40 slots, light sleep 6 slots each way, a grant after 8 slots.

    The site learns of the message in slot due + 8, is awake by due + 14, receives it in that slot,
    and sleeps again after 4 idle ones.
    """
    sleep = Sleep(deepest="light", idle_ms=2.0, ssb_ms=20, full_load_w=560.0)
    quiet = one_message(sleep)
    sending = SliceUplink(scheduler="round_robin", discard_ms=100, traffic=quiet.slices[0].traffic)
    nothing = Traffic(load=(0.0, 0.0), packet_bytes=(100, 100))
    scenario = replace(quiet, slices=(replace(quiet.slices[0], traffic=nothing, uplink=sending),))
    for seed in range(400):
        network = Network(scenario, seeds(seed))
        above = network._of("uplink")[1]
        due = int(above.users["due"][0, 0])
        if 5 <= due % 40 < 10:
            break
    above.users["snr"] = 1e9
    network.step(all_prbs(1, 1))
    delay = [m.name for m in UPLINK_MEASUREMENTS].index("DRB.DelayUlNgranUeIncD1Dist")
    assert network.uplink_report().slices[0, 0, delay] == (14 + 1) * 5
    energy, unit_w, half_ms = network.energy(), 2.0, 0.5e-3
    assert dict(zip(STATES, energy.slots[0].tolist(), strict=True)) == {
        "active": 8 + 1, "idle": 3 + 4, "light": 304, "deep": 0, "off": 0,
    }  # fmt: skip
    assert energy.entries[0].tolist() == [9, 0]
    signals = 8 * (55 + 225 * (0.4 + 0.6 * 20 / scenario.prbs))
    assert energy.joules[0, ACTIVE] == pytest.approx(unit_w * half_ms * (signals + 110))
    light = unit_w * (half_ms * 25 * 304 + 0.090 * 9)
    assert energy.joules[0, LIGHT] == pytest.approx(light)


def test_full_load_takes_the_watts_of_the_linear_model() -> None:
    busy = load_scenario("overload")
    networks = [
        Network(replace(busy, power=power), np.arange(8).astype(np.uint64))
        for power in (Power(), Power(sleep=Sleep()))
    ]
    for _ in range(20):
        reports = [n.step(all_prbs(8, 3)) for n in networks]
    np.testing.assert_array_equal(reports[0].slices, reports[1].slices)  # no pause, no difference
    full = reports[0].cell[:, CELL_COLUMN["RRU.PrbTotDl"]] == 100
    assert full.any()
    linear, states = (r.cell[full, CELL_COLUMN["PEE.AvgPower"]] for r in reports)
    np.testing.assert_allclose(linear, states, rtol=0.01)


@pytest.mark.parametrize("ssb_ms", [20, 160])
def test_the_deeper_the_sleep_the_less_energy_and_the_more_delay(ssb_ms: int) -> None:
    joules, delays, entries = [], [], []
    for deepest in ("none", "micro", "light", "deep"):
        sleep = Sleep(deepest=deepest, idle_ms=5.0, ssb_ms=ssb_ms)
        network = Network(sleepy(2, sleep), np.arange(16).astype(np.uint64))
        total, delay, entered = 0.0, 0.0, np.zeros(2, np.int64)
        for _ in range(40):
            report = network.step(all_prbs(16, 3))
            energy = network.energy()
            assert (energy.slots.sum(axis=1) == network.scenario.slots_per_period).all()
            np.testing.assert_allclose(energy.joules.sum(axis=1), network.detail().energy_j)
            watts = report.cell[:, CELL_COLUMN["PEE.AvgPower"]]
            np.testing.assert_allclose(watts, energy.joules.sum(axis=1) / 0.09, atol=0.051)
            assert (energy.joules >= 0.0).all()
            total += energy.joules.sum()
            entered += energy.entries.sum(axis=0)
            delay += float(np.nanmean(report.slices[..., DELAY]))
        joules.append(total)
        delays.append(delay)
        entries.append(entered.tolist())
    assert joules[0] > joules[1] > joules[2]
    assert delays[0] == delays[1] < delays[2]
    assert entries[0] == entries[1] == [0, 0]
    assert entries[2][0] > 0
    if ssb_ms == 20:
        # 50 ms do not fit between signals 20 ms apart.
        assert (joules[3], delays[3], entries[3]) == (joules[2], delays[2], entries[2])
    else:
        assert entries[3][1] > 0
        assert joules[3] < joules[2]
        assert delays[3] > delays[2]


def test_an_empty_cell_sleeps_but_for_its_signals() -> None:
    traffic = Traffic(load=(0.0, 0.0), packet_bytes=(100, 100))
    silent = replace(NIGHT.slices[0], users=1, traffic=traffic)
    scenario = replace(
        NIGHT, slices=(silent,), power=Power(sleep=Sleep(deepest="light", idle_ms=0.0))
    )
    network = Network(scenario, seeds(1))
    network.step(all_prbs(1, 1))
    energy = network.energy()
    assert dict(zip(STATES, energy.slots[0].tolist(), strict=True)) == {
        "active": 5, "idle": 0, "light": 195, "deep": 0, "off": 0,
    }  # fmt: skip
    assert energy.entries[0].tolist() == [5, 0]


def test_the_linear_model_has_no_states() -> None:
    network = Network(replace(NIGHT, power=Power()), seeds(1))
    network.step(all_prbs(1, 3))
    energy = network.energy()
    assert energy.slots[0].tolist() == [200, 0, 0, 0, 0]
    assert energy.joules[0, ACTIVE] == pytest.approx(network.detail().energy_j[0])


def test_cells_that_sleep_and_fail_depend_on_their_seeds_alone() -> None:
    scenario = replace(
        sleepy(2, Sleep(ssb_ms=160)), faults=load_scenario("failure").faults, period_ms=70
    )
    wanted = np.arange(6).astype(np.uint64)
    many, alone = Network(scenario, wanted, threads=2), Network(scenario, wanted[2:3])
    for i in range(60):
        if i == 30:
            many.reset(np.array([True, True, False, False, True, False]))
        a, b = many.step(all_prbs(6, 3)), alone.step(all_prbs(1, 3))
        np.testing.assert_array_equal(a.cell[2:3], b.cell)
        np.testing.assert_array_equal(a.slices[2:3], b.slices)
        np.testing.assert_array_equal(many.energy().joules[2:3], alone.energy().joules)
