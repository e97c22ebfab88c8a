"""Traffic sources: Poisson arrivals under slow, two-state and shared modulation, and periodic ones.

A Poisson source has a clock that runs down by the arrival rate each slot and is wound up by an
exponential variable at each arrival: exact for a rate that changes. Rates change with the tick
only, so the slot of a user's next arrival is known within one, and a slot visits the users booked
for it. Nothing here depends on the radio or on an allocation, but for the admission of flows,
whose draw is made in any case.
"""

import math
from typing import Final

from e2sim.network.ahead import AHEAD, GAP, LOT, SIZE, draw_ahead
from e2sim.network.jit import fuse, jit, lowest
from e2sim.network.members import WORD, add, rest
from e2sim.network.noise import normal, uniform
from e2sim.network.plan import Plan
from e2sim.network.queues import push
from e2sim.network.records import Record
from e2sim.network.state import State

_NEVER: Final = 1e300
"""Slots per arrival of a source that is off."""


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
    tick = plan.carrier[0].tick
    for u in range(rules.first, rules.last):
        user = cell.users[u]
        change = rules.on_leave if user.on else rules.on_enter
        if uniform(user) < change:
            user.on = 1 - user.on
        user.left -= user.rate * tick
        user.rate = user.base_rate * (steady * rules.on_factor * user.on + together)
        user.pace = 1.0 / user.rate if user.rate > 0.0 else _NEVER
        add(cell.booked, poisson_row(user, tick), u)
        add(cell.booked, periodic_row(user, tick, now), u)


@fuse
def poisson_row(user: Record, tick: int) -> int:
    """Row of `State.booked` for a user's next Poisson arrival: its slot within the tick.

    The row behind a tick's slots, which no slot visits, takes what comes later: no branch.
    """
    slots = user.left * user.pace
    # Rounding at the end of the tick before may have left less than nothing.
    return int(min(max(slots, 0.0), float(tick)))


@fuse
def periodic_row(user: Record, tick: int, start: int) -> int:
    """The same for its next periodic arrival; the tick began in slot `start`."""
    return int(tick + 1 + min(user.due - start, tick))


@fuse
def flow(plan: Plan, cell: State, u: int, now: int) -> None:
    """A Poisson arrival, whose draws no admission changes, and the slot of the next one."""
    user, draws = cell.users[u], cell.draws[u]
    s = user.slice
    rules, tally = plan.slices[s], cell.tallies[s]
    if user.drawn == AHEAD:
        draw_ahead(draws, user, rules)
    place = user.drawn
    user.drawn += 1
    user.left += draws[GAP * AHEAD + place]
    add(cell.booked, poisson_row(user, plan.carrier[0].tick), u)
    size = int(draws[SIZE * AHEAD + place])
    tally.demanded_bytes += size
    tally.attempted_flows += rules.flows
    if rules.flows and draws[LOT * AHEAD + place] >= cell.slices[s].admission:
        tally.blocked_flows += 1
    else:
        push(plan, cell, s, u, size, now)


@fuse
def cycle(plan: Plan, cell: State, u: int, now: int, start: int) -> None:
    """A periodic arrival, and the slot of the next one."""
    user = cell.users[u]
    s = user.slice
    rules = plan.slices[s]
    factor = 1.0
    if rules.spread > 0.0:
        factor = math.exp(rules.spread * normal(user) - 0.5 * rules.spread * rules.spread)
    size = max(int(user.cycle_bytes * factor), 1)
    cell.tallies[s].demanded_bytes += size
    push(plan, cell, s, u, size, now)
    user.nominal += rules.cycle
    moved = user.nominal + rules.jitter * (uniform(user) - 0.5)
    user.due = max(int(moved), now + 1)
    add(cell.booked, periodic_row(user, plan.carrier[0].tick, start), u)


@fuse
def arrive(plan: Plan, cell: State, now: int, beat: int) -> None:
    """Everything that arrives in this slot, which is number `beat` of its tick."""
    row = beat + plan.carrier[0].tick + 1
    for w in range(cell.booked.shape[1]):
        # Users with several arrivals in one slot are booked for it anew.
        while cell.booked[beat, w] != 0:
            users = cell.booked[beat, w]
            cell.booked[beat, w] = 0
            while users != 0:
                flow(plan, cell, WORD * w + lowest(users), now)
                users = rest(users)
        users = cell.booked[row, w]
        cell.booked[row, w] = 0
        while users != 0:
            cycle(plan, cell, WORD * w + lowest(users), now, now - beat)
            users = rest(users)
