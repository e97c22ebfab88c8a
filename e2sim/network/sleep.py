"""Sleep of a cell: when it goes, how deep, and when it is back.

A cell without data, in buffers and in HARQ, for the idle time goes to the deepest state that is
allowed and that it can enter and leave before the next synchronisation signal (SSB), in whose first
slot it is awake; with the figures of TR 38.864 the deepest that fits also takes the least energy.
Half of the transition time passes on the way down and half on the way up. Data that arrives
meanwhile waits: a cell on its way down gets there first, then wakes. After an SSB without data it
may go back at once.

Data of the uplink counts as the downlink's from the slot on in which the scheduler knows of it: the
request is taken to be heard by a receiver for waking up (TR 38.864 6.1), whose power is left out.
"""

from e2sim.faults.process import CLEAR, STRUCK
from e2sim.network.jit import fuse, internal
from e2sim.network.power import DEEP, IDLE, LIGHT, SSB_PRBS, WAY_DEEP_MS, WAY_LIGHT_MS
from e2sim.network.records import U64, Record
from e2sim.network.state import WAITING


@internal
def rests(site: Record, members: U64, carrier: Record, now: int) -> bool:
    """Whether nobody transmits in slot `now`: the cell is down or asleep; counts the slot."""
    if site.down != CLEAR:
        return is_down(site, carrier)
    if carrier.uplink:
        return bool(site.depth != IDLE and now < site.wake)
    return bool(carrier.sleeps) and is_asleep(site, members, carrier, now)


@fuse
def is_down(site: Record, carrier: Record) -> bool:
    """The gNB has failed, or starts up after that; counts the slot."""
    if site.down == STRUCK:
        site.off_slots += 1
    elif carrier.sleeps:
        site.idle_slots += 1
    site.depth = IDLE
    site.idle = 0
    return True


@fuse
def way_slots(carrier: Record, depth: int) -> int:
    """Slots that a cell takes to enter a state, and again to leave it."""
    return int((WAY_DEEP_MS if depth == DEEP else WAY_LIGHT_MS) / carrier.slot_ms)


@fuse
def has_data(members: U64, processes: int) -> bool:
    """Whether bytes wait for their first transmission, or blocks for another in any process."""
    for w in range(members.shape[1]):
        found = members[WAITING, w]
        for row in range(processes):
            found |= members[row, w]
        if found != 0:
            return True
    return False


@fuse
def is_asleep(site: Record, members: U64, carrier: Record, now: int) -> bool:
    """Whether the cell sleeps in slot `now`, or is on its way; counts the slot."""
    if site.depth == IDLE:
        return False
    if has_data(members, 0) or site.calls:
        site.wake = min(site.wake, max(now, site.ready) + way_slots(carrier, site.depth))
    if now >= site.wake:
        site.depth = IDLE
        return False
    if site.depth == DEEP:
        site.deep_slots += 1
    else:
        site.light_slots += 1
    return True


@internal
def rest_after(site: Record, members: U64, carrier: Record, used: int, now: int) -> None:
    """Count a slot of an awake cell, in which data `used` PRBs; then it may go to sleep.

    The downlink counts for both directions.
    """
    if carrier.uplink:
        site.heard = used
        return
    spent = used
    if now % carrier.ssb == 0:
        spent = max(used, SSB_PRBS)
    if spent > 0 or site.heard > 0:
        site.active_slots += 1
        site.sent_slots += spent > 0
        site.heard_slots += site.heard > 0
        site.spent_prbs += spent
    else:
        site.idle_slots += 1
    if used > 0 or site.heard > 0 or site.calls or site.pends or has_data(members, carrier.rtt):
        site.idle = 0
        return
    site.idle += 1
    if site.idle >= carrier.idle and carrier.deepest >= LIGHT:
        fall_asleep(site, carrier, now + 1)


@fuse
def fall_asleep(site: Record, carrier: Record, start: int) -> None:
    """Sleep from slot `start` on, if there is time for it before the next SSB."""
    wake = (start + carrier.ssb - 1) // carrier.ssb * carrier.ssb
    for depth in range(carrier.deepest, IDLE, -1):
        way = way_slots(carrier, depth)
        if wake - start >= 2 * way:
            site.depth = depth
            site.ready = start + way
            site.wake = wake
            if depth == DEEP:
                site.deep_entries += 1
            else:
                site.light_entries += 1
            return
