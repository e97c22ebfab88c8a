"""In-slice schedulers: who of a slice's users gets the PRBs of its quota."""

import math

from e2sim.network.fading import LANES
from e2sim.network.harq import prbs_for, repeat, send
from e2sim.network.jit import fuse, lowest
from e2sim.network.link import BITS_PER_PRB
from e2sim.network.members import WORD, discard, from_place, rest
from e2sim.network.plan import EARLIEST_DEADLINE, PROPORTIONAL_FAIR, Plan
from e2sim.network.state import AVERAGE, FRESH, WAITING, State

AVERAGING = 0.01
"""Weight of a slot in proportional fair's average, whose time constant is 100 slots."""


@fuse
def demand(plan: Plan, cell: State, s: int, row: int) -> None:
    """Set a slice's demand, and who of its users may get a new block, in a slot of process `row`.

    A user whose process awaits its repetition takes no new data in this slot.
    """
    carrier, rules, part = plan.carrier[0], plan.slices[s], cell.slices[s]
    again, fresh = 0, 0
    for w in range(rules.word, rules.words):
        due = cell.members[row, w] & plan.members[s, w]
        new = cell.members[WAITING, w] & plan.members[s, w] & ~due
        cell.members[FRESH, w] = (cell.members[FRESH, w] & ~plan.members[s, w]) | new
        while due != 0:
            u = WORD * w + lowest(due)
            again += cell.processes[u * carrier.rtt + row].prbs
            due = rest(due)
        while new != 0:
            user = cell.users[WORD * w + lowest(new)]
            user.need = prbs_for(user.tail - user.sent, user.mcs, carrier.prbs)
            fresh += user.need
            new = rest(new)
    part.demand = again + fresh
    part.fresh = fresh


@fuse
def rank(cell: State, u: int, scheduler: int) -> float:
    """How early user `u` is served in this slot: the larger, the earlier.

    Proportional fair: rate over average rate. Earliest deadline: age of the oldest undelivered
    arrival.
    """
    if scheduler == PROPORTIONAL_FAIR:
        average = cell.clocks[u // LANES, AVERAGE * LANES + u % LANES]
        return float(BITS_PER_PRB[cell.users[u].mcs] / average)
    return -float(cell.users[u].expiry)


@fuse
def best(plan: Plan, cell: State, s: int) -> int:
    """The user of highest rank that may get a new block, -1 if none may; ties go to the first."""
    rules = plan.slices[s]
    highest, found = -math.inf, -1
    for w in range(rules.word, rules.words):
        word = cell.members[FRESH, w] & plan.members[s, w]
        while word != 0:
            u = WORD * w + lowest(word)
            value = rank(cell, u, rules.scheduler)
            if value > highest:
                highest, found = value, u
            word = rest(word)
    return found


@fuse
def following(plan: Plan, cell: State, s: int, turn: int) -> int:
    """The first user from `turn` on that may get a new block, else the first, -1 if none may."""
    rules = plan.slices[s]
    found = -1
    for w in range(rules.word, rules.words):
        word = cell.members[FRESH, w] & plan.members[s, w]
        if word != 0 and found < 0:
            found = WORD * w + lowest(word)
        if w == turn // WORD:
            word &= from_place(turn)
        if word != 0 and w >= turn // WORD:
            return int(WORD * w + lowest(word))
    return found


@fuse
def serve(plan: Plan, cell: State, s: int, row: int, now: int) -> int:
    """Spend the quota of slice `s`: repetitions first, then new blocks. Returns the PRBs used.

    `row` is the HARQ process of slot `now`.
    """
    rules, part = plan.slices[s], cell.slices[s]
    left = part.quota
    for w in range(rules.word, rules.words):
        word = cell.members[row, w] & plan.members[s, w]
        while word != 0 and left > 0:
            left -= repeat(plan, cell, s, WORD * w + lowest(word), row, left, now)
            word = rest(word)
    ranked = rules.scheduler in (PROPORTIONAL_FAIR, EARLIEST_DEADLINE) and part.fresh > left
    while left > 0:
        # Where all get what they need, the order makes no difference to those that are ranked.
        u = best(plan, cell, s) if ranked else following(plan, cell, s, part.turn)
        if u < 0:
            break
        discard(cell.members, FRESH, u)
        part.turn = u + 1 if u + 1 < rules.last else rules.first
        left -= send(plan, cell, s, u, row, left, now)
    return int(part.quota - left)
