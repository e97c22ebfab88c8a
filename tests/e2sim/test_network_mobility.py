"""Users who move: the torus, their paths, shadowing and sight."""

import cmath
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.network import Network
from e2sim.network.grid import fold, reflect, shift_of, sites_of
from tests.e2sim.moving import HIGHWAY, MOBILITY, small
from tests.e2sim.test_network_cell import equal

# The grid -----------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [3, 4, 7, 9, 12, 13, 19])
def test_every_site_of_a_torus_has_the_same_neighbourhood(cells: int) -> None:
    sites, shift = sites_of(cells, 200.0), shift_of(cells, 200.0)
    assert sites.shape == (cells, 2)
    assert math.hypot(*shift) == pytest.approx(200.0 * math.sqrt(cells))
    seen = [
        sorted(round(math.hypot(*fold(a[0] - b[0], a[1] - b[1], *shift)), 6) for a in sites)
        for b in sites
    ]
    assert all(row == seen[0] for row in seen)
    assert seen[0][:2] == [0.0, 200.0]
    assert seen[0].count(200.0) == min(cells - 1, 6)


@given(
    st.floats(-2000.0, 2000.0), st.floats(-2000.0, 2000.0), st.integers(-3, 3), st.integers(-3, 3)
)
def test_a_place_on_the_torus_is_its_nearest_image(x: float, y: float, a: int, b: int) -> None:
    shift = complex(*shift_of(7, 100.0))
    turned = shift * complex(0.5, math.sqrt(3.0) / 2.0)
    near = complex(*fold(x, y, shift.real, shift.imag))
    images = [
        complex(x, y) + i * shift + j * turned for i in range(-30, 31) for j in range(-30, 31)
    ]
    assert abs(near) == pytest.approx(min(map(abs, images)), abs=1e-6)
    assert min(abs(near - image) for image in images) < 1e-6
    moved = complex(x, y) + a * shift + b * turned
    assert abs(complex(*fold(moved.real, moved.imag, shift.real, shift.imag))) == pytest.approx(
        abs(near), abs=1e-6
    )


def outside_m(at: complex, edge_m: float) -> float:
    """How far a place is beyond the edges of the hexagon around the origin."""
    normals = (complex(math.cos(k * math.pi / 3.0), math.sin(k * math.pi / 3.0)) for k in range(6))
    return max((at * n.conjugate()).real for n in normals) - edge_m


@given(
    st.floats(0.0, 2.0 * math.pi),
    st.floats(0.0, 49.0),
    st.floats(0.0, 2.0 * math.pi),
    st.floats(0.1, 300.0),
)
def test_nobody_leaves_a_lone_cell_however_long_the_step(
    angle: float, r: float, course: float, step_m: float
) -> None:
    at, v = cmath.rect(r, angle), cmath.rect(30.0, course)
    for _ in range(10):
        x, y, vx, vy = reflect(at.real, at.imag, v.real, v.imag, step_m / 30.0, 100.0)
        at, v = complex(x, y), complex(vx, vy)
        assert abs(v) == pytest.approx(30.0)
        assert outside_m(at, 50.0) < 1e-9


def test_one_long_step_is_many_short_ones() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        at, v = (
            cmath.rect(49.0 * rng.random(), 7.0 * rng.random()),
            cmath.rect(30, 7 * rng.random()),
        )
        one = reflect(at.real, at.imag, v.real, v.imag, 9.0, 100.0)
        two = (at.real, at.imag, v.real, v.imag)
        for _ in range(150):
            two = reflect(*two, 0.06, 100.0)
        assert np.allclose(one, two, atol=1e-6)


def test_the_fastest_users_stay_in_a_lone_cell() -> None:
    """500 km/h and a measurement a second: 139 m, through a cell 50 m wide."""
    scenario = replace(
        HIGHWAY,
        site_distance_m=50.0,
        interference=replace(HIGHWAY.interference, coupled_cells=1),
        mobility=replace(MOBILITY, measurement_ms=1000),
        slices=tuple(replace(s, speed_kmh=500.0) for s in HIGHWAY.slices),
        period_ms=1000,
    )
    network = Network(scenario, np.arange(1).astype(np.uint64))
    for _ in range(12):
        network.step(equal(1))
        movers = network._state.movers[0]
        for x, y in zip(movers["x"].tolist(), movers["y"].tolist(), strict=True):
            assert outside_m(complex(x, y), 25.0) < 1e-6


# Paths and shadowing ---


def test_shadowing_forgets_with_distance_as_gudmundson_says() -> None:
    scenario = replace(
        HIGHWAY,
        environment="umi",
        site_height_m=10.0,
        period_ms=100,
        interference=replace(HIGHWAY.interference, coupled_cells=1),
        mobility=replace(MOBILITY, measurement_ms=100),
        slices=tuple(
            replace(s, users=20, speed_kmh=36.0, traffic=replace(s.traffic, load=(0.0, 0.0)))
            for s in HIGHWAY.slices
        ),
    )  # 1 m from one measurement to the next
    network = Network(scenario, np.arange(24).astype(np.uint64))
    links = network._state.links
    drawn = [links["shadow"].copy()]
    links["lot"], links["left"] = 2.0, np.inf  # no line of sight, ever: 13 m
    for _ in range(200):
        network.step(equal(24))
        drawn.append(links["shadow"].copy())
    z = np.array(drawn[1:])
    assert drawn[0].std() == pytest.approx(1.0, abs=0.03)
    assert z.std() == pytest.approx(1.0, abs=0.02)
    for lag in (1, 6, 13, 26, 52):
        kept = (z[lag:] * z[:-lag]).mean() / (z**2).mean()
        assert kept == pytest.approx(math.exp(-lag / 13.0), abs=0.02), lag
    between = (z[..., 0] * z[..., 1]).mean() / (z**2).mean()
    assert between == pytest.approx(0.5, abs=0.03)


def test_line_of_sight_is_drawn_anew_every_fifty_metres_on_average() -> None:
    network = Network(small(7, 20), np.arange(14).astype(np.uint64))
    lots, changes, steps = network._state.links["lot"].copy(), 0, 200
    allocation = equal(14)
    for _ in range(steps):
        network.step(allocation)
        now = network._state.links["lot"]
        changes += int((now != lots).sum())
        lots = now.copy()
    moved_m = (steps - 1) * 0.02 * 300.0 / 3.6  # the first measurement is that of the start
    assert lots.size * moved_m / changes == pytest.approx(50.0, rel=0.03)


def test_users_stay_spread_over_the_torus() -> None:
    network = Network(small(7, 30), np.arange(70).astype(np.uint64))
    shift = shift_of(7, 100.0)
    for _ in range(100):
        network.step(equal(70))
    movers = network._state.movers.ravel()
    x, y = np.array([fold(m["x"], m["y"], *shift) for m in movers]).T
    np.testing.assert_allclose(np.hypot(movers["vx"], movers["vy"]), 300.0 / 3.6)
    # The hexagon's second moments: 5/72 of its area's side a^2 = 7 D^2 in each direction.
    expected = 5.0 / 72.0 * 7.0 * 100.0**2
    for moment, wanted in (((x * x).mean(), expected), ((y * y).mean(), expected)):
        assert moment == pytest.approx(wanted, rel=0.06)
    assert abs((x * y).mean()) < 0.06 * expected
