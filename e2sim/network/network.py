"""The emulated network: N independent cells that play one period after another."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.faults.faults import Faults, ticks_of
from e2sim.faults.truth import FaultsNow
from e2sim.network.allocation import check
from e2sim.network.both import play_both
from e2sim.network.devices import Access, access_of
from e2sim.network.drop import start
from e2sim.network.energy import Energy, energy_of
from e2sim.network.fading import LANES
from e2sim.network.kernel import play
from e2sim.network.mobility import move, settle_users
from e2sim.network.moves import Moves, moves_of
from e2sim.network.plan import Plan, plan_of
from e2sim.network.pools import columns_of, groups_of, rows_of
from e2sim.network.records import F64
from e2sim.network.report import Detail, detail_of, refuse
from e2sim.network.state import State, state_of
from e2sim.network.traced import traced_of
from e2sim.network.uplink import hear_neighbours
from e2sim.network.uplink_report import UplinkReport, uplink_report_of
from e2sim.network.users import Users, users_of
from e2sim.scenario import Direction, Scenario, facing
from e2sim.scenario.tick import TICK_MS
from oran.batch import SLICE_FIELDS, AllocationBatch, ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.snssai import Snssai

_CHUNKS_A_THREAD: Final = 8


class Network:
    """N cells of one scenario, each with its own seed.

    Each direction is played by the same kernel over a plan and a state of its own; a scenario in
    which no slice has an uplink has no second state.

    A cell's course depends on its seed and its allocations only, and on those of its group where
    the scenario couples cells: not on N, on other cells or on the number of threads. Arrivals,
    fading and faults, and interference from beyond the group, depend on the seed alone.

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
        self._state = _state(scenario, self._plan, self.cells)
        self._uplink: tuple[Plan, State] | None = None
        if scenario.has_uplink:
            upward = facing(scenario, "uplink")
            plan, delay = plan_of(scenario, "uplink"), scenario.uplink.grant_delay_slots
            self._uplink = plan, _state(upward, plan, self.cells, delay)
        self._traced = traced_of(scenario)
        self._nominal = np.zeros(self.cells, np.int64)
        self._faults = Faults(scenario, self.cells) if scenario.faults else None
        self._rows = np.zeros((self.cells, len(self.snssais), SLICE_FIELDS), np.int64)
        self._power = np.zeros(self.cells, np.int64)
        self._parts = 1 if scenario.mobility is None else scenario.period_ms // TICK_MS
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
        chosen, drawn = np.flatnonzero(which), self._seeds[which]
        if self.scenario.mobility is not None:
            settle_users(self._plan, self._state, chosen, drawn)
        start(self._plan, self._state, chosen, drawn)
        if self._uplink is not None:
            plan, state = self._uplink
            hear_neighbours(plan.carrier, state.cells, chosen, drawn)
            start(plan, state, chosen, drawn)
        if self._faults is not None:
            self._faults.restart(chosen, drawn)

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """Play one period under `allocation` and report it, as faults let it be reported.

        Raises:
            ValueError: the allocation is not feasible; the message names cell, slice and field.
        """
        check(allocation, self.cells, len(self.snssais))
        # Copies, so that the kernel meets one type of array, whatever the caller's are.
        self._rows[...] = allocation.slices
        self._power[...] = allocation.tx_power_offset_db
        # Of bytes: NumPy takes 10 µs to assign to a single record.
        for _, state in self._directions():
            state.tallies.view(np.uint8)[...] = 0
        if self.scenario.mobility is not None:
            self._state.moves.view(np.uint8)[...] = 0
        if self._faults is not None:
            struck = self._faults.begin(self._state.cells["now"])
            for _, state in self._directions():
                state.faults[...] = struck
        if self._traced is not None:
            self._traced.follow(self._state)
        cell = np.empty((self.cells, len(CELL_MEASUREMENTS)))
        slices = np.empty((self.cells, len(self.snssais), len(SLICE_MEASUREMENTS)))
        if not self._play(cell, slices):
            refuse(cell, slices)
        present = np.ones((self.cells, len(self.snssais)), np.bool_)
        measured = ReportBatch(self.scenario.period_ms, cell, slices, present)
        return measured if self._faults is None else self._faults.report(measured)

    def _play(self, cell: F64, slices: F64) -> bool:
        """Play a period; whether every value of the reports is in its range."""

        def chunk(edges: tuple[int, int]) -> bool:
            whole = self.scenario.slots_per_period
            if self._uplink is not None and self.scenario.power.sleep is not None:
                return play_both(
                    *self._uplink, self._plan, self._state, self._rows, self._nominal,
                    self._power, cell, slices, whole, *edges,
                )  # fmt: skip
            if self._uplink is not None:
                # Before the downlink, whose report has the energy of both.
                play(*self._uplink, self._rows, self._nominal, cell, slices, whole, *edges)
                some = slice(*edges)
                self._state.cells["received"][some] = self._uplink[1].cells["busy_slots"][some]
            fine = True
            for _ in range(self._parts):
                if self.scenario.mobility is not None:
                    move(self._plan, self._state, self._rows, self._power, *edges)
                fine = play(
                    self._plan, self._state, self._rows, self._power, cell, slices,
                    whole // self._parts, *edges,
                )  # fmt: skip
            return fine

        if self._pool is None:
            return chunk((0, self.cells))
        return all(list(self._pool.map(chunk, self._chunks)))

    def detail(self, direction: Direction = "downlink") -> Detail:
        """Ground truth of one direction in the last period, as copies.

        Raises:
            ValueError: it is that of an uplink no slice of the scenario has.
        """
        return detail_of(self._of(direction)[1], self._state)

    def users(self, direction: Direction = "downlink") -> Users:
        """What each user experienced in the last period in one direction, as copies.

        Raises:
            ValueError: as `detail`.
        """
        return users_of(self.scenario, self._of(direction)[1])

    def uplink_report(self) -> UplinkReport:
        """The uplink's measurements of the last period; `step` returns those of the downlink.

        Raises:
            ValueError: as `detail`.
        """
        return uplink_report_of(self.scenario, self._of("uplink")[1])

    def _of(self, direction: Direction) -> tuple[Plan, State]:
        if direction == "downlink":
            return self._plan, self._state
        if self._uplink is None:
            raise ValueError(f"scenario {self.scenario.name!r}: no slice has an uplink")
        return self._uplink

    def _directions(self) -> list[tuple[Plan, State]]:
        both = [(self._plan, self._state)]
        return both if self._uplink is None else [*both, self._uplink]

    def moves(self) -> Moves:
        """Handovers and other moves of the last period, as copies."""
        return moves_of(self._state)

    def energy(self) -> Energy:
        """What the sites did and took in the last period, as copies."""
        return energy_of(self._state)

    def faults(self) -> FaultsNow | None:
        """What was at fault in the last period; None before the first and without faults."""
        return None if self._faults is None else self._faults.truth

    def access(self) -> Access:
        """What the groups of devices have gone through, as copies."""
        return access_of(self.scenario, self._state)

    @property
    def bytes_per_cell(self) -> int:
        """Memory of one cell's state in bytes."""
        return (
            sum(a.nbytes for _, state in self._directions() for a in state if a is not None)
            // self.cells
        )


def _seeds(seeds: NDArray[np.uint64], cells: int) -> NDArray[np.uint64]:
    if seeds.shape != (cells,) or seeds.dtype != np.uint64 or cells == 0:
        raise ValueError(f"seeds: needs uint64 [{max(cells, 1)}], got {seeds.dtype} {seeds.shape}")
    return seeds


def _state(scenario: Scenario, plan: Plan, cells: int, grant_delay: int = 0) -> State:
    moving = scenario.mobility is not None
    return state_of(
        cells=cells,
        slices=len(scenario.slices),
        places=-(-sum(scenario.places) // LANES) * LANES,
        diversity=scenario.diversity,
        processes=scenario.harq_rtt_slots,
        tick=int(plan.carrier[0]["tick"]),
        entries=sum(s.queue * n for s, n in zip(scenario.slices, scenario.places, strict=True)),
        movers=sum(s.users for s in scenario.slices) if moving else 0,
        sites=len(plan.sites),
        grant_delay=grant_delay,
        ticks=ticks_of(scenario) if scenario.faults else 1,
        groups=groups_of(scenario),
        rows=rows_of(scenario),
        columns=columns_of(scenario),
    )
