"""The radio channel of one cell: interference, fading, SINR and the CQI loop."""

import math
from typing import Final

import numpy as np

from e2sim.network.fading import LANES, POWER
from e2sim.network.jit import fuse, internal
from e2sim.network.lanes import sum_rows
from e2sim.network.link import CQI_SINR_F32, MCS_OF_CQI
from e2sim.network.noise import normal, uniform
from e2sim.network.plan import Plan
from e2sim.network.records import F32, Record, Records
from e2sim.network.state import CQI, SCALE, SINR, State

QUIET: Final = 1e-4
"""Least radiated power of a site, against its full power: pilots and broadcasts."""

_T1, _T2, _T3, _T4, _T5, _T6, _T7, _T8, _T9, _T10, _T11, _T12, _T13, _T14, _T15 = CQI_SINR_F32


@fuse
def interfere(cell: Record, plan: Record) -> None:
    """Move the neighbours' load on by a tick: slow variation and bursts."""
    kept = plan.level_memory
    cell.level = kept * cell.level + math.sqrt(1.0 - kept * kept) * normal(cell)
    if uniform(cell) < (plan.burst_leave if cell.burst else plan.burst_enter):
        cell.burst = 1 - cell.burst


@internal
def set_own_scale(site: Record, users: Records, radio: F32, plan: Record) -> None:
    """The same with mobility: every user hears its own neighbours."""
    rise = 10.0 ** ((plan.level_sigma * site.level + plan.burst_rise * site.burst) / 10.0)
    for u in range(plan.users):
        user = users[u]
        load = min(user.around * rise, 1.0) * site.jam
        mean = user.snr * site.boost / (1.0 + user.inr * load)
        scale = np.float32(mean / plan.diversity)
        radio[u // LANES, SCALE * LANES + u % LANES] = scale


@fuse
def set_scale(cell: State, plan: Record) -> None:
    """Mean SINR of every user, at the present interference and transmit power.

    Neighbours transmit at their full power at most: 0 dB; a burst that is a fault comes on top.
    """
    site = cell.cells[0]
    if plan.moves:
        set_own_scale(site, cell.users, cell.radio, plan)
        return
    level_db = site.around + plan.level_sigma * site.level + plan.burst_rise * site.burst
    load = 10.0 ** (min(level_db, 0.0) / 10.0) * site.jam
    for u in range(plan.users):
        user = cell.users[u]
        mean = user.snr * site.boost / (1.0 + user.inr * load)
        scale = np.float32(mean / plan.diversity)
        cell.radio[u // LANES, SCALE * LANES + u % LANES] = scale


@fuse
def set_sinr(cell: State) -> None:
    """Set the SINR of all users: mean SINR times the mean power of their branches."""
    blocks = len(cell.radio)
    for block in range(blocks):
        radio = cell.radio[block]
        sum_rows(radio, SINR * LANES, SCALE * LANES, cell.taps, block, blocks, POWER * LANES)


@fuse
def sinr_of(cell: State, u: int) -> float:
    """Wideband SINR of user `u` in this slot, linear."""
    return float(cell.radio[u // LANES, SINR * LANES + u % LANES])


@fuse
def grade(radio: F32) -> None:
    """CQI of a block's users: how many thresholds their SINR reaches.

    Written out, for sums in registers: a loop over the thresholds would keep them in memory.
    """
    for i in range(LANES):
        x = radio[SINR * LANES + i]
        low = np.float32(x >= _T1) + np.float32(x >= _T2) + np.float32(x >= _T3)
        low += np.float32(x >= _T4) + np.float32(x >= _T5) + np.float32(x >= _T6)
        low += np.float32(x >= _T7) + np.float32(x >= _T8) + np.float32(x >= _T9)
        top = np.float32(x >= _T10) + np.float32(x >= _T11) + np.float32(x >= _T12)
        top += np.float32(x >= _T13) + np.float32(x >= _T14) + np.float32(x >= _T15)
        radio[CQI * LANES + i] = low + top


@fuse
def measure_cqi(plan: Plan, cell: State) -> None:
    """All users measure their wideband CQI."""
    for block in range(len(cell.radio)):
        grade(cell.radio[block])
    for s in range(len(plan.slices)):
        rules, tally = plan.slices[s], cell.tallies[s]
        for u in range(rules.first, rules.last):
            tally.cqi_sum += int(cell.radio[u // LANES, CQI * LANES + u % LANES])
        tally.cqi_reports += cell.slices[s].connected


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
