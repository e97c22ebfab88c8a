"""A user moves from its place in one cell to a place in another, with all that is its own.

That is its buffer with the ages of what waits, the clocks and streams of its traffic, its fading
and its luck. HARQ is given up and the bytes after the last delivered SDU are sent again (RLC
re-establishment, TS 38.322 5.1.2, and PDCP data recovery, TS 38.323 5.5). The new cell's scheduler
knows nothing of the old one's. Of a network with several states for one set of users, each state
takes the same move.
"""

import numpy as np

from e2sim.faults.process import CLEAR
from e2sim.network.backhaul import sdus_in
from e2sim.network.fading import LANES, RNG_FIELDS, TAP_FIELDS
from e2sim.network.harq import release
from e2sim.network.jit import internal, lowest
from e2sim.network.link import MCS_OF_CQI
from e2sim.network.members import add, discard, rest
from e2sim.network.plan import Plan
from e2sim.network.queues import start_buffer
from e2sim.network.state import (
    AVERAGE,
    FAIR_FIELDS,
    HELD,
    NEVER,
    PRESENT,
    RADIO_FIELDS,
    SERVED,
    WAITING,
    State,
    cell_of,
)


@internal
def free_place(plan: Plan, state: State, c: int, s: int) -> int:
    """The first free place of slice `s` in cell `c`, -1 if there is none."""
    rules = plan.slices[s]
    for w in range(rules.word, rules.words):
        word = plan.members[s, w] & ~state.members[c, PRESENT, w]
        if word != 0:
            return int(64 * w + lowest(word))
    return -1


@internal
def vacate(cell: State, u: int) -> None:
    """Place `u` is free: nothing ever happens there."""
    user, block, lane = cell.users[u], u // LANES, u % LANES
    start_buffer(user, user.ring)
    user.due = NEVER
    user.base_rate = user.cycle_bytes = user.snr = user.inr = user.around = 0.0
    user.on = user.cqi = user.mcs = 0
    user.left = float(NEVER)
    user.rate = 0.0
    for field in range(FAIR_FIELDS):
        cell.fair[block, field * LANES + lane] = 0.0
    for field in range(RNG_FIELDS):
        cell.words[block, field * LANES + lane] = 0
    for row in range(block, len(cell.taps), len(cell.words)):
        for field in range(TAP_FIELDS):
            cell.taps[row, field * LANES + lane] = 0.0
    for field in range(RADIO_FIELDS):
        cell.radio[block, field * LANES + lane] = 0.0
    for kind in (WAITING, HELD, PRESENT):
        discard(cell.members, kind, u)


@internal
def give_up(cell: State, u: int) -> None:
    """Blocks under way are lost; bytes are sent again from the last delivered SDU on."""
    user = cell.users[u]
    busy = np.uint64(user.busy)
    while busy != 0:
        release(cell, u, lowest(busy))
        busy = rest(busy)
    user.sent = user.base + user.done
    if user.known > user.sent:
        add(cell.members, WAITING, u)


@internal
def drop(plan: Plan, cell: State, u: int) -> None:
    """Drop all that waits."""
    user = cell.users[u]
    rules, tally, done = plan.slices[user.slice], cell.tallies[user.slice], user.done
    for i in range(user.length):
        left = cell.rings[user.ring + ((user.head + i) & (rules.ring - 1))].bytes - done
        tally.dropped_bytes += left
        tally.dropped_sdus += sdus_in(left, rules.sdu)
        done = 0
    user.base = user.sent = user.known = user.tail
    user.done = 0
    user.length = 0
    user.expiry = NEVER
    discard(cell.members, WAITING, u)


@internal
def depart(plan: Plan, cell: State, u: int, now: int) -> None:
    """What the user has experienced in this period counts in the cell it leaves."""
    user, tally = cell.users[u], cell.tallies[cell.users[u].slice]
    if user.length > 0:
        user.active += now - user.since
    if user.active > 0:
        tally.departed_kbps += 8.0 * user.volume / (user.active * plan.carrier[0].slot_ms)
        tally.departed += 1
    user.since = now
    user.active = 0
    user.volume = 0


@internal
def carry_lanes(source: State, u: int, target: State, v: int) -> None:
    """Fading and CQI; the new scheduler's average begins anew."""
    block, lane, other, place = u // LANES, u % LANES, v // LANES, v % LANES
    target.fair[other, AVERAGE * LANES + place] = 1.0
    target.fair[other, SERVED * LANES + place] = 0.0
    for field in range(RNG_FIELDS):
        target.words[other, field * LANES + place] = source.words[block, field * LANES + lane]
    blocks = len(source.words)
    for branch in range(len(source.taps) // blocks):
        for field in range(TAP_FIELDS):
            value = source.taps[branch * blocks + block, field * LANES + lane]
            target.taps[branch * blocks + other, field * LANES + place] = value
    for field in range(RADIO_FIELDS):
        target.radio[other, field * LANES + place] = source.radio[block, field * LANES + lane]


@internal
def carry(plan: Plan, source: State, u: int, target: State, v: int) -> None:
    """Copy a user to place `v` of another cell."""
    rules, ring = plan.slices[source.users[u].slice], target.users[v].ring
    old = source.users[u]
    for i in range(old.length):
        entry = source.rings[old.ring + ((old.head + i) & (rules.ring - 1))]
        target.rings[ring + i] = entry
    target.users[v] = old
    user = target.users[v]
    user.ring = ring
    user.head = 0
    target.cells[0].soonest = min(target.cells[0].soonest, user.expiry)
    mcs = MCS_OF_CQI[user.cqi] - target.slices[user.slice].backoff
    user.mcs = mcs if mcs > 0 else 0
    for i in range(source.draws.shape[1]):
        target.draws[v, i] = source.draws[u, i]
    carry_lanes(source, u, target, v)
    add(target.members, PRESENT, v)
    if user.known > user.sent:
        add(target.members, WAITING, v)


@internal
def relocate(plan: Plan, state: State, c: int, u: int, d: int, v: int, now: int) -> None:
    """The user at place `u` of cell `c` goes to the free place `v` of cell `d`, held there."""
    source, target = cell_of(state, c), cell_of(state, d)
    s = source.users[u].slice
    give_up(source, u)
    depart(plan, source, u, now)
    # A gNB that has failed forwards nothing.
    if plan.moving[0].forwards == 0 or source.cells[0].down != CLEAR:
        drop(plan, source, u)
    carry(plan, source, u, target, v)
    add(target.members, HELD, v)
    vacate(source, u)
    source.slices[s].connected -= 1
    target.slices[s].connected += 1
    source.moves[s].left += 1
    target.moves[s].joined += 1
