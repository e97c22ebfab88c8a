"""Random access of massive machine-type devices, once per PRACH occasion and counted by state.

A device sleeps; its report comes due; access barring lets it pass or wait; it transmits a random
preamble (TS 38.321 5.1). A preamble that several chose reaches nobody (TR 37.868 6.2: a collision
is not decoded, nothing is captured); of those that one device chose, as many as there are grants
get one. The others back off and try again until preambleTransMax. A granted device is connected
after its set-up, its payload joins the buffer of a random bearer (a user of the slice), and it
stays for a while. All devices of a state are one number, so their count costs nothing.
"""

from typing import Final

from e2sim.faults.process import CLEAR
from e2sim.network.calendar import enter, leave
from e2sim.network.jit import fuse, inline, internal
from e2sim.network.lent import copied, lend
from e2sim.network.noise import ACCESS, REPORTING, stream, uniform
from e2sim.network.plan import Plan
from e2sim.network.pools import (
    ABANDONED,
    ASLEEP_TIME,
    ATTEMPTS,
    BACKOFF,
    BACKOFF_TIME,
    BARRED_TIME,
    COLLIDED,
    CONNECTED,
    CONNECTED_TIME,
    DELAY,
    SOUGHT_TIME,
    SUCCEEDED,
    TRIAL,
    TRIES,
    UNGRANTED,
    UNGRANTED_ROW,
    UNHEARD,
    WAITING_GRANT,
    WAITING_TIME,
    WON,
)
from e2sim.network.queues import push
from e2sim.network.records import I64, Feature, Record
from e2sim.network.state import State
from e2sim.network.variates import binomial
from e2sim.network.wake import ask, start_group

_BACKING: Final = 4  # kind of the calendars from BACKOFF on
_ONE_BY_ONE: Final = 16
"""Up to as many devices a preamble, each draws its own; above, preambles draw how many chose them.
Both are the same distribution, and this is about where their costs meet."""


@fuse
def start_pool(plan: Plan, cell: State, pools: Feature, s: int) -> None:
    """The devices of a slice at the cell's start."""
    if pools is None:
        return
    rules, pool, seed = plan.pools[s], pools[s], cell.cells[0].seed
    pool.stream = stream(seed, s, ACCESS)
    pool.next = 0
    pool.number = 0
    pool.since = 0
    for g in range(rules.first, rules.last):
        cell.groups[g].stream = stream(seed, g, REPORTING)
        cell.counts[g] = 0
        cell.sums[g] = 0.0
        cell.ledger[:, g] = 0.0
        start_group(plan, cell, g)


@internal
def settle(plan: Plan, cell: State, s: int, now: int) -> None:
    """Count the time that devices have spent in each state until slot `now`."""
    rules, pool = plan.pools[s], cell.pools[s]
    passed = float(now - pool.since)
    pool.since = now
    for g in range(rules.first, rules.last):
        group, row = cell.groups[g], cell.ledger[0, g]
        row[ASLEEP_TIME] += passed * group.asleep
        row[SOUGHT_TIME] += passed * group.sought
        row[BARRED_TIME] += passed * group.barred
        row[BACKOFF_TIME] += passed * group.backing
        row[WAITING_TIME] += passed * group.waiting
        row[CONNECTED_TIME] += passed * group.connected
        cell.tallies[s].visits += passed * group.connected


@inline
def go_on(plan: Plan, cell: State, s: int, g: int, now: int) -> None:
    """Connections end and begin, and those who have backed off transmit at this occasion."""
    group, pool = cell.groups[g], cell.pools[s]
    counts, sums, chances, widths = cell.counts[g], cell.sums[g], plan.chances[g], plan.widths[g]
    number = pool.number
    done, _ = leave(counts[CONNECTED], sums[CONNECTED], pool, number, widths[CONNECTED])
    group.connected -= done
    group.asleep += done
    ready, _ = leave(
        counts[WAITING_GRANT], sums[WAITING_GRANT], pool, number, widths[WAITING_GRANT]
    )
    group.waiting -= ready
    group.connected += ready
    place = number // widths[CONNECTED]
    enter(counts[CONNECTED], sums[CONNECTED], chances[CONNECTED], pool, place, ready, 0.0)
    carry(plan, cell, s, plan.groups[g].payload, ready, now)
    for k in range(1, plan.pools[s].transmissions):
        row = BACKOFF + k
        again, began = leave(counts[row], sums[row], pool, number, widths[_BACKING])
        counts[TRIAL, k] = again
        sums[TRIAL, k] = began
        group.backing -= again


@inline
def carry(plan: Plan, cell: State, s: int, size: int, devices: int, now: int) -> None:
    """The payloads of devices join the buffers of random bearers."""
    first, bearers = plan.slices[s].first, plan.slices[s].last - plan.slices[s].first
    for _ in range(devices):
        u = first + min(int(uniform(cell.pools[s]) * bearers), bearers - 1)
        push(plan, cell, s, u, size, now)


