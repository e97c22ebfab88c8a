"""The kernel: cells play whole periods, one after the other and slot by slot.

A cell's rows stay in the first cache levels for its whole period, and no cell knows of another:
results do not depend on how many cells there are or which thread plays them.
"""

from e2sim.network.fading import fade
from e2sim.network.jit import borrow, entry, fuse
from e2sim.network.plan import PROPORTIONAL_FAIR, Plan
from e2sim.network.queues import expire
from e2sim.network.radio import (
    interfere,
    measure_cqi,
    set_mcs,
    set_scale,
    use_cqi,
)
from e2sim.network.records import Record, Records
from e2sim.network.scheduler import average, rank, serve, state_need
from e2sim.network.slicing import share
from e2sim.network.state import State, bearer_of, cell_of
from e2sim.network.traffic import arrive, modulate


@fuse
def channel(plan: Plan, cell: State, now: int) -> None:
    """Interference, fading and CQI of one slot."""
    carrier = plan.carrier[0]
    if now % carrier.tick == 0:
        interfere(cell.cells[0], carrier)
        set_scale(cell.users, cell.scale, cell.cells[0], carrier)
    fade(cell.words, cell.taps, now % carrier.diversity)
    phase = now % carrier.cqi_period
    for s in range(len(plan.slices)):
        rules = plan.slices[s]
        if phase == 0:
            measure_cqi(cell.users, cell.scale, cell.taps, rules, cell.tallies[s])
        elif phase == carrier.cqi_delay:
            use_cqi(cell.users, rules, cell.slices[s])


@fuse
def buffers(plan: Plan, cell: State, now: int) -> None:
    """Expiry, arrivals and demand of one slot."""
    carrier, users, hazard, rate = plan.carrier[0], cell.users, cell.hazard, cell.rate
    if now % carrier.tick == 0:
        for s in range(len(plan.slices)):
            modulate(users, rate, plan.slices[s], cell.slices[s], now)
    for u in range(len(hazard)):
        hazard[u] -= rate[u]
    row = now % carrier.rtt
    for s in range(len(plan.slices)):
        rules, part = plan.slices[s], cell.slices[s]
        demand = 0
        for u in range(rules.first, rules.last):
            user = users[u]
            if user.expiry <= now:
                expire(bearer_of(plan, cell, s, u), now)
            if hazard[u] <= 0.0 or user.due <= now:
                arrive(bearer_of(plan, cell, s, u), hazard, u, part.admission, now)
            user.active += user.length > 0
            demand += state_need(user, cell.processes, u * carrier.rtt + row)
            if user.need > 0:
                user.rank = rank(user, u, rules, part.turn)
        part.demand = demand


@fuse
def transmission(plan: Plan, cell: State, now: int) -> None:
    """Slices share the PRBs of one slot, and users those of their slice."""
    carrier, site = plan.carrier[0], cell.cells[0]
    share(cell.slices, carrier.prbs, now)
    row = now % carrier.rtt
    used = 0
    for s in range(len(plan.slices)):
        if cell.slices[s].quota > 0:
            prbs = serve(plan, cell, s, row, now)
            cell.tallies[s].used_prbs += prbs
            used += prbs
        if plan.slices[s].scheduler == PROPORTIONAL_FAIR:
            average(cell.users, plan.slices[s])
    site.busy_slots += used > 0
    site.used_prbs += used


@fuse
def open_period(plan: Plan, cell: State) -> None:
    """The new allocation reaches transmitter and link adaptation."""
    cell.cells[0].busy_slots = 0
    cell.cells[0].used_prbs = 0
    set_scale(cell.users, cell.scale, cell.cells[0], plan.carrier[0])
    for s in range(len(plan.slices)):
        rules = plan.slices[s]
        set_mcs(cell.users, rules, cell.slices[s])
        for u in range(rules.first, rules.last):
            cell.users[u].active = 0
            cell.users[u].volume = 0


@fuse
def close_period(users: Records, rules: Record, tally: Record, slot_ms: float) -> None:
    """What waits at the period's end, and the mean throughput of a slice's users.

    A user's throughput in kbit/s is its delivered volume over the time it had data waiting; the
    mean is over users that had, NaN without any (TS 28.552 5.1.1.3.1).
    """
    rate, active = 0.0, 0
    for u in range(rules.first, rules.last):
        user = users[u]
        if user.active > 0:
            rate += 8.0 * user.volume / (user.active * slot_ms)
            active += 1
        tally.queued_bytes += user.tail - user.base - user.done
    tally.throughput_kbps = rate / active


@entry
def play(plan: Plan, state: State, first: int, last: int) -> None:
    """Cells `first` to `last` - 1 play one period; their tallies are zero before."""
    plan = Plan(borrow(plan.carrier), borrow(plan.slices))
    carrier = plan.carrier[0]
    for c in range(first, last):
        cell = cell_of(state, c)
        open_period(plan, cell)
        start = cell.cells[0].now
        for now in range(start, start + carrier.slots):
            channel(plan, cell, now)
            buffers(plan, cell, now)
            transmission(plan, cell, now)
        cell.cells[0].now = start + carrier.slots
        for s in range(len(plan.slices)):
            close_period(cell.users, plan.slices[s], cell.tallies[s], carrier.slot_ms)
