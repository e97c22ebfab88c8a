"""Users who move, for tests: a fast scenario of few users."""

from dataclasses import replace
from typing import Any

from e2sim.scenario import Mobility, Scenario, load_scenario

HIGHWAY = load_scenario("highway")
assert HIGHWAY.mobility is not None
MOBILITY: Mobility = HIGHWAY.mobility
QUICK = replace(
    MOBILITY, measurement_ms=20, a3_offset_db=1.0, time_to_trigger_ms=40, filter_coefficient=0
)


def small(cells: int, users: int, **mobility: Any) -> Scenario:
    """Few users, fast ones, close to their sites: they change cells often."""
    return replace(
        HIGHWAY,
        period_ms=20,
        site_distance_m=100.0,
        interference=replace(HIGHWAY.interference, coupled_cells=cells),
        mobility=replace(QUICK, **mobility),
        slices=tuple(replace(s, users=users, speed_kmh=300.0) for s in HIGHWAY.slices),
    )
