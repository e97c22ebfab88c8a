"""Users who play a trace: what was recorded is what the cells are offered and hear."""

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from e2sim.network import Network
from e2sim.network.fine import FineNetwork
from e2sim.network.link import CQI_SINR, snr_db_of_cqi
from e2sim.network.state import State
from e2sim.network.traced import TracedSlice, offsets
from e2sim.scenario import Scenario, Series, Trace, load_scenario
from oran.batch import ADMISSION, MAX, MIN, SLICE_FIELDS, AllocationBatch
from oran.measurements import SLICE_COLUMN

MIXED = load_scenario("mixed")
PACKET = 500
USERS = 3
FIRST = MIXED.slices[0].users
"""Number of the first user of the traced slice, the second one."""


def traced(
    trace: Trace | None, users: int = USERS, period_ms: int = 50, **traffic: Any
) -> Scenario:
    """`mixed`, whose second slice plays the trace in packets of one size."""
    part = MIXED.slices[1]
    plain: dict[str, Any] = {"load": (0.0, 0.0), "packet_bytes": (PACKET, PACKET)}
    plain |= {"periodic_share": 0.0, "burst_share": 0.0, "swing_sigma": 0.0, "admission": False}
    plain |= {"on_s": 0.0, "off_s": 0.0}
    made = replace(
        part, users=users, trace=trace, traffic=replace(part.traffic, **(plain | traffic))
    )
    slices = (MIXED.slices[0], made, *MIXED.slices[2:])
    return replace(MIXED, period_ms=period_ms, slices=slices)


def offered(*values: float, step_ms: float = 100.0) -> Trace:
    return Trace(step_ms, (Series(values, None),))


def heard(*values: float, step_ms: float = 100.0) -> Trace:
    return Trace(step_ms, (Series(None, values),))


def seeds(n: int, first: int = 0) -> NDArray[np.uint64]:
    return np.arange(first, first + n).astype(np.uint64)


def equal(cells: int, *, highest: int = 100, power_db: int = 0) -> AllocationBatch:
    rows = np.zeros((cells, len(MIXED.slices), SLICE_FIELDS), np.int64)
    rows[..., MIN], rows[..., MAX], rows[..., ADMISSION] = min(highest, 33), highest, 100
    return AllocationBatch(rows, np.full(cells, power_db, np.int64))


def demanded(network: Network, periods: int, **allocation: int) -> NDArray[np.int64]:
    """Bytes that arrived for the traced slice, [periods, N]."""
    made = []
    for _ in range(periods):
        network.step(equal(network.cells, **allocation))
        made.append(network.detail().demanded_bytes[:, 1])
    return np.array(made)


def average(values: tuple[float, ...], start: float, width: float) -> float:
    """Mean of a repeated series over [start, start + width), by the pieces of its steps."""
    total, here = 0.0, start
    while here < start + width - 1e-12:
        until = min(math.floor(here + 1e-12) + 1.0, start + width)
        total += values[math.floor(here + 1e-12) % len(values)] * (until - here)
        here = until
    return total / width


@given(
    st.lists(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=7), min_size=1, max_size=3),
    st.sampled_from([3.0, 10.0, 50.0, 70.0, 250.0]),
    st.sampled_from([10, 20, 100]),
    st.integers(0, 2**64 - 1),
    st.integers(0, 1000),
)
def test_rates_are_the_means_over_the_period_of_the_users_own_series(
    values: list[list[float]], step_ms: float, period_ms: int, seed: int, period: int
) -> None:
    trace = Trace(step_ms, tuple(Series(tuple(v), None) for v in values))
    scenario = traced(trace, users=4, period_ms=period_ms)
    state = blank(seed, period * scenario.slots_per_period)
    TracedSlice(scenario, scenario.slices[1], FIRST).follow(state)
    for u in range(4):
        own = tuple(values[u % len(values)])
        origin = offsets(np.array([seed], np.uint64), FIRST + u, np.array([float(len(own))]))
        place = float(origin[0, 0]) + period * period_ms / step_ms
        per_slot = average(own, place, period_ms / step_ms) * scenario.slot_ms / step_ms
        rate = state.users["base_rate"][0, FIRST + u]
        assert rate >= 0.0
        assert rate * PACKET == pytest.approx(per_slot, rel=1e-6, abs=1e-4)
    assert (state.users["base_rate"][0, :FIRST] == 0.0).all()
    assert (state.users["base_rate"][0, FIRST + 4 :] == 0.0).all()


