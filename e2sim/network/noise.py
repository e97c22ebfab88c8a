"""Random numbers: independent streams that no decision can disturb.

Every (cell, user or slice, purpose) has its own stream. Whoever draws from a stream draws the same
count whatever the allocation is, so two cells with one seed meet the same arrivals, fading and
interference under different allocations. Streams are SplitMix64; the fading of a block of users
has xoshiro128+, which vectorises.
"""

import math
from typing import Final

import numpy as np

from e2sim.network.jit import jit, pure
from e2sim.network.records import Record

# Purposes of the streams of one cell.
PLACE: Final = 1
FADING: Final = 2
TRAFFIC: Final = 3
DEMAND: Final = 4
INTERFERENCE: Final = 5
ERRORS: Final = 6
FLOWS: Final = 7
MOVEMENT: Final = 16
NEIGHBOURS: Final = 40
# 41 and 42 are those of `e2sim.faults.streams`.
BACKHAUL: Final = 43
REPORTING: Final = 44
ACCESS: Final = 45
CORE: Final = 46
TRACE: Final = 48

UPLINK: Final = 64
"""Added to the purposes whose streams the uplink has for itself."""
BRANCH: Final = 256
"""Of the keys of branches."""

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
"""Step of a stream's counter."""
_ULP53: Final = 2.0**-53


@pure
def mix(word: np.uint64) -> np.uint64:
    """64 well-mixed bits of a counter (SplitMix64: Steele, Lea and Flood, OOPSLA 2014)."""
    z = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@jit
def stream(seed: np.uint64, index: int, purpose: int) -> np.uint64:
    """Start of the stream of one purpose of one user, slice or cell."""
    return mix(mix(seed + np.uint64(purpose) * GOLDEN) + np.uint64(index + 1) * GOLDEN)


@pure
def unit(word: np.uint64) -> float:
    """A float64 uniform in the open interval (0, 1)."""
    return (np.float64(word >> np.uint64(11)) + 0.5) * _ULP53


@jit
def at(key: np.uint64, counter: int) -> float:
    """The uniform number `counter` of a stream, without drawing the ones before."""
    return unit(mix(key + np.uint64(counter) * GOLDEN))


@jit
def uniform(owner: Record) -> float:
    """Draw a uniform of (0, 1) from the `stream` of a user, slice or cell."""
    owner.stream += GOLDEN
    return unit(mix(owner.stream))


@jit
def exponential(owner: Record) -> float:
    """Draw an exponential variable of mean 1."""
    return -math.log(uniform(owner))


@jit
def normal(owner: Record) -> float:
    """Draw a standard normal variable: two uniforms (Box and Muller, 1958)."""
    radius = math.sqrt(2.0 * exponential(owner))
    return radius * math.cos(2.0 * math.pi * uniform(owner))
