"""The kernel: cells play whole periods, one after the other and slot by slot.

A cell's rows stay in the first cache levels for its whole period, and no cell knows of another:
results do not depend on how many cells there are or which thread plays them. Within a slot, what
every user does (fading, clocks, CQI) runs over blocks of `LANES` users on vector registers, and
what few do (arrivals, blocks) visits those few.
"""

from e2sim.network.allocation import apply
from e2sim.network.fading import LANES, fade
from e2sim.network.jit import borrow, entry, fuse, lowest
from e2sim.network.members import rest
from e2sim.network.plan import Plan
from e2sim.network.queues import expire
from e2sim.network.radio import interfere, measure_cqi, set_mcs, set_scale, use_cqi
from e2sim.network.records import F64, I64, Record, Records
from e2sim.network.report import report_cell, report_slice
from e2sim.network.scheduler import demand, serve
from e2sim.network.slicing import share
from e2sim.network.state import State, cell_of
from e2sim.network.traffic import arrive, awake, modulate


@fuse
def tick(plan: Plan, cell: State, now: int) -> None:
    """Move the slow processes on: interference and rates."""
    interfere(cell.cells[0], plan.carrier[0])
    set_scale(cell, plan.carrier[0])
    for s in range(len(plan.slices)):
        modulate(plan, cell, s, now)


@fuse
def buffers(plan: Plan, cell: State, now: int) -> None:
    """Expiry and arrivals of one slot."""
    for block in range(len(cell.clocks)):
        users = awake(cell.clocks[block], float(now))
        while users != 0:
            u = block * LANES + lowest(users)
            s = cell.users[u].slice
            if cell.users[u].expiry <= now:
                expire(plan, cell, s, u, now)
            arrive(plan, cell, s, u, now)
            users = rest(users)


@fuse
def transmission(plan: Plan, cell: State, row: int, now: int) -> None:
    """Slices share the PRBs of one slot, and users those of their slice."""
    for s in range(len(plan.slices)):
        demand(plan, cell, s, row)
    share(cell.slices, plan.carrier[0].prbs, now)
    used = 0
    for s in range(len(plan.slices)):
        if cell.slices[s].quota > 0:
            prbs = serve(plan, cell, s, row, now)
            cell.tallies[s].used_prbs += prbs
            used += prbs
    cell.cells[0].busy_slots += used > 0
    cell.cells[0].used_prbs += used


@fuse
def slots(plan: Plan, cell: State, start: int) -> None:
    """All slots of the period that begins with slot `start`."""
    carrier = plan.carrier[0]
    # Counters in place of remainders: four divisions a slot would cost as much as the fading.
    beat, branch = start % carrier.tick, start % carrier.diversity
    phase, row = start % carrier.cqi_period, start % carrier.rtt
    for now in range(start, start + carrier.slots):
        if beat == 0:
            tick(plan, cell, now)
        fade(cell.words, cell.taps, branch)
        if phase == 0:
            measure_cqi(plan, cell)
        elif phase == carrier.cqi_delay:
            use_cqi(plan, cell)
        buffers(plan, cell, now)
        transmission(plan, cell, row, now)
        beat = beat + 1 if beat + 1 < carrier.tick else 0
        branch = branch + 1 if branch + 1 < carrier.diversity else 0
        phase = phase + 1 if phase + 1 < carrier.cqi_period else 0
        row = row + 1 if row + 1 < carrier.rtt else 0


@fuse
def open_period(plan: Plan, cell: State, start: int) -> None:
    """The new allocation reaches transmitter and link adaptation."""
    cell.cells[0].busy_slots = 0
    cell.cells[0].used_prbs = 0
    set_scale(cell, plan.carrier[0])
    set_mcs(plan, cell)
    for u in range(plan.carrier[0].users):
        cell.users[u].since = start
        cell.users[u].active = 0
        cell.users[u].volume = 0


@fuse
def close_period(users: Records, rules: Record, tally: Record, slot_ms: float, end: int) -> None:
    """What waits at the period's end, and the mean throughput of a slice's users.

    A user's throughput in kbit/s is its delivered volume over the time it had data waiting; the
    mean is over users that had, NaN without any (TS 28.552 5.1.1.3.1).
    """
    rate, active = 0.0, 0
    for u in range(rules.first, rules.last):
        user = users[u]
        if user.length > 0:
            user.active += end - user.since
            tally.queued_bytes += user.tail - user.base - user.done
        if user.active > 0:
            rate += 8.0 * user.volume / (user.active * slot_ms)
            active += 1
    tally.throughput_kbps = rate / active


@entry
def play(
    plan: Plan,
    state: State,
    rows: I64,
    power: I64,
    sites: F64,
    slices: F64,
    first: int,
    last: int,
) -> bool:
    """Cells `first` to `last` - 1 play one period under a checked allocation.

    `rows` and `power` are those of the allocation; `sites` and `slices` become those of the
    report. Returns whether all their values are in the catalogue's ranges.
    """
    fine = True
    plan = Plan(borrow(plan.carrier), borrow(plan.slices), borrow(plan.members))
    carrier = plan.carrier[0]
    for c in range(first, last):
        cell = cell_of(state, c)
        start = cell.cells[0].now
        end = start + carrier.slots
        apply(plan, cell, rows[c], power[c])
        open_period(plan, cell, start)
        slots(plan, cell, start)
        cell.cells[0].now = end
        for s in range(len(plan.slices)):
            close_period(cell.users, plan.slices[s], cell.tallies[s], carrier.slot_ms, end)
            fine &= report_slice(plan, cell.tallies[s], s, slices[c, s])
        fine &= report_cell(plan, cell.cells[0], sites[c])
    return fine
