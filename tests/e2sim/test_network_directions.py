"""Uplink and downlink, FDD and TDD: what must hold of both directions, whatever cells do."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from e2sim.network import Network
from e2sim.network.report import Detail
from e2sim.scenario import (
    Direction,
    Duplex,
    SliceUplink,
    load_scenario,
)
from oran.batch import DEDICATED, MAX, MIN
from oran.measurements import CELL_COLUMN, SLICE_COLUMN
from tests.e2sim.test_network_cell import allocations, equal, seeds

DIRECTIONS: tuple[Direction, ...] = ("downlink", "uplink")
BOTH = replace(load_scenario("uplink"), period_ms=20)
HEAVY = replace(
    BOTH,
    slices=tuple(
        replace(
            s,
            uplink=replace(s.uplink, traffic=replace(s.uplink.traffic, load=(0.6, 0.9)))
            if s.uplink
            else None,
        )
        for s in BOTH.slices
    ),
)
FDD = replace(BOTH, duplex=Duplex())

PATTERNS = st.lists(st.sampled_from("DSU"), min_size=2, max_size=10).map("".join).filter(
    lambda p: 10 % len(p) == 0 and "U" in p and set(p) != {"U"}
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(PATTERNS, st.integers(0, 2**64 - 1))
def test_no_direction_transmits_in_the_slots_of_the_other(pattern: str, seed: int) -> None:
    scenario = replace(HEAVY, numerology=0, period_ms=1, duplex=Duplex(pattern))  # a slot a period
    network = Network(scenario, seeds(seed))
    used = dict.fromkeys(DIRECTIONS, 0)
    repeated = dict.fromkeys(DIRECTIONS, 0)
    for now in range(150):
        network.step(equal(1))
        up = pattern[now % len(pattern)] == "U"
        for direction in DIRECTIONS:
            tallies = network._of(direction)[1].tallies
            if up != (direction == "uplink"):
                assert tallies["blocks"].sum() == tallies["used_prbs"].sum() == 0
            used[direction] += int(tallies["used_prbs"].sum())
            repeated[direction] += int(tallies["nacks"].sum())
    assert all(used.values())
    assert any(repeated.values())  # so some repetition was due


def test_every_slot_of_fdd_is_of_both_directions() -> None:
    network = Network(replace(HEAVY, numerology=0, period_ms=1, duplex=Duplex()), seeds(1))
    full = np.zeros(2)
    for _ in range(100):
        network.step(equal(1))
        full += [network.detail(d).used_prbs.sum() > 0 for d in DIRECTIONS]
    assert full.min() > 60


@pytest.mark.parametrize("duplex", [Duplex(), Duplex("DDDSU")])
def test_the_channel_is_reciprocal_with_tdd_alone(duplex: Duplex) -> None:
    network = Network(replace(BOTH, duplex=duplex), seeds(1, 2))
    down, up = (network._of(d)[1] for d in DIRECTIONS)
    for _ in range(3):
        network.step(equal(2))
        for name in ("words", "taps"):
            alike = np.array_equal(getattr(down, name), getattr(up, name))
            assert alike is bool(duplex.pattern), name
    for field in ("stream", "flows", "luck"):
        assert (down.users[field][:, :48] != up.users[field][:, :48]).all(), field
    for field in ("stream", "level"):
        assert (down.cells[field] != up.cells[field]).all(), field
    assert (down.slices["stream"] != up.slices["stream"]).all()


@settings(max_examples=20, deadline=None)
@given(st.data(), st.integers(0, 2**64 - 1))
def test_bytes_packets_and_prbs_are_conserved_in_both(data: st.DataObject, seed: int) -> None:
    scenario = data.draw(st.sampled_from([HEAVY, FDD, replace(HEAVY, slicing="strict")]))
    network = Network(scenario, seeds(seed))
    waiting = {d: np.zeros((2, 3), np.int64) for d in DIRECTIONS}
    pattern = scenario.duplex.pattern or "B"
    for _ in range(data.draw(st.integers(1, 6))):
        allocation = data.draw(allocations(1))
        network.step(allocation)
        for direction in DIRECTIONS:
            d = network.detail(direction)
            waiting[direction][0] += (d.offered_bytes - d.delivered_bytes - d.dropped_bytes)[0]
            waiting[direction][1] += (d.offered_packets - d.delivered_packets)[0]
            waiting[direction][1] -= d.dropped_packets[0]
            np.testing.assert_array_equal(waiting[direction][0], d.queued_bytes[0])
            np.testing.assert_array_equal(waiting[direction][1] > 0, d.queued_bytes[0] > 0)
            mine = sum(c in ("U" if direction == "uplink" else "DS") + "B" for c in pattern)
            slots = scenario.slots_per_period * mine // len(pattern)
            carrier = scenario.prbs * slots
            shares = allocation.slices[0] * scenario.prbs // 100
            assert (d.used_prbs[0] <= shares[:, MAX] * slots).all()
            if scenario.slicing == "strict":
                assert (d.used_prbs[0] <= shares[:, MIN] * slots).all()
            idle = np.maximum(shares[:, DEDICATED] * slots - d.used_prbs[0], 0)
            assert d.used_prbs.sum() + idle.sum() <= carrier
            assert (d.blocked_flows <= d.attempted_flows).all()


def exogenous(network: Network) -> dict[str, NDArray[Any]]:
    """Everything of the uplink that no allocation may touch."""
    state = network._of("uplink")[1]
    users = ("snr", "inr", "most", "stream", "on", "nominal", "due", "left", "rate")
    return {
        "taps": state.taps,
        **{name: state.users[name] for name in users},
        "interference": state.cells[["stream", "level", "burst", "inr"]],
        "swing": state.slices[["stream", "swing", "burst"]],
    }


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_no_allocation_changes_the_uplinks_world(data: st.DataObject) -> None:
    one, other = Network(HEAVY, seeds(3, 4)), Network(HEAVY, seeds(3, 4))
    for _ in range(4):
        one.step(data.draw(allocations(2)))
        other.step(data.draw(allocations(2)))
        for name, values in exogenous(one).items():
            np.testing.assert_array_equal(values, exogenous(other)[name], err_msg=name)
        a, b = one.detail("uplink"), other.detail("uplink")
        np.testing.assert_array_equal(a.demanded_bytes, b.demanded_bytes)


def test_a_cell_depends_on_its_seed_alone() -> None:
    coupled = replace(HEAVY, interference=replace(HEAVY.interference, coupled_cells=3))
    many = [Network(coupled, np.arange(9).astype(np.uint64), threads=t) for t in (1, 2, 16)]
    group = Network(coupled, seeds(3, 4, 5))
    for _ in range(6):
        for network in (*many, group):
            network.step(equal(network.cells))
        for direction in DIRECTIONS:
            first = many[0].detail(direction)
            for f in fields(Detail):
                values = getattr(first, f.name)
                for network in many[1:]:
                    np.testing.assert_array_equal(
                        getattr(network.detail(direction), f.name), values
                    )
                np.testing.assert_array_equal(getattr(group.detail(direction), f.name), values[3:6])
    first_report = many[0].uplink_report()
    many[0].reset()
    for _ in range(6):
        many[0].step(equal(9))
    np.testing.assert_array_equal(many[0].uplink_report().slices, first_report.slices)


@pytest.mark.parametrize("duplex", [Duplex(), Duplex("DDDSU")])
def test_what_is_sent_changes_nothing_of_what_is_received(duplex: Duplex) -> None:
    quiet = replace(BOTH, duplex=duplex, slices=tuple(replace(s, uplink=None) for s in BOTH.slices))
    one = Network(replace(BOTH, duplex=duplex), seeds(1, 2))
    other = Network(quiet, seeds(1, 2))
    with pytest.raises(ValueError, match="scenario 'uplink': no slice has an uplink"):
        other.detail("uplink")
    assert other.bytes_per_cell < 0.6 * one.bytes_per_cell
    power = CELL_COLUMN["PEE.AvgPower"]
    for _ in range(5):
        a, b = one.step(equal(2)), other.step(equal(2))
        np.testing.assert_array_equal(a.slices, b.slices)
        np.testing.assert_array_equal(np.delete(a.cell, power, 1), np.delete(b.cell, power, 1))
        received = one._of("uplink")[1].cells["busy_slots"]
        assert (received > 0).all()
        more = 2 * 4.0 * received * 0.0005
        np.testing.assert_allclose(one.detail().energy_j, other.detail().energy_j + more)
        np.testing.assert_allclose(one.detail("uplink").energy_j, one.detail().energy_j)
        np.testing.assert_allclose(a.cell[:, power], b.cell[:, power] + more / 0.02, atol=0.11)


def test_the_downlink_of_tdd_reports_its_own_slots() -> None:
    network = Network(HEAVY, np.arange(4).astype(np.uint64))
    report = network.step(equal(4))
    used = network.detail().used_prbs
    prbs = report.slices[..., SLICE_COLUMN["RRU.PrbUsedDl"]]
    np.testing.assert_allclose(prbs, used / 32, atol=0.005)
    load = report.cell[:, CELL_COLUMN["RRU.PrbTotDl"]]
    np.testing.assert_allclose(load, 100.0 * used.sum(axis=1) / (106 * 32), atol=0.5)


def test_users_have_both_directions() -> None:
    network = Network(HEAVY, seeds(1))
    network.step(equal(1))
    for direction in DIRECTIONS:
        users, d = network.users(direction), network.detail(direction)
        for s in range(3):
            mine = users.slice == s
            assert users.volume_bytes[:, mine].sum() == d.delivered_bytes[0, s]
            assert users.queued_bytes[:, mine].sum() == d.queued_bytes[0, s]


def test_an_uplink_of_one_slice_leaves_the_others_silent() -> None:
    slices = tuple(replace(s, uplink=None) if i else s for i, s in enumerate(BOTH.slices))
    network = Network(replace(BOTH, slices=slices), seeds(1, 2))
    for _ in range(10):
        network.step(equal(2))
        d = network.detail("uplink")
        assert not d.demanded_bytes[:, 1:].any()
        assert not d.used_prbs[:, 1:].any()
    assert isinstance(slices[0].uplink, SliceUplink)
    assert d.used_prbs[:, 0].any()
