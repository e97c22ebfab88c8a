"""Devices: bursts, barring, batteries and sleep, by their laws."""

from dataclasses import replace

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.scenario import (
    Battery,
    DeviceGroup,
    Devices,
    RandomAccess,
)
from tests.e2sim.machines import alone, letting, seeds


def burst(number: int, barring_s: int = 0) -> Devices:
    """All devices within a second, twice a minute; nothing else."""
    group = DeviceGroup(activation="burst", period_s=30.0, burst_s=1.0)
    return Devices(number=number, groups=(group,), access=RandomAccess(barring_s=barring_s))


def served(devices: Devices, admission: int, cells: int = 8) -> tuple[float, float]:
    """Share of the reports that succeeded, and mean preambles of an access, over two bursts."""
    network = Network(alone(devices, 1000), seeds(cells))
    for _ in range(60):
        network.step(letting(cells, admission))
    a = network.access()
    total = {n: a.of(n, total=True).sum() for n in ("reports", "succeeded", "attempts")}
    return total["succeeded"] / total["reports"], total["attempts"] / total["reports"]


def test_a_burst_overloads_without_barring_and_not_with_it() -> None:
    timed = {p: served(burst(9000, 4), p)[0] for p in (1, 20, 50, 100)}
    assert timed[20] > 10.0 * timed[100]
    assert timed[20] > timed[50] > timed[100]
    assert timed[20] > timed[1]  # who is barred again and again is late for the next report
    often = {p: served(burst(5000), p)[0] for p in (1, 5, 100)}
    assert often[1] > 2.0 * often[5] > 2.0 * often[100]
    few = {p: served(burst(300), p) for p in (5, 100)}
    assert few[100][0] > 0.99
    assert few[5][1] < few[100][1]  # fewer preambles for each


def test_more_resources_never_serve_less() -> None:
    crowd = burst(9000)
    for name, values in (("preambles", (10, 20, 54)), ("grants", (2, 5, 15))):
        shares = []
        for value in values:
            access = replace(crowd.access, **{name: value})
            shares.append(served(replace(crowd, access=access), 20)[0])
        assert shares == sorted(shares)
        assert shares[-1] > 1.2 * shares[0]
    crowds = [served(burst(n), 100)[0] for n in (1000, 4000, 16_000, 64_000)]
    assert crowds == sorted(crowds, reverse=True)


def test_battery_life_is_that_of_the_states() -> None:
    """A lone device: sleep, paging, one preamble and one connection a report, by hand."""

    def lone(group: DeviceGroup) -> Devices:
        return Devices(number=1, connected_s=0.2, groups=(group,), battery=Battery())

    lives = []
    for sleep in ("edrx", "psm"):
        group = DeviceGroup(period_s=20.0, sleep=sleep, cycle_s=10.24, payload_bytes=100)
        network = Network(alone(lone(group)), seeds(40))
        for _ in range(1000):
            network.step(letting(40, 100))
        a = network.access()
        reports = a.of("succeeded", total=True)[:, 0]
        assert ((reports >= 3) & (reports <= 7)).all()
        # 0.2 s connected, 60 ms from preamble to connection, 80 mW each; 1 ms and 8 ms at 500 mW.
        each = 0.080 * 0.26 + 0.500 * 0.009
        asleep = 15e-6 + (80e-3 * 0.020 / 10.24 if sleep == "edrx" else 0.0)
        spent = each * reports + asleep * (100.0 - 0.26 * reports)
        years = 18_000.0 * 100.0 / spent / (365.25 * 86_400.0)
        whole = a.of("connected_slots", total=True)[:, 0] == 200.0 * reports
        assert whole.sum() >= 35  # the others were cut off by the end
        np.testing.assert_allclose(a.battery_years[whole, 0], years[whole], rtol=1e-9)
        lives.append(a.battery_years.mean())
    assert lives[1] > lives[0]


def test_sleepers_that_are_sought_wait_half_a_cycle() -> None:
    delays = []
    for cycle_s in (0.64, 5.12):
        group = DeviceGroup(origin="network", period_s=20.0, cycle_s=cycle_s)
        network = Network(alone(Devices(number=500, groups=(group,)), 1000), seeds(8))
        for _ in range(120):
            network.step(letting(8, 100))
        a = network.access()
        done = a.of("succeeded", total=True).sum()
        delays.append(a.of("delay_slots", total=True).sum() / done - 500.0 * cycle_s)
    # A preamble waits some 5 ms for its occasion, the connection 60 ms more; few collide.
    assert delays == pytest.approx([65.0, 65.0], abs=25.0)
