"""Hybrid ARQ: stop-and-wait processes with chase combining.

The process of a slot is its number among the slots of its direction modulo the round trip, so a
block that fails is due again one round trip later, in a slot of its own direction, and its process
takes nothing else until then. Repetitions come out of the slice's PRBs before new data. One
squeezed into fewer PRBs than it began with adds energy in proportion. After the last transmission
RLC (acknowledged mode, TS 38.322 5.3) starts the bytes afresh with the MCS of that moment, unless
the discard timer has dropped them all.

A block draws its luck once, at its first transmission, and fails while the error rate at the energy
combined so far is above it: after k transmissions it has failed with just that rate. One that
succeeds at once never enters its process.
"""

from e2sim.network.fading import LANES
from e2sim.network.jit import fuse
from e2sim.network.link import BITS_PER_PRB, PRBS_PER_BIT, block_error_rate
from e2sim.network.members import add, discard
from e2sim.network.noise import at
from e2sim.network.plan import Plan
from e2sim.network.radio import sinr_of
from e2sim.network.records import Record
from e2sim.network.state import HEARD, SERVED, WAITING, State


@fuse
def prbs_for(size: int, mcs: int, most: int) -> int:
    """PRBs that carry `size` bytes, at most `most`."""
    # Rounded down or one below; it needs one more where that does not hold the bytes.
    prbs = int(size * 8 * PRBS_PER_BIT[mcs])
    prbs += prbs * BITS_PER_PRB[mcs] < size * 8
    return prbs if prbs < most else most


@fuse
def send(plan: Plan, cell: State, u: int, row: int, now: int) -> bool:
    """Send new data of user `u` in the PRBs it has been granted; whether it is received."""
    user, s = cell.users[u], cell.users[u].slice
    tally, mcs, start, prbs = cell.tallies[s], user.mcs, user.sent, user.need
    size = prbs * BITS_PER_PRB[mcs] >> 3
    if size >= user.known - start:
        size = user.known - start
        discard(cell.members, WAITING, u)
    user.sent = start + size
    cell.fair[u // LANES, SERVED * LANES + u % LANES] = 8.0 * size
    sinr, luck = sinr_of(cell, u), at(user.luck, now)
    tally.blocks += 1
    tally.mcs_sum += mcs
    if luck >= block_error_rate(sinr, mcs):
        return True
    process = cell.processes[u * plan.carrier[0].rtt + row]
    process.start = start
    process.bytes = size
    process.prbs = prbs
    process.mcs = mcs
    process.tries = 1
    process.sinr = sinr
    process.luck = luck
    user.busy |= 1 << row
    add(cell.members, row, u)
    fail(plan, cell, s, u, row, 1)
    return False


@fuse
def repeat(plan: Plan, cell: State, u: int, row: int, left: int, now: int) -> int:
    """Repeat the block of process `row` in at most `left` PRBs; returns those used."""
    user, s = cell.users[u], cell.users[u].slice
    tally, process = cell.tallies[s], cell.processes[u * plan.carrier[0].rtt + row]
    prbs = min(left, process.prbs)
    if process.tries == 0:
        process.luck = at(user.luck, now)
    process.sinr += sinr_of(cell, u) * min(prbs, user.most) / process.prbs
    process.tries += 1
    tally.blocks += 1
    tally.mcs_sum += process.mcs
    if process.luck >= block_error_rate(process.sinr, process.mcs):
        release(cell, u, row)
        add(cell.members, HEARD, u)
    else:
        fail(plan, cell, s, u, row, process.tries)
    return int(prbs)


@fuse
def fail(plan: Plan, cell: State, s: int, u: int, row: int, tries: int) -> None:
    """The block of a process has failed once more, in transmission `tries`."""
    carrier, user = plan.carrier[0], cell.users[u]
    cell.tallies[s].nacks += 1
    if tries == carrier.transmissions:
        process = cell.processes[u * carrier.rtt + row]
        if process.start + process.bytes > user.base:
            restart(user, process, carrier.prbs)
        else:
            release(cell, u, row)


@fuse
def restart(user: Record, process: Record, prbs: int) -> None:
    """RLC sends the bytes of a failed block again, in the same process."""
    process.tries = 0
    process.sinr = 0.0
    process.mcs = user.mcs
    process.prbs = prbs_for(process.bytes, user.mcs, prbs)


@fuse
def release(cell: State, u: int, row: int) -> None:
    """The process is free for another block."""
    cell.users[u].busy &= ~(1 << row)
    discard(cell.members, row, u)
