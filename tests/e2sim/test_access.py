"""Devices counted by state: conserved exactly, and alike in distribution to devices one by one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.network import Network
from e2sim.network.devices import STATES, Access
from e2sim.network.pools import BACKOFF, BARRED, CONNECTED, SOUGHT, WAITING_GRANT
from e2sim.scenario import DeviceGroup, Devices, Fault, RandomAccess
from tests.e2sim.machines import THREE, alone, letting, seeds
from tests.e2sim.reference_devices import ReferenceDevices

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

FAULTS = (
    Fault(kind="gnb_outage", at_s=0.3, for_s=0.6, startup_s=0.2),
    Fault(kind="backhaul_loss", severity=0.4, at_s=0.2, for_s=0.9),
)


@settings(max_examples=30, deadline=None)
@given(
    accesses,
    st.integers(1, 200_000),
    st.sampled_from([0.01, 0.5, 3.0]),
    st.lists(st.integers(0, 100), min_size=2, max_size=10),
    st.integers(0, 2**64 - 1),
    st.booleans(),
)
def test_every_device_is_in_one_state_and_every_report_is_counted_once(
    access: RandomAccess,
    number: int,
    connected_s: float,
    admissions: list[int],
    seed: int,
    failing: bool,
) -> None:
    devices = Devices(number=number, connected_s=connected_s, groups=THREE, access=access)
    network = Network(
        alone(devices, 437, users=3, faults=FAULTS * failing), np.array([seed], np.uint64)
    )
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
            "succeeded", "abandoned", "unheard",
        )}  # fmt: skip
        inside = sum(states[name] for name in ("sought", "barred", "backing"))
        reported = count["skipped"] + count["succeeded"] + count["abandoned"] + inside
        np.testing.assert_array_equal(count["reports"], reported)
        tried = sum(count[name] for name in ("collided", "ungranted", "unheard", "succeeded"))
        assert failing or not count["unheard"].any()
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
           "succeeded", "abandoned", "unheard")  # fmt: skip

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
    "a gNB that fails": (Devices(number=3000, groups=THREE), 0.9),
}  # fmt: skip

OUTAGES: dict[str, tuple[tuple[Fault, ...], tuple[float, float]]] = {
    "a gNB that fails": (
        (Fault(kind="gnb_outage", at_s=6.0, for_s=3.0, startup_s=1.0),),
        (6000.0, 10_000.0),
    )
}


def one_by_one(
    devices: Devices, admission: float, seed: int, until_ms: int, deaf_ms: tuple[float, float]
) -> dict[str, Any]:
    reference = ReferenceDevices(devices, seed, deaf_ms)
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
    faults, deaf_ms = OUTAGES.get(name, ((), (0.0, 0.0)))
    network = Network(alone(devices, 1000, faults=faults), seeds(160))
    for _ in range(until // 1000):
        network.step(letting(160, round(100 * admission)))
    got = together(network.access())
    runs = [one_by_one(devices, admission, seed, until, deaf_ms) for seed in range(24)]
    for quantity, mine in got.items():
        theirs = np.array([run[quantity] for run in runs], float)
        spread = np.sqrt(mine.var(axis=0) / len(mine) + theirs.var(axis=0, ddof=1) / len(theirs))
        mean = theirs.mean(axis=0)
        room = 5.4 * spread + 0.005 * np.abs(mean) + 1e-9
        apart = np.abs(mine.mean(axis=0) - mean)
        assert (apart <= room).all(), f"{quantity}: {mine.mean(axis=0)} against {mean}, {room}"
    spreads = got["succeeded"].std(axis=0) / np.array([r["succeeded"] for r in runs]).std(axis=0)
    assert ((spreads > 0.5) & (spreads < 2.0)).all(), "cells differ as crowds do"


def test_the_backhaul_loses_devices_payloads_one_by_one() -> None:
    """Also those that come to one bearer in one slot, all of one size."""
    burst = DeviceGroup(activation="burst", period_s=8.0, burst_s=2.0, payload_bytes=70)
    fault = Fault(kind="backhaul_loss", severity=0.5, at_s=0.0, for_s=1000.0)
    devices = Devices(number=3000, groups=(burst,), access=RandomAccess(occasion_ms=160, grants=40))
    network = Network(alone(devices, 160, faults=(fault,)), seeds(8))
    shares = []
    for _ in range(100):
        network.step(letting(8, 100))
        d = network.detail()
        many = d.offered_packets >= 12
        shares += (d.lost_packets[many] / d.offered_packets[many]).tolist()
    assert len(shares) > 20
    assert np.mean(shares) == pytest.approx(0.5, abs=0.06)
    assert np.std(shares) < 0.2
