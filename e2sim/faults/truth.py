"""What was at fault in a period: known to evaluation, told to nobody who decides."""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from e2sim.scenario import FaultKind
from oran.batch import ReportBatch


@dataclass(frozen=True, slots=True)
class FaultsNow:
    """The faults of N cells in the last period; F faults in the order of the scenario.

    Of a cell that has started anew since, nothing was at fault and nothing measured.

    Attributes:
        kinds: what each fault is.
        share: float64 [N, F], share of the period's ticks in which it was on, start-up included.
        on_report: bool [N, F], whether it was on when the report was made, at the period's end.
        health: int8 [N, 2] of gNB and backhaul: 0 ok, 1 degraded, 2 failed.
        site_names, link_names: sites and links that can fail.
        site_health: float64 [N, sites], share of their capacity they had, mean over the period.
        link_health: float64 [N, links], the same of links.
        measured: the report without falsification; its health flags are the true ones.
        false_cell: bool [N, cell measurements], values reported that are not those measured.
        false_slices: bool [N, S, slice measurements], the same of the slices.
    """

    kinds: tuple[FaultKind, ...]
    share: NDArray[np.float64]
    on_report: NDArray[np.bool_]
    health: NDArray[np.int8]
    site_names: tuple[str, ...]
    link_names: tuple[str, ...]
    site_health: NDArray[np.float64]
    link_health: NDArray[np.float64]
    measured: ReportBatch
    false_cell: NDArray[np.bool_]
    false_slices: NDArray[np.bool_]

    def without(self, which: NDArray[np.int64]) -> "FaultsNow":
        """The same but for the cells of the indices `which`, which have no last period."""
        found = deepcopy(self)
        for flags in (found.on_report, found.false_cell, found.false_slices):
            flags[which] = False
        for health in (found.site_health, found.link_health):
            health[which] = 1.0
        for values in (found.measured.cell, found.measured.slices):
            values[which] = np.nan
        found.share[which] = 0.0
        found.health[which] = 0
        if found.measured.health is not None:
            found.measured.health[which] = 0
        return found
