"""Grants: data of the uplink that the scheduler does not know of yet.

Each arrival becomes known a fixed number of slots after it came: the scheduler chooses among what
is known, and a user with nothing else to send waits for that.
"""

from e2sim.network.jit import fuse
from e2sim.network.members import add
from e2sim.network.plan import Plan
from e2sim.network.queues import set_timer
from e2sim.network.state import NEVER, WAITING, State


@fuse
def learn(plan: Plan, cell: State, s: int, u: int, now: int) -> None:
    """The scheduler learns of arrivals whose delay is over by slot `now`."""
    user, ring, delay = cell.users[u], plan.slices[s].ring, plan.carrier[0].grant_delay
    while user.news <= now:
        place = (user.head + user.length - user.unknown) & (ring - 1)
        user.known += cell.rings[user.ring + place].bytes
        user.unknown -= 1
        if user.unknown > 0:
            user.news = cell.rings[user.ring + ((place + 1) & (ring - 1))].slot + delay
        else:
            user.news = NEVER
    add(cell.members, WAITING, u)
    set_timer(cell.clocks, user, u)
