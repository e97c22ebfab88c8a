"""Traffic sources: Poisson arrivals under slow, two-state and shared modulation, and periodic ones.

A Poisson source has a clock that runs down by the arrival rate each slot and is wound up by an
exponential variable at each arrival: exact for a rate that changes. Nothing here depends on the
radio or on an allocation, but for the admission of flows, whose draw is made in any case.
"""

import math

import numpy as np

from e2sim.network.ahead import AHEAD, GAP, LOT, SIZE, draw_ahead
from e2sim.network.fading import LANES
from e2sim.network.jit import fuse, jit
from e2sim.network.noise import normal, uniform
from e2sim.network.plan import Plan
from e2sim.network.queues import push, set_timer
from e2sim.network.records import F64
from e2sim.network.scheduler import AVERAGING
from e2sim.network.state import AVERAGE, HAZARD, RATE, SERVED, TIMER, State


@jit
def beta_3_4(x: float) -> float:
    """Density of the Beta(3, 4) distribution on [0, 1), TR 37.868 table 6.1.1; 0 outside."""
    if not 0.0 <= x < 1.0:
        return 0.0
    rest = 1.0 - x
    return 60.0 * x * x * rest * rest * rest


@fuse
def modulate(plan: Plan, cell: State, s: int, now: int) -> None:
    """Move a slice's slow processes on by a tick and set its rates; fixed count of draws."""
    rules, part = plan.slices[s], cell.slices[s]
    kept, sigma = rules.swing_memory, rules.swing_sigma
    part.swing = kept * part.swing + math.sqrt(1.0 - kept * kept) * normal(part)
    if now >= part.burst + rules.burst_length:
        part.burst += rules.burst_every
    steady = (1.0 - rules.burst_share) * math.exp(sigma * part.swing - 0.5 * sigma * sigma)
    shape = beta_3_4((now - part.burst) / rules.burst_length)
    together = rules.burst_share * rules.burst_every / rules.burst_length * shape
    for u in range(rules.first, rules.last):
        user = cell.users[u]
        change = rules.on_leave if user.on else rules.on_enter
        if uniform(user) < change:
            user.on = 1 - user.on
        rate = user.base_rate * (steady * rules.on_factor * user.on + together)
        cell.clocks[u // LANES, RATE * LANES + u % LANES] = rate


@fuse
def flow(plan: Plan, cell: State, s: int, u: int, now: int) -> float:
    """A Poisson arrival, whose draws no admission changes; what its clock is wound up by."""
    user, rules, tally, draws = cell.users[u], plan.slices[s], cell.tallies[s], cell.draws[u]
    if user.drawn == AHEAD:
        draw_ahead(draws, user, rules)
    place = user.drawn
    user.drawn += 1
    size = int(draws[SIZE * AHEAD + place])
    tally.demanded_bytes += size
    tally.attempted_flows += rules.flows
    if rules.flows and draws[LOT * AHEAD + place] >= cell.slices[s].admission:
        tally.blocked_flows += 1
    else:
        push(plan, cell, s, u, size, now)
    return float(draws[GAP * AHEAD + place])


@fuse
def cycle(plan: Plan, cell: State, s: int, u: int, now: int) -> None:
    """A periodic arrival, and the slot of the next one."""
    user, rules = cell.users[u], plan.slices[s]
    factor = 1.0
    if rules.spread > 0.0:
        factor = math.exp(rules.spread * normal(user) - 0.5 * rules.spread * rules.spread)
    size = max(int(user.cycle_bytes * factor), 1)
    cell.tallies[s].demanded_bytes += size
    push(plan, cell, s, u, size, now)
    user.nominal += rules.cycle
    moved = user.nominal + rules.jitter * (uniform(user) - 0.5)
    user.due = max(int(moved), now + 1)
    set_timer(cell.clocks, user, u)


@fuse
def arrive(plan: Plan, cell: State, s: int, u: int, now: int) -> None:
    """Everything that arrives for user `u` in this slot."""
    block, place = u // LANES, HAZARD * LANES + u % LANES
    while cell.clocks[block, place] <= 0.0:
        cell.clocks[block, place] += flow(plan, cell, s, u, now)
    if cell.users[u].due <= now:
        cycle(plan, cell, s, u, now)


@fuse
def awake(clocks: F64, now: float) -> np.uint64:
    """Move the clocks of one block on to slot `now`; which of its users have something to do.

    One array and one loop for all clocks, for the reason `fading.refresh` gives.
    """
    users = np.uint64(0)
    for i in range(LANES):
        left = clocks[HAZARD * LANES + i] - clocks[RATE * LANES + i]
        clocks[HAZARD * LANES + i] = left
        average = clocks[AVERAGE * LANES + i]
        average += AVERAGING * (clocks[SERVED * LANES + i] - average)
        clocks[AVERAGE * LANES + i] = average if average > 1.0 else 1.0
        clocks[SERVED * LANES + i] = 0.0
        due = (left <= 0.0) | (clocks[TIMER * LANES + i] <= now)
        users |= np.uint64(due) << np.uint64(i)
    return users
