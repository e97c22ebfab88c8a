"""The hexagonal grid of sites, and the torus that a group of them is wrapped around.

A group of i^2 + ij + j^2 sites repeats under shifts by i a + j b and its turns by 60 degrees, a
and b being neighbours in the grid: every site has the same neighbourhood.
"""

import math
from typing import Final

import numpy as np

from e2sim.network.jit import jit
from e2sim.network.records import F64
from e2sim.scenario.mobility import tiling

_SINE: Final = math.sqrt(3.0) / 2.0
"""Of 60 degrees, whose cosine is one half."""

_AROUND: Final = 6


@jit
def turned(x: float, y: float) -> tuple[float, float]:
    """A vector turned by 60 degrees."""
    return 0.5 * x - _SINE * y, _SINE * x + 0.5 * y


@jit
def fold(x: float, y: float, shift_x: float, shift_y: float) -> tuple[float, float]:
    """The image nearest to the origin of a place under shifts by a vector and its turns."""
    other_x, other_y = turned(shift_x, shift_y)
    area = shift_x * other_y - shift_y * other_x
    a = np.rint((x * other_y - y * other_x) / area)
    b = np.rint((shift_x * y - shift_y * x) / area)
    x -= a * shift_x + b * other_x
    y -= a * shift_y + b * other_y
    near_x, near_y, least = x, y, x * x + y * y
    for _ in range(_AROUND):
        dx, dy = x - shift_x, y - shift_y
        square = dx * dx + dy * dy
        if square < least:
            near_x, near_y, least = dx, dy, square
        shift_x, shift_y = turned(shift_x, shift_y)
    return near_x, near_y


@jit
def reflect(
    x: float, y: float, vx: float, vy: float, time_s: float, distance_m: float
) -> tuple[float, float, float, float]:
    """Place and velocity after `time_s` in the hexagon around the origin, reflected off its edges.

    `distance_m` is that between neighbouring sites: edges are half of it away.
    """
    half, left = 0.5 * distance_m, time_s
    while True:
        soonest, nx, ny = left, 0.0, 0.0
        ex, ey = 1.0, 0.0
        for _ in range(_AROUND):
            towards = vx * ex + vy * ey
            # Rounding may leave who was reflected a hair beyond the edge, on its way back.
            if towards > 0.0:
                reached = max((half - x * ex - y * ey) / towards, 0.0)
                if reached < soonest:
                    soonest, nx, ny = reached, ex, ey
            ex, ey = turned(ex, ey)
        x += vx * soonest
        y += vy * soonest
        left -= soonest
        if nx == 0.0 and ny == 0.0:
            return x, y, vx, vy
        towards = vx * nx + vy * ny
        vx -= 2.0 * towards * nx
        vy -= 2.0 * towards * ny


def shift_of(cells: int, distance_m: float) -> tuple[float, float]:
    """The shift under which a group of `cells` sites repeats, in m."""
    i, j = tiling(cells)
    return distance_m * (i + 0.5 * j), distance_m * _SINE * j


def sites_of(cells: int, distance_m: float) -> F64:
    """Places [cells, 2] in m of a group's sites, or [7, 2] of a lone cell's and its neighbours'.

    The first one is at the origin, others follow by distance and angle.
    """
    reach = range(-cells - 1, cells + 2) if cells > 1 else range(-1, 2)
    grid = [(distance_m * (n + 0.5 * m), distance_m * _SINE * m) for n in reach for m in reach]
    grid.sort(key=_polar)
    if cells == 1:
        return np.array(grid[: 1 + _AROUND])
    shift = shift_of(cells, distance_m)
    places: list[tuple[float, float]] = []
    for x, y in grid:
        if all(math.hypot(*fold(x - p, y - q, *shift)) > 0.5 * distance_m for p, q in places):
            places.append((x, y))
    return np.array(places)


def _polar(place: tuple[float, float]) -> tuple[float, float]:
    x, y = place
    # Rounded: places equally far away shall not be ordered by what rounding leaves.
    return round(math.hypot(x, y), 6), round(math.atan2(y, x) % (2.0 * math.pi), 6)
