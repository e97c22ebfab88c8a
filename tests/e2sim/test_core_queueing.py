"""One station: closed forms of queueing theory, and bounds."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.core.percentile import percentile, survival
from e2sim.core.queueing import (
    bounded_mean,
    certain_part,
    level,
    mean_work,
    overflow_share,
    wait_spread,
)
from tests.e2sim.cores import network, single

works = st.floats(0.0, 1e6)
sizes = st.floats(1e-3, 1e4)


@given(st.floats(0.01, 0.99), sizes, st.floats(0.0, 4.0))
def test_a_steady_load_ends_in_pollaczek_and_khinchines_mean(
    rho: float, size: float, scv: float
) -> None:
    residual = 0.5 * size * (1.0 + scv)
    service = 100.0 * size
    work = 0.0
    for _ in range(200_000 if rho > 0.95 else 5_000):
        before, work = work, level(work + rho * service, residual, service)
        if abs(work - before) <= 1e-13 * work:
            break
    else:
        pytest.fail("does not settle")
    assert work == pytest.approx(rho * residual / (1.0 - rho), rel=1e-6)
    # The wait's variance is that of M/M/1 where the residual is that of the exponential law.
    wait, u = 1.0, rho
    assert wait_spread(wait, work, residual) == pytest.approx(2.0 / u - 1.0, rel=1e-5)


@given(works, sizes, works, st.floats(1.0, 100.0))
def test_a_tick_keeps_its_bounds(total: float, residual: float, service: float, f: float) -> None:
    after = level(total, residual, service)
    assert max(0.0, total - service) * (1 - 1e-9) - 1e-6 <= after <= total * (1 + 1e-12)
    # More capacity, or less work, never leaves more waiting.
    assert level(total, residual, service * f) <= after * (1 + 1e-9) + 1e-9
    assert level(total / f, residual, service) <= after * (1 + 1e-9) + 1e-9


@given(works, sizes, works, works, works)
def test_parts_of_the_mean_work_are_within_it(
    before: float, residual: float, arrived: float, service: float, limit: float
) -> None:
    after = level(before + arrived, residual, service)
    seen = mean_work(before, after, arrived, service)
    assert min(before, after) * (1 - 1e-9) <= seen <= max(before, after) * (1 + 1e-9)
    assert 0.0 <= certain_part(seen, before, arrived, service, residual) <= seen
    bounded = bounded_mean(seen, residual, limit + 0.1)
    assert -1e-9 * seen <= bounded <= min(seen, limit + 0.1) * (1 + 1e-9)
    assert 0.0 <= overflow_share(after, residual, limit + 0.1) <= 0.5
    assert overflow_share(after, residual, limit + 1.0) <= overflow_share(
        after, residual, limit + 0.1
    )


@pytest.mark.parametrize(("rho", "room"), [(0.7, 5.0), (0.9, 10.0), (0.95, 20.0), (0.5, 4.0)])
def test_overflow_is_that_of_an_exponential_queue(rho: float, room: float) -> None:
    """M/M/1 whose customers leave where more than `room` (in mean services) is unfinished."""
    draw = random.Random(7)
    v, lost, n, waited = 0.0, 0, 400_000, 0.0
    for _ in range(n):
        v = max(0.0, v - draw.expovariate(rho))
        if v > room:
            lost += 1
        else:
            waited += v
            v += draw.expovariate(1.0)
    # The model is told the mean of the unbounded queue.
    share = overflow_share(rho / (1.0 - rho), 1.0, room)
    assert share == pytest.approx(lost / n, rel=0.08)
    mean = bounded_mean(rho / (1.0 - rho), 1.0, room)
    assert mean == pytest.approx(waited / (n - lost), rel=0.03)


@pytest.mark.parametrize(("service_scv", "law"), [(1.0, "M/M/1"), (0.0, "M/D/1"), (4.0, "M/G/1")])
@pytest.mark.parametrize("rho", [0.1, 0.5, 0.8, 0.95])
def test_one_cpu_waits_as_pollaczek_and_khinchine_say(
    service_scv: float, law: str, rho: float
) -> None:
    core = network(single(capacity=100_000.0, service_scv=service_scv))
    offered = np.array([[[rho * 10_000.0, rho * 10_000.0 * 500.0]]])
    for _ in range(20):
        report = core.step(core.first(), offered)
    service_ms = 0.01
    wait = rho * service_ms * (1.0 + service_scv) / (2.0 * (1.0 - rho))
    detail = core.detail()
    assert detail.core_ms[0, 0] == pytest.approx(wait + service_ms, rel=0.01), law
    assert detail.lost.sum() == 0.0 or rho == 0.95
    usage, delay_us, _ = report.sites[0, 0]
    assert usage == pytest.approx(100.0 * rho, abs=0.02)
    assert delay_us == pytest.approx(1e3 * wait, rel=0.01, abs=0.06)


def test_one_link_waits_as_pollaczek_and_khinchine_say() -> None:
    """Exponential packets of 956 bytes and a tunnel of 44 on 80 Mbit/s: 0.1 ms and a little."""
    core = network(single(capacity=1e12, mbps=80.0, size_scv=1.0))
    rho = 0.6
    offered = np.array([[[rho * 1000.0, rho * 1000.0 * 956.0]]])
    for _ in range(5):
        core.step(core.first(), offered)
    assert core.detail().transport_ms[0, 0] == pytest.approx(0.1 + 0.1 * rho / (1 - rho), rel=0.01)


def test_an_overload_fills_the_queue_and_loses_the_rest() -> None:
    core = network(single(capacity=100_000.0, queue_ms=50.0))
    offered = np.array([[[15_000.0, 15_000.0 * 500.0]]])
    for _ in range(5):
        core.step(core.first(), offered)
    detail = core.detail()
    # The queue holds 50 ms of work; packets that find room wait as long.
    assert detail.core_ms[0, 0] == pytest.approx(50.0, rel=0.02)
    assert detail.lost[0, 0, 0, 0, 0] == pytest.approx(5_000.0, rel=0.01)
    assert detail.delivered[0, 0, 0] == pytest.approx(10_000.0, rel=0.01)


@given(st.floats(0.0, 5.0), st.floats(0.1, 5.0), st.floats(0.01, 6.0))
def test_the_law_of_a_delay_has_its_two_moments(certain: float, mean: float, cv: float) -> None:
    variance = (cv * mean) ** 2
    high = certain + mean + 40.0 * max(math.sqrt(variance), mean * (1 + cv * cv))
    grid = np.concatenate(
        [np.linspace(0.0, high / 20.0, 2_001), np.linspace(high / 20.0, high, 2_001)]
    )
    above = np.array([survival(x, certain, mean, variance) for x in grid])
    first = np.trapezoid(above, grid)
    second = np.trapezoid(2.0 * grid * above, grid)
    assert first == pytest.approx(certain + mean, rel=0.02)
    assert second - first * first == pytest.approx(variance, rel=0.1, abs=0.02 * first * first)


def test_a_percentile_of_an_exponential_delay() -> None:
    samples = np.array([[10.0, 1.0, 2.0, 4.0]])
    wanted = 1.0 + 2.0 * math.log(100.0)
    assert percentile(samples, 1, 0.99) == pytest.approx(wanted, rel=1e-6)
    # One packet in fifty waits 100 ms: the 99th percentile is its delay.
    samples = np.array([[49.0, 1.0, 0.0, 0.0], [1.0, 100.0, 0.0, 0.0]])
    assert percentile(samples, 2, 0.99) == pytest.approx(100.0, rel=1e-6)
    assert percentile(samples, 2, 0.97) == pytest.approx(1.0, rel=1e-4)
    assert math.isnan(percentile(samples, 0, 0.99))
