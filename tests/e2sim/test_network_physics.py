"""The twin's curves, distributions and random numbers against their sources."""

import math
import platform
from dataclasses import replace
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from e2sim.network import Network
from e2sim.network.fading import (
    LANES,
    MEMORY,
    POWER,
    RNG_FIELDS,
    advance,
    direction,
    fade,
    innovation,
    memory,
    negative_log,
)
from e2sim.network.link import (
    BITS_PER_PRB,
    CQI_SINR,
    MCS_EFFICIENCY,
    MCS_OF_CQI,
    block_error_rate,
    required_sinr,
)
from e2sim.network.noise import mix
from e2sim.network.propagation import (
    UMA,
    UMI,
    line_of_sight_probability,
    noise_dbm,
    path_loss_db,
    shadowing_sigma_db,
)
from e2sim.network.state import SCALE
from e2sim.network.traffic import beta_3_4
from e2sim.scenario import Scenario, load_scenario
from e2sim.scenario.pareto import bounded_pareto_mean
from oran.batch import ADMISSION, MAX, SLICE_FIELDS, AllocationBatch


@numba.njit(error_model="numpy")
def many_steps(words: Any, taps: Any, steps: int, every: int) -> Any:
    """Power of every lane of branch 0, every few steps."""
    out = np.empty((steps, len(words) * LANES))
    for t in range(steps):
        for _ in range(every):
            fade(words, taps, 0)
        for block in range(len(words)):
            for i in range(LANES):
                out[t, block * LANES + i] = taps[block, POWER * LANES + i]
    return out


@numba.njit
def next_words(state: Any, count: int) -> Any:
    out = np.empty(count, np.uint32)
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for i in range(count):
        out[i] = np.uint32(s0 + s3)
        s0, s1, s2, s3 = advance(s0, s1, s2, s3)
    return out


@numba.njit
def tabulate(xs: Any, words: Any) -> Any:
    logs, turns = np.empty(len(xs)), np.empty((len(words), 2))
    for i in range(len(xs)):
        logs[i] = negative_log(np.float32(xs[i]))
    for i in range(len(words)):
        turns[i] = direction(words[i])
    return logs, turns


def free(cells: int) -> AllocationBatch:
    rows = np.zeros((cells, 3, SLICE_FIELDS), np.int64)
    rows[..., MAX], rows[..., ADMISSION] = 100, 100
    return AllocationBatch(rows, np.zeros(cells, np.int64))


def test_random_words_are_those_of_the_published_generators() -> None:
    golden = 0x9E3779B97F4A7C15
    counters = [np.uint64(golden * i % 2**64) for i in (1, 2, 3)]
    assert [int(mix(c)) for c in counters] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]
    words = next_words(np.array([1, 2, 3, 4], np.uint32), 10)
    assert words.tolist() == [
        5, 12295, 25178119, 27286542, 39879690,
        1140358681, 3276312097, 4110231701, 399823256, 2144435200,
    ]  # fmt: skip


def test_float32_logarithm_and_direction_are_accurate() -> None:
    rng = np.random.default_rng(0)
    xs = np.concatenate([rng.random(20_000), 2.0 ** -np.arange(25), [1 - 2**-24]])
    xs = xs.astype(np.float32)
    xs = xs[xs > 0]
    words = rng.integers(0, 2**32, 20_000, dtype=np.uint32)
    logs, turns = tabulate(xs, words)
    np.testing.assert_allclose(logs, -np.log(xs.astype(np.float64)), rtol=4e-7, atol=1e-7)
    np.testing.assert_allclose(np.hypot(*turns.T), 1.0, atol=1e-6)
    angles = np.sort(np.arctan2(turns[:, 1], turns[:, 0]))
    expected = np.linspace(-math.pi, math.pi, len(angles))
    assert np.abs(angles - expected).max() < 2 * math.pi * 1.63 / math.sqrt(len(angles))  # KS, 1 %


@pytest.mark.skipif(platform.machine() != "x86_64", reason="reads x86 assembly")
def test_fading_runs_on_vector_registers() -> None:
    many_steps(np.ones((1, RNG_FIELDS * LANES), np.uint32), np.zeros((1, 7 * LANES), "f4"), 1, 1)
    (assembly,) = many_steps.inspect_asm().values()
    assert "sqrtps" in assembly


