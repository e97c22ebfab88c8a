"""Routes of state transfers between sites."""

from collections import deque
from typing import Final

import numpy as np

from e2sim.network.records import F64, I64
from e2sim.scenario.core import CoreScenario

DEPENDS: Final = 1
LOADS: Final = 2


def routes_of(core: CoreScenario) -> tuple[I64, F64]:
    """Links and rate of a state transfer from each site to each other.

    A transfer takes the fewest links, in either direction, and goes at the scenario's share of the
    narrowest one's capacity. Against a link's direction it needs the link up, but takes nothing of
    the capacity towards the gNB.

    Returns:
        int64 [K, K, K + L]: `DEPENDS` or `LOADS` at stations of links on the route, else 0; and
        float64 [K, K]: bytes in a ms.
    """
    sites = [site.name for site in core.sites]
    route = np.zeros((len(sites), len(sites), len(sites) + len(core.links)), np.int64)
    rate = np.zeros((len(sites), len(sites)))
    for i, source in enumerate(sites):
        for j, target in enumerate(sites):
            steps = _fewest(core, source, target) if i != j else []
            for link, forward in steps:
                route[i, j, len(sites) + link] = LOADS if forward else DEPENDS
            narrowest = min((core.links[link].capacity_mbps for link, _ in steps), default=0.0)
            rate[i, j] = core.migration.transfer_share * narrowest * 125.0
    return route, rate


def _fewest(core: CoreScenario, source: str, target: str) -> list[tuple[int, bool]]:
    """Links and whether each is taken in its direction; every site is joined by way of the gNB."""
    ways: dict[str, list[tuple[int, bool]]] = {source: []}
    waiting = deque([source])
    while target not in ways:
        node = waiting.popleft()
        for i, link in enumerate(core.links):
            for here, there, forward in (
                (link.source, link.target, True),
                (link.target, link.source, False),
            ):
                if here == node and there not in ways:
                    ways[there] = [*ways[node], (i, forward)]
                    waiting.append(there)
    return ways[target]
