"""Users who move: the torus, their paths, shadowing and sight."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.network.grid import fold, reflect, shift_of, sites_of

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


@given(st.floats(0.0, 2.0 * math.pi), st.floats(0.0, 49.0), st.floats(0.0, 2.0 * math.pi))
def test_who_would_leave_a_lone_cell_is_reflected(angle: float, r: float, course: float) -> None:
    at = complex(r * math.cos(angle), r * math.sin(angle))
    v = complex(30.0 * math.cos(course), 30.0 * math.sin(course))
    for _ in range(60):
        x, y, vx, vy = reflect(
            at.real + 0.1 * v.real, at.imag + 0.1 * v.imag, v.real, v.imag, 100.0
        )
        at, v = complex(x, y), complex(vx, vy)
        assert abs(v) == pytest.approx(30.0)
        # Within a hair of the hexagon: in a corner, one reflection may lead across another edge.
        assert all(
            at.real * math.cos(k * math.pi / 3) + at.imag * math.sin(k * math.pi / 3) < 50.0 + 3.0
            for k in range(6)
        )
