"""Cells that can be looked at, and branched, within a period."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.network.allocation import check
from e2sim.network.branch import copy_cells, renew
from e2sim.network.jit import entry
from e2sim.network.kernel import play
from e2sim.network.network import Network
from e2sim.network.plan import Plan, plan_of
from e2sim.network.records import F64, I64, U64
from e2sim.network.report import refuse, report_cell, report_slice
from e2sim.network.state import State, cell_of
from e2sim.scenario import Scenario
from oran.batch import AllocationBatch, ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS

_USER_SUMS: Final = ("active", "volume")
_CELL_SUMS: Final = ("busy_slots", "used_prbs")
"""What the kernel counts from the beginning of what it is asked to play, in users and cells."""


@entry
def write_report(plan: Plan, state: State, sites: F64, slices: F64) -> bool:
    """Reports of all cells from their counters; as the end of `kernel.play`."""
    fine = True
    for c in range(len(state.cells)):
        cell = cell_of(state, c)
        for s in range(len(plan.slices)):
            fine &= report_slice(plan, cell.cells[0], cell.tallies[s], s, slices[c, s])
        fine &= report_cell(plan, cell.cells[0], sites[c])
    return fine


class FineNetwork(Network):
    """A network whose periods may also be played in parts: `open`, `advance`, ..., `close`.

    The parts are what `step` plays at once, bit for bit. Between them cells may become copies of
    others (`branch`). One thread plays them all.

    Args:
        scenario: of uncoupled cells, without an uplink.
        seeds: uint64 [N], one a cell.
        part_ms: length of a part, a divisor of the scenario's period.

    Raises:
        ValueError: as `Network`, or the period has no whole parts, or the scenario couples cells or
            has an uplink.
    """

    def __init__(self, scenario: Scenario, seeds: NDArray[np.uint64], *, part_ms: int = 1) -> None:
        if part_ms < 1 or scenario.period_ms % part_ms:
            raise ValueError(
                f"part_ms: {part_ms} does not divide the period, {scenario.period_ms} ms"
            )
        if scenario.interference.coupled_cells > 1:
            raise ValueError(
                "interference.coupled_cells: cells that hear each other cannot branch alone"
            )
        if scenario.has_uplink:
            raise ValueError("slices.uplink: only downlinks are played in parts")
        super().__init__(scenario, seeds)
        self.parts: Final = scenario.period_ms // part_ms
        self._part = plan_of(replace(scenario, period_ms=part_ms))
        places = self._state.users.shape[1]
        self._users = np.zeros((len(_USER_SUMS), self.cells, places), np.int64)
        self._sites = np.zeros((len(_CELL_SUMS), self.cells), np.int64)
        self._opened = np.zeros(self.cells, np.int64)

    def open(self, allocation: AllocationBatch) -> None:
        """Begin a period under `allocation`.

        Raises:
            ValueError: the allocation is not feasible; as `step`.
        """
        check(allocation, self.cells, len(self.snssais))
        self._rows[...] = allocation.slices
        self._power[...] = allocation.tx_power_offset_db
        self._state.tallies.view(np.uint8)[...] = 0
        self._users[...] = 0
        self._sites[...] = 0
        self._opened[...] = self._state.cells["own"]

    def advance(self) -> None:
        """Play the next part of the period."""
        cell, slices = self._blank()
        # The kernel adds to the counters of slices, but for this one, which is a state.
        self._state.tallies["queued_bytes"] = 0
        # A value out of its range in a part may be in it over the period: only `close` refuses.
        play(self._part, self._state, self._rows, self._power, cell, slices, 0, self.cells)
        for i, name in enumerate(_USER_SUMS):
            self._users[i] += self._state.users[name]
        for i, name in enumerate(_CELL_SUMS):
            self._sites[i] += self._state.cells[name]

    def close(self) -> ReportBatch:
        """The report on the period, after its last part.

        Raises:
            ValueError: a value is out of the catalogue's range; as `step`.
        """
        for i, name in enumerate(_USER_SUMS):
            self._state.users[name] = self._users[i]
        for i, name in enumerate(_CELL_SUMS):
            self._state.cells[name] = self._sites[i]
        self._state.cells["opened"] = self._opened
        self._state.tallies["throughput_kbps"] = self._throughput()
        cell, slices = self._blank()
        if not write_report(self._plan, self._state, cell, slices):
            refuse(cell, slices)
        present = np.ones((self.cells, len(self.snssais)), np.bool_)
        return ReportBatch(self.scenario.period_ms, cell, slices, present)

    def branch(self, sources: I64, targets: I64, keys: U64) -> None:
        """Cells at `targets` become copies of those at `sources`, with new randomness.

        Args:
            sources, targets: int64 [K]; no cell is in both, none twice in `targets`.
            keys: uint64 [K], of the new randomness; see `branch.branch_keys`.

        Raises:
            ValueError: a cell is a source and a target, or a target twice.
        """
        if len(np.unique(targets)) < len(targets) or np.isin(sources, targets).any():
            raise ValueError("targets: need different cells, none of them a source")
        copy_cells(self._state, sources, targets)
        for array in (self._rows, self._power, self._opened):
            array[targets] = array[sources]
        for sums in (self._users, self._sites):
            sums[:, targets] = sums[:, sources]
        renew(self._plan, self._state, targets, keys)

    def renew(self, keys: U64) -> None:
        """All cells go on with new randomness, that of `keys`, uint64 [N]."""
        renew(self._plan, self._state, np.arange(self.cells), keys)

    @property
    def state(self) -> State:
        """The state itself, not a copy: to be read between parts."""
        return self._state

    @property
    def plan(self) -> Plan:
        """The scenario in the kernel's units."""
        return self._plan

    def _blank(self) -> tuple[F64, F64]:
        slices = (self.cells, len(self.snssais), len(SLICE_MEASUREMENTS))
        return np.empty((self.cells, len(CELL_MEASUREMENTS))), np.empty(slices)

    def _throughput(self) -> F64:
        """As `kernel.close_period` has it, summed in the same order; [N, S]."""
        active, volume = self._users
        busy = active > 0
        slot_ms = self.scenario.slot_ms
        rates = np.where(busy, 8.0 * volume / (np.where(busy, active, 1) * slot_ms), 0.0)
        means = np.full((self.cells, len(self.snssais)), np.nan)
        for s, rules in enumerate(self._plan.slices):
            users = slice(rules["first"], rules["last"])
            count = busy[:, users].sum(axis=1)
            total = np.cumsum(rates[:, users], axis=1)[:, -1]
            np.divide(total, count, out=means[:, s], where=count > 0)
        return means
