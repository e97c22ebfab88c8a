"""Branching: copies of running cells that go on with randomness of their own.

A copy shares its original's past and nothing of its future. Every stream starts anew; what the
state has already drawn but nothing has yet seen is drawn again from its distribution given what has
been seen: arrivals drawn ahead, the time until the next Poisson arrival (exponential, so without
memory) and the luck of blocks that wait for a repetition (uniform below the error rate at which
they failed last). What was drawn and seen stays: places, loads, channels, the next periodic
arrival.
"""

import numpy as np

from e2sim.network.ahead import AHEAD
from e2sim.network.drop import start_words
from e2sim.network.jit import entry, internal, lowest
from e2sim.network.lent import lend
from e2sim.network.link import block_error_rate
from e2sim.network.members import add, discard, rest
from e2sim.network.noise import (
    BRANCH,
    DEMAND,
    ERRORS,
    FADING,
    FLOWS,
    INTERFERENCE,
    TRAFFIC,
    exponential,
    stream,
    uniform,
)
from e2sim.network.plan import Plan
from e2sim.network.records import I64, U64, Record
from e2sim.network.state import State, cell_of
from e2sim.network.traffic import poisson_row


def branch_keys(seed: np.uint64, number: int, count: int) -> U64:
    """Keys of `count` branches, uint64 [count]: of each triple (seed, number, place) another."""
    keys = np.empty(count, np.uint64)
    draw_keys(seed, number, keys)
    return keys


@entry
def draw_keys(seed: np.uint64, number: int, keys: U64) -> None:
    """Fill `keys` for `branch_keys`."""
    for i in range(len(keys)):
        keys[i] = stream(stream(seed, number, BRANCH), i, BRANCH)


@internal
def renew_luck(user: Record, cell: State, u: int, rtt: int) -> None:
    """Draw again whether and when the blocks under way will be received."""
    busy = np.uint64(user.busy)
    while busy != 0:
        process = cell.processes[u * rtt + lowest(busy)]
        if process.tries > 0:
            process.luck = uniform(user) * block_error_rate(process.sinr, process.mcs)
        busy = rest(busy)


@internal
def renew_arrival(plan: Plan, cell: State, u: int, left: float) -> None:
    """The next Poisson arrival of user `u` comes `left` mean arrivals from now on."""
    user, tick = cell.users[u], plan.carrier[0].tick
    # Between two ticks, the one that ends still has its clocks to move on.
    passed = (cell.cells[0].now - 1) % tick + 1
    for row in range(passed, tick):
        discard(cell.booked, row, u)
    user.left = left + user.rate * passed
    if passed < tick:
        add(cell.booked, max(poisson_row(user, tick), passed), u)


@internal
def renew_cell(plan: Plan, cell: State, key: np.uint64) -> None:
    """All randomness of one cell anew, from streams that `key` starts."""
    cell.cells[0].stream = stream(key, 0, INTERFERENCE)
    for s in range(len(plan.slices)):
        cell.slices[s].stream = stream(key, s, DEMAND)
        for u in range(plan.slices[s].first, plan.slices[s].last):
            user = cell.users[u]
            user.stream = stream(key, u, FADING)
            start_words(cell, u)
            user.luck = stream(key, u, ERRORS)
            user.flows = stream(key, u, FLOWS)
            user.drawn = AHEAD
            user.stream = stream(key, u, TRAFFIC)
            renew_arrival(plan, cell, u, exponential(user))
            renew_luck(user, cell, u, plan.carrier[0].rtt)


@entry
def renew(plan: Plan, state: State, which: I64, keys: U64) -> None:
    """Cells of the indices `which` go on with the randomness of `keys`, of the same length."""
    plan = lend(plan)
    for i in range(len(which)):
        renew_cell(plan, cell_of(state, which[i]), keys[i])


def copy_cells(state: State, sources: I64, targets: I64) -> None:
    """Cells at `targets` become what those at `sources` are; both int64 [K], nothing in both."""
    for array in (a for a in state if a is not None):
        for source, target in zip(sources.tolist(), targets.tolist(), strict=True):
            array[target] = array[source]
