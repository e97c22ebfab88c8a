"""How near a slice's users are to missing their deadline: the importance of a state.

For rare-event estimation (`docs/reliability.md`). It only steers where the effort goes; no
estimate depends on it.
"""

import numpy as np

from e2sim.network.link import BITS_PER_PRB
from e2sim.network.plan import Plan
from e2sim.network.records import F64
from e2sim.network.state import State


def oldest_age(plan: Plan, state: State, s: int) -> F64:
    """Age of the oldest undelivered arrival of slice `s` over its deadline, float64 [N] in 0..1.

    0 where nothing waits.
    """
    return np.asarray(_ages(plan, state, s).max(axis=1))


def pressure(plan: Plan, state: State, s: int) -> F64:
    """`oldest_age` of the user worst off, and the share of the deadline it needs to be served.

    That share is the least time its waiting bytes take on the whole carrier at its present MCS,
    and at least a slot for each user of the slice that waits, over the deadline: float64 [N],
    not below 0, above 1 where the user is bound to be late.
    """
    rules, carrier = plan.slices[s], plan.carrier[0]
    users = state.users[:, rules["first"] : rules["last"]]
    waiting = users["tail"] - users["base"] - users["done"]
    bits_a_slot = BITS_PER_PRB[users["mcs"]] * carrier["prbs"]
    queue = (8.0 * waiting / bits_a_slot).sum(axis=1) / rules["deadline"]
    retries = (users["busy"] > 0) & (users["length"] > 0)
    rtt = retries * (carrier["rtt"] / rules["deadline"])
    return np.asarray((_ages(plan, state, s) + rtt).max(axis=1) + queue)


def _ages(plan: Plan, state: State, s: int) -> F64:
    rules = plan.slices[s]
    users = state.users[:, rules["first"] : rules["last"]]
    age = state.cells["now"][:, None] + rules["deadline"] - users["expiry"]
    return np.where(users["length"] > 0, age / rules["deadline"], 0.0)
