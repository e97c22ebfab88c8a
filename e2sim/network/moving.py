"""Mobility in the kernel's units, and the records of users that move."""

import math
from typing import Final

from e2sim.network.grid import shift_of
from e2sim.network.records import record
from e2sim.scenario import Mobility, Scenario

_FILTER_MS: Final = 200.0
"""Measurement period that filter coefficients assume, TS 38.133 9.2.5 for FR1 without gaps."""

_DECORRELATION_M: Final = {"umi": (10.0, 13.0), "uma": (37.0, 50.0)}
"""Of shadowing, with and without line of sight: TR 38.901 table 7.5-6 part 1."""

(CONNECTED, HANDOVER, REESTABLISHING) = range(3)

MOVING: Final = {
    "measure": "i8",  # slots between measurements
    "step_s": "f8",  # the same in seconds
    "turn_s": "f8",
    "shift_x": "f8",  # of the torus; 0 without one
    "shift_y": "f8",
    "offset": "f8",  # of event A3, with hysteresis, dB
    "trigger": "i8",
    "weight": "f8",  # of a measurement in the layer 3 filter
    "interruption": "i8",
    "reestablishment": "i8",
    "forwards": "i8",
    "qout": "f8",
    "qin": "f8",
    "t310": "i8",
    "clear_m": "f8",  # decorrelation distance of shadowing with line of sight
    "blocked_m": "f8",  # and without
    "soon": "i8",  # slots within which a handover back is a ping-pong
}
"""Fields of what all users that move share."""

_PING_PONG_MS: Final = 1000
"""Minimum time of stay, TR 36.839 5.2.3."""

MOVER: Final = record(
    stream="u8",
    x="f8",  # place on the grid, m
    y="f8",
    vx="f8",  # velocity, m/s
    vy="f8",
    turn="f8",  # seconds to the next turn
    slice="i8",
    cell="i8",  # serving cell, counted in the group
    place="i8",  # user place there
    phase="i8",
    until="i8",  # slot at which the phase ends
    out="i8",  # slot since which the link has been out of synchronism
    came="i8",  # the serving cell before
    since="i8",  # slot since which the serving cell serves
)
"""One user that moves: the same one wherever it is served."""

LINK: Final = record(
    gain="f8",  # SNR the site gives at nominal power, linear
    level="f8",  # that in dB after the layer 3 filter
    shadow="f8",  # shadowing, standard normal
    lot="f8",  # there is line of sight where its probability is above it
    left="f8",  # metres until that is drawn anew
    entered="i8",  # slot since which event A3's entering condition has been met
)
"""What one user measures of one site."""

MOVES: Final = record(
    requested="i8",
    succeeded="i8",
    failed="i8",
    refused="i8",
    ping_pongs="i8",
    link_failures="i8",
    reestablished="i8",
    joined="i8",
    left="i8",
)
"""Moves of a slice's users in the period; see `moves.Moves`."""


def moving_of(scenario: Scenario) -> dict[str, float]:
    """The values of `MOVING`; zeros without mobility."""
    mobility = scenario.mobility
    if mobility is None:
        return dict.fromkeys(MOVING, 0)
    cells, per_ms = scenario.interference.coupled_cells, 1 << scenario.numerology
    shift_x, shift_y = shift_of(cells, scenario.site_distance_m) if cells > 1 else (0.0, 0.0)
    clear_m, blocked_m = _DECORRELATION_M[scenario.environment]
    return {
        "measure": mobility.measurement_ms * per_ms,
        "step_s": mobility.measurement_ms / 1000.0,
        "turn_s": mobility.turn_s,
        "shift_x": shift_x,
        "shift_y": shift_y,
        "offset": mobility.a3_offset_db + mobility.hysteresis_db,
        "trigger": mobility.time_to_trigger_ms * per_ms,
        "weight": _weight(mobility),
        "interruption": mobility.interruption_ms * per_ms,
        "reestablishment": mobility.reestablishment_ms * per_ms,
        "forwards": mobility.forwarding,
        "qout": 10.0 ** (mobility.qout_db / 10.0),
        "qin": 10.0 ** (mobility.qin_db / 10.0),
        "t310": mobility.t310_ms * per_ms,
        "clear_m": clear_m,
        "blocked_m": blocked_m,
        "soon": _PING_PONG_MS * per_ms,
    }


def _weight(mobility: Mobility) -> float:
    """TS 38.331 5.5.3.2: the filter keeps its time constant at other measurement periods."""
    kept = 1.0 - 2.0 ** (-mobility.filter_coefficient / 4.0)
    return 1.0 - math.pow(kept, mobility.measurement_ms / _FILTER_MS)
