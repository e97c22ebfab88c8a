"""Core reports and allocations of many cells as arrays, in the order of one topology."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oran.core.allocation import CoreAllocation, SliceCoreAllocation
from oran.core.measurements import CORE_SLICE_MEASUREMENTS, LINK_MEASUREMENTS, SITE_MEASUREMENTS
from oran.core.report import STATES, CoreReport, CoreSliceReport, LinkReport, SiteReport
from oran.core.topology import Topology
from oran.snssai import Snssai


@dataclass(frozen=True, slots=True)
class CoreReportBatch:
    """Core measurements of N cells with K sites, L links and S slices, in one period.

    Attributes:
        period_ms: length of the period.
        sites: float64 [N, K, len(SITE_MEASUREMENTS)]; NaN where not measured.
        links: float64 [N, L, len(LINK_MEASUREMENTS)].
        slices: float64 [N, S, len(CORE_SLICE_MEASUREMENTS)].
        site_health: int64 [N, K], indices into `oran.core.report.STATES`.
        link_health: int64 [N, L].
        upf_site: int64 [N, S], the site in use at the period's end.
        migrating: bool [N, S].
    """

    period_ms: int
    sites: NDArray[np.float64]
    links: NDArray[np.float64]
    slices: NDArray[np.float64]
    site_health: NDArray[np.int64]
    link_health: NDArray[np.int64]
    upf_site: NDArray[np.int64]
    migrating: NDArray[np.bool_]

    def __post_init__(self) -> None:
        n, s = self.upf_site.shape
        wanted = {
            "sites": (n, self.site_health.shape[-1], len(SITE_MEASUREMENTS)),
            "links": (n, self.link_health.shape[-1], len(LINK_MEASUREMENTS)),
            "slices": (n, s, len(CORE_SLICE_MEASUREMENTS)),
            "migrating": (n, s),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name}: shape {getattr(self, name).shape}, needs {shape}")

    def one(
        self,
        cell: int,
        topology: Topology,
        snssais: tuple[Snssai, ...],
        *,
        node: str,
        name: str,
        sequence: int,
        start_ms: int,
    ) -> CoreReport:
        """The report of one cell, called `name`."""
        return CoreReport(
            node,
            name,
            sequence,
            start_ms,
            self.period_ms,
            tuple(
                SiteReport(site, STATES[self.site_health[cell, k]], tuple(row))
                for k, (site, row) in enumerate(
                    zip(topology.sites, self.sites[cell].tolist(), strict=True)
                )
            ),
            tuple(
                LinkReport(link, STATES[self.link_health[cell, k]], tuple(row))
                for k, (link, row) in enumerate(
                    zip(topology.links, self.links[cell].tolist(), strict=True)
                )
            ),
            tuple(
                CoreSliceReport(
                    snssai,
                    topology.sites[self.upf_site[cell, i]],
                    bool(self.migrating[cell, i]),
                    tuple(self.slices[cell, i].tolist()),
                )
                for i, snssai in enumerate(snssais)
            ),
        )


@dataclass(frozen=True, slots=True)
class CoreAllocationBatch:
    """Core allocations of N cells with S slices, over P paths.

    Attributes:
        site: int64 [N, S], indices of sites.
        split: int64 [N, S, P], % of the slice's packets on each path of the topology; 0 on paths
            of other sites, and 100 in sum.
    """

    site: NDArray[np.int64]
    split: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.site.ndim != 2 or self.split.ndim != 3 or self.split.shape[:2] != self.site.shape:
            raise ValueError(f"split: shape {self.split.shape}, needs (*{self.site.shape}, P)")

    @classmethod
    def of(cls, allocation: CoreAllocation, topology: Topology) -> Self:
        """The batch of one allocation; raises `ValueError` where it does not fit the topology."""
        allocation.check(topology)
        shares = [dict(s.split) for s in allocation.slices]
        return cls(
            np.array([[topology.sites.index(s.site) for s in allocation.slices]], np.int64),
            np.array([[[d.get(p.name, 0) for p in topology.paths] for d in shares]], np.int64),
        )

    def one(self, cell: int, topology: Topology, snssais: tuple[Snssai, ...]) -> CoreAllocation:
        """The allocation of one cell; paths without packets are left out."""
        return CoreAllocation(
            tuple(
                SliceCoreAllocation(
                    snssai,
                    topology.sites[self.site[cell, i]],
                    tuple(
                        (path.name, percent)
                        for path, percent in zip(
                            topology.paths, self.split[cell, i].tolist(), strict=True
                        )
                        if percent
                    ),
                )
                for i, snssai in enumerate(snssais)
            )
        )
