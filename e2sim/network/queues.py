"""RLC buffers: first in, first out, delivered in order, dropped when too old.

A bearer's buffer is a stream of bytes cut into arrivals; an arrival is cut into SDUs of one size,
the last one shorter. An SDU counts as delivered once all bytes up to its end have been received
(in-order delivery of PDCP, TS 38.323 5.2.2), and its delay runs to the end of that slot. Bytes are
counted with the SDU that holds them.
"""

from typing import Final, NamedTuple

import numpy as np

from e2sim.network.jit import fuse
from e2sim.network.records import Record, Records

NEVER: Final = np.int64(2**62)
"""A slot that does not come."""


class Bearer(NamedTuple):
    """A user's data radio bearer: what concerns it of the state and the plan."""

    user: Record
    ring: Records  # of the cell
    processes: Records  # of the user
    rules: Record
    tally: Record


@fuse
def sdus_in(size: int, sdu: int) -> int:
    """SDUs of `size` bytes."""
    return (size + sdu - 1) // sdu


@fuse
def push(bearer: Bearer, size: int, now: int) -> None:
    """An arrival of `size` bytes joins the buffer, or is dropped where the ring is full."""
    user, rules, tally = bearer.user, bearer.rules, bearer.tally
    sdus = sdus_in(size, rules.sdu)
    tally.offered_bytes += size
    tally.offered_sdus += sdus
    if user.length == rules.ring:
        tally.dropped_bytes += size
        tally.dropped_sdus += sdus
        return
    entry = bearer.ring[user.ring + ((user.head + user.length) & (rules.ring - 1))]
    entry.slot = now
    entry.bytes = size
    if user.length == 0:
        user.expiry = now + rules.deadline
    user.length += 1
    user.tail += size


@fuse
def pop(bearer: Bearer) -> None:
    """The oldest arrival leaves the buffer."""
    user, ring, rules = bearer.user, bearer.ring, bearer.rules
    user.base += ring[user.ring + user.head].bytes
    user.done = 0
    user.head = (user.head + 1) & (rules.ring - 1)
    user.length -= 1
    user.sent = max(user.sent, user.base)
    user.expiry = NEVER
    if user.length > 0:
        user.expiry = ring[user.ring + user.head].slot + rules.deadline


@fuse
def received(bearer: Bearer) -> int:
    """Position up to which the user has received everything still wanted of it.

    Blocks still under way hold it back, but for those whose bytes have all been dropped.
    """
    user = bearer.user
    reached = user.sent
    if user.pending > 0:
        for process in bearer.processes:
            if process.bytes > 0 and process.start + process.bytes > user.base:
                reached = min(reached, process.start)
    return int(reached)


@fuse
def deliver(bearer: Bearer, now: int) -> None:
    """Count every SDU that is complete by the start of slot `now`."""
    user, rules, tally = bearer.user, bearer.rules, bearer.tally
    reached = received(bearer)
    while user.length > 0 and reached > user.base:
        entry = bearer.ring[user.ring + user.head]
        span = reached - user.base
        whole = entry.bytes if span >= entry.bytes else span // rules.sdu * rules.sdu
        fresh = whole - user.done
        sdus = sdus_in(fresh, rules.sdu)
        tally.delivered_bytes += fresh
        tally.delivered_sdus += sdus
        tally.delay_slots += sdus * (now - entry.slot)
        user.volume += fresh
        if whole < entry.bytes:
            user.done = whole
            return
        pop(bearer)


@fuse
def expire(bearer: Bearer, now: int) -> None:
    """Drop the SDUs that have waited for the discard timer (TS 38.323 5.3).

    What had been received behind them, and waited for them, is then delivered.
    """
    user, tally = bearer.user, bearer.tally
    while user.expiry <= now:
        left = bearer.ring[user.ring + user.head].bytes - user.done
        sdus = sdus_in(left, bearer.rules.sdu)
        tally.dropped_bytes += left
        tally.dropped_sdus += sdus
        tally.late_sdus += sdus
        pop(bearer)
    deliver(bearer, now)
