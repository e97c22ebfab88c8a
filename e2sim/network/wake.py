"""Devices wake: whose reports come due, and who may ask for access.

In each period every device of a group has one report, at an independent time of the same
distribution; so the number that comes due between two occasions is binomial among those whose time
has not come (exact). A device that is busy with its last report when a period begins has none in
that period, which is counted. The draws of this are the same under any allocation.
"""

from e2sim.network.calendar import enter, leave
from e2sim.network.jit import inline, internal
from e2sim.network.noise import uniform
from e2sim.network.plan import Plan
from e2sim.network.pools import (
    BARRED,
    CHECKS,
    REFUSED,
    REPORTS,
    SKIPPED,
    SOUGHT,
    TRIAL,
)
from e2sim.network.state import State
from e2sim.network.variates import binomial, hypergeometric


@internal
def share_due(x: float, burst: int) -> float:
    """Share of a period's reports due by `x` of its window: uniform, or Beta(3, 4).

    The latter's distribution function is the chance of 3 or more among 6 (TR 37.868 table 6.1.1).
    """
    if x >= 1.0:
        return 1.0
    x = max(x, 0.0)
    if burst == 0:
        return x
    return x * x * x * (20.0 + x * (-45.0 + x * (36.0 - 10.0 * x)))


@inline
def start_group(plan: Plan, cell: State, g: int) -> None:
    """A group within its period; who reported before is asleep again. The stream has been set."""
    rules, group = plan.groups[g], cell.groups[g]
    group.opened = -rules.period * uniform(group)
    group.share = share_due(-group.opened / rules.window, rules.burst)
    group.left = rules.devices - binomial(uniform(group), rules.devices, group.share)
    group.due = group.left
    group.asleep = rules.devices
    group.sought = 0
    group.barred = 0
    group.backing = 0
    group.waiting = 0
    group.connected = 0


@internal
def come_due(plan: Plan, cell: State, s: int, g: int, share: float) -> int:
    """Devices that begin to report until `share` of the period's reports have come due."""
    rules, group = plan.groups[g], cell.groups[g]
    if share <= group.share:
        return 0
    chance = (share - group.share) / (1.0 - group.share)
    group.share = share
    reports = binomial(uniform(group), group.left, chance)
    heard = reports
    if group.due < group.left and reports > 0:
        heard = hypergeometric(uniform(cell.pools[s]), group.left, group.due, reports)
    group.left -= reports
    group.due -= heard
    group.asleep -= heard
    cell.tallies[s].demanded_bytes += reports * rules.payload
    cell.ledger[0, g, REPORTS] += reports
    cell.ledger[0, g, SKIPPED] += reports - heard
    return heard


@inline
def begin(plan: Plan, cell: State, s: int, g: int, now: int) -> int:
    """Devices whose reports have come due by slot `now`, in one period or two."""
    rules, group = plan.groups[g], cell.groups[g]
    heard = 0
    if now >= group.opened + rules.period:
        heard += come_due(plan, cell, s, g, 1.0)
        group.opened += rules.period
        group.share = 0.0
        group.left = rules.devices
        group.due = group.asleep
    share = share_due((now - group.opened) / rules.window, rules.burst)
    return heard + come_due(plan, cell, s, g, share)


@inline
def ask(plan: Plan, cell: State, s: int, g: int, now: int) -> None:
    """Devices that report, are paged or have waited long enough face access barring.

    Those who pass will transmit a first preamble, at this occasion.
    """
    group, pool = cell.groups[g], cell.pools[s]
    counts, sums, number = cell.counts[g], cell.sums[g], pool.number
    asking = begin(plan, cell, s, g, now)
    began = float(asking) * now
    if plan.groups[g].network:
        place = number // plan.widths[g, SOUGHT]
        enter(counts[SOUGHT], sums[SOUGHT], plan.chances[g, SOUGHT], pool, place, asking, began)
        group.sought += asking
        asking, began = leave(counts[SOUGHT], sums[SOUGHT], pool, number, plan.widths[g, SOUGHT])
        group.sought -= asking
    again, since = leave(counts[BARRED], sums[BARRED], pool, number, plan.widths[g, BARRED])
    group.barred -= again
    asking += again
    began += since
    if asking == 0:
        return
    passing = binomial(uniform(pool), asking, cell.slices[s].admission)
    refused = asking - passing
    share = began * (passing / asking)
    counts[TRIAL, 0] = passing
    sums[TRIAL, 0] = share
    place = number // plan.widths[g, BARRED]
    enter(
        counts[BARRED], sums[BARRED], plan.chances[g, BARRED], pool, place, refused, began - share
    )
    group.barred += refused
    cell.ledger[0, g, CHECKS] += asking
    cell.ledger[0, g, REFUSED] += refused