def test_fading_is_rayleigh_with_clarkes_coherence_time() -> None:
    network = Network(replace(load_scenario("mixed"), diversity=1), np.arange(64).astype(np.uint64))
    words = network._state.words.reshape(-1, RNG_FIELDS * LANES)
    taps: Any = network._state.taps.reshape(len(words), -1)
    kept = taps[:, MEMORY * LANES : (MEMORY + 1) * LANES].ravel()
    pedestrian = (kept > 0.5) & (kept < 0.9)  # at 3 km/h, not at 0.5 km/h
    start = taps[:, POWER * LANES : (POWER + 1) * LANES].ravel()[pedestrian]
    assert start.mean() == pytest.approx(1.0, abs=0.07)  # stationary from the first slot
    powers = many_steps(words, taps, 2000, 20)[:, pedestrian]
    assert powers.mean() == pytest.approx(1.0, abs=0.02)
    for level in (0.01, 0.1, 1.0, 3.0, 6.0, 9.0):
        above = (powers > level).mean()
        assert above == pytest.approx(math.exp(-level), rel=0.15 if level > 5 else 0.05)


def test_fading_forgets_half_when_clarkes_model_does() -> None:
    a = memory(3.0, 3.5, 0.5e-3)
    impulse = np.arange(1.0, 4001.0) * a ** np.arange(4000)  # of two first-order filters
    assert innovation(a) * math.sqrt((impulse**2).sum()) == pytest.approx(1.0, abs=1e-6)
    # J0(x) = 1/2 at x = 2 pi f_D lag; J0 by its integral over the angle of arrival.
    doppler = 3 / 3.6 * 3.5e9 / 299792458.0
    lag = round(1.5211 / (2 * math.pi * doppler) / 0.5e-3)
    angles = (np.arange(1000) + 0.5) / 1000 * math.pi
    clarke = np.cos(2 * math.pi * doppler * lag * 0.5e-3 * np.cos(angles)).mean()
    ours = (impulse[lag:] * impulse[:-lag]).sum() / (impulse**2).sum()
    assert clarke == pytest.approx(0.5, abs=0.02)
    assert ours == pytest.approx(0.5, abs=0.02)


def test_path_loss_by_hand() -> None:
    # TR 38.901 table 7.4.1-1 at 3.5 GHz, h_BS 10 m (UMi) and 25 m (UMa), 100 m away.
    slant = math.hypot(100.0, 8.5)
    clear = 32.4 + 21 * math.log10(slant) + 20 * math.log10(3.5)
    assert (
        path_loss_db(100.0, 10.0, 3.5, UMI, True)
        == pytest.approx(clear)
        == pytest.approx(85.31, abs=0.01)
    )
    blocked = 22.4 + 35.3 * math.log10(slant) + 21.3 * math.log10(3.5)
    assert path_loss_db(100.0, 10.0, 3.5, UMI, False) == pytest.approx(blocked)
    slant = math.hypot(100.0, 23.5)
    assert path_loss_db(100.0, 25.0, 3.5, UMA, False) == pytest.approx(
        13.54 + 39.08 * math.log10(slant) + 20 * math.log10(3.5)
    )
    for environment, height in ((UMI, 10.0), (UMA, 25.0)):
        bend = 4 * (height - 1) * 0.5 * 3.5e9 / 299792458.0
        below, above = (
            path_loss_db(bend + d, height, 3.5, environment, True) for d in (-1e-6, 1e-6)
        )
        assert below == pytest.approx(above, abs=1e-4)
        far = [path_loss_db(d, height, 3.5, environment, True) for d in (2 * bend, 20 * bend)]
        assert far[1] - far[0] == pytest.approx(40.0, abs=0.3)
    assert line_of_sight_probability(18.0, UMI) == 1.0
    assert line_of_sight_probability(100.0, UMI) == pytest.approx(0.18 + math.exp(-100 / 36) * 0.82)
    assert line_of_sight_probability(100.0, UMA) > line_of_sight_probability(100.0, UMI)
    assert [shadowing_sigma_db(e, los) for e in (UMI, UMA) for los in (True, False)] == [
        4.0, 7.82, 4.0, 6.0,
    ]  # fmt: skip
    assert noise_dbm(1e6) == pytest.approx(-174 + 60 + 9)


def test_link_curves_stand_where_the_tables_say() -> None:
    known = [-6.7, -4.7, -2.3, 0.2, 2.4, 4.3, 5.9, 8.1, 10.3, 11.7, 14.1, 16.3, 18.7, 21.0, 22.7]
    np.testing.assert_allclose(10 * np.log10(CQI_SINR), known, atol=0.6)
    assert MCS_OF_CQI.tolist() == [0, 0, 0, 2, 4, 6, 8, 11, 13, 15, 18, 20, 22, 24, 26, 28]
    assert (np.diff(MCS_EFFICIENCY) > -0.01).all()  # 16QAM and 64QAM overlap by a hair
    assert BITS_PER_PRB[[0, 28]].tolist() == [33, 799]
    needed = required_sinr(MCS_EFFICIENCY)
    for mcs in range(29):
        assert block_error_rate(needed[mcs], mcs) == pytest.approx(0.1)
        curve = [block_error_rate(x, mcs) for x in np.geomspace(needed[mcs] / 10, needed[mcs] * 10)]
        assert curve == sorted(curve, reverse=True)
        # Logistic in dB, 1.842 a dB.
        odds = [math.log(1 / block_error_rate(needed[mcs] * g, mcs) - 1) for g in (1.0, 10**0.1)]
        assert odds[1] - odds[0] == pytest.approx(0.8 * math.log(10))


