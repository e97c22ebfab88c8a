"""Core networks for tests."""

from dataclasses import replace
from typing import Any

import numpy as np

from e2sim.core.network import CoreNetwork
from e2sim.scenario import Scenario, load_scenario
from e2sim.scenario.core import (
    Background,
    CoreLink,
    CorePath,
    CoreScenario,
    CoreSite,
    CoreSlice,
    Migration,
)
from oran.core.batch import CoreAllocationBatch

EDGE = load_scenario("edge")
QUIET = Background()


def with_core(core: CoreScenario, period_ms: int = 100) -> Scenario:
    """A scenario of as many slices as the core has."""
    slices = tuple(replace(EDGE.slices[0], snssai=part.snssai) for part in core.slices)
    return replace(EDGE, core=core, slices=slices, period_ms=period_ms)


def single(
    *,
    capacity: float = 100_000.0,
    service_scv: float = 1.0,
    size_scv: float = 0.0,
    queue_ms: float = 1000.0,
    mbps: float = 1e7,
    link_queue_ms: float = 1000.0,
    loss: float = 0.0,
) -> CoreScenario:
    """One site, one link, one path, one slice, no background."""
    return CoreScenario(
        sites=(
            CoreSite(
                name="a",
                kind="edge",
                capacity=capacity,
                service_scv=service_scv,
                queue_ms=queue_ms,
                background=QUIET,
            ),
        ),
        links=(
            CoreLink(
                name="a-gnb",
                source="a",
                target="gnb",
                capacity_mbps=mbps,
                delay_ms=0.0,
                loss=loss,
                queue_ms=link_queue_ms,
                background=QUIET,
            ),
        ),
        paths=(CorePath(name="a", site="a", links=("a-gnb",)),),
        slices=(CoreSlice(snssai=EDGE.slices[0].snssai, site="a", size_scv=size_scv),),
    )


def two_sites(
    *,
    state_mbyte: float = 0.5,
    interruption_ms: float = 20.0,
    hold_kbyte: float = 1e6,
    restart_ms: float = 50.0,
    cost: float = 2.0,
) -> CoreScenario:
    """Site a before the gNB with two paths, site b behind a; 100 Mbit/s; one slice at a."""

    def link(name: str, source: str, target: str, delay_ms: float) -> CoreLink:
        return CoreLink(
            name=name,
            source=source,
            target=target,
            capacity_mbps=100.0,
            delay_ms=delay_ms,
            queue_ms=1000.0,
            background=QUIET,
        )

    def site(name: str) -> CoreSite:
        return CoreSite(name=name, kind="edge", capacity=1e6, background=QUIET)

    return CoreScenario(
        sites=(site("a"), site("b")),
        links=(
            link("near", "a", "gnb", 1.0),
            link("long", "a", "gnb", 5.0),
            link("back", "b", "a", 2.0),
        ),
        paths=(
            CorePath(name="a-near", site="a", links=("near",)),
            CorePath(name="a-long", site="a", links=("long",)),
            CorePath(name="b-near", site="b", links=("back", "near")),
        ),
        slices=(
            CoreSlice(
                snssai=EDGE.slices[0].snssai,
                site="a",
                state_mbyte=state_mbyte,
                interruption_ms=interruption_ms,
            ),
        ),
        migration=Migration(
            transfer_share=0.4, hold_kbyte=hold_kbyte, restart_ms=restart_ms, cost=cost
        ),
    )


def network(core: CoreScenario, cells: int = 1, period_ms: int = 100) -> CoreNetwork:
    return CoreNetwork(with_core(core, period_ms), np.arange(cells, dtype=np.uint64))


def allocation(core: CoreNetwork, site: int, split: list[int]) -> CoreAllocationBatch:
    """The same site and split for every slice of every cell."""
    shape = (core.cells, len(core.snssais))
    return CoreAllocationBatch(
        np.full(shape, site), np.tile(np.array(split), (*shape, 1)).astype(np.int64)
    )


def traffic(core: CoreNetwork, packets: float, size: float) -> np.ndarray[Any, Any]:
    return np.tile([packets, packets * size], (core.cells, len(core.snssais), 1))
