"""Mobility's two steps of the kernel: where users start, and what they do at a tick.

They are apart from the kernel's others, so that only scenarios with mobility compile them.
"""

import numpy as np

from e2sim.faults.process import CLEAR
from e2sim.network.allocation import apply
from e2sim.network.handover import listen, roam
from e2sim.network.jit import entry, inline
from e2sim.network.kernel import open_period, strike
from e2sim.network.lent import lend
from e2sim.network.movement import settle, sinr_at
from e2sim.network.moving import CONNECTED
from e2sim.network.noise import MOVEMENT, stream
from e2sim.network.plan import Plan
from e2sim.network.radio import QUIET
from e2sim.network.records import I64, U64
from e2sim.network.relocation import vacate
from e2sim.network.state import NEVER, State, cell_of


@inline
def start_mover(
    plan: Plan, cell: State, seed: np.uint64, s: int, u: int, i: int, number: int
) -> None:
    """User `i` of those that begin in cell `number` of the group starts from place `u`."""
    mover, links, user = cell.movers[i], cell.links[i], cell.users[u]
    mover.stream = stream(seed, u, MOVEMENT)
    mover.slice = s
    mover.cell = number
    mover.place = u
    mover.phase = CONNECTED
    mover.until = 0
    mover.out = NEVER
    mover.came = -1
    mover.since = 0
    settle(plan, mover, links, number)
    for k in range(len(links)):
        links[k].entered = NEVER
    user.snr = links[number].gain
    user.inr = user.snr / sinr_at(links, number) - 1.0
    user.around = 10.0 ** (plan.carrier[0].level_mean / 10.0)


@entry
def settle_users(plan: Plan, state: State, which: I64, seeds: U64) -> None:
    """Put the users of cells about to restart, as in `drop.start`, in their places."""
    plan = lend(plan)
    for n in range(len(which)):
        cell, i = cell_of(state, which[n]), 0
        for s in range(len(plan.slices)):
            rules = plan.slices[s]
            for u in range(rules.first, rules.last):
                vacate(cell, u)
            for u in range(rules.first, rules.first + rules.users):
                start_mover(plan, cell, seeds[n], s, u, i, which[n] % plan.carrier[0].group)
                i += 1


@entry
def move(plan: Plan, state: State, rows: I64, power: I64, first: int, last: int) -> None:
    """Users of cells `first` to `last` - 1 move on; `kernel.play` plays the tick after that.

    A period is opened before users move in it, so that they find its allocation.
    """
    plan, state = lend(plan), lend(state)
    carrier = plan.carrier[0]
    for c in range(first, last):
        site = state.cells[c]
        site.load = max(site.radiated / (carrier.prbs * carrier.tick_slots), QUIET)
        cell = cell_of(state, c)
        if site.now % carrier.slots == 0:
            apply(plan, cell, rows[c], power[c])
            open_period(plan, cell, site.now)
        elif carrier.faults:
            strike(plan, cell, site.now)
        if site.down != CLEAR:
            site.load = 0.0
    for c in range(first, last, carrier.group):
        if state.cells[c].now > 0:
            roam(plan, state, c, state.cells[c].now)
            listen(plan, state, c)
