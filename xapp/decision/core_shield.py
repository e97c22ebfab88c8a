"""The core's safety shield: projection of any proposal onto the core allocations that are allowed.

Given the last report and what was asked for before, for each slice:

1. the site is one of the topology, and has not failed, with a path of living links to the gNB;
2. a UPF that is on its way to a living site is let arrive;
3. a UPF stays `min_stay_ms` at least, and moves only where the last report promises a delay that is
   `min_gain` less than at the site it leaves; what has failed is left at once;
4. packets go over paths of that site that have not failed, and the shares sum to 100.

Where every site has failed, the UPF stays. Every change of a slice is counted under its reason.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.topology import Topology
from xapp.decision.action import whole_percent
from xapp.decision.core_rules import path_delay_us, site_delay_us, site_of

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SETTLING_PERIODS: Final = 3
"""A wish for another site that so many periods later shows neither a migration nor the new site had
no effect: one for the period under way when it was sent, one for its own, one for the report."""


class CoreEdit(IntEnum):
    """Why the shield changed a slice; the index of its column in `CoreShielded.edits`."""

    SITE_UNKNOWN = 0
    SITE_FAILED = 1
    MIGRATING = 2
    TOO_SOON = 3
    NOT_WORTH_IT = 4
    PATH_OF_OTHER_SITE = 5
    PATH_FAILED = 6
    SPLIT_SUM = 7


@dataclass(frozen=True, slots=True)
class CoreLimits:
    """Bounds of the allowed set.

    Attributes:
        min_stay_ms: time in ms that a UPF stays at least where it was moved to, 0..3,600,000.
        min_gain: least part of the delay that a move saves, 0..1.

    Raises:
        ValueError: a bound is out of its range.
    """

    min_stay_ms: int = 3_000
    min_gain: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.min_stay_ms <= 3_600_000:
            raise ValueError(f"min_stay_ms: {self.min_stay_ms} is outside 0..3600000")
        if not 0.0 <= self.min_gain <= 1.0:
            raise ValueError(f"min_gain: {self.min_gain} is outside 0..1")


@dataclass(frozen=True, slots=True)
class CoreShielded:
    """What the shield lets through.

    Attributes:
        allocation: an element of the allowed set for every cell.
        edits: bool [N, S, len(CoreEdit)], which slices were changed, by reason.
        stayed_ms: int64 [N, S], ms since each slice was last asked to move; 0 now for those that
            are asked now.
    """

    allocation: CoreAllocationBatch
    edits: Bools
    stayed_ms: Ints


def core_shield(
    topology: Topology,
    report: CoreReportBatch,
    proposed: CoreAllocationBatch,
    asked: CoreAllocationBatch,
    stayed_ms: Ints,
    limits: CoreLimits,
) -> CoreShielded:
    """Project `proposed`; any integers are taken as sites and shares.

    Args:
        topology: of the core, P paths.
        report: the last one of N cells with S slices.
        proposed: what a rule or an agent proposes.
        asked: what was asked for before, feasible.
        stayed_ms: [N, S], ms from the last move asked for to the report.
        limits: bounds.
    """
    delay = path_delay_us(topology, report)
    by_site = site_delay_us(topology, delay)
    here = _base(report, by_site, asked, stayed_ms)
    edits = np.zeros((*here.shape, len(CoreEdit)), np.bool_)
    site = _site(report, by_site, proposed, here, asked, stayed_ms, limits, edits)
    taken_over = np.logical_not(edits.any(axis=2))
    split = _split(topology, delay, site, proposed, asked, taken_over, edits)
    stayed = np.where(site != asked.site, 0, stayed_ms)
    return CoreShielded(CoreAllocationBatch(site, split), edits, stayed)


def _base(
    report: CoreReportBatch, by_site: Floats, asked: CoreAllocationBatch, stayed_ms: Ints
) -> Ints:
    """Where each UPF is, or is on its way to, if that lives; [N, S]."""
    settling = stayed_ms < SETTLING_PERIODS * report.period_ms
    goes = (report.migrating | settling) & np.isfinite(np.take_along_axis(by_site, asked.site, 1))
    return np.where(goes, asked.site, report.upf_site)


def _site(
    report: CoreReportBatch,
    by_site: Floats,
    proposed: CoreAllocationBatch,
    here: Ints,
    asked: CoreAllocationBatch,
    stayed_ms: Ints,
    limits: CoreLimits,
    edits: Bools,
) -> Ints:
    known = (proposed.site >= 0) & (proposed.site < by_site.shape[1])
    edits[..., CoreEdit.SITE_UNKNOWN] = ~known
    wish = np.where(known, proposed.site, here)
    delay_here = np.take_along_axis(by_site, here, 1)
    delay_there = np.take_along_axis(by_site, wish, 1)
    escape = np.isinf(delay_here) & np.isfinite(by_site.min(axis=1, keepdims=True))
    moves = wish != here
    dead = np.isinf(delay_there) & (moves | escape)
    on_its_way = (here != report.upf_site) | report.migrating
    soon = stayed_ms < limits.min_stay_ms
    finite = np.isfinite(delay_here)
    idle = finite & (delay_there >= (1.0 - limits.min_gain) * np.where(finite, delay_here, 0.0))
    # Each refusal has one reason: the first that applies.
    open_ = moves & ~dead
    for edit, applies in (
        (CoreEdit.MIGRATING, on_its_way & ~escape),
        (CoreEdit.TOO_SOON, soon & ~escape),
        (CoreEdit.NOT_WORTH_IT, idle & ~escape),
    ):
        edits[..., edit] = open_ & applies
        open_ &= ~applies
    edits[..., CoreEdit.SITE_FAILED] = dead
    best = np.broadcast_to(by_site.argmin(axis=1)[:, None], here.shape)
    stay = np.where(escape, best, here)
    return np.where(open_ | ~(moves | dead), wish, stay)


def _split(
    topology: Topology,
    delay: Floats,
    site: Ints,
    proposed: CoreAllocationBatch,
    asked: CoreAllocationBatch,
    taken_over: Bools,
    edits: Bools,
) -> Ints:
    """Shares [N, S, P] over living paths of `site`: the proposal's, else those before, else all on
    the fastest; over all of its paths where none lives."""
    own = site_of(topology) == site[..., None]
    alive = own & np.isfinite(delay)[:, None, :]
    usable = np.where(alive.any(axis=2, keepdims=True), alive, own)
    share = np.maximum(proposed.split, 0)
    edits[..., CoreEdit.PATH_OF_OTHER_SITE] = taken_over & ((share > 0) & ~own).any(axis=2)
    edits[..., CoreEdit.PATH_FAILED] = taken_over & ((share > 0) & own & ~usable).any(axis=2)
    wrong = (proposed.split < 0).any(axis=2) | (_sum(share)[..., 0] != 100)
    edits[..., CoreEdit.SPLIT_SUM] = taken_over & wrong
    made = np.zeros(share.shape, np.int64)
    for weights in (_fastest(delay, usable), asked.split, share):
        used = np.where(usable, weights, 0)
        made = np.where(used.any(axis=2, keepdims=True), used, made)
    exact = made / _sum(made)
    percent = whole_percent(exact.reshape(-1, exact.shape[2])).reshape(exact.shape)
    return np.where(_sum(made) == 100, made, percent)


def _sum(share: Ints) -> Floats:
    """Of each slice's shares, which together may be beyond int64."""
    total: Floats = share.sum(axis=2, keepdims=True, dtype=np.float64)
    return total


def _fastest(delay: Floats, usable: Bools) -> Bools:
    """A mark at the first of the usable paths with the least delay, [N, S, P]."""
    # Usable paths that have failed come before those that are not usable.
    finite = np.minimum(delay, np.finfo(np.float64).max)[:, None, :]
    marks: Bools = (
        np.arange(delay.shape[1]) == np.where(usable, finite, np.inf).argmin(2)[..., None]
    )
    return marks
