"""RLC buffers: first in, first out, delivered in order, dropped when too old.

A user's buffer is a stream of bytes cut into arrivals; an arrival is cut into SDUs of one size,
the last one shorter. An SDU counts as delivered once all bytes up to its end have been received
(in-order delivery of PDCP, TS 38.323 5.2.2), and its delay runs to the end of that slot. Bytes are
counted with the SDU that holds them.
"""

from typing import Final

import numpy as np

from e2sim.network.backhaul import lost_beyond, quotient, sdus_in, thinned
from e2sim.network.jit import fuse, internal, lowest
from e2sim.network.members import add, discard, rest
from e2sim.network.plan import Plan
from e2sim.network.records import Record
from e2sim.network.state import NEVER, WAITING, State

_STAGGER: Final = 4
"""Entries in a cache line."""


@internal
def start_buffer(user: Record, ring: int) -> None:
    """An empty buffer, whose ring begins at entry `ring`."""
    user.ring = ring
    user.head = 0
    user.length = 0
    user.base = 0
    user.done = 0
    user.sent = 0
    user.tail = 0
    user.known = 0
    user.unknown = 0
    user.expiry = NEVER
    user.busy = 0


@fuse
def push(plan: Plan, cell: State, s: int, u: int, size: int, now: int) -> None:
    """An arrival of `size` bytes joins the buffer, or is dropped where the ring is full."""
    user, rules, tally, carrier = cell.users[u], plan.slices[s], cell.tallies[s], plan.carrier[0]
    sdus = sdus_in(size, rules.sdu)
    tally.offered_bytes += size
    tally.offered_sdus += sdus
    if cell.cells[0].loss > 0.0:
        before = tally.offered_sdus * rules.devices
        size = thinned(cell.cells[0], tally, user, u, size, rules.sdu, now, before)
        if size == 0:
            return
        sdus = sdus_in(size, rules.sdu)
    if user.length == rules.ring:
        tally.dropped_bytes += size
        tally.dropped_sdus += sdus
        return
    # Without a branch, as no processor foresees which buffers are empty.
    length, since = user.length, user.since
    since = now if length == 0 else since
    expiry = min(user.expiry, now + rules.deadline)
    entry = cell.rings[user.ring + ((user.head + length) & (rules.ring - 1))]
    entry.slot = now
    entry.bytes = size
    user.since = since
    user.expiry = expiry
    user.length = length + 1
    cell.cells[0].soonest = min(cell.cells[0].soonest, expiry)
    user.tail += size
    if carrier.grant_delay > 0:
        user.unknown += 1
        add(cell.members, carrier.rtt + now % carrier.grant_delay, u)
    else:
        user.known = user.tail
        add(cell.members, WAITING, u)


@fuse
def pop(plan: Plan, cell: State, s: int, u: int, now: int) -> None:
    """The oldest arrival leaves the buffer before slot `now`."""
    user, rules = cell.users[u], plan.slices[s]
    user.base += cell.rings[user.ring + user.head].bytes
    user.done = 0
    user.head = (user.head + 1) & (rules.ring - 1)
    user.length -= 1
    if user.sent < user.base:
        user.sent = user.base
        if user.sent == user.known:
            discard(cell.members, WAITING, u)
    if user.length > 0:
        user.expiry = cell.rings[user.ring + user.head].slot + rules.deadline
    else:
        # The entry that is in the first cache level, of each user in a set of its own.
        user.head = _STAGGER * u & (rules.ring - 1)
        user.expiry = NEVER
        user.active += now - user.since


@fuse
def received(plan: Plan, cell: State, u: int) -> int:
    """Position up to which the user has received everything still wanted of it.

    Blocks still under way hold it back, but for those whose bytes have all been dropped.
    """
    user = cell.users[u]
    reached, busy = user.sent, np.uint64(user.busy)
    while busy != 0:
        process = cell.processes[u * plan.carrier[0].rtt + lowest(busy)]
        if process.start + process.bytes > user.base and process.start < reached:
            reached = process.start
        busy = rest(busy)
    return int(reached)


@fuse
def deliver(plan: Plan, cell: State, s: int, u: int, now: int) -> None:
    """Count every SDU that is complete by the start of slot `now`."""
    user, rules, tally = cell.users[u], plan.slices[s], cell.tallies[s]
    reached = received(plan, cell, u) if user.busy != 0 else user.sent
    while user.length > 0 and reached > user.base:
        entry = cell.rings[user.ring + user.head]
        span, size = reached - user.base, entry.bytes
        whole = size if span >= size else quotient(span, rules.sdu) * rules.sdu
        fresh = whole - user.done
        if fresh > 0:
            sdus = sdus_in(fresh, rules.sdu)
            if cell.cells[0].beyond > 0.0:
                site, done = cell.cells[0], user.done
                lost, gone = lost_beyond(site, tally, entry, u, done, whole, rules.sdu)
                sdus -= lost
                fresh -= gone
            tally.delivered_bytes += fresh
            tally.delivered_sdus += sdus
            tally.delay_slots += sdus * (now - entry.slot)
            user.volume += fresh
        if whole < size:
            user.done = whole
            return
        pop(plan, cell, s, u, now)


@fuse
def expire(plan: Plan, cell: State, s: int, u: int, now: int) -> None:
    """Drop the SDUs that have waited for the discard timer (TS 38.323 5.3).

    What had been received behind them, and waited for them, is then delivered.
    """
    user, tally = cell.users[u], cell.tallies[s]
    while user.expiry <= now:
        left = cell.rings[user.ring + user.head].bytes - user.done
        sdus = sdus_in(left, plan.slices[s].sdu)
        tally.dropped_bytes += left
        tally.dropped_sdus += sdus
        tally.late_sdus += sdus
        pop(plan, cell, s, u, now)
    deliver(plan, cell, s, u, now)


@fuse
def expire_all(plan: Plan, cell: State, now: int) -> None:
    """Drop what is too old in slot `now`, and find the slot before which nothing else will be."""
    soonest = NEVER
    for s in range(len(plan.slices)):
        for u in range(plan.slices[s].first, plan.slices[s].last):
            if cell.users[u].expiry <= now:
                expire(plan, cell, s, u, now)
            soonest = min(soonest, cell.users[u].expiry)
    cell.cells[0].soonest = soonest
