"""The node: the twin's cells with the allocations in force."""

from typing import Final, Protocol

import numpy as np

from oran.allocation import Allocation, SliceAllocation
from oran.batch import AllocationBatch, ReportBatch
from oran.report import STATES, CellReport, Health, SliceReport
from oran.snssai import Snssai


class Twin(Protocol):
    """What the node needs of `e2sim.network.Network`."""

    @property
    def snssais(self) -> tuple[Snssai, ...]:
        """The slices of every cell, in the order of reports and allocations."""
        ...

    @property
    def cells(self) -> int:
        """Number of cells."""
        ...

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """Play one period under an allocation."""
        ...


def equal_shares(snssais: tuple[Snssai, ...]) -> Allocation:
    """Equal minimum parts of a carrier that all slices may use whole."""
    return Allocation(
        tuple(
            SliceAllocation(
                s, dedicated_prb_ratio=0, min_prb_ratio=100 // len(snssais), max_prb_ratio=100
            )
            for s in snssais
        )
    )


class Node:
    """Cells, each under its own allocation; equal shares until told otherwise.

    Args:
        twin: the cells.
        node_id: global E2 node id, 1..64 characters.
    """

    def __init__(self, twin: Twin, node_id: str) -> None:
        self.node_id: Final = node_id
        self.cell_ids: Final = tuple(f"cell-{i}" for i in range(twin.cells))
        self._twin = twin
        self._sequence = 0
        self._start_ms = 0
        self._stamps = [(0, 0)] * twin.cells
        one = AllocationBatch.of(equal_shares(twin.snssais))
        self._in_force = AllocationBatch(
            np.repeat(one.slices, twin.cells, axis=0),
            np.repeat(one.tx_power_offset_db, twin.cells),
        )

    def apply(self, cell: int, allocation: Allocation) -> None:
        """Put a cell under another allocation from the next period on.

        Raises:
            ValueError: it is not feasible, or not for the cell's slices in their order.
        """
        allocation.check()
        named = tuple(s.snssai for s in allocation.slices)
        if named != self._twin.snssais:
            raise ValueError(f"slices: {[*map(str, named)]} are not those of the cell")
        one = AllocationBatch.of(allocation)
        self._in_force.slices[cell] = one.slices[0]
        self._in_force.tx_power_offset_db[cell] = one.tx_power_offset_db[0]

    def allocation(self, cell: int) -> Allocation:
        """The allocation in force."""
        return self._in_force.one(cell, self._twin.snssais)

    def play(self, end_ms: int) -> list[CellReport]:
        """Play one period that ends at `end_ms` (ms since 1970-01-01 UTC); a report a cell."""
        batch = self._twin.step(self._in_force)
        # The clock may be set back; the order of the stamps must not be.
        self._start_ms = max(self._start_ms, end_ms - batch.period_ms)
        sequence, self._sequence = self._sequence, (self._sequence + 1) % 2**32
        for i in range(len(self.cell_ids)):
            if batch.repeated is None or not batch.repeated[i]:
                self._stamps[i] = sequence, self._start_ms
        return [
            CellReport(
                self.node_id,
                cell_id,
                *self._stamps[i],
                batch.period_ms,
                tuple(batch.cell[i].tolist()),
                tuple(
                    SliceReport(snssai, tuple(values))
                    for snssai, values, present in zip(
                        self._twin.snssais,
                        batch.slices[i].tolist(),
                        batch.present[i].tolist(),
                        strict=True,
                    )
                    if present
                ),
                _health(batch, i),
            )
            for i, cell_id in enumerate(self.cell_ids)
        ]


def _health(batch: ReportBatch, cell: int) -> Health:
    if batch.health is None:
        return Health()
    gnb, backhaul = batch.health[cell].tolist()
    return Health(STATES[gnb], STATES[backhaul])
