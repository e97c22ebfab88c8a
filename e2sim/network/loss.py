"""The loss of a link: path loss, line of sight and shadowing, drawn once."""

from e2sim.network.jit import internal
from e2sim.network.noise import normal, uniform
from e2sim.network.propagation import (
    LEAST_DISTANCE_M,
    line_of_sight_probability,
    path_loss_db,
    shadowing_sigma_db,
)
from e2sim.network.records import Record


@internal
def link_loss_db(plan: Record, distance_m: float, owner: Record) -> float:
    """Loss in dB between a site and a place at a distance, without the antennas' gain.

    Line of sight and shadowing are drawn from the `stream` of `owner`.
    """
    distance_m = max(distance_m, LEAST_DISTANCE_M)
    sight = uniform(owner) < line_of_sight_probability(distance_m, plan.environment)
    loss = path_loss_db(
        distance_m, plan.site_height, plan.carrier_ghz, plan.environment, sight
    ) + shadowing_sigma_db(plan.environment, sight) * normal(owner)
    return float(loss)
