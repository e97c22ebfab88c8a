"""Cells that can be looked at, and branched, within a period."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.network.allocation import check
from e2sim.network.branch import copy_cells, renew
from e2sim.network.kernel import play
from e2sim.network.network import Network
from e2sim.network.plan import Plan
from e2sim.network.records import F64, I64, U64
from e2sim.network.report import refuse
from e2sim.network.state import State
from e2sim.scenario import Scenario
from oran.batch import AllocationBatch, ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS


class FineNetwork(Network):
    """A network whose periods may also be played in parts: `open`, `advance`, ..., `close`.

    The parts are what `step` plays at once, bit for bit. Between them cells may become copies of
    others (`branch`). One thread plays them all.

    Args:
        scenario: of uncoupled cells, without uplink, mobility, faults and devices.
        seeds: uint64 [N], one a cell.
        part_ms: length of a part, a divisor of the scenario's period.

    Raises:
        ValueError: as `Network`, or the period has no whole parts, or the scenario has what cannot
            be played in parts.
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
        if scenario.mobility is not None:
            raise ValueError("mobility: users who move are not played in parts")
        if scenario.faults:
            raise ValueError("faults: cells that fail are not played in parts")
        if any(s.devices for s in scenario.slices):
            raise ValueError("slices.devices: random access is not played in parts")
        super().__init__(scenario, seeds)
        self.parts: Final = scenario.period_ms // part_ms
        self._length = part_ms << scenario.numerology
        self._report = self._blank()
        self._fine = True

    def open(self, allocation: AllocationBatch) -> None:
        """Begin a period under `allocation`.

        Raises:
            ValueError: the allocation is not feasible; as `step`.
        """
        check(allocation, self.cells, len(self.snssais))
        self._rows[...] = allocation.slices
        self._power[...] = allocation.tx_power_offset_db
        self._state.tallies.view(np.uint8)[...] = 0
        if self._traced is not None:
            self._traced.follow(self._state)
        self._report = self._blank()

    def advance(self) -> None:
        """Play the next part of the period."""
        cell, slices = self._report
        self._fine = play(
            self._plan, self._state, self._rows, self._power, cell, slices,
            self._length, 0, self.cells,
        )  # fmt: skip

    def close(self) -> ReportBatch:
        """The report on the period, after its last part.

        Raises:
            ValueError: a value is out of the catalogue's range; as `step`.
        """
        cell, slices = self._report
        if not self._fine:
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
        for array in (self._rows, self._power):
            array[targets] = array[sources]
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
