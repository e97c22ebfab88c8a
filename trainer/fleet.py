"""A fleet: many cells of the twin, split into shards that step in parallel threads."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch, ReportBatch
from oran.snssai import Snssai
from xapp.decision.heuristics import static_shared


class Detail(Protocol):
    """Ground truth of a period that the trainer counts, int64 [N, S]."""

    @property
    def delivered_packets(self) -> NDArray[np.int64]:
        """SDUs received whole and in order."""

    @property
    def dropped_packets(self) -> NDArray[np.int64]:
        """SDUs dropped, late ones included."""


class Twin(Protocol):
    """What the trainer needs of the emulated network (`e2sim.network.Network` is one).

    The same seed gives a cell the same traffic, fading and interference, whatever it is allocated.
    """

    @property
    def snssais(self) -> tuple[Snssai, ...]:
        """The slices of every cell, in the order of the report."""

    @property
    def cells(self) -> int:
        """Number of cells."""

    def reset(
        self, which: NDArray[np.bool_] | None = None, seeds: NDArray[np.uint64] | None = None
    ) -> None:
        """Start cells anew: all, or those selected by `which`; with new seeds where given."""

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """Run one period under an allocation, and report on it."""

    def detail(self) -> Detail:
        """Ground truth of the last period."""


MakeTwin = Callable[[NDArray[np.uint64]], Twin]
"""Makes a twin with one cell for each seed."""


_Scalar = TypeVar("_Scalar", bound=np.generic)


class Fleet:
    """Shards of equal size, stepped together, as one batch; used as a context, for its threads.

    Shards may differ in their slices: a cell with fewer than `places` has empty ones at the end.

    Args:
        kinds: what the shards are made by, in turn.
        seeds: uint64 [N], one a cell, shard by shard.
        shards: number of shards, a divisor of N.
        threads: in which they are stepped.
    """

    def __init__(
        self, kinds: Sequence[MakeTwin], seeds: NDArray[np.uint64], shards: int, threads: int
    ) -> None:
        if len(seeds) % shards:
            raise ValueError(f"shards: {shards} does not divide {len(seeds)} cells")
        self._twins = [
            kinds[i % len(kinds)](part) for i, part in enumerate(np.split(seeds, shards))
        ]
        self._size = len(seeds) // shards
        self._pool = ThreadPoolExecutor(threads)
        self.cells = len(seeds)
        self.shards = shards
        self.places = max(len(twin.snssais) for twin in self._twins)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def snssais(self, shard: int) -> tuple[Snssai, ...]:
        """The slices of a shard's cells."""
        return self._twins[shard].snssais

    def rows(self, shard: int) -> slice:
        """The cells of a shard."""
        return slice(shard * self._size, (shard + 1) * self._size)

    def begin(self) -> tuple[AllocationBatch, ReportBatch]:
        """Run the first period of every shard; see `renew`."""
        begun = list(self._pool.map(self._first_period, self._twins))
        return joined_allocations([a for a, _ in begun]), joined_reports([r for _, r in begun])

    def renew(self, shard: int, seeds: NDArray[np.uint64]) -> tuple[AllocationBatch, ReportBatch]:
        """Start a shard anew, and run its first period as a node does before any control.

        Returns:
            The allocation in force in that period, and the report on it.
        """
        twin = self._twins[shard]
        twin.reset(seeds=seeds)
        return self._first_period(twin)

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """Run one period of every cell."""
        parts = [self.rows(i) for i in range(len(self._twins))]
        split = [
            AllocationBatch(allocation.slices[p], allocation.tx_power_offset_db[p]) for p in parts
        ]
        return joined_reports(list(self._pool.map(self._step, self._twins, split)))

    def packets(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """SDUs finished in the last period, and those of them dropped or late, [N, S] each."""
        details = [twin.detail() for twin in self._twins]
        lost = [self._padded(d.dropped_packets.astype(np.float64), 0.0) for d in details]
        delivered = [self._padded(d.delivered_packets.astype(np.float64), 0.0) for d in details]
        return np.concatenate(delivered) + np.concatenate(lost), np.concatenate(lost)

    def _step(self, twin: Twin, allocation: AllocationBatch) -> ReportBatch:
        slices = np.ascontiguousarray(allocation.slices[:, : len(twin.snssais)])
        report = twin.step(AllocationBatch(slices, allocation.tx_power_offset_db))
        return ReportBatch(
            report.period_ms,
            report.cell,
            self._padded(report.slices, np.nan),
            self._padded(report.present, fill=False),
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


def joined_reports(reports: Sequence[ReportBatch]) -> ReportBatch:
    """Reports of several batches, one below the other."""
    return ReportBatch(
        reports[0].period_ms,
        np.concatenate([r.cell for r in reports]),
        np.concatenate([r.slices for r in reports]),
        np.concatenate([r.present for r in reports]),
    )


def joined_allocations(allocations: Sequence[AllocationBatch]) -> AllocationBatch:
    """Allocations of several batches, one below the other."""
    return AllocationBatch(
        np.concatenate([a.slices for a in allocations]),
        np.concatenate([a.tx_power_offset_db for a in allocations]),
    )