def test_bits_per_prb_are_near_those_of_a_real_cell() -> None:
    # Median bits per granted PRB and ms by MCS, of TRACTOR's recordings of an LTE cell, whose MCS
    # table switches modulation at the same indices; LTE's wider control region costs it a little.
    measured = {2: 44, 4: 74, 6: 105, 8: 140, 10: 170, 12: 205, 14: 253, 16: 296, 18: 327, 24: 558}
    for mcs, bits in measured.items():
        assert BITS_PER_PRB[mcs] / bits == pytest.approx(1.15, abs=0.15)


def test_bounded_pareto_and_beta_by_quadrature() -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    for low, high, shape in ((40e3, 4e6, 1.2), (200.0, 4000.0, 2.5)):
        top, span = low**-shape, low**-shape - high**-shape
        sizes = (top - u * span) ** (-1 / shape)
        assert sizes.min() >= low
        assert sizes.max() <= high
        assert bounded_pareto_mean(low, high, shape) == pytest.approx(sizes.mean(), rel=1e-3)
    assert bounded_pareto_mean(250.0, 250.0, 1.2) == 250.0
    x = (np.arange(10_000) + 0.5) / 10_000
    density = np.array([beta_3_4(v) for v in x])
    assert density.mean() == pytest.approx(1.0, abs=1e-6)
    assert (density * x).mean() == pytest.approx(3 / 7, abs=1e-6)
    assert beta_3_4(-0.1) == beta_3_4(1.0) == 0.0


def with_load(scenario: Scenario, load: float) -> Scenario:
    return replace(
        scenario,
        slices=tuple(
            replace(s, traffic=replace(s.traffic, load=(load, load))) for s in scenario.slices
        ),
    )


@pytest.fixture(scope="module")
def quiet() -> dict[str, NDArray[Any]]:
    """What 64 lightly loaded cells do in 40 s."""
    network = Network(with_load(load_scenario("night"), 0.05), np.arange(64).astype(np.uint64))
    fields: dict[str, list[Any]] = {"used_prbs": [], "demanded_bytes": [], "sinr_db": []}
    for _ in range(400):
        network.step(free(64))
        detail = network.detail()
        fields["used_prbs"].append(detail.used_prbs)
        fields["demanded_bytes"].append(detail.demanded_bytes)
        scale = network._state.radio.reshape(64, 2, -1, LANES)[:, :, SCALE].reshape(64, -1)
        fields["sinr_db"].append(10 * np.log10(scale[:, :30] * network.scenario.diversity))
    return {name: np.array(values) for name, values in fields.items()}


def test_demand_takes_the_prbs_its_load_stands_for(quiet: dict[str, NDArray[Any]]) -> None:
    share = quiet["used_prbs"].mean(axis=(0, 1)) / (106 * 200)
    np.testing.assert_allclose(share, 0.05, rtol=0.25)


def test_video_is_idle_in_most_seconds_and_urllc_never(quiet: dict[str, NDArray[Any]]) -> None:
    scenario = with_load(load_scenario("night"), 0.05)
    video = replace(
        scenario.slices[0],
        users=1,
        traffic=replace(scenario.slices[0].traffic, periodic_share=1.0),
    )
    network = Network(
        replace(scenario, period_ms=1000, slices=(video, *scenario.slices[1:])),
        np.arange(32).astype(np.uint64),
    )
    seconds = []
    for _ in range(40):
        network.step(free(32))
        seconds.append(network.detail().demanded_bytes)
    idle = (np.array(seconds) == 0).mean(axis=(0, 1))
    assert 0.7 < idle[0] < 0.8  # recordings: 0.73 to 0.85
    assert idle[1] == 0.0


def test_users_stand_where_a_cell_of_the_grid_serves_them(quiet: dict[str, NDArray[Any]]) -> None:
    low, middle, high = np.percentile(quiet["sinr_db"], [5, 50, 95])
    assert -3.0 < low < 5.0
    assert 7.0 < middle < 17.0
    assert 20.0 < high < 40.0
    # Interference moves every user's SINR by some decibels over the seconds.
    assert 0.5 < quiet["sinr_db"].std(axis=0).mean() < 4.0


@pytest.mark.parametrize(
    ("name", "least", "most"), [("night", 0.05, 0.25), ("mixed", 0.3, 1.55), ("overload", 1.1, 1.8)]
)
def test_bundled_loads_span_what_they_say(name: str, least: float, most: float) -> None:
    loads = np.array([s.traffic.load for s in load_scenario(name).slices]).sum(axis=0)
    np.testing.assert_allclose(loads, [least, most])
