"""The twin, as the trainer needs it."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch, ReportBatch
from oran.snssai import Snssai


class Detail(Protocol):
    """Ground truth of a period that the trainer counts, int64 [N, S]."""

    @property
    def delivered_packets(self) -> NDArray[np.int64]:
        """SDUs received whole and in order."""

    @property
    def dropped_packets(self) -> NDArray[np.int64]:
        """SDUs dropped, late ones included."""

    @property
    def late_packets(self) -> NDArray[np.int64]:
        """SDUs dropped because too old."""

    @property
    def delivered_bytes(self) -> NDArray[np.int64]:
        """Bytes of the SDUs delivered."""

    @property
    def dropped_bytes(self) -> NDArray[np.int64]:
        """Bytes of the SDUs dropped, late ones included."""


class Faults(Protocol):
    """What was at fault in a period."""

    @property
    def measured(self) -> ReportBatch:
        """The report without falsification."""


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

    def faults(self) -> Faults | None:
        """What was at fault in the last period; None where nothing can be."""


MakeTwin = Callable[[NDArray[np.uint64]], Twin]
"""Makes a twin with one cell for each seed."""
