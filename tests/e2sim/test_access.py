"""Devices counted by state: conserved exactly, and alike in distribution to devices one by one."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from e2sim.network import Network
from e2sim.network.devices import STATES, Access
from e2sim.network.pools import BACKOFF, BARRED, CONNECTED, SOUGHT, WAITING_GRANT
from e2sim.scenario import (
    Battery,
    DeviceGroup,
    Devices,
    RandomAccess,
    Scenario,
    SliceScenario,
    SliceUplink,
    load_scenario,
)
from e2sim.scenario.scenario import check_scenario
from oran.allocation import Allocation, SliceAllocation
from oran.batch import ADMISSION, MAX, MIN, SLICE_FIELDS, AllocationBatch
from oran.measurements import SLICE_COLUMN
from tests.e2sim.reference import ReferenceCell
from tests.e2sim.reference_devices import ReferenceDevices

MIXED = load_scenario("mixed")
QUIET = replace(MIXED.slices[2].traffic, admission=False, load=(0.0, 0.0))
THREE = (
    DeviceGroup(share=0.5, period_s=6.0, payload_bytes=70),
    DeviceGroup(share=0.3, activation="burst", period_s=8.0, burst_s=2.0, sleep="psm"),
    DeviceGroup(share=0.2, origin="network", period_s=12.0, cycle_s=2.56, payload_bytes=30),
)


def machine_slice(devices: Devices, users: int = 1) -> SliceScenario:
    return replace(MIXED.slices[2], users=users, traffic=QUIET, queue=1024, devices=devices)


def alone(devices: Devices, period_ms: int = 100, users: int = 1) -> Scenario:
    """A scenario of one slice, of which all is devices; slots of 1 ms."""
    slices = (machine_slice(devices, users),)
    return replace(MIXED, numerology=0, prbs=25, period_ms=period_ms, slices=slices)


def letting(cells: int, admission: int, slices: int = 1) -> AllocationBatch:
    rows = np.zeros((cells, slices, SLICE_FIELDS), np.int64)
    rows[..., MIN], rows[..., MAX], rows[..., ADMISSION] = 100 // slices, 100, admission
    return AllocationBatch(rows, np.zeros(cells, np.int64))


def seeds(cells: int) -> NDArray[np.uint64]:
    return np.arange(cells).astype(np.uint64)


# Conservation ----------------------------------------------------------------------------------

accesses = st.builds(
    RandomAccess,
    preambles=st.sampled_from([1, 2, 9, 54, 64]),
    occasion_ms=st.sampled_from([1, 5, 10, 40]),
    backoff_ms=st.sampled_from([0, 5, 20, 160, 1920]),
    preamble_trans_max=st.sampled_from([3, 5, 10, 20]),
    grants=st.sampled_from([1, 4, 15]),
    response_ms=st.sampled_from([1, 10, 80]),
    setup_ms=st.sampled_from([1, 50, 1000]),
    barring_s=st.sampled_from([0, 4, 16]),
)


@settings(max_examples=30, deadline=None)
@given(
    accesses,
    st.integers(1, 200_000),
    st.sampled_from([0.01, 0.5, 3.0]),
    st.lists(st.integers(0, 100), min_size=2, max_size=10),
    st.integers(0, 2**64 - 1),
)
def test_every_device_is_in_one_state_and_every_report_is_counted_once(
    access: RandomAccess, number: int, connected_s: float, admissions: list[int], seed: int
) -> None:
    devices = Devices(number=number, connected_s=connected_s, groups=THREE, access=access)
    network = Network(alone(devices, 437, users=3), np.array([seed], np.uint64))
    row = np.array(devices.members)
    payload = np.array([g.payload_bytes for g in THREE])
    offered, demanded = np.int64(0), np.zeros((1, 1), np.int64)
    slots = 0
    for admission in admissions:
        network.step(letting(1, admission))
        detail, a = network.detail(), network.access()
        offered, demanded = offered + detail.offered_bytes[0, 0], demanded + detail.demanded_bytes
        slots += 437
        states = dict(zip(STATES, a.states[0].T, strict=True))
        assert (a.states >= 0).all()
        np.testing.assert_array_equal(a.states[0].sum(axis=1), row)
        count = {name: a.of(name, total=True)[0] for name in (
            "reports", "skipped", "checks", "refused", "attempts", "collided", "ungranted",
            "succeeded", "abandoned",
        )}  # fmt: skip
        inside = sum(states[name] for name in ("sought", "barred", "backing"))
        reported = count["skipped"] + count["succeeded"] + count["abandoned"] + inside
        np.testing.assert_array_equal(count["reports"], reported)
        tried = count["collided"] + count["ungranted"] + count["succeeded"]
        np.testing.assert_array_equal(count["attempts"], tried)
        np.testing.assert_array_equal(a.transmissions[0].sum(axis=1), count["succeeded"])
        assert (demanded == (count["reports"] * payload).sum()).all()
        carried = ((count["succeeded"] - states["waiting"]) * payload).sum()
        assert offered == carried
        if admission == 0 and all(x == 0 for x in admissions):
            assert count["attempts"].sum() == 0
        in_states = sum(a.of(f"{name}_slots", total=True)[0] for name in (
            "asleep", "sought", "barred", "backoff", "waiting", "connected",
        ))  # fmt: skip
        np.testing.assert_array_equal(in_states, row * slots)
        held = network._state.counts[0]
        for name, rows in (
            ("sought", held[:, SOUGHT]), ("barred", held[:, BARRED]),
            ("waiting", held[:, WAITING_GRANT]), ("connected", held[:, CONNECTED]),
            ("backing", held[:, BACKOFF:].sum(axis=1)),
        ):  # fmt: skip
            assert (rows >= 0).all()
            np.testing.assert_array_equal(rows.sum(axis=1), states[name])
        heard, granted = detail.attempted_flows[0, 0], detail.attempted_flows - detail.blocked_flows
        assert granted[0, 0] == a.of("succeeded").sum() <= heard


# Distribution ----------------------------------------------------------------------------------

COUNTED = ("reports", "skipped", "checks", "refused", "attempts", "collided", "ungranted",
           "succeeded", "abandoned")  # fmt: skip

CASES: dict[str, tuple[Devices, float]] = {
    "three groups": (Devices(number=3000, groups=THREE), 1.0),
    "barred for seconds": (
        Devices(number=3000, groups=THREE, access=RandomAccess(backoff_ms=0)), 0.4
    ),
    "barred at every occasion": (
        Devices(number=900, groups=THREE, access=RandomAccess(barring_s=0, preambles=9, grants=2)),
        0.05,
    ),
    "long backoff, few preambles": (
        Devices(
            number=1200,
            connected_s=3.0,
            groups=THREE,
            access=RandomAccess(preambles=12, backoff_ms=960, preamble_trans_max=4, occasion_ms=5),
        ),
        1.0,
    ),
}  # fmt: skip


def one_by_one(devices: Devices, admission: float, seed: int, until_ms: int) -> dict[str, Any]:
    reference = ReferenceDevices(devices, seed)
    reference.play(until_ms, admission)
    reference.finish(until_ms)
    rows = {name: [c[name] for c in reference.counts] for name in COUNTED}
    done = [max(c["succeeded"], 1) for c in reference.counts]
    delays = [c["delay_ms"] for c in reference.counts]
    rows["delay"] = [d / n for d, n in zip(delays, done, strict=True)]
    for name in ("asleep", "sought", "barred", "backing", "waiting", "connected"):
        rows[name] = [c[f"{name}_ms"] / 1000.0 for c in reference.counts]
    for k in (1, 2, 3):
        rows[f"in {k}"] = [t[k] for t in reference.tries]
    rows["pushed"] = [reference.pushed[i] for i in range(len(done))]
    return rows


def together(a: Access) -> dict[str, Any]:
    rows = {name: a.of(name, total=True) for name in COUNTED}
    rows["delay"] = a.of("delay_slots", total=True) / np.maximum(rows["succeeded"], 1)
    for name in ("asleep", "sought", "barred", "waiting", "connected"):
        rows[name] = a.of(f"{name}_slots", total=True) / 1000.0
    rows["backing"] = a.of("backoff_slots", total=True) / 1000.0
    for k in (1, 2, 3):
        rows[f"in {k}"] = a.transmissions[..., k - 1]
    rows["pushed"] = rows["succeeded"] - a.states[..., STATES.index("waiting")]
    return rows


@pytest.mark.parametrize("name", CASES)
def test_the_crowd_behaves_as_its_devices_do(name: str) -> None:
    """Means of 20 s over 160 cells against 24 crowds of single devices, by group and quantity.

    Welch's test: with about 57 figures a case, a right kernel fails with probability 1e-3 a case
    at |t| > 5.4 and some 24 degrees of freedom; where a calendar is coarse, half a percent more.
    """
    devices, admission = CASES[name]
    until = 20_000
    network = Network(alone(devices, 1000), seeds(160))
    for _ in range(until // 1000):
        network.step(letting(160, round(100 * admission)))
    got = together(network.access())
    runs = [one_by_one(devices, admission, seed, until) for seed in range(24)]
    for quantity, mine in got.items():
        theirs = np.array([run[quantity] for run in runs], float)
        spread = np.sqrt(mine.var(axis=0) / len(mine) + theirs.var(axis=0, ddof=1) / len(theirs))
        mean = theirs.mean(axis=0)
        room = 5.4 * spread + 0.005 * np.abs(mean) + 1e-9
        apart = np.abs(mine.mean(axis=0) - mean)
        assert (apart <= room).all(), f"{quantity}: {mine.mean(axis=0)} against {mean}, {room}"
    spreads = got["succeeded"].std(axis=0) / np.array([r["succeeded"] for r in runs]).std(axis=0)
    assert ((spreads > 0.5) & (spreads < 2.0)).all(), "cells differ as crowds do"


# Physics ---------------------------------------------------------------------------------------


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


# Noise -----------------------------------------------------------------------------------------

CITY = replace(
    MIXED,
    period_ms=50,
    slices=(*MIXED.slices[:2], machine_slice(Devices(number=20_000, groups=THREE), users=4)),
)


def test_a_cell_depends_on_its_seed_alone_with_devices_too() -> None:
    batches = [Network(CITY, seeds(6), threads=threads) for threads in (1, 2, 5)]
    one = Network(CITY, np.array([4], np.uint64))
    rng = np.random.default_rng(1)
    for _ in range(30):
        admission = int(rng.integers(101))
        reports = [network.step(letting(6, admission, 3)) for network in batches]
        single = one.step(letting(1, admission, 3))
        for report, network in zip(reports, batches, strict=True):
            np.testing.assert_array_equal(report.slices, reports[0].slices)
            np.testing.assert_array_equal(network.access().total, batches[0].access().total)
        np.testing.assert_array_equal(single.slices[0], reports[0].slices[4])
        np.testing.assert_array_equal(one.access().energy_j[0], batches[0].access().energy_j[4])
    first = batches[0].access()
    batches[0].reset(np.arange(6) == 4)
    assert (batches[0].access().total[4] == 0.0).all()
    np.testing.assert_array_equal(batches[0].access().total[:4], first.total[:4])
    one.reset()
    np.testing.assert_array_equal(
        batches[0].step(letting(6, 50, 3)).slices[4], one.step(letting(1, 50, 3)).slices[0]
    )


def test_barring_changes_no_report_and_no_other_noise() -> None:
    free, barred = Network(CITY, seeds(3)), Network(CITY, seeds(3))
    for _ in range(300):
        free.step(letting(3, 100, 3))
        barred.step(letting(3, 3, 3))
        a, b = free.detail(), barred.detail()
        np.testing.assert_array_equal(a.demanded_bytes, b.demanded_bytes)
        for name in ("stream", "level", "burst"):
            np.testing.assert_array_equal(free._state.cells[name], barred._state.cells[name])
        np.testing.assert_array_equal(free._state.taps, barred._state.taps)
        assert (free._state.groups["stream"] == barred._state.groups["stream"]).all()
    mine, theirs = free.access(), barred.access()
    np.testing.assert_array_equal(mine.of("reports"), theirs.of("reports"))
    assert (theirs.of("skipped", total=True) > mine.of("skipped", total=True)).any()


def test_a_slice_without_devices_draws_what_it_drew() -> None:
    """The other slices of a cell meet the same arrivals and fading, with devices or without."""
    silent = replace(CITY, slices=(*CITY.slices[:2], replace(CITY.slices[2], devices=None)))
    one, other = Network(CITY, seeds(3)), Network(silent, seeds(3))
    for _ in range(40):
        one.step(letting(3, 100, 3))
        other.step(letting(3, 100, 3))
        mine, theirs = one.detail(), other.detail()
        np.testing.assert_array_equal(mine.demanded_bytes[:, :2], theirs.demanded_bytes[:, :2])
    np.testing.assert_array_equal(one._state.words, other._state.words)
    assert other.access().total.shape == (3, 0, 0) or other.access().devices.size == 0


# Reports and radio -----------------------------------------------------------------------------


def test_reports_tell_what_the_node_can_hear() -> None:
    network = Network(CITY, seeds(5))
    for _ in range(60):
        report, detail, a = network.step(letting(5, 60, 3)), network.detail(), network.access()
        row = report.slices[:, 2]
        np.testing.assert_array_equal(
            row[:, SLICE_COLUMN["DRB.EstabSucc"]], a.of("succeeded").sum(axis=1)
        )
        heard = row[:, SLICE_COLUMN["DRB.EstabAtt"]]
        np.testing.assert_array_equal(heard, detail.attempted_flows[:, 2])
        # A preamble that many chose is heard once.
        assert (heard <= a.of("attempts").sum(axis=1)).all()
        connected = 4 + a.of("connected_slots").sum(axis=1) / CITY.slots_per_period
        np.testing.assert_allclose(row[:, SLICE_COLUMN["RRC.ConnMean"]], connected, atol=0.0051)
        waiting = row[:, SLICE_COLUMN["DRB.BufferSize.Qos"]] * row[:, SLICE_COLUMN["RRC.ConnMean"]]
        np.testing.assert_allclose(
            waiting, detail.queued_bytes[:, 2], rtol=0.01, atol=connected.max()
        )


class FedCell(ReferenceCell):
    """The plain cell, with arrivals of devices from outside."""

    fed: dict[int, int] | None = None

    def _arrivals(self, s: int, part: SliceScenario, user: Any) -> None:
        super()._arrivals(s, part, user)
        for _ in range((self.fed or {}).get(user.index, 0)):
            assert part.devices is not None
            self._push(s, part, user, part.devices.groups[0].payload_bytes)


@pytest.mark.parametrize("payload", [40, 4000])
def test_payloads_are_served_as_the_plain_cell_serves_them(payload: int) -> None:
    """Slot by slot, what joined each buffer goes to the plain cell too; all else must agree."""
    group = DeviceGroup(period_s=1.0, payload_bytes=payload)
    devices = Devices(number=700, connected_s=0.05, groups=(group,))
    scenario = replace(
        MIXED,
        numerology=0,
        prbs=25,
        period_ms=1,
        slices=(replace(MIXED.slices[0], users=2), machine_slice(devices, users=3)),
    )
    network = Network(scenario, seeds(1))
    reference = FedCell(network)
    rows = tuple(
        SliceAllocation(s.snssai, 0, 50, 100, 0, 90 if s.devices else 100) for s in scenario.slices
    )
    joined = 0
    for _ in range(2500):
        before = network._state.users["tail"][0].copy()
        network.step(AllocationBatch.of(Allocation(rows)))
        came = (network._state.users["tail"][0] - before) // payload
        reference.fed = {u: int(came[u]) for u in (2, 3, 4)}
        joined += int(came[2:5].sum())
        tallies = reference.play(Allocation(rows))
        for s in range(2):
            row = network._state.tallies[0, s]
            names = [n for n in row.dtype.names if n not in ("throughput_kbps", "visits")]
            if s == 1:
                names = [n for n in names if not n.endswith("_flows") and n != "demanded_bytes"]
            wanted = {n: tallies[s].get(n, 0) for n in names}
            assert {n: row[n] for n in names} == wanted, f"slice {s} in slot {reference.now}"
    assert joined == network.access().of("succeeded", total=True).sum() - int(
        network.access().states[0, 0, STATES.index("waiting")]
    )
    assert joined > 500
    assert math.isfinite(network.detail().energy_j[0])


def test_barring_throttles_no_flows_of_the_slice() -> None:
    """One ratio bars devices and admits flows: a slice with devices has none of the latter."""
    city = load_scenario("city")
    place = next(i for i, s in enumerate(city.slices) if s.devices is not None)
    part, path = city.slices[place], f"slices[{place}]"
    check_scenario(city)
    asking = replace(part.traffic, admission=True)
    sends = SliceUplink(scheduler="round_robin", discard_ms=750, traffic=asking)
    for changed, where in (
        (replace(part, traffic=asking), "traffic"),
        (replace(part, uplink=sends), "uplink.traffic"),
    ):
        slices = (*city.slices[:place], changed, *city.slices[place + 1 :])
        with pytest.raises(
            ValueError, match=rf"{re.escape(path)}\.{where}\.admission: needs false"
        ):
            check_scenario(replace(city, slices=slices))
