"""The slot scheduler within a slice: which users get its PRBs."""

import math

from e2sim.network.harq import begin, prbs_for, transmit
from e2sim.network.jit import fuse
from e2sim.network.link import BITS_PER_PRB
from e2sim.network.plan import EARLIEST_DEADLINE, PROPORTIONAL_FAIR, Plan
from e2sim.network.radio import sinr_of
from e2sim.network.records import Record, Records
from e2sim.network.state import State, bearer_of

_AVERAGING = 0.01
"""Weight of a slot in proportional fair's average, whose time constant is 100 slots."""


@fuse
def state_need(user: Record, processes: Records, row: int) -> int:
    """Set the user's `need` in this slot; returns the PRBs it adds to its slice's demand.

    A user whose process `row` awaits its repetition takes no new data in this slot.
    """
    user.need = 0
    if user.pending > 0 and processes[row].bytes > 0:
        return int(processes[row].prbs)
    if user.tail > user.sent:
        user.need = prbs_for(user.tail - user.sent, user.mcs)
    return int(user.need)


@fuse
def rank(user: Record, u: int, rules: Record, turn: int) -> float:
    """How early user `u` is served in this slot: the larger, the earlier.

    Proportional fair: rate over average rate. Earliest deadline: age of the oldest undelivered
    arrival. Round robin: users from `turn` on, and then those before.
    """
    if rules.scheduler == PROPORTIONAL_FAIR:
        return float(BITS_PER_PRB[user.mcs] / user.average)
    if rules.scheduler == EARLIEST_DEADLINE:
        return -float(user.expiry)
    return -float(u if u >= turn else u + rules.last)


@fuse
def choose(users: Records, rules: Record) -> int:
    """The user of highest rank that has a need, -1 if none has; ties go to the first."""
    best, found = -math.inf, -1
    for u in range(rules.first, rules.last):
        if users[u].need > 0 and users[u].rank > best:
            best, found = users[u].rank, u
    return found


@fuse
def serve(plan: Plan, cell: State, s: int, row: int, now: int) -> int:
    """Spend the quota of slice `s`: repetitions first, then new blocks. Returns the PRBs used.

    `row` is the HARQ process of slot `now`.
    """
    carrier, rules, part = plan.carrier[0], plan.slices[s], cell.slices[s]
    left = part.quota
    for u in range(rules.first, rules.last):
        if left > 0 and cell.users[u].pending > 0:
            bearer = bearer_of(plan, cell, s, u)
            process = bearer.processes[row]
            if process.bytes > 0:
                prbs = min(left, process.prbs)
                left -= prbs
                sinr = sinr_of(cell.scale, cell.taps, u) * prbs / process.prbs
                transmit(bearer, process, carrier, sinr, now)
    while left > 0:
        u = choose(cell.users, rules)
        if u < 0:
            break
        bearer = bearer_of(plan, cell, s, u)
        user, process = bearer.user, bearer.processes[row]
        prbs = min(left, user.need)
        left -= prbs
        size = min(user.tail - user.sent, prbs * BITS_PER_PRB[user.mcs] // 8)
        begin(user, process, size, prbs)
        user.need = 0
        user.served = size * 8
        part.turn = u + 1 if u + 1 < rules.last else rules.first
        transmit(bearer, process, carrier, sinr_of(cell.scale, cell.taps, u), now)
    return int(part.quota - left)


@fuse
def average(users: Records, rules: Record) -> None:
    """Move a slice's averages on by a slot; at least one bit, so that nothing divides by zero."""
    for u in range(rules.first, rules.last):
        user = users[u]
        user.average = max(user.average + _AVERAGING * (user.served - user.average), 1.0)
        user.served = 0
