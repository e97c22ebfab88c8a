"""Counts drawn at once have the distributions of what they count."""

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from e2sim.network.access import choose
from e2sim.network.calendar import BINS, chances_of, enter, leave
from e2sim.network.pools import POOL
from e2sim.network.records import Records
from e2sim.network.variates import binomial, hypergeometric

Function = TypeVar("Function", bound=Callable[..., Any])

GRID = 20_000
"""Uniform numbers in the midst of as many equal parts of (0, 1)."""


def jit(function: Function) -> Function:
    """Compiled to make arrays, which the twin's functions may not."""
    return cast(Function, numba.njit(function))


@jit
def binomials(n: int, p: float, count: int) -> NDArray[np.int64]:
    return np.array([binomial((i + 0.5) / count, n, p) for i in range(count)])


@jit
def hypergeometrics(total: int, good: int, drawn: int, count: int) -> NDArray[np.int64]:
    return np.array([hypergeometric((i + 0.5) / count, total, good, drawn) for i in range(count)])


def assert_exact(drawn: NDArray[np.int64], mass: NDArray[np.float64]) -> None:
    """One count takes one interval of the uniform number, of the length of its probability.

    No false alarms: nothing here is random. A grid finds a length up to one part of it.
    """
    share = np.bincount(drawn, minlength=len(mass)) / GRID
    assert len(share) == len(mass)
    assert np.abs(share - mass).max() <= 1.01 / GRID


@pytest.mark.parametrize(
    ("n", "p"),
    [
        *[(1, 0.5), (3, 0.2), (40, 0.97), (54, 1 / 54), (200, 0.5), (2000, 0.01), (900, 0.7)],
        *[(1_000_000, 1e-6), (1_000_000, 2e-4), (5000, 0.0032), (5000, 0.99)],
    ],
)
def test_binomials_are_exact(n: int, p: float) -> None:
    assert_exact(binomials(n, p, GRID), stats.binom.pmf(np.arange(n + 1), n, p))


def test_binomials_of_nothing_or_everything() -> None:
    for u in (1e-16, 0.3, 1.0):
        assert binomial(u, 0, 0.4) == binomial(u, 7, 0.0) == binomial(u, -1, 0.5) == 0
        assert binomial(u, 7, 1.0) == 7
        assert 0 <= binomial(u, 10**6, 0.3) <= 10**6


@pytest.mark.parametrize(
    ("total", "good", "drawn"),
    [(10, 4, 3), (10, 9, 8), (1000, 30, 900), (1000, 970, 12), (200_000, 150_000, 500), (7, 7, 3)],
)
def test_hypergeometrics_are_exact(total: int, good: int, drawn: int) -> None:
    mass = stats.hypergeom.pmf(np.arange(drawn + 1), total, good, drawn)
    got = hypergeometrics(total, good, drawn, GRID)
    assert got.max() <= min(good, drawn)
    assert_exact(got, np.append(mass, np.zeros(max(int(got.max()) + 1 - len(mass), 0))))


@jit
def throws(owner: Records, preambles: int, devices: int, times: int) -> NDArray[np.int64]:
    hits = np.zeros(64, np.int64)
    out = np.zeros((times, 3), np.int64)
    for i in range(times):
        out[i, 0], out[i, 1] = choose(hits, owner[0], preambles, devices)
        out[i, 2] = hits[:preambles].sum()
    return out


def exact_pairs(preambles: int, devices: int) -> dict[tuple[int, int], float]:
    """Probability of (preambles used, preambles used once), device after device."""
    now = {(0, 0): 1.0}
    for _ in range(devices):
        after: dict[tuple[int, int], float] = {}
        for (used, single), chance in now.items():
            for at, ways in (
                ((used + 1, single + 1), preambles - used),
                ((used, single - 1), single),
                ((used, single), used - single),
            ):
                if ways:
                    after[at] = after.get(at, 0.0) + chance * ways / preambles
        now = after
    return now


@pytest.mark.parametrize(("preambles", "devices"), [(1, 1), (4, 3), (4, 30), (4, 70), (54, 20)])
def test_who_shares_a_preamble_has_the_exact_distribution(preambles: int, devices: int) -> None:
    """Chi-square over all outcomes; a right kernel fails with probability 1e-6 a case."""
    pool = np.zeros(1, POOL)
    pool["stream"] = 7
    times = 40_000
    got = throws(pool, preambles, devices, times)
    assert (got[:, 2] == devices).all()
    expected = exact_pairs(preambles, devices)
    assert sum(expected.values()) == pytest.approx(1.0)
    seen = dict.fromkeys(expected, 0)
    for used, single, _ in got.tolist():
        seen[used, single] += 1  # a pair that cannot be raises
    often = [pair for pair, chance in expected.items() if chance * times >= 10.0]
    rest = 1.0 - sum(expected[pair] for pair in often)
    chances = [expected[pair] for pair in often] + [rest]
    counts = [seen[pair] for pair in often] + [times - sum(seen[pair] for pair in often)]
    kept = [(n, times * c) for n, c in zip(counts, chances, strict=True) if c * times >= 1.0]
    value = sum((n - m) ** 2 / m for n, m in kept)
    assert len(kept) == 1 or stats.chi2.sf(value, len(kept) - 1) > 1e-6


