"""The core network: N independent cores, one behind each cell, a period after another."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.core.kernel import play, start
from e2sim.core.plan import plan_of, topology_of
from e2sim.core.report import CoreDetail, detail_of, report_of
from e2sim.core.state import state_of
from e2sim.network.records import F64
from e2sim.scenario import Scenario
from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.topology import Topology
from oran.snssai import Snssai


class CoreNetwork:
    """The cores behind N cells of one scenario, each with its own seed.

    A core's course depends on its seed, its slices' traffic, its allocations and its health only;
    its background on the seed alone.

    Args:
        scenario: one with a core.
        seeds: uint64 [N], one a cell; may be those of `e2sim.network.Network`, streams differ.

    Raises:
        ValueError: the scenario has no core, or the seeds are no uint64 vector.
    """

    def __init__(self, scenario: Scenario, seeds: NDArray[np.uint64]) -> None:
        if scenario.core is None:
            raise ValueError("core: the scenario has none")
        self.scenario: Final = scenario
        self.snssais: Final[tuple[Snssai, ...]] = tuple(s.snssai for s in scenario.slices)
        self.topology: Final[Topology] = topology_of(scenario.core)
        self.cells: Final = len(seeds)
        self._seeds = self._checked_seeds(seeds).copy()
        self._plan = plan_of(scenario.core, scenario.period_ms)
        self._state = state_of(self._plan, self.cells)
        self._site_of_path = np.array(
            [self.topology.sites.index(p.site) for p in self.topology.paths]
        )
        self.reset()

    def reset(
        self,
        which: NDArray[np.bool_] | None = None,
        seeds: NDArray[np.uint64] | None = None,
    ) -> None:
        """Restart cores: queues are empty, UPFs at their first sites, background is drawn anew.

        Args:
            which: bool [N], the cores to restart; None for all.
            seeds: uint64 [N], of which those of restarted cores count; None repeats each core's
                last seed, and so its background.

        Raises:
            ValueError: an array has another shape or type.
        """
        if which is None:
            which = np.ones(self.cells, np.bool_)
        if which.shape != (self.cells,) or which.dtype != np.bool_:
            raise ValueError(f"which: needs bool [{self.cells}], got {which.dtype} {which.shape}")
        if seeds is not None:
            self._seeds[which] = self._checked_seeds(seeds)[which]
        for array in self._state:
            array[which] = np.zeros((), array.dtype)
        start(self._plan, self._state, np.flatnonzero(which), self._seeds[which])

    def first(self) -> CoreAllocationBatch:
        """The allocation a core begins with: each UPF where the scenario puts it, on one path."""
        site = np.tile(self._plan.parts["site"], (self.cells, 1))
        split = np.zeros((*site.shape, len(self.topology.paths)), np.int64)
        np.put_along_axis(split, self._plan.first[site][..., None], 100, axis=2)
        return CoreAllocationBatch(site, split)

    def step(
        self,
        allocation: CoreAllocationBatch,
        offered: NDArray[np.int64] | F64,
        *,
        site_health: F64 | None = None,
        link_health: F64 | None = None,
        radio_ms: F64 | None = None,
    ) -> CoreReportBatch:
        """Play one period and report it.

        Args:
            allocation: of N cells.
            offered: [N, S, 2] packets and bytes that the data network sends to each slice.
            site_health: float64 [N, K], share of each site's capacity that is left, 0..1, 0 where
                it has failed; None for all in health.
            link_health: float64 [N, L], the same of links.
            radio_ms: float64 [N, S], mean delay of the slices in the radio, NaN where not
                measured; without it the reports have no end-to-end delay.

        Raises:
            ValueError: an array has another shape or a value out of range, or the allocation is
                not feasible; the message names cell, slice and field.
        """
        self._check(allocation)
        shape = (self.cells, len(self.snssais))
        traffic = _array(offered, (*shape, 2), "offered", np.inf)
        sites, links = len(self.topology.sites), len(self.topology.links)
        health = np.concatenate(
            [
                _array(_or_ones(site_health, self.cells, sites), (self.cells, sites),
                       "site_health", 1.0),
                _array(_or_ones(link_health, self.cells, links), (self.cells, links),
                       "link_health", 1.0),
            ],
            axis=1,
        )  # fmt: skip
        radio = np.full(shape, np.nan) if radio_ms is None else radio_ms
        if radio.shape != shape:
            raise ValueError(f"radio_ms: shape {radio.shape}, needs {shape}")
        play(
            self._plan,
            self._state,
            np.ascontiguousarray(allocation.site),
            np.ascontiguousarray(allocation.split),
            traffic,
            health,
        )
        return report_of(self._plan, self._state, self.scenario.period_ms, health, radio)

    def detail(self) -> CoreDetail:
        """Ground truth of the last period, as copies."""
        return detail_of(self._state)

    def _check(self, allocation: CoreAllocationBatch) -> None:
        site, split = allocation.site, allocation.split
        wanted = (self.cells, len(self.snssais), len(self.topology.paths))
        if split.shape != wanted:
            raise ValueError(f"split: shape {split.shape}, needs {wanted}")
        for name, values in (("site", site), ("split", split)):
            if values.dtype != np.int64:
                raise ValueError(f"{name}: needs int64, got {values.dtype}")
        _refuse((site < 0) | (site >= len(self.topology.sites)), "site: there is no such site")
        _refuse((split < 0) | (split > 100), "split: is outside 0..100")
        away = self._site_of_path != site[..., None]
        _refuse(away & (split > 0), "split: the path starts at another site")
        _refuse(split.sum(axis=2) != 100, "split: the shares do not sum to 100")

    def _checked_seeds(self, seeds: NDArray[np.uint64]) -> NDArray[np.uint64]:
        cells = max(self.cells, 1)
        if seeds.shape != (cells,) or seeds.dtype != np.uint64:
            raise ValueError(f"seeds: needs uint64 [{cells}], got {seeds.dtype} {seeds.shape}")
        return seeds


def _refuse(bad: NDArray[np.bool_], reason: str) -> None:
    if bad.any():
        cell, place, *path = np.argwhere(bad)[0].tolist()
        at = f"cells[{cell}].slices[{place}]"
        name, _, rest = reason.partition(":")
        raise ValueError(f"{at}.{name}{''.join(f'[{p}]' for p in path)}:{rest}")


def _or_ones(health: F64 | None, cells: int, places: int) -> F64:
    return np.ones((cells, places)) if health is None else health


def _array(values: NDArray[np.int64] | F64, shape: tuple[int, ...], name: str, high: float) -> F64:
    if values.shape != shape:
        raise ValueError(f"{name}: shape {values.shape}, needs {shape}")
    out = np.ascontiguousarray(values, np.float64)
    bad = ~((out >= 0.0) & (out <= high) & np.isfinite(out))
    if bad.any():
        place = np.argwhere(bad)[0].tolist()
        raise ValueError(f"{name}{place}: {out[tuple(place)]} is not a number of 0..{high:g}")
    return out
