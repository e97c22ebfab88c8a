"""The backhaul: a share of SDUs is lost on the way to the cell, or from it."""

import numpy as np

from e2sim.network.jit import fuse, internal
from e2sim.network.noise import BACKHAUL, GOLDEN, UPLINK, at, mix, stream
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
    site: Record,
    tally: Record,
    user: Record,
    u: int,
    size: int,
    sdu: int,
    now: int,
    before: int,
) -> int:
    """Bytes of an arrival of `size` that are left; the SDUs lost are counted as dropped.

    The fate of an SDU depends on user, slot, the arrival and its place in it: no allocation
    changes it, whatever it lets in besides. Devices bring several arrivals of one size to a user in
    a slot, and how many is up to the allocation in any case: `before` tells them apart, what their
    slice was offered up to this one in the period. It is 0 in slices without devices.
    """
    key = stream(site.seed, u, BACKHAUL) + np.uint64(now) * GOLDEN
    # Arrivals of one slot differ in how many were drawn before, or in their sizes.
    key = mix(mix(key) + (np.uint64(user.drawn) << np.uint64(32)) + np.uint64(size))
    key += np.uint64(before) << np.uint64(32)
    count, lost, lost_bytes = sdus_in(size, sdu), 0, 0
    for i in range(count):
        if at(key, i + 1) < site.loss:
            lost += 1
            lost_bytes += sdu if i + 1 < count else size - (count - 1) * sdu
    tally.dropped_bytes += lost_bytes
    tally.dropped_sdus += lost
    tally.lost_sdus += lost
    return size - lost_bytes


@internal
def lost_beyond(
    site: Record, tally: Record, entry: Record, u: int, done: int, whole: int, sdu: int
) -> tuple[int, int]:
    """SDUs and bytes that are lost of those received in an arrival, bytes `done` to `whole` of it.

    They are counted as dropped. The number that decides an SDU's fate depends on user, the
    arrival's slot and size, and its place in it; the loss is that of the slot it is received in.
    So arrivals of one user, slot and size have one fate.
    """
    key = stream(site.seed, u, BACKHAUL + UPLINK) + np.uint64(entry.slot) * GOLDEN
    key = mix(mix(key) + np.uint64(entry.bytes))
    lost, lost_bytes = 0, 0
    for i in range(quotient(done, sdu), sdus_in(whole, sdu)):
        if at(key, i + 1) < site.beyond:
            lost += 1
            lost_bytes += min(sdu, whole - i * sdu)
    tally.dropped_bytes += lost_bytes
    tally.dropped_sdus += lost
    tally.lost_sdus += lost
    return lost, lost_bytes
