"""The estimator against closed forms, and what makes it unbiased."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer.reliability.queue import GeoGeoQueue, Ruin, goal_reached, loss
from trainer.reliability.estimate import Reliability, estimate
from trainer.reliability.levels import pilot
from trainer.reliability.population import Population
from trainer.reliability.resampling import efforts, resample, systematic
from trainer.reliability.splitting import Levels, Replication, Window, replicate

QUEUE = (0.3, 0.5, 16)


def queue(rng: np.random.Generator, walkers: int = 200) -> Population:
    return GeoGeoQueue(walkers, *QUEUE, rng)


def study(levels: Levels, window: Window, count: int, seed: int, walkers: int = 200) -> Reliability:
    rng = np.random.default_rng(seed)
    return estimate([replicate(queue(rng, walkers), levels, window, rng)[0] for _ in range(count)])


def test_losses_of_a_queue_of_5e_7() -> None:
    exact, rng = loss(*QUEUE), np.random.default_rng(7)
    assert exact == pytest.approx(5.19e-7, rel=0.01)
    window = Window(lead=80, steps=120)
    levels, spent = pilot(lambda _: queue(rng), window, rng)
    assert len(levels) > 5
    assert spent.walker_steps == spent.runs * 200 * 200
    found = study(levels, window, 30, 11)
    assert found.low is not None
    assert found.high is not None
    assert found.relative_error is not None
    assert found.low < exact < found.high
    assert found.relative_error < 0.2
    # Fewer packets than one loss would take.
    assert found.packets < 1.0 / exact
    assert found.equivalent_packets is not None
    assert found.equivalent_packets > 50 * found.packets


def test_ruin_of_2e_9() -> None:
    """A path of no return: the window is the whole game."""
    win, goal = 0.3, 24
    exact = goal_reached(win, goal)
    assert exact == pytest.approx(1.96e-9, rel=0.01)
    rng = np.random.default_rng(3)
    levels = tuple(float(k) for k in range(2, goal))
    window = Window(lead=0, steps=150)
    done = [replicate(Ruin(300, win, goal, rng), levels, window, rng)[0] for _ in range(30)]
    assert all(r.finished == pytest.approx(1.0) for r in done)
    found = estimate(done)
    assert found.relative_error is not None
    assert found.relative_error < 0.25
    assert abs(found.probability - exact) < 3.0 * found.relative_error * exact


def test_plain_simulation_and_any_levels_agree_where_losses_are_frequent() -> None:
    """Unbiased for levels that were not chosen well, and for few walkers."""
    small = (0.4, 0.5, 6)
    exact, window = loss(*small), Window(lead=20, steps=30)
    for seed, levels in enumerate([(), (1.0, 2.0, 3.0), (0.5, 4.5, 20.0)]):
        rng = np.random.default_rng([5, seed])
        done = [replicate(GeoGeoQueue(12, *small, rng), levels, window, rng)[0] for _ in range(200)]
        lost = np.array([r.lost for r in done]) / (0.4 * window.steps)
        error = lost.std(ddof=1) / np.sqrt(len(lost))
        assert abs(lost.mean() - exact) < 3.5 * error, levels
        assert error < 0.15 * exact


def test_intervals_hold_what_they_promise() -> None:
    exact, window = loss(*QUEUE), Window(lead=80, steps=60)
    levels = tuple(float(k) for k in range(2, 17))
    held = 0
    for seed in range(20):
        found = study(levels, window, 8, seed, 100)
        assert found.low is not None
        assert found.high is not None
        held += found.low < exact < found.high
    assert held >= 15  # of 20 at 95 %: fewer come once in three thousand times


@given(
    st.lists(st.tuples(st.floats(1e-9, 1.0), st.integers(0, 4)), min_size=1, max_size=40),
    st.integers(0, 2**32),
)
def test_resampling_keeps_the_walkers_and_the_weight_of_every_bin(
    walkers: list[tuple[float, int]], seed: int
) -> None:
    weights, bins = np.array([w for w, _ in walkers]), np.array([b for _, b in walkers])
    made = resample(weights, bins, np.arange(len(bins)), np.random.default_rng(seed))
    assert not np.isin(made.sources, made.targets).any()
    assert len(np.unique(made.targets)) == len(made.targets) == len(made.sources)
    after = bins.copy()
    after[made.targets] = bins[made.sources]
    assert (made.weights > 0.0).all()
    for b in np.unique(bins):
        assert made.weights[after == b].sum() == pytest.approx(weights[bins == b].sum())


@settings(max_examples=25)
@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=30), st.integers(1, 30))
def test_copies_are_as_many_on_average_as_the_weight_says(drawn: list[float], count: int) -> None:
    weights = np.array(drawn)
    starts = (np.arange(2000) + 0.5) / 2000
    copies = np.array([systematic(weights, count, float(s)) for s in starts])
    mean = count * weights / weights.sum()
    assert (copies.sum(axis=1) == count).all()
    assert (copies >= 0).all()
    np.testing.assert_allclose(copies.mean(axis=0), mean, atol=2e-3)
    assert (np.abs(copies - mean) < 1.0 + 1e-6).all()


@given(st.lists(st.integers(1, 100), min_size=1, max_size=20))
def test_efforts_leave_nobody_out(counts: list[int]) -> None:
    wanted = efforts(np.array(counts))
    assert wanted.sum() == sum(counts)
    assert (wanted > 0).all()


def test_what_cannot_be_told_is_not() -> None:
    none = Replication(10.0, 0.0, 100.0, 0.0, 1000, 0)
    found = estimate([none, none, none])
    assert found.probability == 0.0
    assert found.low is found.high is found.relative_error is found.equivalent_packets is None
    with pytest.raises(ValueError, match="no packet finished"):
        estimate([Replication(0.0, 0.0, 0.0, 0.0, 1000, 0)])
