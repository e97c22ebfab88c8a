"""The emulated network: N independent cells that play one period after another."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.network.allocation import check
from e2sim.network.devices import Access, access_of
from e2sim.network.drop import start
from e2sim.network.fading import LANES
from e2sim.network.kernel import play
from e2sim.network.plan import plan_of
from e2sim.network.pools import columns_of, groups_of, rows_of
from e2sim.network.records import F64
from e2sim.network.report import Detail, detail_of, refuse
from e2sim.network.state import State, state_of
from e2sim.network.users import Users, users_of
from e2sim.scenario import Scenario
from oran.batch import SLICE_FIELDS, AllocationBatch, ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.snssai import Snssai

_CHUNKS_A_THREAD: Final = 8


class Network:
    """N cells of one scenario, each with its own seed.

    A cell's course depends on its seed and its allocations only, and on those of its group where
    the scenario couples cells: not on N, on other cells or on the number of threads. Arrivals and
    fading, and interference from beyond the group, depend on the seed alone.

    Args:
        scenario: what the cells look like.
        seeds: uint64 [N], one a cell.
        threads: how many threads share the cells of a step; worth it from some dozens of cells.

    Raises:
        ValueError: the seeds are no uint64 vector or no whole groups, or there is no cell or no
            thread.
    """

    def __init__(self, scenario: Scenario, seeds: NDArray[np.uint64], *, threads: int = 1) -> None:
        if threads < 1:
            raise ValueError(f"threads: {threads} is below 1")
        self.scenario: Final = scenario
        self.snssais: Final[tuple[Snssai, ...]] = tuple(s.snssai for s in scenario.slices)
        self.cells: Final = len(seeds)
        self._seeds = _seeds(seeds, self.cells).copy()
        self._plan = plan_of(scenario)
        self._state = _state(scenario, self.cells)
        self._rows = np.zeros((self.cells, len(self.snssais), SLICE_FIELDS), np.int64)
        self._power = np.zeros(self.cells, np.int64)
        # Several chunks a thread: one whose core is busy with something else takes fewer.
        group = scenario.interference.coupled_cells
        if self.cells % group:
            raise ValueError(
                f"seeds: {self.cells} cells are no whole groups of {group} coupled ones"
            )
        chunks = min(self.cells // group, threads * _CHUNKS_A_THREAD)
        edges = np.linspace(0, self.cells // group, chunks + 1).astype(int) * group
        self._chunks = list(pairwise(edges.tolist()))
        self._pool = ThreadPoolExecutor(threads) if threads > 1 and chunks > 1 else None
        self.reset()

    def reset(
        self,
        which: NDArray[np.bool_] | None = None,
        seeds: NDArray[np.uint64] | None = None,
    ) -> None:
        """Restart cells: users, loads and channels are drawn anew, buffers are empty.

        Args:
            which: bool [N], the cells to restart; None for all.
            seeds: uint64 [N], of which those of restarted cells count; None repeats each cell's
                last seed, and so its arrivals, fading and interference.

        Raises:
            ValueError: an array has another shape or type.
        """
        if which is None:
            which = np.ones(self.cells, np.bool_)
        if which.shape != (self.cells,) or which.dtype != np.bool_:
            raise ValueError(f"which: needs bool [{self.cells}], got {which.dtype} {which.shape}")
        groups = which.reshape(-1, self.scenario.interference.coupled_cells)
        if (groups.any(axis=1) != groups.all(axis=1)).any():
            raise ValueError(f"which: needs whole groups of {groups.shape[1]} coupled cells")
        if seeds is not None:
            self._seeds[which] = _seeds(seeds, self.cells)[which]
        start(self._plan, self._state, np.flatnonzero(which), self._seeds[which])

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """Play one period under `allocation` and report it.

        Raises:
            ValueError: the allocation is not feasible; the message names cell, slice and field.
        """
        check(allocation, self.cells, len(self.snssais))
        # Copies, so that the kernel meets one type of array, whatever the caller's are.
        self._rows[...] = allocation.slices
        self._power[...] = allocation.tx_power_offset_db
        # Of bytes: NumPy takes 10 µs to assign to a single record.
        self._state.tallies.view(np.uint8)[...] = 0
        cell = np.empty((self.cells, len(CELL_MEASUREMENTS)))
        slices = np.empty((self.cells, len(self.snssais), len(SLICE_MEASUREMENTS)))
        if not self._play(cell, slices):
            refuse(cell, slices)
        present = np.ones((self.cells, len(self.snssais)), np.bool_)
        return ReportBatch(self.scenario.period_ms, cell, slices, present)

    def _play(self, cell: F64, slices: F64) -> bool:
        """Play a period; whether every value of the reports is in its range."""

        def chunk(edges: tuple[int, int]) -> bool:
            return play(self._plan, self._state, self._rows, self._power, cell, slices, *edges)

        if self._pool is None:
            return chunk((0, self.cells))
        return all(list(self._pool.map(chunk, self._chunks)))

    def detail(self) -> Detail:
        """Ground truth of the last period, as copies."""
        return detail_of(self.scenario, self._state)

    def users(self) -> Users:
        """What each user experienced in the last period, as copies."""
        return users_of(self.scenario, self._state)

    def access(self) -> Access:
        """What the groups of devices have gone through, as copies."""
        return access_of(self.scenario, self._state)

    @property
    def bytes_per_cell(self) -> int:
        """Memory of one cell's state in bytes."""
        return sum(a.nbytes for a in self._state) // self.cells


def _seeds(seeds: NDArray[np.uint64], cells: int) -> NDArray[np.uint64]:
    if seeds.shape != (cells,) or seeds.dtype != np.uint64 or cells == 0:
        raise ValueError(f"seeds: needs uint64 [{max(cells, 1)}], got {seeds.dtype} {seeds.shape}")
    return seeds


def _state(scenario: Scenario, cells: int) -> State:
    users = sum(s.users for s in scenario.slices)
    return state_of(
        cells=cells,
        slices=len(scenario.slices),
        places=-(-users // LANES) * LANES,
        diversity=scenario.diversity,
        processes=scenario.harq_rtt_slots,
        entries=sum(s.queue * s.users for s in scenario.slices),
        groups=groups_of(scenario),
        rows=rows_of(scenario),
        columns=columns_of(scenario),
    )
