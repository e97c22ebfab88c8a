from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.calibration.burst import Packets, burstiness, gap_cv, memory, quantiles
from e2sim.calibration.distance import kolmogorov_smirnov
from e2sim.calibration.fit import fit, score_memory, singles, stays
from e2sim.calibration.fitted import SOURCES
from e2sim.calibration.source import (
    PROBABILITIES,
    TrafficSource,
    constant,
    epochs,
    generate,
    poisson,
    quantile,
)

VIDEO = SOURCES[1]


def flat(value: float) -> tuple[float, ...]:
    return (value,) * len(PROBABILITIES)


@given(st.sampled_from(SOURCES), st.integers(1, 60), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_packets_are_sorted_within_the_trace_and_repeatable(
    source: TrafficSource, seconds: int, seed: int
) -> None:
    packets = generate(source, seconds, np.random.default_rng(seed))
    again = generate(source, seconds, np.random.default_rng(seed))
    assert packets.time_s.tobytes() == again.time_s.tobytes()
    assert packets.size_bytes.tobytes() == again.size_bytes.tobytes()
    assert packets.duration_s == seconds
    assert (np.diff(packets.time_s) >= 0.0).all()
    assert ((packets.time_s >= 0.0) & (packets.time_s < seconds)).all()
    assert (packets.size_bytes >= 0).all()
    # Splitting an epoch's bytes into packets loses none.
    assert packets.volumes().sum() == packets.volumes(0.1).sum() == packets.size_bytes.sum()


def test_stays_and_volumes_follow_their_tables() -> None:
    source = replace(
        VIDEO, on_s=flat(2.0), off_s=flat(6.0), volume_bytes=flat(5e4), single_bytes=()
    )
    volumes = epochs(source, 4000, np.random.default_rng(0))
    assert set(volumes.tolist()) == {0.0, 5e4}
    on, off = stays(volumes > 0.0)
    assert set(on[:-1].tolist()) == {2.0}
    assert set(off[1:-1].tolist()) == {6.0}


def test_active_seconds_have_the_memory_they_are_given() -> None:
    source = replace(VIDEO, off_s=(), memory=0.8)
    volumes = epochs(source, 20_000, np.random.default_rng(1))
    # Stays of 2 s or so restart the process; only a source that stays active keeps it throughout.
    whole = replace(source, on_s=flat(20_000.0))
    kept = epochs(whole, 20_000, np.random.default_rng(1))
    assert score_memory(kept) == pytest.approx(0.8, abs=0.03)
    assert score_memory(volumes) < 0.7


def test_duty_cycle_is_that_of_the_mean_stays() -> None:
    volumes = epochs(VIDEO, 200_000, np.random.default_rng(2))
    on, off = (np.trapezoid(table, PROBABILITIES) for table in (VIDEO.on_s, VIDEO.off_s))
    # Stays are rounded to whole seconds.
    assert (volumes > 0.0).mean() == pytest.approx(on / (on + off), rel=0.05)


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.trace)
def test_fitting_a_sources_own_packets_finds_it_again(source: TrafficSource) -> None:
    rng = np.random.default_rng(3)
    long = generate(source, 6000, rng)
    again = fit(long, source.trace, source.kind)
    assert again.memory == pytest.approx(source.memory, abs=0.15)
    assert again.count_slope == pytest.approx(source.count_slope, abs=0.12)
    told, retold = burstiness(long), burstiness(generate(again, 6000, rng))
    assert retold.idle_share == pytest.approx(told.idle_share, abs=0.03)
    assert retold.gap_cv == pytest.approx(told.gap_cv, rel=0.2)
    assert retold.rate_mbps == pytest.approx(told.rate_mbps, rel=0.3)


def test_poisson_and_constant_are_what_they_say() -> None:
    rng = np.random.default_rng(4)
    rate = VIDEO.rate_mbps
    plain, even = poisson(VIDEO, 20_000, rng), constant(VIDEO, 20_000, rng)
    assert burstiness(plain).rate_mbps == pytest.approx(rate, rel=0.02)
    assert gap_cv(plain.time_s) == pytest.approx(1.0, abs=0.02)
    assert burstiness(even).rate_mbps == pytest.approx(rate, rel=1e-3)
    assert gap_cv(even.time_s) < 1e-9


def test_burstiness_of_a_hand_made_trace() -> None:
    # Bytes of the seconds: 100, 0, 300, 0; gaps of 0.5, 1.75 and 0.25 s.
    packets = Packets(np.array([0.0, 0.5, 2.25, 2.5]), np.array([40, 60, 100, 200]), duration_s=4.0)
    told = burstiness(packets)
    assert packets.volumes().tolist() == [100.0, 0.0, 300.0, 0.0]
    assert told.idle_share == 0.5
    assert told.fine_idle_share == 36 / 40
    assert told.rate_mbps == pytest.approx(400 * 8e-6 / 4)
    gaps = np.array([0.5, 1.75, 0.25])
    assert told.gap_cv == pytest.approx(gaps.std() / gaps.mean())
    # Deviations from 100: 0, -100, 200, -100.
    assert told.memory == pytest.approx((-100 * 200 - 200 * 100) / (100**2 + 200**2 + 100**2))
    merged = packets.merged(1.0)
    assert merged.time_s.tolist() == [0.5, 2.5]
    assert merged.size_bytes.tolist() == [100, 300]
    part = packets.part(2.0, 4.0)
    assert part.time_s.tolist() == [0.25, 0.5]
    assert part.duration_s == 2.0


def test_degenerate_traces_have_no_statistic_rather_than_a_wrong_one() -> None:
    assert np.isnan(gap_cv(np.array([1.0, 2.0])))
    assert np.isnan(memory(np.ones(5)))
    with pytest.raises(ValueError, match="1 active seconds, needs 2"):
        fit(Packets(np.array([0.5]), np.array([9]), 3.0), "t", "eMBB")
    with pytest.raises(ValueError, match="seconds: 0"):
        generate(VIDEO, 0, np.random.default_rng(0))


def test_single_seconds_are_those_between_silent_ones() -> None:
    active = np.array([True, False, True, True, False, True])
    assert singles(active).tolist() == [True, False, False, False, False, True]


def test_seconds_alone_and_seconds_of_longer_stays_have_tables_of_their_own() -> None:
    rng = np.random.default_rng(6)
    volumes = epochs(VIDEO, 60_000, rng)
    alone = singles(volumes > 0.0)
    longer = volumes[(volumes > 0.0) & ~alone]
    drawn = rng.random(20_000)
    assert kolmogorov_smirnov(volumes[alone], quantile(VIDEO.single_bytes, drawn)) < 0.08
    assert kolmogorov_smirnov(longer, quantile(VIDEO.volume_bytes, drawn)) < 0.04


def test_a_statistic_one_trace_lacks_is_told_by_the_others() -> None:
    def told(times: list[float]) -> Packets:
        return Packets(np.array(times), np.full(len(times), 100, np.int64), 4.0)

    even, lone = burstiness(told([0.5, 1.5, 2.5, 3.5])), burstiness(told([0.5]))
    assert np.isnan(lone.gap_cv)
    low, high = quantiles([even, lone], (0.0, 1.0))
    assert low.gap_cv == high.gap_cv == even.gap_cv
    assert (low.rate_mbps, high.rate_mbps) == (lone.rate_mbps, even.rate_mbps)
    assert (low.idle_share, high.idle_share) == (0.0, 0.75)
