"""The backhaul: a share of what arrives is lost before it reaches the cell."""

import numpy as np

from e2sim.network.jit import fuse, internal
from e2sim.network.noise import BACKHAUL, GOLDEN, at, mix, stream
from e2sim.network.records import Record


@fuse
def quotient(size: int, sdu: int) -> int:
    """Whole SDUs in `size` bytes; as floats, whose division is faster and exact below 2^53."""
    return int(float(size) / float(sdu))


@fuse
def sdus_in(size: int, sdu: int) -> int:
    """SDUs of `size` > 0 bytes."""
    # Most arrivals are a single SDU, and a division is slow.
    return 1 if size <= sdu else quotient(size + sdu - 1, sdu)


@internal
def thinned(
    site: Record, tally: Record, user: Record, u: int, size: int, sdu: int, now: int
) -> int:
    """Bytes of an arrival of `size` that are left; the SDUs lost are counted as dropped.

    The fate of an SDU depends on user, slot, the arrival and its place in it: no allocation
    changes it, whatever it lets in besides.
    """
    key = stream(site.seed, u, BACKHAUL) + np.uint64(now) * GOLDEN
    # Arrivals of one slot differ in how many were drawn before, or in their sizes.
    key = mix(mix(key) + (np.uint64(user.drawn) << np.uint64(32)) + np.uint64(size))
    count, lost, lost_bytes = sdus_in(size, sdu), 0, 0
    for i in range(count):
        if at(key, i + 1) < site.loss:
            lost += 1
            lost_bytes += sdu if i + 1 < count else size - (count - 1) * sdu
    tally.dropped_bytes += lost_bytes
    tally.dropped_sdus += lost
    tally.lost_sdus += lost
    return size - lost_bytes
