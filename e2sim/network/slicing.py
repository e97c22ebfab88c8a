"""Network slicing of the carrier: RRM policy ratios become PRBs of each slot.

TS 28.541 4.3.36: the dedicated share is reserved even when its slice leaves it idle, the minimum
share is the slice's when it needs it, the maximum share caps it. The standard leaves the rest to
the vendor. Work-conserving, slices that want more share it equally up to what they want; strict, a
slice has its minimum share and no PRB besides: what others leave idle stays idle.
"""

from e2sim.network.jit import fuse
from e2sim.network.records import Record, Records


@fuse
def wanted(part: Record) -> int:
    """PRBs the slice could still use and may have."""
    return int(min(part.demand, part.maximum) - part.quota)


@fuse
def share(slices: Records, carrier: Record, turn: int) -> None:
    """Fill `quota` from what slices need; the sum leaves the carrier its idle reservations."""
    pool, more, hungry, last = carrier.prbs, 0, 0, 0
    for s in range(len(slices)):
        part = slices[s]
        part.demand += part.fresh
        part.quota = min(part.demand, part.minimum)
        pool -= max(part.quota, part.dedicated)
        want = wanted(part)
        more += want
        hungry += want > 0
        last = s if want > 0 else last
    if carrier.strict:
        return
    if more <= pool:
        for part in slices:
            part.quota += wanted(part)
    elif hungry == 1:
        slices[last].quota += pool
    else:
        divide(slices, pool, turn)


@fuse
def divide(slices: Records, pool: int, turn: int) -> None:
    """Slices that want more share the pool, which is less than they want, equally."""
    while pool > 0:
        hungry = 0
        for part in slices:
            hungry += wanted(part) > 0
        # Fewer PRBs than slices: one each, beginning with another slice every slot.
        each = max(pool // hungry, 1)
        first = turn % len(slices)
        for i in range(first, first + len(slices)):
            part = slices[i if i < len(slices) else i - len(slices)]
            more = min(wanted(part), each, pool)
            part.quota += more
            pool -= more
