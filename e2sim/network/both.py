"""Both directions of sites that sleep, slot by slot: a site is awake where either has work for it.

It is apart from the kernel, so that only such scenarios compile it.
"""

from e2sim.network.jit import entry
from e2sim.network.kernel import play
from e2sim.network.plan import Plan
from e2sim.network.records import F64, I64
from e2sim.network.sleep import has_data
from e2sim.network.state import State


@entry
def play_both(
    upward: Plan,
    above: State,
    plan: Plan,
    state: State,
    rows: I64,
    nominal: I64,
    power: I64,
    sites: F64,
    slices: F64,
    length: int,
    first: int,
    last: int,
) -> bool:
    """Cells `first` to `last` - 1 play on for `length` slots, the uplink's before the downlink's.

    `upward` and `above` are plan and state of the uplink, `nominal` its power; else as `play`.
    """
    fine = True
    for _ in range(length):
        for c in range(first, last):
            above.cells[c].depth = state.cells[c].depth
            above.cells[c].wake = state.cells[c].wake
            above.cells[c].heard = 0
        play(upward, above, rows, nominal, sites, slices, 1, first, last)
        for c in range(first, last):
            state.cells[c].heard = above.cells[c].heard
            members = above.members[c]
            state.cells[c].calls = has_data(members, 0)
            state.cells[c].pends = has_data(members, upward.carrier[0].rtt)
        fine = play(plan, state, rows, power, sites, slices, 1, first, last)
    return fine
