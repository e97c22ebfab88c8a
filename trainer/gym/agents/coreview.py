"""What agents see of the core, and what the core agent's outputs mean."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.measurements import (
    CORE_SLICE_MEASUREMENTS,
    LINK_MEASUREMENTS,
    SITE_MEASUREMENTS,
)
from oran.core.report import STATES
from oran.core.topology import Topology
from oran.measurements import UINT32, Measurement
from xapp.decision.action import whole_percent

STAY: Final = 1.0
"""Another site has to beat the present one by this much, so that outputs of zeros move nothing."""

_HALF: Final = {"us": 1000.0, "1e-3 per period": 1000.0}
"""Values of unbounded units that read as one half."""


def shown(values: NDArray[np.float64], table: tuple[Measurement, ...]) -> NDArray[np.float64]:
    """Measurements [..., len(table)] brought to 0..1, in order and without ties lost.

    Shares are linear, counts logarithmic, times and costs x / (x + half); what was not measured
    is the catalogue's missing value.
    """
    out = np.empty_like(values)
    for i, m in enumerate(table):
        x = np.where(np.isnan(values[..., i]), m.missing, values[..., i])
        if m.unit in _HALF:
            out[..., i] = x / (x + _HALF[m.unit])
        elif m.high == UINT32:
            out[..., i] = np.log1p(x) / np.log1p(UINT32)
        else:
            out[..., i] = x / m.high
    return out


def core_observation(report: CoreReportBatch, topology: Topology) -> NDArray[np.float64]:
    """Of the one cell, flat and in 0..1: slices, then sites, then links.

    A slice has its measurements, its site as one of K and whether it migrates; a site and a link
    have their measurements and their health, 1 for `ok` down to 0.
    """
    sites = np.eye(len(topology.sites))[report.upf_site[0]]
    slices = np.column_stack(
        [shown(report.slices[0], CORE_SLICE_MEASUREMENTS), sites, report.migrating[0]]
    )
    parts = [slices.ravel()]
    for values, health, table in (
        (report.sites, report.site_health, SITE_MEASUREMENTS),
        (report.links, report.link_health, LINK_MEASUREMENTS),
    ):
        fitness = 1.0 - health[0] / (len(STATES) - 1)
        parts.append(np.column_stack([shown(values[0], table), fitness]).ravel())
    return np.concatenate(parts)


def core_observation_size(topology: Topology, slices: int) -> int:
    """Length of `core_observation`."""
    of_slice = len(CORE_SLICE_MEASUREMENTS) + len(topology.sites) + 1
    sites = len(topology.sites) * (len(SITE_MEASUREMENTS) + 1)
    return slices * of_slice + sites + len(topology.links) * (len(LINK_MEASUREMENTS) + 1)


def core_action_size(topology: Topology) -> int:
    """Raw outputs a slice: one a site, then one a path."""
    return len(topology.sites) + len(topology.paths)


def core_allocation(
    raw: NDArray[np.floating], present_site: NDArray[np.int64], topology: Topology
) -> CoreAllocationBatch:
    """The core allocation of the one cell that raw outputs mean.

    A slice goes to the site of the largest output, where the present one has `STAY` added, and is
    divided over that site's paths by the softmax of theirs.

    Args:
        raw: [S, core_action_size(topology)], finite.
        present_site: int64 [S].
        topology: names of sites and paths.
    """
    k = len(topology.sites)
    wish = np.asarray(raw, np.float64)
    bonus = STAY * np.eye(k)[present_site]
    site = (wish[:, :k] + bonus).argmax(axis=1)
    starts = np.array([topology.sites.index(p.site) for p in topology.paths])
    here = starts[None, :] == site[:, None]
    logits = np.where(here, wish[:, k:], -np.inf)
    weight = np.exp(logits - logits.max(axis=1, keepdims=True))
    split = whole_percent(weight / weight.sum(axis=1, keepdims=True))
    return CoreAllocationBatch(site[None].astype(np.int64), split[None])
