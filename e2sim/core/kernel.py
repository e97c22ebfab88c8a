"""The kernel: a period of each cell, tick by tick, station after station."""

from typing import Final

from e2sim.core.background import asked, begin
from e2sim.core.flow import BYTES, CORE, PACKETS, SPREAD, TRANSPORT, WAIT, add, work_of
from e2sim.core.migration import advance, enter, request
from e2sim.core.percentile import percentile
from e2sim.core.plan import OFF_PATH, TO_GNB, Plan
from e2sim.core.state import State, cell_of
from e2sim.core.station import serve
from e2sim.network.jit import entry, jit
from e2sim.network.records import F64, I64, U64

_IN_USE: Final = 0.005
"""Least share of a slice's packets on a path that others wait for: half of the smallest share of a
split, and more than the traces a fluid leaves where nothing comes any more."""


@entry
def start(plan: Plan, state: State, cells: I64, seeds: U64) -> None:
    """Begin `cells`, whose state is zeros: UPFs at their first site on its first path."""
    for i in range(len(cells)):
        cell = cell_of(state, cells[i])
        for k in range(len(plan.rules)):
            begin(plan.rules[k], cell.stations[k], seeds[i], k)
        for s in range(len(plan.parts)):
            site = plan.parts[s].site
            cell.slices[s].site = site
            cell.split[s, plan.first[site]] = 1.0


@entry
def play(plan: Plan, state: State, sites: I64, splits: I64, offered: F64, health: F64) -> None:
    """Play a period of all cells.

    Args:
        plan: of the scenario.
        state: of N cells; tallies, losses and the sums of stations begin anew.
        sites: [N, S], splits: [N, S, P], an allocation that was checked.
        offered: [N, S, 2] packets and bytes of the period.
        health: [N, M] share of the stations' capacity that is left.
    """
    ticks = plan.header[0].ticks
    for c in range(len(sites)):
        cell = cell_of(state, c)
        _clear(cell)
        for s in range(len(plan.parts)):
            request(plan, cell, s, sites[c, s], splits[c, s])
        for _ in range(ticks):
            _tick(plan, cell, offered[c], health[c])
        for s in range(len(plan.parts)):
            tally = cell.tallies[s]
            tally.p99 = percentile(cell.samples[s], tally.samples, 0.99)


@jit
def _clear(cell: State) -> None:
    cell.lost[...] = 0.0
    for k in range(len(cell.stations)):
        station = cell.stations[k]
        station.wait = station.busy = station.up = station.passed = 0.0
    for s in range(len(cell.tallies)):
        tally = cell.tallies[s]
        tally.offered_packets = tally.offered_bytes = 0.0
        tally.sent_packets = tally.sent_bytes = 0.0
        tally.delivered_packets = tally.delivered_bytes = 0.0
        tally.core_ms = tally.transport_ms = tally.reorder_ms = 0.0
        tally.migration_packets = tally.migration_bytes = 0.0
        tally.migrations = tally.cancelled = tally.samples = 0
        tally.interrupted_ms = tally.cost = 0.0


@jit
def _tick(plan: Plan, cell: State, offered: F64, health: F64) -> None:
    header = plan.header[0]
    cell.inbox[...] = 0.0
    cell.arrived[...] = 0.0
    for k in range(len(cell.stations)):
        cell.stations[k].extra = 0.0
    for s in range(len(plan.parts)):
        advance(plan, cell, s, health)
        enter(plan, cell, s, offered[s, 0] / header.ticks, offered[s, 1] / header.ticks)
        site = plan.rules[cell.slices[s].site]
        cell.tallies[s].cost += site.placement_cost * header.tick
    for place in range(len(plan.order)):
        k = plan.order[place]
        others = asked(plan.rules[k], cell.stations[k], header.tick) + cell.stations[k].extra
        serve(plan, cell, k, others, health[k])
        _forward(plan, cell, k)
    for s in range(len(plan.parts)):
        _deliver(cell, s, header.in_order)


@jit
def _forward(plan: Plan, cell: State, k: int) -> None:
    """What left a station reaches the next one in the same tick."""
    for s in range(len(plan.parts)):
        tally = cell.tallies[s]
        for p in range(len(plan.after)):
            after = plan.after[p, k]
            if after == OFF_PATH:
                continue
            if cell.outbox[s, p, PACKETS] == 0.0:
                continue
            out = cell.outbox[s, p]
            if k < plan.header[0].sites:
                tally.sent_packets += out[PACKETS]
                tally.sent_bytes += out[BYTES]
                tally.cost += work_of(out, plan.work[k, s]) * plan.rules[k].work_cost
            add(cell.arrived[s, p] if after == TO_GNB else cell.inbox[after, s, p], out, 1.0)


@jit
def _deliver(cell: State, s: int, in_order: int) -> None:
    """What reached the gNB is counted, put in order where it took several paths."""
    tally, slowest, total = cell.tallies[s], 0.0, 0.0
    for p in range(len(cell.arrived[s])):
        total += cell.arrived[s, p, PACKETS]
    for p in range(len(cell.arrived[s])):
        flow = cell.arrived[s, p]
        if flow[PACKETS] > _IN_USE * total:
            slowest = max(slowest, (flow[CORE] + flow[TRANSPORT]) / flow[PACKETS])
    for p in range(len(cell.arrived[s])):
        flow = cell.arrived[s, p]
        packets = flow[PACKETS]
        if packets <= 0.0:
            continue
        delay = (flow[CORE] + flow[TRANSPORT]) / packets
        wait = max(0.0, slowest - delay) if in_order else 0.0
        tally.delivered_packets += packets
        tally.delivered_bytes += flow[BYTES]
        tally.core_ms += flow[CORE]
        tally.transport_ms += flow[TRANSPORT] + wait * packets
        tally.reorder_ms += wait * packets
        random = flow[WAIT] / packets
        # Rounding may leave nothing of a certain part that is nothing.
        certain = max(0.0, delay - random) + wait
        sample = cell.samples[s, tally.samples]
        sample[0], sample[1], sample[2], sample[3] = (
            packets,
            certain,
            random,
            flow[SPREAD] / packets,
        )
        tally.samples += 1