@inline
def choose(hits: I64, owner: Record, preambles: int, devices: int) -> tuple[int, int]:
    """Each device chooses a preamble; how many were chosen, and how many by one device only."""
    for i in range(preambles):
        hits[i] = 0
    if devices <= _ONE_BY_ONE * preambles:
        for _ in range(devices):
            hits[min(int(uniform(owner) * preambles), preambles - 1)] += 1
    else:
        left = devices
        for i in range(preambles):
            hits[i] = binomial(uniform(owner), left, 1.0 / (preambles - i))
            left -= hits[i]
    used, single = 0, 0
    for i in range(preambles):
        used += hits[i] > 0
        single += hits[i] == 1
    return used, single


@inline
def pick(plan: Plan, cell: State, s: int, left: int, row: int) -> None:
    """One of the `left` devices of the slice that transmit, each as likely, moves to `row`."""
    rules = plan.pools[s]
    place = min(int(uniform(cell.pools[s]) * left), left - 1)
    for g in range(rules.first, rules.last):
        for k in range(rules.transmissions):
            place -= cell.counts[g, TRIAL, k]
            if place < 0:
                cell.counts[g, TRIAL, k] -= 1
                cell.counts[g, row, k] += 1
                return


@inline
def contend(plan: Plan, cell: State, s: int) -> None:
    """Those who transmit choose preambles, and some get a grant."""
    rules, tally = plan.pools[s], cell.tallies[s]
    devices = 0
    for g in range(rules.first, rules.last):
        for k in range(rules.transmissions):
            devices += cell.counts[g, TRIAL, k]
            cell.counts[g, WON, k] = 0
            cell.counts[g, UNGRANTED_ROW, k] = 0
    if devices == 0 or cell.cells[0].down != CLEAR:
        return
    used, single = choose(cell.hits, cell.pools[s], rules.preambles, devices)
    granted = min(single, rules.grants)
    for i in range(single):
        pick(plan, cell, s, devices - i, WON if i < granted else UNGRANTED_ROW)
    tally.attempted_flows += used
    tally.blocked_flows += used - granted


@inline
def outcome(plan: Plan, cell: State, s: int, g: int, now: int) -> None:
    """Granted devices wait for their connection; the others back off or give up.

    A gNB that has failed, or starts up after that, hears nobody.
    """
    heard = cell.cells[0].down == CLEAR
    rules, pool, group = plan.pools[s], cell.pools[s], cell.groups[g]
    counts, sums, row = cell.counts[g], cell.sums[g], cell.ledger[0, g]
    place = pool.number // plan.widths[g, _BACKING]
    granted = 0
    for k in range(rules.transmissions):
        won, ungranted, collided = counts[WON, k], counts[UNGRANTED_ROW, k], counts[TRIAL, k]
        devices, failed = won + ungranted + collided, ungranted + collided
        if devices == 0:
            continue
        share = sums[TRIAL, k] * (won / devices)
        granted += won
        row[ATTEMPTS] += devices
        row[COLLIDED if heard else UNHEARD] += collided
        row[UNGRANTED] += ungranted
        row[DELAY] += float(won) * (now + rules.setup) - share
        row[TRIES + k] += won
        if k + 1 == rules.transmissions:
            row[ABANDONED] += failed
            group.asleep += failed
        else:
            to = BACKOFF + k + 1
            began = sums[TRIAL, k] - share
            enter(counts[to], sums[to], plan.chances[g, _BACKING], pool, place, failed, began)
            group.backing += failed
        counts[TRIAL, k] = 0
        sums[TRIAL, k] = 0.0
    row[SUCCEEDED] += granted
    group.waiting += granted
    place = pool.number // plan.widths[g, WAITING_GRANT]
    at = counts[WAITING_GRANT], sums[WAITING_GRANT]
    enter(at[0], at[1], plan.chances[g, WAITING_GRANT], pool, place, granted, 0.0)


@internal
def occasion(plan: Plan, cell: State, s: int, now: int) -> None:
    """One PRACH occasion of a slice's devices, in slot `now`."""
    rules, pool = plan.pools[s], cell.pools[s]
    settle(plan, cell, s, now)
    for g in range(rules.first, rules.last):
        go_on(plan, cell, s, g, now)
        ask(plan, cell, s, g, now)
    contend(plan, cell, s)
    for g in range(rules.first, rules.last):
        outcome(plan, cell, s, g, now)
    pool.number += 1
    pool.next = now + rules.occasion


@fuse
def close_pools(plan: Plan, cell: State, pools: Feature, now: int) -> None:
    """At a period's end: the times until then, and the sums since the cell's reset."""
    if pools is None:
        return
    for s in range(len(pools)):
        rules = plan.pools[s]
        settle(lend(copied(plan)), lend(copied(cell)), s, now)
        for g in range(rules.first, rules.last):
            for column in range(cell.ledger.shape[2]):
                cell.ledger[1, g, column] += cell.ledger[0, g, column]


@fuse
def open_pools(ledger: Feature) -> None:
    """At a period's beginning nothing has been counted."""
    if ledger is None:
        return
    ledger[0] = 0.0
