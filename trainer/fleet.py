"""A fleet: many cells of the twin, split into shards that step in parallel threads."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from oran.batch import SLICE_FIELDS, AllocationBatch, ReportBatch
from oran.snssai import Snssai
from trainer.told import joined_reports, rows_of
from trainer.twin import MakeTwin, Twin
from xapp.decision.heuristics import static_shared


@dataclass(frozen=True, slots=True)
class Finished:
    """What ended in a period, one way or the other; float64 [N, S], 0 at an empty slice place.

    Attributes:
        packets: SDUs delivered, dropped or late.
        lost_packets: those of them dropped or late.
        late_packets: those of them late.
        bits: of the SDUs delivered, dropped or late.
        lost_bits: of the SDUs dropped or late.
    """

    packets: NDArray[np.float64]
    lost_packets: NDArray[np.float64]
    late_packets: NDArray[np.float64]
    bits: NDArray[np.float64]
    lost_bits: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Past:
    """What brings a fleet to where it is: twins repeat themselves under the same allocations.

    Attributes:
        seeds: uint64 [N].
        played: of each shard, what its n cells were allocated in every period since it last
            started, but for the first one: `slices` int64 [T, n, S, SLICE_FIELDS] and
            `tx_power_offset_db` int64 [T, n].
    """

    seeds: NDArray[np.uint64]
    played: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]


_T = TypeVar("_T")
_Scalar = TypeVar("_Scalar", bound=np.generic)


class Fleet:
    """Shards of equal size, stepped together, as one batch; used as a context, for its threads.

    Shards may differ in their slices: a cell with fewer than `places` has empty ones at the end.

    Args:
        kinds: what the shards are made by, in turn.
        seeds: uint64 [N], one a cell, shard by shard.
        shards: number of shards, a divisor of N.
        threads: in which they are stepped.
        remember: whether to keep what `past` tells.
    """

    def __init__(
        self,
        kinds: Sequence[MakeTwin],
        seeds: NDArray[np.uint64],
        shards: int,
        threads: int,
        *,
        remember: bool = False,
    ) -> None:
        if len(seeds) % shards:
            raise ValueError(f"shards: {shards} does not divide {len(seeds)} cells")
        self._twins = [
            kinds[i % len(kinds)](part) for i, part in enumerate(np.split(seeds, shards))
        ]
        self._size = len(seeds) // shards
        self._pool = ThreadPoolExecutor(threads)
        self._seeds = seeds.copy()
        self._played: list[list[AllocationBatch]] | None = (
            [[] for _ in range(shards)] if remember else None
        )
        self.cells = len(seeds)
        self.shards = shards
        self.places = max(len(twin.snssais) for twin in self._twins)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads; more than once does no harm."""
        self._pool.shutdown()

    def snssais(self, shard: int) -> tuple[Snssai, ...]:
        """The slices of a shard's cells."""
        return self._twins[shard].snssais

    def rows(self, shard: int) -> slice:
        """The cells of a shard."""
        return slice(shard * self._size, (shard + 1) * self._size)

    def begin(self) -> tuple[AllocationBatch, ReportBatch]:
        """Run the first period of every shard; see `renew`."""
        begun = self._each(self._first_period, self._twins)
        return joined_allocations([a for a, _ in begun]), joined_reports([r for _, r in begun])

    def renew(self, shard: int, seeds: NDArray[np.uint64]) -> tuple[AllocationBatch, ReportBatch]:
        """Start a shard anew, and run its first period as a node does before any control.

        Returns:
            The allocation in force in that period, and the report on it.
        """
        twin = self._twins[shard]
        twin.reset(seeds=seeds)
        self._seeds[self.rows(shard)] = seeds
        if self._played is not None:
            self._played[shard] = []
        return self._first_period(twin)

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """Run one period of every cell."""
        parts = self._split(allocation)
        if self._played is not None:
            for played, part in zip(self._played, parts, strict=True):
                played.append(part)
        return joined_reports(self._each(self._step, self._twins, parts))

    def measured(self, told: ReportBatch) -> ReportBatch:
        """What was measured in the last period, of which `told` is the report."""
        if told.health is None:
            return told  # nothing can be at fault
        parts = [rows_of(told, self.rows(i)) for i in range(self.shards)]
        return joined_reports(self._each(self._measured, self._twins, parts))

    def past(self) -> Past:
        """What brings a fleet of these twins to where this one is.

        Raises:
            ValueError: the fleet does not remember.
        """
        if self._played is None:
            raise ValueError("the fleet was not asked to remember")
        size = self._size
        none = (
            np.zeros((0, size, self.places, SLICE_FIELDS), np.int64),
            np.zeros((0, size), np.int64),
        )
        return Past(
            self._seeds.copy(),
            tuple(
                (
                    np.stack([a.slices for a in played]),
                    np.stack([a.tx_power_offset_db for a in played]),
                )
                if played
                else none
                for played in self._played
            ),
        )

    def relive(self, past: Past) -> tuple[AllocationBatch, ReportBatch]:
        """Go through a past, with the seeds of which the twins were just made; as `begin`."""

        def live(shard: int) -> tuple[AllocationBatch, ReportBatch]:
            twin = self._twins[shard]
            allocation, report = self._first_period(twin)
            for slices, power in zip(*past.played[shard], strict=True):
                allocation = AllocationBatch(slices, power)
                report = self._step(twin, allocation)
                if self._played is not None:
                    self._played[shard].append(allocation)
            return allocation, report

        lived = self._each(live, range(self.shards))
        return joined_allocations([a for a, _ in lived]), joined_reports([r for _, r in lived])

    def foresee(self, allocation: AllocationBatch) -> ReportBatch:
        """What `step` would measure, on copies of the twins: none moves on."""

        def ahead(twin: Twin, part: AllocationBatch) -> ReportBatch:
            copied = deepcopy(twin)
            told = self._step(copied, part)
            return self._measured(copied, told)

        return joined_reports(self._each(ahead, self._twins, self._split(allocation)))

    def finished(self) -> Finished:
        """What ended in the last period."""
        details = [twin.detail() for twin in self._twins]

        def all_cells(name: str) -> NDArray[np.float64]:
            counts = [getattr(d, name).astype(np.float64) for d in details]
            return np.concatenate([self._padded(c, 0.0) for c in counts])

        lost, lost_bits = all_cells("dropped_packets"), 8.0 * all_cells("dropped_bytes")
        return Finished(
            all_cells("delivered_packets") + lost,
            lost,
            all_cells("late_packets"),
            8.0 * all_cells("delivered_bytes") + lost_bits,
            lost_bits,
        )

    def _each(self, function: Callable[..., _T], *arguments: Iterable[Any]) -> list[_T]:
        """Results for each shard; a thread for a single one would cost more than it does."""
        run = map if self.shards == 1 else self._pool.map
        return list(run(function, *arguments))

    def _split(self, allocation: AllocationBatch) -> list[AllocationBatch]:
        return [
            AllocationBatch(allocation.slices[rows], allocation.tx_power_offset_db[rows])
            for rows in map(self.rows, range(self.shards))
        ]

    def _step(self, twin: Twin, allocation: AllocationBatch) -> ReportBatch:
        slices = np.ascontiguousarray(allocation.slices[:, : len(twin.snssais)])
        return self._widened(twin.step(AllocationBatch(slices, allocation.tx_power_offset_db)))

    def _measured(self, twin: Twin, told: ReportBatch) -> ReportBatch:
        faults = twin.faults()
        return told if faults is None else self._widened(faults.measured)

    def _widened(self, report: ReportBatch) -> ReportBatch:
        return replace(
            report,
            slices=self._padded(report.slices, np.nan),
            present=self._padded(report.present, fill=False),
        )

    def _first_period(self, twin: Twin) -> tuple[AllocationBatch, ReportBatch]:
        present = np.zeros((twin.cells, self.places), np.bool_)
        present[:, : len(twin.snssais)] = True
        allocation = static_shared(present)
        return allocation, self._step(twin, allocation)

    def _padded(self, values: NDArray[_Scalar], fill: float) -> NDArray[_Scalar]:
        """Values [n, s, ...] of a shard with empty slice places behind them."""
        n, s, *rest = values.shape
        empty = np.full((n, self.places - s, *rest), fill, values.dtype)
        return np.concatenate((values, empty), axis=1)


def joined_allocations(allocations: Sequence[AllocationBatch]) -> AllocationBatch:
    """Allocations of several batches, one below the other."""
    return AllocationBatch(
        np.concatenate([a.slices for a in allocations]),
        np.concatenate([a.tx_power_offset_db for a in allocations]),
    )
