"""Background: what others ask of a station, which no decision changes.

Each station draws from a stream of its own, the same count each tick.
"""

import math

import numpy as np

from e2sim.network.jit import jit
from e2sim.network.noise import CORE, normal, stream, uniform
from e2sim.network.records import Record


@jit
def begin(rule: Record, station: Record, seed: np.uint64, index: int) -> None:
    """Draw a station's mean load, and begin its variation in its long run."""
    station.stream = stream(seed, index, CORE)
    station.load = rule.load_low + (rule.load_high - rule.load_low) * uniform(station)
    station.level = normal(station)
    busy = rule.burst_enter / (rule.burst_enter + rule.burst_leave)
    station.burst = 1 if uniform(station) < busy else 0


@jit
def asked(rule: Record, station: Record, tick: float) -> float:
    """Work of others that arrives in the next tick."""
    step = math.sqrt(1.0 - rule.memory * rule.memory)
    station.level = rule.memory * station.level + step * normal(station)
    chance = rule.burst_leave if station.burst else rule.burst_enter
    if uniform(station) < chance:
        station.burst = 1 - station.burst
    rise = 1.0 + rule.burst * station.burst
    # The mean of the logarithmic normal factor is 1.
    swing = math.exp(rule.sigma * station.level - 0.5 * rule.sigma * rule.sigma)
    work: float = rule.capacity * tick * station.load * swing * rise
    return work
