"""Large-scale propagation: TR 38.901 street canyon and urban macro, on a hexagonal grid."""

import math
from typing import Final

from e2sim.network.jit import jit

UMI: Final = 0
UMA: Final = 1

USER_HEIGHT_M: Final = 1.5
"""TR 38.901 table 7.2-1."""

NOISE_DBM_PER_HZ: Final = -174.0
NOISE_FIGURE_DB: Final = 9.0
"""UE noise figure, TR 38.901 table 7.8-1."""

LEAST_DISTANCE_M: Final = 10.0
"""Nearest ground distance of the path loss, TR 38.901 table 7.4.1-1; who is nearer is there."""

_LIGHT_SPEED: Final = 299_792_458.0


@jit
def line_of_sight_probability(distance_m: float, environment: int) -> float:
    """Probability of line of sight at a ground distance, TR 38.901 table 7.4.2-1.

    The urban macro formula is the one for users up to 13 m high.
    """
    if distance_m <= 18.0:
        return 1.0
    scale = 36.0 if environment == UMI else 63.0
    near = 18.0 / distance_m
    return near + math.exp(-distance_m / scale) * (1.0 - near)


@jit
def path_loss_db(
    distance_m: float, height_m: float, carrier_ghz: float, environment: int, sight: bool
) -> float:
    """Path loss in dB at a ground distance of 10 m to 5 km, TR 38.901 table 7.4.1-1."""
    rise = height_m - USER_HEIGHT_M
    slant = math.sqrt(distance_m * distance_m + rise * rise)
    frequency = 20.0 * math.log10(carrier_ghz)
    # Effective environment height of 1 m, note 1 of the table.
    breakpoint_m = 4.0 * (height_m - 1.0) * (USER_HEIGHT_M - 1.0) * carrier_ghz * 1e9 / _LIGHT_SPEED
    start, slope = (32.4, 21.0) if environment == UMI else (28.0, 22.0)
    if distance_m <= breakpoint_m:
        clear = start + slope * math.log10(slant) + frequency
    else:
        bend = 9.5 if environment == UMI else 9.0
        clear = (
            start
            + 40.0 * math.log10(slant)
            + frequency
            - bend * math.log10(breakpoint_m * breakpoint_m + rise * rise)
        )
    if sight:
        return clear
    if environment == UMI:
        blocked = 22.4 + 35.3 * math.log10(slant) + 21.3 * math.log10(carrier_ghz)
    else:
        blocked = 13.54 + 39.08 * math.log10(slant) + frequency
    return max(clear, blocked)


@jit
def shadowing_sigma_db(environment: int, sight: bool) -> float:
    """Standard deviation of log-normal shadowing in dB, TR 38.901 table 7.4.1-1."""
    if sight:
        return 4.0
    return 7.82 if environment == UMI else 6.0


def noise_dbm(bandwidth_hz: float, figure_db: float = NOISE_FIGURE_DB) -> float:
    """Thermal noise and noise figure of a receiver in dBm."""
    return NOISE_DBM_PER_HZ + 10.0 * math.log10(bandwidth_hz) + figure_db
