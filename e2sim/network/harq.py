"""Hybrid ARQ: stop-and-wait processes with chase combining.

The process of a slot is the slot's number modulo the round trip, so a block that fails is due
again one round trip later and its process takes nothing else until then. Repetitions come out of
the slice's PRBs before new data. One squeezed into fewer PRBs than it began with adds energy in
proportion. After the last transmission RLC (acknowledged mode, TS 38.322 5.3) starts the bytes
afresh with the MCS of that moment, unless the discard timer has dropped them all.

A block draws its luck once, at its first transmission, and fails while the error rate at the energy
combined so far is above it: after k transmissions it has failed with just that rate.
"""

from e2sim.network.jit import fuse
from e2sim.network.link import BITS_PER_PRB, block_error_rate
from e2sim.network.noise import at
from e2sim.network.queues import Bearer, deliver
from e2sim.network.records import Record


@fuse
def prbs_for(size: int, mcs: int) -> int:
    """PRBs that carry `size` bytes."""
    bits = BITS_PER_PRB[mcs]
    return int((size * 8 + bits - 1) // bits)


@fuse
def begin(user: Record, process: Record, size: int, prbs: int) -> None:
    """The next `size` bytes of the user become the block of a free process."""
    process.start = user.sent
    process.bytes = size
    process.prbs = prbs
    process.mcs = user.mcs
    process.tries = 0
    process.sinr = 0.0
    user.pending += 1
    user.sent += size


@fuse
def transmit(bearer: Bearer, process: Record, carrier: Record, sinr: float, now: int) -> None:
    """Send the block of a process, and act on the answer.

    `sinr` is linear, less the share of the first transmission's PRBs that is missing.
    """
    user, tally = bearer.user, bearer.tally
    if process.tries == 0:
        process.luck = at(user.luck, now)
    process.sinr += sinr
    process.tries += 1
    tally.blocks += 1
    tally.mcs_sum += process.mcs
    if process.luck >= block_error_rate(process.sinr, process.mcs):
        release(user, process)
        deliver(bearer, now + 1)
        return
    tally.nacks += 1
    if process.tries == carrier.transmissions:
        if process.start + process.bytes > user.base:
            restart(user, process, carrier.prbs)
        else:
            release(user, process)


@fuse
def restart(user: Record, process: Record, prbs: int) -> None:
    """RLC sends the bytes of a failed block again, in the same process."""
    process.tries = 0
    process.sinr = 0.0
    process.mcs = user.mcs
    process.prbs = min(prbs_for(process.bytes, process.mcs), prbs)


@fuse
def release(user: Record, process: Record) -> None:
    """The process is free for another block."""
    process.bytes = 0
    user.pending -= 1
