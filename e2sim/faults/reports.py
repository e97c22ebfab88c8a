"""What faults do to reports: values spoofed, garbled, and whole reports repeated."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.faults.streams import F64, GARBLE, U64, at, branch, streams
from e2sim.scenario import Fault
from oran.batch import ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS, UINT32, Measurement
from oran.snssai import Snssai

Mask = NDArray[np.bool_]

_C: Final = len(CELL_MEASUREMENTS)
_M: Final = len(SLICE_MEASUREMENTS)
_DRAWS: Final = 3  # of each value: whether it is garbled, how, and with what


class Falsifier:
    """Applies the faults of reports, in the order spoofed, garbled, repeated.

    Values are rows of the cell's measurements and then of each slice's, [N, V] with
    V = C + S * M. Spoofed values stay within the catalogue's range and resolution. A garbled value
    is, each with one third: absent; all ones, which is 2^32 - 1 of an integer and -1 of a real; or
    32 random bits. So every encoder can carry it, and some of them are within the range.

    Args:
        faults: all of the scenario's.
        snssais: the cells' slices.
        cells: N.
    """

    def __init__(self, faults: tuple[Fault, ...], snssais: tuple[Snssai, ...], cells: int) -> None:
        self._faults = faults
        self._slices = len(snssais)
        values = _C + self._slices * _M
        self._masks = {f: _mask(fault, snssais) for f, fault in enumerate(faults)}
        self._table: tuple[Measurement, ...] = CELL_MEASUREMENTS + SLICE_MEASUREMENTS * self._slices
        self._low = np.array([m.low for m in self._table])
        self._high = np.array([m.high for m in self._table])
        self._step = np.array([m.resolution for m in self._table])
        self._whole = np.array([m.kind == "integer" for m in self._table])
        self._keys: U64 = np.zeros((cells, len(faults)), np.uint64)
        self._last: F64 = np.full((cells, values), np.nan)
        self._health: NDArray[np.int8] = np.zeros((cells, 2), np.int8)
        self._any: Mask = np.zeros(cells, np.bool_)

    def restart(self, which: NDArray[np.int64], seeds: U64) -> None:
        """Cells of the indices `which` start anew: they have sent no report yet."""
        self._keys[which] = streams(seeds, len(self._faults), GARBLE)
        self._any[which] = False

    def falsify(
        self, batch: ReportBatch, on: Mask, period: NDArray[np.int64]
    ) -> tuple[ReportBatch, Mask]:
        """The report that goes out, and which of its values [N, V] are not those measured.

        Args:
            batch: what was measured, of health flags as they are.
            on: bool [N, F], which faults are on when the report is made.
            period: [N], number of the period since the cell's start.
        """
        true = np.concatenate((batch.cell, batch.slices.reshape(len(on), -1)), axis=1)
        values = self._garbled(self._spoofed(true, on), on, period)
        health = np.zeros((len(on), 2), np.int8) if batch.health is None else batch.health
        kinds = [f.kind == "stale_report" for f in self._faults]
        old = np.array([f.stamp == "old" for f in self._faults], np.bool_)
        stale = on & np.array(kinds, np.bool_) & self._any[:, None]
        repeated: Mask = np.any(stale, axis=1)
        stamped: Mask = np.any(stale & old, axis=1)
        values = np.where(repeated[:, None], self._last, values)
        health = np.where(repeated[:, None], self._health, health)
        self._last, self._health, self._any = values, health, np.ones_like(self._any)
        false = ~((values == true) | (np.isnan(values) & np.isnan(true)))
        out = replace(
            batch,
            cell=values[:, :_C].copy(),
            slices=values[:, _C:].reshape(batch.slices.shape).copy(),
            health=health,
            repeated=stamped,
        )
        return out, false

    def _spoofed(self, values: F64, on: Mask) -> F64:
        for f, fault in enumerate(self._faults):
            if fault.kind == "spoofed_report" and on[:, f].any():
                whole = np.rint(values * fault.degree / self._step) * self._step
                told = np.clip(whole, self._low, self._high)
                values = np.where(on[:, f, None] & self._masks[f], told, values)
        return values

    def _garbled(self, values: F64, on: Mask, period: NDArray[np.int64]) -> F64:
        count = values.shape[1]
        for f, fault in enumerate(self._faults):
            if fault.kind != "garbled_report" or not on[:, f].any():
                continue
            keys = branch(self._keys[:, f], period)[:, None]
            lots = [at(keys, np.arange(count) + d * count + 1) for d in range(_DRAWS)]
            hit = on[:, f, None] & self._masks[f] & (lots[0] < fault.degree)
            bits = np.floor(lots[2] * (UINT32 + 1.0))
            noise = np.where(self._whole, bits, bits - 2.0**31)
            ones = np.where(self._whole, UINT32, -1.0)
            broken = np.where(lots[1] < 1 / 3, np.nan, np.where(lots[1] < 2 / 3, ones, noise))
            values = np.where(hit, broken, values)
        return values


def _mask(fault: Fault, snssais: tuple[Snssai, ...]) -> Mask:
    """Which of the values the fault touches, bool [V]."""
    names = fault.falsified
    of_cell = [m.name in names for m in CELL_MEASUREMENTS]
    of_slice = [m.name in names for m in SLICE_MEASUREMENTS]
    parts = [of_cell if fault.slice is None else [False] * _C]
    parts += [of_slice if fault.slice in (None, s) else [False] * _M for s in snssais]
    return np.array([v for part in parts for v in part], np.bool_)
