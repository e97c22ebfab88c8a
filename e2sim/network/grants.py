"""Grants: data of the uplink that the scheduler does not know of yet.

Each arrival becomes known a fixed number of slots after it came: the scheduler chooses among what
is known, and a user with nothing else to send waits for that. Users with arrivals of a slot are a
set, one for each slot of the delay, which take turns.
"""

from e2sim.network.jit import fuse, lowest
from e2sim.network.members import WORD, add, rest
from e2sim.network.plan import Plan
from e2sim.network.state import WAITING, State


@fuse
def learn(plan: Plan, cell: State, now: int) -> None:
    """The scheduler learns of what arrived one delay before slot `now`."""
    carrier = plan.carrier[0]
    row = carrier.rtt + now % carrier.grant_delay
    for w in range(cell.members.shape[1]):
        users = cell.members[row, w]
        cell.members[row, w] = 0
        while users != 0:
            u = WORD * w + lowest(users)
            add(cell.members, WAITING, u)
            know(plan, cell, u, now - carrier.grant_delay)
            users = rest(users)


@fuse
def know(plan: Plan, cell: State, u: int, came: int) -> None:
    """Data of user `u` that came by slot `came` is known."""
    user = cell.users[u]
    mask = plan.slices[user.slice].ring - 1
    while user.unknown > 0:
        entry = cell.rings[user.ring + ((user.head + user.length - user.unknown) & mask)]
        if entry.slot > came:
            break
        user.known += entry.bytes
        user.unknown -= 1
