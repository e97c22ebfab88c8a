"""The radio channel of one cell: interference, fading, SINR and the CQI loop."""

import math

import numpy as np

from e2sim.network.fading import LANES, POWER
from e2sim.network.jit import fuse
from e2sim.network.link import CQI_SINR_F32, MCS_OF_CQI
from e2sim.network.noise import normal, uniform
from e2sim.network.plan import Plan
from e2sim.network.records import F32, Record
from e2sim.network.state import CQI, SCALE, SINR, State


@fuse
def interfere(cell: Record, plan: Record) -> None:
    """Move the neighbours' load on by a tick: slow variation and bursts."""
    kept = plan.level_memory
    cell.level = kept * cell.level + math.sqrt(1.0 - kept * kept) * normal(cell)
    if uniform(cell) < (plan.burst_leave if cell.burst else plan.burst_enter):
        cell.burst = 1 - cell.burst


@fuse
def set_scale(cell: State, plan: Record) -> None:
    """Mean SINR of every user, at the present interference and transmit power.

    Neighbours transmit at their full power at most: 0 dB.
    """
    site = cell.cells[0]
    level_db = plan.level_mean + plan.level_sigma * site.level + plan.burst_rise * site.burst
    load = 10.0 ** (min(level_db, 0.0) / 10.0)
    for u in range(plan.users):
        user = cell.users[u]
        scale = np.float32(user.snr * site.boost / (1.0 + user.inr * load))
        cell.radio[u // LANES, SCALE * LANES + u % LANES] = scale


@fuse
def sinr_of(cell: State, u: int) -> float:
    """Wideband SINR of user `u` in this slot, linear: mean SINR times the branches' mean power."""
    block, lane, blocks = u // LANES, u % LANES, len(cell.radio)
    branches = len(cell.taps) // blocks
    total = np.float32(0.0)
    for branch in range(branches):
        total += cell.taps[branch * blocks + block, POWER * LANES + lane]
    return float(cell.radio[block, SCALE * LANES + lane] * (total / np.float32(branches)))


@fuse
def hear(radio: F32, taps: F32, block: int, blocks: int) -> None:
    """Every user of a block measures SINR and CQI; `radio` is the block's row."""
    branches = len(taps) // blocks
    for i in range(LANES):
        radio[SINR * LANES + i] = np.float32(0.0)
        radio[CQI * LANES + i] = np.float32(0.0)
    for branch in range(branches):
        row = taps[branch * blocks + block]
        for i in range(LANES):
            radio[SINR * LANES + i] += row[POWER * LANES + i]
    for i in range(LANES):
        mean = radio[SINR * LANES + i] / np.float32(branches)
        radio[SINR * LANES + i] = radio[SCALE * LANES + i] * mean
    for threshold in CQI_SINR_F32:
        for i in range(LANES):
            passed = radio[SINR * LANES + i] >= threshold
            radio[CQI * LANES + i] += np.float32(passed)


@fuse
def measure_cqi(plan: Plan, cell: State) -> None:
    """All users measure their wideband CQI."""
    blocks = len(cell.radio)
    for block in range(blocks):
        hear(cell.radio[block], cell.taps, block, blocks)
    for s in range(len(plan.slices)):
        rules, tally = plan.slices[s], cell.tallies[s]
        for u in range(rules.first, rules.last):
            tally.cqi_sum += int(cell.radio[u // LANES, CQI * LANES + u % LANES])
        tally.cqi_reports += rules.last - rules.first


@fuse
def use_cqi(plan: Plan, cell: State) -> None:
    """The measured CQI reaches the scheduler."""
    for u in range(plan.carrier[0].users):
        cell.users[u].cqi = int(cell.radio[u // LANES, CQI * LANES + u % LANES])
    set_mcs(plan, cell)


@fuse
def set_mcs(plan: Plan, cell: State) -> None:
    """MCS of new blocks: that of the CQI in use, less the slice's backoff."""
    for s in range(len(plan.slices)):
        rules, backoff = plan.slices[s], cell.slices[s].backoff
        for u in range(rules.first, rules.last):
            mcs = MCS_OF_CQI[cell.users[u].cqi] - backoff
            cell.users[u].mcs = mcs if mcs > 0 else 0
