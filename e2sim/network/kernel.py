"""The kernel: cells play whole periods, one after the other and slot by slot.

A cell's rows stay in the first cache levels for its whole period, and no cell knows of another but
those of its group, which take turns by the tick and meet as interference: results do not depend on
how many cells there are or which thread plays them. Within a slot, what
every user does (fading, averages, CQI) runs over blocks of `LANES` users on vector registers, and
what few do (arrivals, blocks) visits those few.
"""

import math

from e2sim.faults.network import DOWN, JAM, LOSS
from e2sim.network.access import close_pools, occasion, open_pools
from e2sim.network.allocation import apply
from e2sim.network.energy import clear_slots, spend
from e2sim.network.fading import fade
from e2sim.network.grants import learn
from e2sim.network.jit import entry, fuse, inline
from e2sim.network.lent import copied, lend
from e2sim.network.plan import Plan
from e2sim.network.queues import expire_all
from e2sim.network.radio import QUIET, interfere, measure_cqi, set_mcs, set_scale, set_sinr, use_cqi
from e2sim.network.records import F64, I64, Feature, Record, Records
from e2sim.network.report import report_cell, report_slice
from e2sim.network.scheduler import average, demand, serve
from e2sim.network.sleep import rest_after, rests
from e2sim.network.slicing import share
from e2sim.network.state import State, cell_of
from e2sim.network.traffic import arrive, modulate