@pytest.mark.parametrize("devices", [1, 10, 54, 120, 900, 3000])
def test_throughput_is_that_of_slotted_aloha(devices: int) -> None:
    """n (1 - 1/K)^(n-1) succeed and K (1 - (1 - 1/K)^n) preambles are used; 1e-6 a figure."""
    pool = np.zeros(1, POOL)
    pool["stream"] = devices
    got = throws(pool, 54, devices, 20_000)[:, :2].astype(float)
    idle = (1.0 - 1.0 / 54.0) ** devices
    for column, wanted in ((0, 54.0 * (1.0 - idle)), (1, devices * idle / (1.0 - 1.0 / 54.0))):
        error = got[:, column].std() / math.sqrt(len(got))
        assert abs(got[:, column].mean() - wanted) <= 4.9 * error + 1e-3


@jit
def barred(owner: Records, n: int, p: float, times: int) -> float:
    hits = np.zeros(64, np.int64)
    total = 0
    for i in range(times):
        total += choose(hits, owner[0], 54, binomial((i + 0.5) / times, n, p))[1]
    return total / times


def test_the_best_barring_factor_is_preambles_over_devices() -> None:
    """n p (1 - p/K)^(n-1) successes, greatest at p = K/n (Duan et al., 2013); 1e-6 a figure."""
    pool, n = np.zeros(1, POOL), 600
    factors = (0.02, 0.05, 0.09, 0.2, 0.5, 1.0)
    got = [barred(pool, n, p, 20_000) for p in factors]
    for p, mean in zip(factors, got, strict=True):
        wanted = n * p * (1.0 - p / 54.0) ** (n - 1)
        assert abs(mean - wanted) <= 4.9 * math.sqrt(54.0 / 4.0 / 20_000)
    assert max(got) == got[factors.index(0.09)]
    # Of n = K devices as many succeed as ever can: K (1 - 1/K)^(K-1), 1/e of the preambles.
    peak = [throws(pool, 54, m, 20_000)[:, 1].mean() for m in (27, 54, 108)]
    assert peak[1] == max(peak)
    assert peak[1] == pytest.approx(54 * (1 - 1 / 54) ** 53, rel=0.01)


@pytest.mark.parametrize(
    "waits",
    [
        *[{1: 1.0}, {1: 0.25, 2: 0.5, 3: 0.25}, {30: 1.0}, {400: 1.0}],
        *[dict.fromkeys(range(281, 521), 1 / 240), dict.fromkeys(range(1, 2001), 1 / 2000)],
    ],
)
def test_calendars_keep_waits(waits: dict[int, float]) -> None:
    width, chances = chances_of(waits)
    weights = np.zeros(BINS)
    left = 1.0
    for i, chance in enumerate(chances.tolist()):
        weights[i] = left * chance
        left -= weights[i]
    assert left == pytest.approx(0.0, abs=1e-12)
    mean = sum(n * p for n, p in waits.items())
    if width == 1:
        assert {i: w for i, w in enumerate(weights) if w} == pytest.approx(waits)
    assert weights @ np.arange(BINS) * width == pytest.approx(mean, rel=2e-3)


@jit
def queue(owner: Records, chances: NDArray[np.float64], width: int, n: int, until: int,
          entries: int) -> NDArray[np.float64]:  # fmt: skip
    """Devices enter at the first occasions; who leaves at each, and their beginnings' sum."""
    counts, sums = np.zeros(BINS, np.int64), np.zeros(BINS)
    out = np.zeros((until, 2))
    for at in range(until):
        part, began = leave(counts, sums, owner[0], at, width)
        out[at, 0], out[at, 1] = part, began
        if at < entries:
            enter(counts, sums, chances, owner[0], at // width, n, float(n) * at)
    return out


def test_whoever_enters_a_calendar_leaves_it_once_with_its_beginning() -> None:
    waits = dict.fromkeys(range(281, 521), 1 / 240)
    width, chances = chances_of(waits)
    pool, entries, n = np.zeros(1, POOL), 90, 500
    out = queue(pool, chances, width, n, 700, entries)
    left, began = out[:, 0], out[:, 1]
    assert left.sum() == entries * n
    assert began.sum() == pytest.approx(n * sum(range(entries)))
    waited = (left * np.arange(700)).sum() / left.sum() - (entries - 1) / 2
    # Standard error of a mean of 45,000 waits with a spread of 70; 1e-6.
    assert waited == pytest.approx(400.5, abs=4.9 * 72 / math.sqrt(entries * n))
    assert left[: 281 - width].sum() == 0
    assert left[90 + 520 + width :].sum() == 0
