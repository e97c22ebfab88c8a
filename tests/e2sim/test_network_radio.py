"""Radio of coupled cells and of slices that share or do not: what an allocation does to others."""

from dataclasses import replace
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from e2sim.network import Network
from e2sim.network.ahead import exp_of, minus_log
from e2sim.network.fading import LANES, step_slots
from e2sim.network.link import CQI_SINR
from e2sim.network.radio import grade
from e2sim.network.state import CQI, RADIO_FIELDS, SINR
from e2sim.scenario import Scenario, load_scenario
from oran.batch import MAX, MIN, AllocationBatch
from tests.e2sim.test_network_cell import equal, seeds

OVERLOAD = replace(load_scenario("overload"), period_ms=20)
STRICT = replace(OVERLOAD, slicing="strict")
COUPLED = replace(OVERLOAD, interference=replace(OVERLOAD.interference, coupled_cells=3))


@numba.njit
def graded(radio: Any) -> None:
    grade(radio)


def test_cqi_changes_where_its_threshold_is_reached() -> None:
    at = CQI_SINR.astype(np.float32)
    at = np.where(at >= CQI_SINR, at, np.nextafter(at, np.float32(np.inf)))
    for sinr, wanted in ((at, range(1, 16)), (np.nextafter(at, np.float32(0.0)), range(15))):
        radio = np.zeros((RADIO_FIELDS, LANES), np.float32)
        radio[SINR, :15] = sinr
        graded(radio.reshape(-1))
        assert radio[CQI].tolist() == [*wanted, 0]


@numba.njit
def tabulate(xs: Any) -> Any:
    out = np.empty((2, len(xs)))
    for i in range(len(xs)):
        out[0, i] = minus_log(xs[i])
        out[1, i] = exp_of(-xs[i])
    return out


def test_float64_logarithm_and_exponential_are_accurate() -> None:
    rng = np.random.default_rng(0)
    xs = np.concatenate([rng.random(20_000), 2.0 ** -np.arange(54.0), rng.uniform(1.0, 40.0, 999)])
    logs, powers = tabulate(xs)
    np.testing.assert_allclose(logs, -np.log(xs), rtol=2e-15, atol=2e-16)
    np.testing.assert_allclose(powers, np.exp(-xs), rtol=2e-14)


def test_fading_steps_are_short_against_the_time_it_takes_to_forget() -> None:
    # 3 km/h at 3.5 GHz: J0 falls to one half in 24.9 ms; four branches, six steps of each.
    assert step_slots(3.0, 3.5, 4, 0.5e-3) == 2
    assert step_slots(3.0, 3.5, 1, 0.5e-3) == 8
    assert step_slots(120.0, 3.5, 4, 0.5e-3) == 1


def used(scenario: Scenario, allocation: AllocationBatch, steps: int) -> NDArray[np.int64]:
    """PRBs of each slice, over some steps."""
    network = Network(scenario, np.arange(len(allocation.slices)).astype(np.uint64))
    total = np.zeros(allocation.slices.shape[:2], np.int64)
    for _ in range(steps):
        network.step(allocation)
        total += network.detail().used_prbs
    return total


def test_strict_slices_leave_idle_what_they_do_not_need() -> None:
    allocation = equal(4)
    allocation.slices[:, :, MIN] = (10, 80, 10)
    own = allocation.slices[..., MIN] * OVERLOAD.prbs // 100 * OVERLOAD.slots_per_period * 50
    strict, shared = (used(scenario, allocation, 50) for scenario in (STRICT, OVERLOAD))
    assert (strict <= own).all()
    assert (strict[:, 0] > 0.9 * own[:, 0]).all()  # eMBB has more to send than that
    assert (shared[:, 0] > 2 * strict[:, 0]).all()
    assert (strict[:, 1] < 0.6 * own[:, 1]).all()


def test_power_of_one_cell_is_interference_of_its_neighbours() -> None:
    delivered = []
    for power in (0, -9):
        allocation = equal(24)
        allocation.tx_power_offset_db[np.arange(24) % 3 != 0] = power
        network = Network(COUPLED, np.arange(24).astype(np.uint64))
        total = np.zeros(24)
        for _ in range(100):
            network.step(allocation)
            total += network.detail().delivered_bytes.sum(axis=1)
        delivered.append(total.reshape(-1, 3).sum(axis=0))
    (loud, quiet) = delivered
    assert quiet[0] > 1.05 * loud[0]  # its neighbours lowered their power
    assert (quiet[1:] < loud[1:]).all()


def test_a_silent_neighbourhood_is_heard_as_such() -> None:
    allocation = equal(3)
    allocation.slices[1:, :, MIN : MAX + 1] = 0
    network = Network(COUPLED, seeds(1, 2, 3))
    for _ in range(3):
        network.step(allocation)
    around = network._state.cells["around"]
    assert around[0] == pytest.approx(-40.0)
    assert (around[1:] > -10.0).all()


def test_a_group_depends_on_its_own_seeds_alone() -> None:
    together, alone = (
        Network(COUPLED, seeds(1, 2, 3, 4, 5, 6), threads=2),
        Network(COUPLED, seeds(4, 5, 6)),
    )
    for _ in range(5):
        a, b = together.step(equal(6)), alone.step(equal(3))
        np.testing.assert_array_equal(a.slices[3:], b.slices)


def test_groups_are_whole() -> None:
    with pytest.raises(ValueError, match=r"seeds: 4 cells are no whole groups of 3 coupled ones"):
        Network(COUPLED, seeds(1, 2, 3, 4))
    network = Network(COUPLED, seeds(1, 2, 3))
    with pytest.raises(ValueError, match=r"which: needs whole groups of 3 coupled cells"):
        network.reset(np.array([True, False, True]))


def test_as_many_packets_wait_as_littles_law_says() -> None:
    urllc = OVERLOAD.slices[1]
    scenario = replace(
        OVERLOAD,
        numerology=0,
        period_ms=1,  # one slot, so that reports count who waits at the end of every slot
        slices=(
            replace(
                urllc,
                queue=1024,  # no one is turned away
                traffic=replace(urllc.traffic, load=(0.4, 0.4), periodic_share=0.0),
            ),
        ),
    )
    network = Network(scenario, np.arange(16).astype(np.uint64))
    allocation = equal(16)
    allocation = AllocationBatch(allocation.slices[:, :1].copy(), allocation.tx_power_offset_db)
    waiting = slots = finished = arrived = 0
    for _ in range(3000):
        network.step(allocation)
        tally = network._state.tallies
        waiting += int(tally["queued_bytes"].sum()) // 250
        # Whoever leaves in the slot it came in waits at the end of none.
        slots += int((tally["delay_slots"] - tally["delivered_sdus"]).sum())
        slots += int(tally["late_sdus"].sum()) * urllc.discard_ms
        finished += int((tally["delivered_sdus"] + tally["late_sdus"]).sum())
        arrived += int(tally["offered_sdus"].sum())
    assert arrived > 100_000
    assert arrived == finished + int(tally["queued_bytes"].sum()) // 250
    assert waiting > 0.2 * finished  # fading and repetitions make some wait
    # Those set free by the expiry of others leave at a slot's start: they wait one slot more.
    assert slots <= waiting <= 1.01 * slots
