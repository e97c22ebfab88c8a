"""The fault process: for each cell and fault, the times in which it is on."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.faults.streams import F64, TIMES, U64, at, streams
from e2sim.scenario import Fault
from e2sim.scenario.faults import TICK_S

I64 = NDArray[np.int64]
Phases = NDArray[np.int8]

CLEAR: Final = 0
STARTING: Final = 1
STRUCK: Final = 2
"""Phases of a fault: not on; repaired, but not in service yet; on."""

_FAR: Final = 1e15
"""Seconds after which nothing happens any more."""
_FIRST: Final = 2
"""Number of a stream's first draw of a time; the one before decides whether the cell is hit."""


class FaultProcess:
    """An alternating renewal process for each cell and fault, or one fixed time.

    Draw 1 of the stream of a cell and fault decides whether the cell can have it at all; draws
    2 + 2k and 3 + 2k are, as exponential times, the time to failure k and to its repair.

    Args:
        faults: what fails, F of them.
        cells: N.
    """

    def __init__(self, faults: tuple[Fault, ...], cells: int) -> None:
        shape = (cells, len(faults))
        self._share = np.array([f.cells for f in faults])
        self._fixed = np.array([f.at_s is not None for f in faults], np.bool_)
        self._up = np.array([_first_of(f.at_s, f.mtbf_s) for f in faults])
        self._repair = np.array([_first_of(f.for_s, f.mttr_s) for f in faults])
        self._startup = np.array([f.startup_s for f in faults])
        self._keys: U64 = np.zeros(shape, np.uint64)
        self._hit = np.zeros(shape, np.bool_)
        self._number: I64 = np.zeros(shape, np.int64)
        # Begin, repair and end of each fault's present or next time, seconds.
        self._times: F64 = np.full((3, *shape), _FAR)

    def restart(self, which: I64, seeds: U64) -> None:
        """Cells of the indices `which` start anew, with `seeds` of the same length."""
        keys = streams(seeds, self._keys.shape[1], TIMES)
        self._keys[which] = keys
        self._hit[which] = at(keys, 1) < self._share
        self._number[which] = 0
        none = np.zeros(keys.shape)
        self._times[:, which] = self._drawn(none, keys, self._number[which])

    def phases(self, first: I64, ticks: int) -> Phases:
        """Phases in `ticks` ticks of every cell, of which tick `first` is the first.

        Args:
            first: int64 [N], since the cell's start, not before that of the last call.
            ticks: T, at least 1.

        Returns:
            int8 [N, T, F] of `CLEAR`, `STARTING`, `STRUCK`.
        """
        self._number, self._times = self._moved(self._number, self._times, first)
        out = np.zeros((len(first), ticks, self._keys.shape[1]), np.int8)
        number, times = self._number, self._times
        for j in range(ticks):
            if j:
                number, times = self._moved(number, times, first + j)
            begin, repair, end = _ticks(times)
            now = (first + j)[:, None]
            out[:, j] = STARTING * ((begin <= now) & (now < end))
            out[:, j] += (begin <= now) & (now < repair)
        out *= self._hit[:, None, :]
        return out

    def _moved(self, number: I64, times: F64, tick: I64) -> tuple[I64, F64]:
        """The first times that are not over at a tick; copies where they are others."""
        while (over := _ticks(times)[2] <= tick[:, None]).any():
            number = number + over
            times = np.where(over, self._drawn(times[2], self._keys, number), times)
        return number, times

    def _drawn(self, last_end: F64, keys: U64, number: I64) -> F64:
        """Begin, repair and end of time `number`, which follows one that ended at `last_end`."""
        up = -np.log(at(keys, _FIRST + 2 * number)) * self._up
        down = -np.log(at(keys, _FIRST + 1 + 2 * number)) * self._repair
        begin = np.where(self._fixed, np.where(number == 0, self._up, _FAR), last_end + up)
        repair = begin + np.where(self._fixed, self._repair, down)
        return np.stack((begin, repair, repair + self._startup))


def _first_of(fixed: float | None, mean: float | None) -> float:
    found = mean if fixed is None else fixed
    if found is None:
        raise ValueError("a fault needs at_s and for_s, or mtbf_s and mttr_s")
    return found


def _ticks(times: F64) -> tuple[F64, F64, F64]:
    """Begin, repair and end in whole ticks; the fault itself lasts at least one."""
    begin, repair, end = np.ceil(np.minimum(times, _FAR) / TICK_S - 1e-6)
    repair = np.maximum(repair, begin + 1)
    return begin, repair, np.maximum(end, repair)
