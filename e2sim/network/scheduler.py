"""In-slice schedulers: who of a slice's users gets the PRBs of its quota."""

import math

from e2sim.network.fading import LANES
from e2sim.network.harq import prbs_for, repeat, send
from e2sim.network.jit import fuse, highest, inline, lowest
from e2sim.network.lanes import approach
from e2sim.network.link import BITS_PER_PRB
from e2sim.network.members import WORD, add, discard, from_place, has, rest
from e2sim.network.plan import PROPORTIONAL_FAIR, ROUND_ROBIN, Plan
from e2sim.network.queues import deliver
from e2sim.network.records import Record
from e2sim.network.state import AVERAGE, FRESH, GRANTED, HEARD, HELD, SERVED, WAITING, State

AVERAGING = 0.01
"""Weight of a slot in proportional fair's average, whose time constant is 100 slots."""


@fuse
def demand(plan: Plan, cell: State, row: int) -> None:
    """Set what the slices need, and who may get a new block, in a slot of process `row`.

    All who may are chosen until `grant` finds that their slice has too little. A user whose
    process awaits its repetition takes no new data in this slot, nor does one held. One loop for
    all slices: how often a loop turns is hard for a processor to foresee, so few of them are
    faster.
    """
    carrier = plan.carrier[0]
    for part in cell.slices:
        part.demand = 0
        part.fresh = 0
        part.used = 0
    for w in range(cell.members.shape[1]):
        due = cell.members[row, w]
        new = cell.members[WAITING, w] & ~(due | cell.members[HELD, w])
        cell.members[FRESH, w] = new
        cell.members[GRANTED, w] = new
        cell.members[HEARD, w] = 0
        while due != 0:
            u = WORD * w + lowest(due)
            cell.slices[cell.users[u].slice].demand += cell.processes[u * carrier.rtt + row].prbs
            due = rest(due)
        while new != 0:
            user = cell.users[WORD * w + lowest(new)]
            user.need = prbs_for(user.known - user.sent, user.mcs, user.most)
            cell.slices[user.slice].fresh += user.need
            new = rest(new)


@fuse
def average(cell: State, carrier: Record) -> None:
    """Proportional fair's averages take in what the last slot has served; at least 1 bit."""
    for block in range(carrier.fair_first, carrier.fair_last):
        approach(cell.fair[block], AVERAGE * LANES, SERVED * LANES, AVERAGING, 1.0)


@fuse
def rank(cell: State, u: int, scheduler: int) -> float:
    """How early user `u` is served in this slot: the larger, the earlier.

    Proportional fair: rate over average rate. Earliest deadline: age of the oldest undelivered
    arrival.
    """
    if scheduler == PROPORTIONAL_FAIR:
        mean = cell.fair[u // LANES, AVERAGE * LANES + u % LANES]
        return float(BITS_PER_PRB[cell.users[u].mcs] / mean)
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
def repetitions(plan: Plan, cell: State, row: int, now: int) -> None:
    """Repeat the blocks that are due in slot `now`, which has process `row`."""
    for w in range(cell.members.shape[1]):
        due = cell.members[row, w]
        while due != 0:
            u = WORD * w + lowest(due)
            part = cell.slices[cell.users[u].slice]
            left = part.quota - part.used
            if left > 0:
                part.used += repeat(plan, cell, u, row, left, now)
            due = rest(due)


@fuse
def last_in_turn(plan: Plan, cell: State, s: int, turn: int) -> int:
    """The last user before `turn` that may get a new block, else the last of all."""
    rules, here = plan.slices[s], turn // WORD
    before, last = -1, -1
    for w in range(rules.word, rules.words):
        word = cell.members[FRESH, w] & plan.members[s, w]
        if word != 0:
            last = WORD * w + highest(word)
        if w == here:
            word &= ~from_place(turn)
        if word != 0 and w <= here:
            before = WORD * w + highest(word)
    return before if before >= 0 else last


@fuse
def grant(plan: Plan, cell: State, s: int) -> None:
    """What repetitions leave of the quota of slice `s` goes to users for new blocks."""
    rules, part = plan.slices[s], cell.slices[s]
    left = part.quota - part.used
    if part.fresh <= left:
        # All get what they need: the order makes no difference but to the next turn.
        part.used += part.fresh
        if rules.scheduler == ROUND_ROBIN and part.fresh > 0:
            pass_turn(part, rules, last_in_turn(plan, cell, s, part.turn))
        return
    part.used = part.quota
    for w in range(rules.word, rules.words):
        cell.members[GRANTED, w] &= ~plan.members[s, w]
    while left > 0:
        if rules.scheduler == ROUND_ROBIN:
            u = following(plan, cell, s, part.turn)
            pass_turn(part, rules, u)
        else:
            u = best(plan, cell, s)
        user = cell.users[u]
        user.need = min(user.need, left)
        left -= user.need
        discard(cell.members, FRESH, u)
        add(cell.members, GRANTED, u)


@fuse
def pass_turn(part: Record, rules: Record, u: int) -> None:
    """User `u` has had its turn."""
    part.turn = u + 1 if u + 1 < rules.last else rules.first


@inline
def serve(plan: Plan, cell: State, row: int, now: int) -> int:
    """Spend the slices' quotas in slot `now`, which has process `row`; returns the PRBs used.

    Repetitions come first. What has been received is delivered in one place of the code, and in
    the loop in which new blocks are sent.
    """
    used = 0
    repetitions(plan, cell, row, now)
    for s in range(len(plan.slices)):
        grant(plan, cell, s)
        cell.tallies[s].used_prbs += cell.slices[s].used
        used += cell.slices[s].used
    for w in range(cell.members.shape[1]):
        heard = cell.members[HEARD, w]
        some = heard | cell.members[GRANTED, w]
        while some != 0:
            place = lowest(some)
            u = WORD * w + place
            if has(heard, place) or send(plan, cell, u, row, now):
                deliver(plan, cell, cell.users[u].slice, u, now + 1)
            some = rest(some)
    return used
