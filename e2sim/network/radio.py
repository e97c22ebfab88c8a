"""The radio channel of one cell: interference, fading, SINR and the CQI loop."""

import math

import numpy as np

from e2sim.network.fading import LANES, gain_of
from e2sim.network.jit import fuse
from e2sim.network.link import MCS_OF_CQI, cqi_of
from e2sim.network.noise import normal, uniform
from e2sim.network.records import F32, Record, Records


@fuse
def interfere(cell: Record, plan: Record) -> None:
    """Move the neighbours' load on by a tick: slow variation and bursts."""
    kept = plan.level_memory
    cell.level = kept * cell.level + math.sqrt(1.0 - kept * kept) * normal(cell)
    if uniform(cell) < (plan.burst_leave if cell.burst else plan.burst_enter):
        cell.burst = 1 - cell.burst


@fuse
def set_scale(users: Records, scale: F32, cell: Record, plan: Record) -> None:
    """Mean SINR of every user, at the present interference and transmit power.

    Neighbours transmit at their full power at most: 0 dB.
    """
    level_db = plan.level_mean + plan.level_sigma * cell.level + plan.burst_rise * cell.burst
    load = 10.0 ** (min(level_db, 0.0) / 10.0)
    for u in range(plan.users):
        user = users[u]
        scale[u] = np.float32(user.snr * cell.boost / (1.0 + user.inr * load))


@fuse
def sinr_of(scale: F32, taps: F32, u: int) -> float:
    """Wideband SINR of user `u` in this slot, linear."""
    return float(scale[u] * gain_of(taps, u, len(scale) // LANES))


@fuse
def measure_cqi(users: Records, scale: F32, taps: F32, rules: Record, tally: Record) -> None:
    """A slice's users measure their wideband CQI."""
    for u in range(rules.first, rules.last):
        users[u].measured_cqi = cqi_of(sinr_of(scale, taps, u))
        tally.cqi_sum += users[u].measured_cqi
    tally.cqi_reports += rules.last - rules.first


@fuse
def use_cqi(users: Records, rules: Record, part: Record) -> None:
    """The measured CQI reaches the scheduler."""
    for u in range(rules.first, rules.last):
        users[u].cqi = users[u].measured_cqi
    set_mcs(users, rules, part)


@fuse
def set_mcs(users: Records, rules: Record, part: Record) -> None:
    """MCS of new blocks: that of the CQI in use, less the slice's backoff."""
    for u in range(rules.first, rules.last):
        users[u].mcs = max(MCS_OF_CQI[users[u].cqi] - part.backoff, 0)