@fuse
def strike(plan: Plan, cell: State, now: int) -> None:
    """What fails in the tick of slot `now`, from the period's table."""
    carrier, site = plan.carrier[0], cell.cells[0]
    first = now // carrier.slots * carrier.slots // carrier.tick
    row = cell.faults[now // carrier.tick - first]
    site.down = int(row[DOWN])
    # On the way to the cell in the downlink, on the way from it in the uplink.
    if carrier.uplink:
        site.beyond = row[LOSS]
    else:
        site.loss = row[LOSS]
    site.jam = row[JAM]


@fuse
def tick(plan: Plan, cell: State, now: int) -> None:
    """Move the slow processes on: faults, interference and rates."""
    if plan.carrier[0].faults:
        strike(plan, cell, now)
    interfere(cell.cells[0], plan.carrier[0])
    set_scale(cell, plan.carrier[0])
    for s in range(len(plan.slices)):
        modulate(plan, cell, s, now)


@fuse
def buffers(plan: Plan, cell: State, now: int, beat: int) -> None:
    """Expiry and arrivals of one slot, and what the scheduler learns of earlier ones."""
    if plan.carrier[0].grant_delay > 0:
        learn(plan, cell, now)
    if now >= cell.cells[0].soonest:
        expire_all(plan, cell, now)
    arrive(plan, cell, now, beat)


@fuse
def machines(plan: Plan, cell: State, pools: Feature, now: int) -> None:
    """Devices ask for access where a slice has an occasion in this slot.

    Fused though it has one caller: copied in before, it made every slot of such cells half slower.
    """
    if pools is None:
        return
    for s in range(len(pools)):
        if now >= pools[s].next and plan.pools[s].first < plan.pools[s].last:
            occasion(lend(copied(plan)), lend(copied(cell)), s, now)


@inline
def transmission(plan: Plan, cell: State, row: int, turn: int, now: int) -> None:
    """Slices share the PRBs of one slot, the direction's slot `turn`, and users their slice's.

    In a cell that is down or asleep nobody transmits.
    """
    carrier = plan.carrier[0]
    if carrier.rests and rests(cell.cells[0], cell.members, carrier, now):
        return
    demand(plan, cell, row)
    share(cell.slices, plan.carrier[0], turn)
    used = serve(plan, cell, row, now)
    cell.cells[0].busy_slots += used > 0
    cell.cells[0].used_prbs += used
    cell.cells[0].radiated += used * cell.cells[0].boost
    if carrier.sleeps:
        rest_after(cell.cells[0], cell.members, carrier, used, now)


@inline
def slots(plan: Plan, cell: State, start: int, end: int) -> None:
    """Slots `start` to `end` - 1 of one period of a cell."""
    carrier = plan.carrier[0]
    # Counters in place of remainders: four divisions a slot would cost as much as the fading.
    beat, phase = start % carrier.tick, start % carrier.cqi_period
    step, place = start % carrier.fading_step, start % carrier.cycle
    turn = cell.cells[0].own
    row = turn % carrier.rtt
    branch = (start + carrier.fading_step - 1) // carrier.fading_step % carrier.diversity
    for now in range(start, end):
        if beat == 0:
            tick(plan, cell, now)
        if step == 0:
            fade(cell.words, cell.taps, branch)
            branch = branch + 1 if branch + 1 < carrier.diversity else 0
        if step == 0 or beat == 0 or now == start:
            set_sinr(cell)
        if phase == 0:
            measure_cqi(plan, cell)
        elif phase == carrier.cqi_delay:
            use_cqi(plan, cell)
        average(cell, carrier)
        buffers(plan, cell, now, beat)
        machines(plan, cell, cell.pools, now)
        if carrier.mask >> place & 1:
            transmission(plan, cell, row, turn, now)
            turn += 1
            row = row + 1 if row + 1 < carrier.rtt else 0
        elif carrier.rests:
            awake = not rests(cell.cells[0], cell.members, carrier, now)
            if awake and carrier.sleeps:
                rest_after(cell.cells[0], cell.members, carrier, 0, now)
        beat = beat + 1 if beat + 1 < carrier.tick else 0
        step = step + 1 if step + 1 < carrier.fading_step else 0
        phase = phase + 1 if phase + 1 < carrier.cqi_period else 0
        place = place + 1 if place + 1 < carrier.cycle else 0
    cell.cells[0].own = turn


@fuse
def couple(carrier: Record, group: Records) -> None:
    """Each cell of a group hears what the others have radiated, on average, in the last tick.

    The mean is over the slots of the direction. In the uplink it is what their users have.
    """
    total = 0.0
    for site in group:
        total += site.radiated
    for site in group:
        others = (total - site.radiated) / (len(group) - 1) / (carrier.prbs * carrier.tick_slots)
        site.around = 10.0 * math.log10(max(others, QUIET))
    for site in group:
        site.radiated = 0.0


@fuse
def open_period(plan: Plan, cell: State, start: int) -> None:
    """The new allocation reaches transmitter and link adaptation."""
    cell.cells[0].opened = cell.cells[0].own
    cell.cells[0].busy_slots = 0
    cell.cells[0].used_prbs = 0
    clear_slots(cell.cells[0])
    if plan.carrier[0].faults:
        strike(plan, cell, start)
    set_scale(cell, plan.carrier[0])
    set_mcs(plan, cell)
    open_pools(cell.ledger)
    for u in range(plan.carrier[0].users):
        cell.users[u].since = start
        cell.users[u].active = 0
        cell.users[u].volume = 0


@fuse
def close_period(plan: Plan, cell: State, s: int) -> None:
    """What waits at the period's end, and the mean throughput of a slice's users.

    A user's throughput in kbit/s is its delivered volume over the time it had data waiting; the
    mean is over users that had, NaN without any (TS 28.552 5.1.1.3.1). One that has moved between
    cells counts in both, in each with what it had there.
    """
    rules, tally, slot_ms = plan.slices[s], cell.tallies[s], plan.carrier[0].slot_ms
    rate, active = tally.departed_kbps, tally.departed
    tally.connected = cell.slices[s].connected
    for u in range(rules.first, rules.last):
        user = cell.users[u]
        if user.length > 0:
            user.active += cell.cells[0].now - user.since
            tally.queued_bytes += user.tail - user.base - user.done
        if user.active > 0:
            rate += 8.0 * user.volume / (user.active * slot_ms)
            active += 1
    tally.throughput_kbps = rate / active


@inline
def play_group(plan: Plan, state: State, first: int, length: int) -> None:
    """`length` slots of one period of the cells of a group, of which `first` is the first."""
    carrier, start = plan.carrier[0], state.cells[first].now
    last, end = first + carrier.group, start + length
    now = start
    while now < end:
        until = end
        if carrier.group > 1:
            until = min(end, (now // carrier.tick + 1) * carrier.tick)
            if now > 0 and now % carrier.tick == 0:
                couple(carrier, state.cells[first:last])
        for c in range(first, last):
            cell = cell_of(state, c)
            if now % carrier.slots == 0:
                open_period(plan, cell, start)
            slots(plan, cell, now, until)
            cell.cells[0].now = until
            for s in range(len(plan.slices)):
                cell.tallies[s].user_slots += cell.slices[s].connected * (until - now)
        now = until


@entry
def play(
    plan: Plan,
    state: State,
    rows: I64,
    power: I64,
    sites: F64,
    slices: F64,
    length: int,
    first: int,
    last: int,
) -> bool:
    """Cells `first` to `last` - 1 play on for `length` slots of a period, under one allocation.

    `rows` and `power` are those of the checked allocation; `sites` and `slices` become those of
    the report where the period is complete, but for the uplink, which `uplink_report` reports.
    Returns whether all their values are in the catalogue's ranges.
    """
    fine = True
    plan = lend(plan)
    for c in range(first, last):
        apply(plan, cell_of(state, c), rows[c], power[c])
    for c in range(first, last, plan.carrier[0].group):
        play_group(plan, state, c, length)
    for c in range(first, last):
        if state.cells[c].now % plan.carrier[0].slots != 0:
            continue
        cell = cell_of(state, c)
        spend(plan.carrier[0], cell.cells[0])
        close_pools(plan, cell, cell.pools, cell.cells[0].now)
        for s in range(len(plan.slices)):
            close_period(plan, cell, s)
            if not plan.carrier[0].uplink:
                fine &= report_slice(plan, cell.cells[0], cell.tallies[s], slices[c, s])
        if not plan.carrier[0].uplink:
            fine &= report_cell(plan, cell.cells[0], sites[c])
    return fine