@cache
def started() -> State:
    return Network(traced(None), seeds(1))._state


def blank(seed: int, now: int) -> State:
    """A state of one cell with its seed and time, and nothing else."""
    state = started()
    state.users.view(np.uint8)[...] = 0
    state.cells["seed"], state.cells["now"] = np.uint64(seed), now
    return state


def test_offered_bytes_over_a_long_run_are_the_traces() -> None:
    values = (40_000.0, 0.0, 10_000.0, 5_000.0, 0.0)
    cells, periods = 16, 200  # 20 laps of the trace
    got = demanded(Network(traced(offered(*values)), seeds(cells)), periods)
    expected = cells * USERS * sum(values) * periods * 50 / (100 * len(values))
    packets = expected / PACKET
    # Poisson: the spread of a count is its root; 5 of them.
    assert got.sum() / PACKET == pytest.approx(packets, abs=5.0 * math.sqrt(packets))


def test_modulation_beside_a_trace_keeps_its_mean() -> None:
    network = Network(traced(offered(20_000.0), on_s=0.05, off_s=0.05), seeds(64))
    got = demanded(network, 200)
    expected = 64 * USERS * 20_000 / 100 * 50 * 200
    assert got.sum() == pytest.approx(expected, rel=0.05)
    assert got.var() > 3.0 * got.mean() * PACKET  # a Poisson process has 1


def test_a_step_is_played_when_its_turn_comes_and_again_after_the_last() -> None:
    # One busy step in eight: the cell says by its arrivals where in the trace each user is.
    values = (80_000.0, *(0.0,) * 7)
    network = Network(traced(offered(*values), users=1), seeds(12))
    got = demanded(network, 2 * 8 * 3).reshape(3, 16, 12)
    first = offsets(seeds(12), FIRST, np.array([8.0]))[:, 0].astype(int)
    assert len(set(first.tolist())) > 3
    for cell, begin in enumerate(first.tolist()):
        busy = {(2 * (-begin % 8) + half) for half in (0, 1)}
        for lap in got[:, :, cell]:
            assert {p for p, n in enumerate(lap.tolist()) if n > 0} == busy


def test_offsets_are_uniform_differ_by_seed_and_user_and_follow_from_both() -> None:
    lengths = np.array([10.0, 10.0])
    made = offsets(seeds(2_000), 5, lengths)
    assert set(np.unique(made)) == set(range(10))
    assert made.mean(axis=0) == pytest.approx([4.5, 4.5], abs=0.3)
    assert abs(np.asarray(np.corrcoef(made.T))[0, 1]) < 0.1
    np.testing.assert_array_equal(offsets(seeds(7, 3), 5, lengths), made[3:10])
    np.testing.assert_array_equal(offsets(seeds(2_000), 6, lengths[:1])[:, 0], made[:, 1])


def test_two_policies_meet_the_same_trace() -> None:
    trace = Trace(30.0, (Series((9e3, 0.0, 2e4), (5.0, 20.0, 12.0)),))
    one, other = Network(traced(trace), seeds(3)), Network(traced(trace), seeds(3))
    np.testing.assert_array_equal(demanded(one, 12), demanded(other, 12, highest=5, power_db=-6))
    for name in ("base_rate", "snr", "inr"):
        np.testing.assert_array_equal(one._state.users[name], other._state.users[name])
    assert (one.detail().delivered_bytes != other.detail().delivered_bytes).any()


