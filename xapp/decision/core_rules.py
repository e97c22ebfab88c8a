"""Rules for the core: where each slice's UPF goes, and how its packets are divided over paths.

A rule is a pure function of the last core report and of what it remembers; all decide for N cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.measurements import LINK_COLUMN, SITE_COLUMN
from oran.core.topology import Topology
from xapp.decision.action import whole_percent

CoreMemory = NDArray[np.int64]
"""What a rule remembers of each slice, [N, S]; zeros where it has not decided yet."""

FAILED: Final = 2
"""Index of `failed` in `oran.core.report.STATES`."""

_LEAST_US: Final = 1.0
"""A path is never taken to be faster."""


class CoreRule(Protocol):
    """A rule, its parameters fixed."""

    def decide(
        self, topology: Topology, report: CoreReportBatch, memory: CoreMemory
    ) -> tuple[CoreAllocationBatch, CoreMemory]:
        """The allocation of the next period, and what to remember until the one after it."""


@dataclass(frozen=True, slots=True)
class NearestSite:
    """Each UPF at the site with the path of the least propagation delay, on that path, always."""

    def decide(
        self, topology: Topology, report: CoreReportBatch, memory: CoreMemory
    ) -> tuple[CoreAllocationBatch, CoreMemory]:
        """See `CoreRule`; ties go to the earlier path; nothing is remembered."""
        path = int(np.argmin([p.delay_ms for p in topology.paths]))
        return on_paths(topology, np.full(report.upf_site.shape, path)), memory


@dataclass(frozen=True, slots=True)
class LeastDelay:
    """Each UPF where the last report promises the least delay of site and path, at once."""

    def decide(
        self, topology: Topology, report: CoreReportBatch, memory: CoreMemory
    ) -> tuple[CoreAllocationBatch, CoreMemory]:
        """See `CoreRule`; nothing is remembered."""
        best = np.argmin(path_delay_us(topology, report), axis=1)
        path = np.broadcast_to(best[:, None], report.upf_site.shape)
        return on_paths(topology, path), memory


@dataclass(frozen=True, slots=True)
class BalancedSplit:
    """UPFs stay; packets are divided over the site's paths in proportion to 1 / delay^`power`."""

    power: float = 2.0

    def decide(
        self, topology: Topology, report: CoreReportBatch, memory: CoreMemory
    ) -> tuple[CoreAllocationBatch, CoreMemory]:
        """See `CoreRule`; nothing is remembered."""
        return balanced(topology, report, report.upf_site, self.power), memory


@dataclass(frozen=True, slots=True)
class HystereticSite:
    """A UPF moves where that pays, and has paid for some time; the rest as of `BalancedSplit`.

    Where the site in use, or all paths from it, have failed, it moves at once.

    Attributes:
        gain: least part of the delay that the move saves, 0..1.
        patience: reports in a row that have to say so, >= 1.
        power: of the split; large values take the fastest path alone.
    """

    gain: float = 0.3
    patience: int = 3
    power: float = 8.0

    def decide(
        self, topology: Topology, report: CoreReportBatch, memory: CoreMemory
    ) -> tuple[CoreAllocationBatch, CoreMemory]:
        """See `CoreRule`; what is remembered are the reports in a row that spoke for a move."""
        by_path = path_delay_us(topology, report)
        by_site = site_delay_us(topology, by_path)
        here = np.take_along_axis(by_site, report.upf_site, axis=1)
        best = np.argmin(by_site, axis=1)[:, None]
        least = np.take_along_axis(by_site, best, axis=1)
        dead = np.isinf(here) & np.isfinite(least)
        pays = dead | (np.isfinite(least) & (least < (1.0 - self.gain) * here))
        count = np.where(pays & ~report.migrating, memory + 1, 0)
        moves = dead | (count >= self.patience)
        site = np.where(moves, best, report.upf_site)
        return balanced(topology, report, site, self.power), np.where(moves, 0, count)


def path_delay_us(topology: Topology, report: CoreReportBatch) -> NDArray[np.float64]:
    """Wait for the CPU and delay of the links on each path by the last report, us, [N, P].

    Infinite where the site or a link on the path has failed. A delay that was not measured counts
    as none.
    """
    site_us = np.nan_to_num(report.sites[..., SITE_COLUMN["CORE.SiteDelayMean"]])
    link_us = np.nan_to_num(report.links[..., LINK_COLUMN["CORE.LinkDelayMean"]])
    site_us = np.where(report.site_health == FAILED, np.inf, site_us)
    link_us = np.where(report.link_health == FAILED, np.inf, link_us)
    links = [[topology.links.index(name) for name in p.links] for p in topology.paths]
    return np.stack(
        [
            np.maximum(site_us[:, k] + link_us[:, own].sum(axis=1), _LEAST_US)
            for k, own in zip(site_of(topology), links, strict=True)
        ],
        axis=1,
    )


def on_paths(topology: Topology, path: NDArray[np.int64]) -> CoreAllocationBatch:
    """All packets of each slice on one path, `path` [N, S], from the site it starts at."""
    split = np.zeros((*path.shape, len(topology.paths)), np.int64)
    np.put_along_axis(split, path[..., None], 100, axis=2)
    return CoreAllocationBatch(site_of(topology)[path], split)


def balanced(
    topology: Topology, report: CoreReportBatch, site: NDArray[np.int64], power: float
) -> CoreAllocationBatch:
    """UPFs at `site` [N, S], packets over its paths in proportion to 1 / delay^`power`.

    Where all of them have failed, in equal parts.
    """
    own = site_of(topology) == site[..., None]
    delay = np.where(own, path_delay_us(topology, report)[:, None, :], np.inf)
    fastest = delay.min(axis=2, keepdims=True)
    # Of ratios, which no power takes out of range.
    weight = np.where(np.isinf(delay), 0.0, (np.where(np.isinf(fastest), 1.0, fastest) / delay))
    weight = np.where(np.isinf(fastest), own, weight**power)
    share = weight / weight.sum(axis=2, keepdims=True)
    paths = len(topology.paths)
    split = whole_percent(share.reshape(-1, paths)).reshape(share.shape)
    return CoreAllocationBatch(np.asarray(site, np.int64), split)


def site_delay_us(topology: Topology, by_path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least delay of a path from each site, us, [N, K], of `path_delay_us`."""
    sites = site_of(topology)
    least = [by_path[:, sites == k].min(axis=1) for k in range(len(topology.sites))]
    return np.stack(least, axis=1)


def site_of(topology: Topology) -> NDArray[np.int64]:
    """The site at which each path starts, [P]."""
    return np.array([topology.sites.index(p.site) for p in topology.paths], np.int64)


CORE_RULES: Final[Mapping[str, CoreRule]] = {
    "nearest-site": NearestSite(),
    "least-delay": LeastDelay(),
    "balanced-split": BalancedSplit(),
    "hysteretic-site": HystereticSite(),
}
"""Rules by the names that settings know."""
