"""Random numbers of the faults: any number of any stream, of many cells at once.

The streams are those of `e2sim.network.noise`, on arrays: SplitMix64 of (cell, index, purpose),
whose numbers are counted and need not be drawn in order.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

TIMES: Final = 41
GARBLE: Final = 42
"""Purposes of a cell's streams, beside those of `e2sim.network.noise`; one a fault."""

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_A, _B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(n) for n in (30, 27, 31, 11))
_ULP53: Final = 2.0**-53


def mix(word: U64) -> U64:
    """64 well-mixed bits of each counter (SplitMix64: Steele, Lea and Flood, OOPSLA 2014)."""
    z = (word ^ (word >> _S30)) * _A
    z = (z ^ (z >> _S27)) * _B
    return z ^ (z >> _S31)


def streams(seeds: U64, count: int, purpose: int) -> U64:
    """Starts of `count` streams of each cell, shape [N, count]; `seeds` has shape [N]."""
    of_cell = mix(seeds + np.full(1, purpose, np.uint64) * _GOLDEN)
    steps = np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN
    return mix(of_cell[:, None] + steps)


def at(keys: U64, counters: NDArray[np.int64] | int) -> F64:
    """Uniform numbers of (0, 1): those with these numbers in these streams; shapes broadcast."""
    # As vectors: NumPy warns of scalars that overflow.
    words = mix(keys + np.atleast_1d(counters).astype(np.uint64) * _GOLDEN)
    found: F64 = ((words >> _S11).astype(np.float64) + 0.5) * _ULP53
    return found


def branch(keys: U64, counters: NDArray[np.int64]) -> U64:
    """Starts of the streams that these numbers of these streams are the heads of."""
    return mix(mix(keys + counters.astype(np.uint64) * _GOLDEN))