def test_cells_do_not_depend_on_each_other_on_threads_or_on_resets_of_others() -> None:
    trace = Trace(70.0, (Series((9e3, 0.0, 2e4), (5.0, 20.0, 12.0)), Series((1.0,), (9.0,))))
    scenario = traced(trace)
    many = Network(scenario, seeds(6), threads=2)
    before = demanded(many, 4)
    which = np.array([True, False, True, False, False, False])
    many.reset(which)
    after = demanded(many, 4)
    np.testing.assert_array_equal(after[:, which], before[:, which])
    for c in range(6):
        alone = demanded(Network(scenario, seeds(1, c)), 8)[:, 0]
        played = np.concatenate([before[:, c], before[:, c] if which[c] else after[:, c]])
        expected = np.concatenate([alone[:4], alone[:4]]) if which[c] else alone
        np.testing.assert_array_equal(played, expected)


def test_parts_of_a_period_are_the_period() -> None:
    trace = Trace(30.0, (Series((9e3, 0.0, 2e4), (5.0, 20.0, 12.0)),))
    whole, parts = Network(traced(trace), seeds(2)), FineNetwork(traced(trace), seeds(2))
    for _ in range(4):
        report = whole.step(equal(2))
        parts.open(equal(2))
        for _ in range(parts.parts):
            parts.advance()
        np.testing.assert_array_equal(parts.close().slices, report.slices)


def test_the_reported_cqi_follows_the_steps_of_the_snr() -> None:
    # Steps of a period each: mean CQI, over fading, of 100 ms of all cells.
    low, high = snr_db_of_cqi(np.array([5.0, 11.0])).tolist()
    scenario = traced(heard(low, high), users=1, period_ms=100, load=(0.1, 0.1))
    network = Network(scenario, seeds(200))
    begins = offsets(seeds(200), FIRST, np.array([2.0]))[:, 0].astype(int)
    for period in range(4):
        report = network.step(equal(200))
        cqi = report.slices[:, 1, SLICE_COLUMN["CARR.WBCQIDist"]]
        at_high = (begins + period) % 2 == 1
        assert cqi[~at_high].mean() == pytest.approx(5.0, abs=0.5)
        assert cqi[at_high].mean() == pytest.approx(11.0, abs=0.5)
        snr = network._state.users["snr"][:, FIRST]
        assert 10.0 * np.log10(snr[at_high]) == pytest.approx(high)
        assert (network._state.users["inr"][:, FIRST] == 0.0).all()


def test_a_steady_snr_is_reported_as_the_cqi_it_stands_for() -> None:
    cqi = np.arange(1, 16)
    snr = 10.0 ** (snr_db_of_cqi(cqi.astype(float)) / 10.0)
    np.testing.assert_array_equal(np.searchsorted(CQI_SINR, snr, "right"), cqi)
    fine = snr_db_of_cqi(np.linspace(1.0, 15.0, 200))
    assert (np.diff(fine) > 0.0).all()


def test_a_cell_begins_with_the_cqi_of_its_trace() -> None:
    (snr_db,) = snr_db_of_cqi(np.array([8.0])).tolist()
    network = Network(traced(heard(snr_db)), seeds(4))
    assert network._traced is not None
    network._traced.follow(network._state)
    played = slice(FIRST, FIRST + USERS)
    assert (network._state.users["cqi"][:, played] == 8).all()
    assert len(np.unique(network._state.users["cqi"][:, :FIRST])) > 1


def test_a_trace_changes_nothing_of_other_slices_and_half_a_trace_nothing_of_the_other_half() -> (
    None
):
    plain = Network(traced(None, load=(0.1, 0.1)), seeds(3))
    channel = Network(traced(heard(3.0, 9.0), load=(0.1, 0.1)), seeds(3))
    traffic = Network(traced(offered(5e4)), seeds(3))
    for _ in range(3):
        for network in (plain, channel, traffic):
            network.step(equal(3))
    expected = plain.detail().demanded_bytes
    np.testing.assert_array_equal(channel.detail().demanded_bytes, expected)
    others = [0, *range(2, len(MIXED.slices))]
    np.testing.assert_array_equal(traffic.detail().demanded_bytes[:, others], expected[:, others])
    for name in ("snr", "inr"):
        np.testing.assert_array_equal(traffic._state.users[name], plain._state.users[name])
    assert plain._traced is None


def test_a_slice_without_a_trace_plays_none() -> None:
    with pytest.raises(ValueError, match=r"slice 1-\w+: has no trace"):
        TracedSlice(MIXED, MIXED.slices[0], 0)
