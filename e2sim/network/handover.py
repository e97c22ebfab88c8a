"""Handovers by event A3, radio link failures and re-establishment: who is served by which cell.

Decisions are of ticks, and of filtered long-term levels at nominal power: no allocation changes
them. Users decide one after the other, in the order of the cells they began in.
"""

from e2sim.faults.process import CLEAR
from e2sim.network.jit import fuse, internal
from e2sim.network.members import add, discard
from e2sim.network.movement import measure, walk
from e2sim.network.moving import CONNECTED, HANDOVER, REESTABLISHING
from e2sim.network.plan import Plan
from e2sim.network.records import Record, Records
from e2sim.network.relocation import free_place, give_up, relocate
from e2sim.network.state import HELD, NEVER, State, cell_of


@fuse
def on_air(sites: Records, c: int) -> bool:
    """Whether cell `c` transmits: it has not failed, and does not start up after that."""
    return bool(sites[c].down == CLEAR)


@internal
def sinr_of(sites: Records, first: int, links: Records, cell: int) -> float:
    """SINR that the site of `cell` gives while all that are on the air transmit at full power."""
    if not on_air(sites, first + cell):
        return 0.0
    others = 0.0
    for k in range(len(links)):
        if k != cell and on_air(sites, first + k):
            others += links[k].gain
    return float(links[cell].gain / (1.0 + others))


@internal
def candidate(plan: Plan, state: State, first: int, mover: Record, links: Records, now: int) -> int:
    """The strongest cell that event A3 has triggered for (TS 38.331 5.5.4.4), -1 without any.

    Nobody measures a cell that has failed, or reports to it.
    """
    moving, found = plan.moving[0], -1
    bar, served = links[mover.cell].level + moving.offset, on_air(state.cells, first + mover.cell)
    for k in range(len(links)):
        link = links[k]
        if k == mover.cell or link.level <= bar or not served or not on_air(state.cells, first + k):
            link.entered = NEVER
            continue
        if link.entered == NEVER:
            link.entered = now
        long = now - link.entered >= moving.trigger
        if long and (found < 0 or link.level > links[found].level):
            found = k
    return found


@internal
def move_to(plan: Plan, state: State, first: int, mover: Record, cell: int, now: int) -> bool:
    """Move the user to a free place in `cell`; False if there is none."""
    v = free_place(plan, state, first + cell, mover.slice)
    if v < 0:
        return False
    relocate(plan, state, first + mover.cell, mover.place, first + cell, v, now)
    mover.came, mover.cell, mover.place, mover.since = mover.cell, cell, v, now
    return True


@internal
def hand_over(
    plan: Plan, state: State, first: int, mover: Record, links: Records, target: int, now: int
) -> None:
    """A handover to `target`; without a free place there, the next try takes as long again."""
    moving, moves = plan.moving[0], state.moves[first + mover.cell, mover.slice]
    back = target == mover.came and now - mover.since < moving.soon
    if not move_to(plan, state, first, mover, target, now):
        moves.refused += 1
        links[target].entered = now
        return
    moves.requested += 1
    moves.ping_pongs += back
    begin(mover, links, HANDOVER, now + moving.interruption)


@internal
def begin(mover: Record, links: Records, phase: int, until: int) -> None:
    """A phase without service begins, after which the user measures anew."""
    mover.phase = phase
    mover.until = until
    mover.out = NEVER
    for k in range(len(links)):
        links[k].entered = NEVER


@internal
def lose(plan: Plan, state: State, first: int, mover: Record, links: Records, now: int) -> None:
    """The radio link has failed: re-establishment after a while (TS 38.331 5.3.7)."""
    cell = cell_of(state, first + mover.cell)
    give_up(cell, mover.place)
    add(cell.members, HELD, mover.place)
    begin(mover, links, REESTABLISHING, now + plan.moving[0].reestablishment)


@internal
def watch(plan: Plan, state: State, first: int, mover: Record, links: Records, now: int) -> None:
    """Radio link monitoring and event A3, after a measurement."""
    moving, sinr = plan.moving[0], sinr_of(state.cells, first, links, mover.cell)
    if sinr >= moving.qin:
        mover.out = NEVER
    elif sinr < moving.qout and mover.out == NEVER:
        mover.out = now
    if mover.out != NEVER and now - mover.out >= moving.t310:
        state.moves[first + mover.cell, mover.slice].link_failures += 1
        lose(plan, state, first, mover, links, now)
        return
    target = candidate(plan, state, first, mover, links, now)
    if target >= 0:
        hand_over(plan, state, first, mover, links, target, now)


@internal
def choice(plan: Plan, state: State, first: int, mover: Record, links: Records) -> int:
    """The strongest cell on the air in which the user has a place or there is a free one."""
    found, most = int(mover.cell), 0.0
    if on_air(state.cells, first + mover.cell):
        most = links[mover.cell].gain
    for k in range(len(links)):
        stronger = links[k].gain > most and on_air(state.cells, first + k)
        if stronger and free_place(plan, state, first + k, mover.slice) >= 0:
            found, most = k, links[k].gain
    return found


@internal
def conclude(plan: Plan, state: State, first: int, mover: Record, links: Records, now: int) -> None:
    """A phase without service has ended: the user is served again, or looks for a cell."""
    qout = plan.moving[0].qout
    if mover.phase == HANDOVER:
        moves = state.moves[first + mover.came, mover.slice]
        if sinr_of(state.cells, first, links, mover.cell) < qout:
            moves.failed += 1
            lose(plan, state, first, mover, links, now)
            return
        moves.succeeded += 1
    else:
        cell = choice(plan, state, first, mover, links)
        if sinr_of(state.cells, first, links, cell) < qout:
            return
        if cell != mover.cell:
            move_to(plan, state, first, mover, cell, now)
        state.moves[first + cell, mover.slice].reestablished += 1
    mover.phase = CONNECTED
    discard(state.members[first + mover.cell], HELD, mover.place)


@internal
def roam(plan: Plan, state: State, first: int, now: int) -> None:
    """Users of a group, of which `first` is the first cell, move on at tick `now`."""
    moving, cells = plan.moving[0], plan.carrier[0].group
    measuring = now % moving.measure == 0
    for c in range(first, first + cells):
        for i in range(state.movers.shape[1]):
            mover, links = state.movers[c, i], state.links[c, i]
            if measuring:
                walk(plan, mover)
                moved_m = plan.slices[mover.slice].speed * moving.step_s
                measure(plan, mover, links, moved_m, moving.weight)
            if measuring and cells > 1 and mover.phase == CONNECTED:
                watch(plan, state, first, mover, links, now)
            if mover.phase != CONNECTED and now >= mover.until:
                conclude(plan, state, first, mover, links, now)


@internal
def listen(plan: Plan, state: State, first: int) -> None:
    """Set what users receive of their site, and of each other one at its load of the last tick."""
    carrier = plan.carrier[0]
    for c in range(first, first + carrier.group):
        for i in range(state.movers.shape[1]):
            mover, links = state.movers[c, i], state.links[c, i]
            site = state.cells[first + mover.cell]
            total = heard = 0.0
            for k in range(len(links)):
                if k != mover.cell:
                    total += links[k].gain
                    if carrier.group > 1:
                        heard += links[k].gain * state.cells[first + k].load
            user = state.users[first + mover.cell, mover.place]
            user.snr = links[mover.cell].gain
            user.inr = total
            user.around = heard / total if carrier.group > 1 else 10.0 ** (site.around / 10.0)
