"""Users on their way: where they go, and what they measure of the sites.

All here follows from the seeds alone, whatever is allocated.
"""

import math
from typing import Final

from e2sim.network.grid import fold, reflect
from e2sim.network.jit import internal
from e2sim.network.noise import exponential, normal, uniform
from e2sim.network.plan import Plan
from e2sim.network.propagation import (
    LEAST_DISTANCE_M,
    line_of_sight_probability,
    path_loss_db,
    shadowing_sigma_db,
)
from e2sim.network.records import Record, Records

_SIGHT_M: Final = 50.0
"""Correlation distance of the state of sight, TR 38.901 table 7.6.3.1-2."""

_COMMON: Final = 0.5
"""Correlation of shadowing between sites, as in TR 36.814 table A.2.1.1-3."""

_CANDIDATES: Final = 8


@internal
def turn(mover: Record, speed: float) -> None:
    """A new direction at `speed` in m/s."""
    angle = 2.0 * math.pi * uniform(mover)
    mover.vx = speed * math.cos(angle)
    mover.vy = speed * math.sin(angle)


@internal
def walk(plan: Plan, mover: Record) -> None:
    """Go on until the next measurement; turns come at measurements."""
    moving = plan.moving[0]
    if moving.shift_x > 0.0:
        x = mover.x + mover.vx * moving.step_s
        y = mover.y + mover.vy * moving.step_s
        mover.x, mover.y = fold(x, y, moving.shift_x, moving.shift_y)
    else:
        mover.x, mover.y, mover.vx, mover.vy = reflect(
            mover.x, mover.y, mover.vx, mover.vy, moving.step_s, plan.carrier[0].site_distance
        )
    mover.turn -= moving.step_s
    if mover.turn <= 0.0:
        turn(mover, plan.slices[mover.slice].speed)
        mover.turn = moving.turn_s * exponential(mover)


@internal
def measure(plan: Plan, mover: Record, links: Records, moved_m: float, weight: float) -> None:
    """Measure every site's signal, `moved_m` metres after the last time.

    Shadowing of a link is Gudmundson's process (Electronics Letters 27(23), 1991), whose
    correlation falls as exp(-distance / decorrelation distance); its innovations are correlated
    between sites. The state of sight is drawn anew after exponential distances.
    """
    carrier, moving = plan.carrier[0], plan.moving[0]
    kept_clear = math.exp(-moved_m / moving.clear_m)
    kept_blocked = math.exp(-moved_m / moving.blocked_m)
    common = math.sqrt(_COMMON) * normal(mover)
    for k in range(len(links)):
        link = links[k]
        dx, dy = mover.x - plan.sites[k, 0], mover.y - plan.sites[k, 1]
        if moving.shift_x > 0.0:
            dx, dy = fold(dx, dy, moving.shift_x, moving.shift_y)
        distance = max(math.sqrt(dx * dx + dy * dy), LEAST_DISTANCE_M)
        link.left -= moved_m
        if link.left <= 0.0:
            link.lot = uniform(mover)
            link.left = _SIGHT_M * exponential(mover)
        sight = link.lot < line_of_sight_probability(distance, carrier.environment)
        kept = kept_clear if sight else kept_blocked
        fresh = common + math.sqrt(1.0 - _COMMON) * normal(mover)
        link.shadow = kept * link.shadow + math.sqrt(1.0 - kept * kept) * fresh
        loss = (
            path_loss_db(
                distance, carrier.site_height, carrier.carrier_ghz, carrier.environment, sight
            )
            + shadowing_sigma_db(carrier.environment, sight) * link.shadow
        )
        level = carrier.power_over_noise_db - loss
        link.gain = 10.0 ** (level / 10.0)
        link.level += weight * (level - link.level)


@internal
def sinr_at(links: Records, cell: int) -> float:
    """SINR that the site of `cell` gives while all sites transmit at full power."""
    others = 0.0
    for k in range(len(links)):
        if k != cell:
            others += links[k].gain
    return float(links[cell].gain / (1.0 + others))


@internal
def strongest(links: Records, cell: int) -> bool:
    """Whether no site is received more strongly than that of `cell`."""
    stronger = 0
    for k in range(len(links)):
        stronger += links[k].gain > links[cell].gain
    return stronger == 0


@internal
def settle(plan: Plan, mover: Record, links: Records, cell: int) -> None:
    """Put a user at the first of some places in the hexagon of `cell` whose site is strongest."""
    moving, distance = plan.moving[0], plan.carrier[0].site_distance
    for _ in range(_CANDIDATES):
        a, b = distance * uniform(mover), distance * uniform(mover)
        x, y = fold(a + 0.5 * b, 0.5 * math.sqrt(3.0) * b, distance, 0.0)
        mover.x, mover.y = plan.sites[cell, 0] + x, plan.sites[cell, 1] + y
        for k in range(len(links)):
            links[k].left = links[k].shadow = links[k].level = 0.0
        measure(plan, mover, links, math.inf, 1.0)
        if strongest(links, cell):
            break
    turn(mover, plan.slices[mover.slice].speed)
    mover.turn = moving.turn_s * exponential(mover)
