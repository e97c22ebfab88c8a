"""All faults of a network's cells, period by period."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.faults.network import factors, health_of, names_of, struck_table
from e2sim.faults.process import CLEAR, STRUCK, FaultProcess, Phases
from e2sim.faults.reports import Falsifier
from e2sim.faults.streams import U64
from e2sim.faults.truth import FaultsNow
from e2sim.scenario import Scenario
from e2sim.scenario.tick import TICK_MS
from oran.batch import ReportBatch

I64 = NDArray[np.int64]


def ticks_of(scenario: Scenario) -> int:
    """Most ticks that a period has a part of."""
    tick = _tick_slots(scenario)
    return (scenario.slots_per_period - 1) // tick + 2


def _tick_slots(scenario: Scenario) -> int:
    return TICK_MS << scenario.numerology


class Faults:
    """What fails in N cells of a scenario.

    A period is played between `begin` and `report`.
    """

    def __init__(self, scenario: Scenario, cells: int) -> None:
        self._scenario: Final = scenario
        self._faults: Final = scenario.faults
        self._process = FaultProcess(scenario.faults, cells)
        self._falsifier = Falsifier(
            scenario.faults, tuple(s.snssai for s in scenario.slices), cells
        )
        self._phases: Phases = np.zeros((cells, 1, len(scenario.faults)), np.int8)
        self._table = struck_table(scenario.faults, self._phases)
        self._used: I64 = np.ones(cells, np.int64)
        self._period: I64 = np.zeros(cells, np.int64)
        self._told: NDArray[np.bool_] = np.zeros(cells, np.bool_)
        self.truth: FaultsNow | None = None

    def restart(self, which: I64, seeds: U64) -> None:
        """Cells of the indices `which` start anew, with `seeds` of the same length.

        The truth of their last period is gone, that of the others stays.
        """
        self._process.restart(which, seeds)
        self._falsifier.restart(which, seeds)
        self._told[which] = False
        if self.truth is not None:
            self.truth = self.truth.without(which) if self._told.any() else None

    def begin(self, now: I64) -> NDArray[np.float64]:
        """The kernel's table [N, T, EFFECTS] of the period that begins in slots `now` [N]."""
        tick, slots = _tick_slots(self._scenario), self._scenario.slots_per_period
        self._phases = self._process.phases(now // tick, ticks_of(self._scenario))
        self._table = struck_table(self._faults, self._phases)
        self._used = (now + slots - 1) // tick - now // tick + 1
        self._period = now // slots
        return self._table

    def report(self, measured: ReportBatch) -> ReportBatch:
        """The report that goes out in place of the one measured."""
        cells = np.arange(len(self._used))
        measured = replace(measured, health=health_of(self._table, self._used))
        on = self._phases[cells, self._used - 1] == STRUCK
        told, false = self._falsifier.falsify(measured, on, self._period)
        self.truth = self._now(measured, on, false)
        self._told[:] = True
        return told

    def _now(
        self, measured: ReportBatch, on: NDArray[np.bool_], false: NDArray[np.bool_]
    ) -> FaultsNow:
        phases, used, width = self._phases, self._used, measured.cell.shape[1]
        within = np.arange(phases.shape[1]) < used[:, None]
        assert measured.health is not None
        return FaultsNow(
            tuple(f.kind for f in self._faults),
            ((phases != CLEAR) & within[..., None]).sum(axis=1) / used[:, None],
            on,
            measured.health,
            names_of(self._faults, "site_outage"),
            names_of(self._faults, "link_outage"),
            factors(self._faults, phases, used, "site_outage"),
            factors(self._faults, phases, used, "link_outage"),
            measured,
            false[:, :width],
            false[:, width:].reshape(measured.slices.shape),
        )
