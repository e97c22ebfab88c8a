"""A station over one tick: a site's CPU, or a link's transmitter and line."""

from typing import NamedTuple

from e2sim.core.flow import (
    CORE,
    ERROR,
    FAILURE,
    OVERFLOW,
    PACKETS,
    SPREAD,
    TRANSPORT,
    WAIT,
    WIDTH,
    scale,
    work_of,
)
from e2sim.core.plan import OFF_PATH, Plan
from e2sim.core.queueing import (
    bounded_mean,
    certain_part,
    level,
    mean_work,
    overflow_share,
    wait_spread,
)
from e2sim.core.state import State
from e2sim.network.jit import jit
from e2sim.network.records import F64, Record


class Service(NamedTuple):
    """What a tick does with the work at a station; shares are 0..1.

    Attributes:
        capacity: work in a ms.
        old: share of what waited at the beginning that leaves.
        old_wait: mean time of that in this tick, ms.
        new: share of arrivals that leaves.
        stay_wait: mean time in this tick of arrivals that stay, ms.
        wait: mean time from arrival to service, ms, of which `random` has the variance `spread`.
        over: share of arrivals that finds no room because the queue is full.
        tail: share of what would leave that found no room because the queue was full at times.
    """

    capacity: float
    old: float
    old_wait: float
    new: float
    stay_wait: float
    wait: float
    random: float
    spread: float
    over: float
    tail: float


@jit
def serve(plan: Plan, cell: State, k: int, others: float, health: float) -> None:
    """Play a tick of station `k`: `inbox` and queue of its flows become queue, `outbox` and losses.

    Args:
        plan: of the scenario.
        cell: of one cell; `outbox` is overwritten.
        k: the station.
        others: background work that arrives.
        health: share of the capacity that is left; at 0 all packets there are lost.
    """
    rule, station, tick = plan.rules[k], cell.stations[k], plan.header[0].tick
    if health == 0.0:
        station.background = 0.0
        _fail(plan, cell, k)
        return
    s = service(plan, cell, k, others, rule.capacity * health)
    station.background = max(
        0.0, station.background * (1.0 - s.old) + others * (1.0 - s.new - s.over)
    )
    station.up += 1.0
    station.wait += s.wait
    for i in range(plan.work.shape[1]):
        for p in range(len(plan.after)):
            if plan.after[p, k] == OFF_PATH:
                continue
            queue, inbox, out = cell.queue[k, i, p], cell.inbox[k, i, p], cell.outbox[i, p]
            if queue[PACKETS] + inbox[PACKETS] == 0.0:
                out[PACKETS] = 0.0  # which says that there is nothing
                continue
            move(rule, plan.work[k, i], plan.scv[k, i], s, tick, queue, inbox, out, cell.lost[k, i])
            station.passed += out[PACKETS]


@jit
def service(plan: Plan, cell: State, k: int, others: float, capacity: float) -> Service:
    """What a tick does at station `k`, which has not failed."""
    rule, station, tick = plan.rules[k], cell.stations[k], plan.header[0].tick
    can = capacity * tick
    before, arrived = station.background, others
    # Background sizes are exponential: E[X^2] = 2 E[X]^2.
    second = 2.0 * (before + arrived) * rule.packet
    for i in range(plan.work.shape[1]):
        work, scv = plan.work[k, i], plan.scv[k, i]
        for p in range(len(plan.after)):
            if plan.after[p, k] != OFF_PATH:
                waits, comes = cell.queue[k, i, p], cell.inbox[k, i, p]
                packets = waits[PACKETS] + comes[PACKETS]
                if packets > 0.0:
                    old, new = work_of(waits, work), work_of(comes, work)
                    before += old
                    arrived += new
                    second += (old + new) * (old + new) / packets * (1.0 + scv)
    total = before + arrived
    residual = 0.5 * second / total if total > 0.0 else rule.packet
    after = level(total, residual, can)
    served = total - after
    over = max(0.0, after - rule.limit)
    after -= over
    tail = overflow_share(after, residual, rule.limit)
    if over > 0.0:
        # A queue that overflows all the time overflows at times, too: the same loss.
        tail = max(0.0, tail - over / served)
    seen = mean_work(before, after, arrived, can)
    certain = certain_part(seen, before, arrived, can, residual)
    random = bounded_mean(seen - certain, residual, max(0.0, rule.limit - certain))
    first = min(served, before)
    new = (served - first) / arrived if arrived > 0.0 else 0.0
    station.busy += served * (1.0 - tail) / can
    return Service(
        capacity,
        first / before if before > 0.0 else 0.0,
        0.5 * first / capacity,
        new,
        # The last to come stay; with a steady queue they are fewer than a steady stream would make.
        min(0.5 * (1.0 - new) * tick, 0.5 * after / capacity),
        (certain + random) / capacity,
        random / capacity,
        wait_spread(random / capacity, random, residual),
        over / arrived if arrived > 0.0 else 0.0,
        tail,
    )


@jit
def move(
    rule: Record,
    work: F64,
    scv: float,
    s: Service,
    tick: float,
    queue: F64,
    inbox: F64,
    out: F64,
    lost: F64,
) -> None:
    """A flow through a station: some leave, some stay and grow older, some find no room.

    Rows only: handing over plan and state for each flow took longer than the rest of it.
    """
    age = TRANSPORT if rule.link else CORE
    left, came = queue[PACKETS], inbox[PACKETS]
    stay = max(0.0, 1.0 - s.new - s.over)
    for q in range(WIDTH):
        out[q] = queue[q] * s.old + inbox[q] * s.new
        queue[q] = queue[q] * (1.0 - s.old) + inbox[q] * stay
    for q in range(2):
        lost[OVERFLOW, q] += inbox[q] * s.over + out[q] * s.tail
    queue[age] += left * (1.0 - s.old) * tick + came * stay * s.stay_wait
    # The law of a wait is that of the queue met on arrival, however many ticks it takes.
    queue[WAIT] += came * stay * s.random
    queue[SPREAD] += came * stay * s.spread
    out[age] += left * s.old * s.old_wait + came * s.new * s.wait
    out[WAIT] += came * s.new * s.random
    out[SPREAD] += came * s.new * s.spread
    if out[PACKETS] > 0.0:
        served_ms = work_of(out, work) / s.capacity
        out[age] += served_ms
        out[WAIT] += served_ms
        out[SPREAD] += served_ms * served_ms / out[PACKETS] * scv
    scale(out, 1.0 - s.tail)
    if rule.link:
        for q in range(2):
            lost[ERROR, q] += out[q] * rule.error
        scale(out, 1.0 - rule.error)
        out[TRANSPORT] += out[PACKETS] * rule.delay


@jit
def _fail(plan: Plan, cell: State, k: int) -> None:
    """Whatever waits or comes is lost."""
    for i in range(plan.work.shape[1]):
        for p in range(len(plan.after)):
            for q in range(2):
                lost = cell.queue[k, i, p, q] + cell.inbox[k, i, p, q]
                cell.lost[k, i, FAILURE, q] += lost
            scale(cell.queue[k, i, p], 0.0)
            scale(cell.outbox[i, p], 0.0)
