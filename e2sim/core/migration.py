"""Migration of a slice's UPF: the state is copied, then there is an interruption."""

from e2sim.core.flow import BYTES, CORE, PACKETS, add, scale
from e2sim.core.plan import Plan
from e2sim.core.routes import DEPENDS, LOADS
from e2sim.core.state import INTERRUPTED, STEADY, TRANSFER, State
from e2sim.network.jit import jit
from e2sim.network.records import F64, I64, Record


@jit
def request(plan: Plan, cell: State, s: int, site: int, split: I64) -> None:
    """A slice's part of an allocation; `split` [P] in %.

    A split over the paths of the site in use applies at once, one over those of another site when
    the UPF is there. A wish for another site during a transfer starts a transfer to that one, or
    gives it up where it is the old site. An interruption ends before anything else begins.
    """
    part = cell.slices[s]
    into = cell.split[s] if site == part.site else cell.wanted[s]
    for p in range(len(split)):
        into[p] = split[p] / 100.0
    if part.phase == INTERRUPTED:
        return
    if site == part.site:
        if part.phase == TRANSFER:
            cell.tallies[s].cancelled += 1
        part.phase = STEADY
    elif part.phase == STEADY or site != part.target:
        if part.phase == TRANSFER:
            cell.tallies[s].cancelled += 1
        part.phase, part.target, part.left = TRANSFER, site, plan.parts[s].state


@jit
def advance(plan: Plan, cell: State, s: int, health: F64) -> None:
    """One tick of a slice's migration, at its beginning; `health` [M]."""
    part, tick = cell.slices[s], plan.header[0].tick
    if part.phase == INTERRUPTED:
        part.left -= tick
        if part.left <= 0.0:
            part.phase = STEADY
    if part.phase != TRANSFER:
        return
    if health[part.site] == 0.0:
        # The state is lost with its site: sessions are set up anew.
        _interrupt(plan, cell, s, plan.header[0].restart)
        return
    route = plan.route[part.site, part.target]
    slowest = health[part.target]
    for k in range(len(route)):
        if route[k] >= DEPENDS:
            slowest = min(slowest, health[k])
    moved = min(part.left, plan.rate[part.site, part.target] * slowest * tick)
    part.left -= moved
    for k in range(len(route)):
        if route[k] == LOADS:
            cell.stations[k].extra += moved
    if part.left <= 0.0:
        _interrupt(plan, cell, s, plan.parts[s].interruption)


@jit
def _interrupt(plan: Plan, cell: State, s: int, interruption: float) -> None:
    """The new site takes over; without an interruption, in this very tick."""
    part = cell.slices[s]
    part.site, part.left = part.target, interruption
    part.phase = INTERRUPTED if interruption > 0.0 else STEADY
    for p in range(cell.split.shape[1]):
        cell.split[s, p] = cell.wanted[s, p]
    cell.tallies[s].migrations += 1
    cell.tallies[s].cost += plan.header[0].cost


@jit
def enter(plan: Plan, cell: State, s: int, packets: float, size: float) -> None:
    """Packets of a tick, and bytes, enter the UPF, or wait for one."""
    part, tally, tick = cell.slices[s], cell.tallies[s], plan.header[0].tick
    tally.offered_packets += packets
    tally.offered_bytes += size
    hold = cell.hold[s]
    if part.phase == INTERRUPTED:
        tally.interrupted_ms += tick
        _hold(hold, tally, plan.header[0].hold, packets, size, tick)
        return
    for p in range(len(cell.split[s])):
        share = cell.split[s, p]
        if share > 0.0:
            into = cell.inbox[part.site, s, p]
            into[PACKETS] += packets * share
            into[BYTES] += size * share
            add(into, hold, share)
    scale(hold, 0.0)


@jit
def _hold(hold: F64, tally: Record, limit: float, packets: float, size: float, tick: float) -> None:
    """What is there grows older by a tick, what comes by half of one on average."""
    room = max(0.0, limit - hold[BYTES])
    kept = 1.0 if size <= room else room / size
    hold[CORE] += hold[PACKETS] * tick + packets * kept * 0.5 * tick
    hold[PACKETS] += packets * kept
    hold[BYTES] += size * kept
    tally.migration_packets += packets * (1.0 - kept)
    tally.migration_bytes += size * (1.0 - kept)
