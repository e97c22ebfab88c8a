"""What sets one direction of a carrier apart from the other, in the kernel's units."""

import math
from typing import Final

from e2sim.network.noise import UPLINK
from e2sim.network.propagation import noise_dbm
from e2sim.scenario import Direction, Scenario

DIRECTION: Final = {
    "uplink": "i8",  # 1 where the direction is the uplink
    "cycle": "i8",  # slots of the TDD pattern, 1 with FDD
    "mask": "i8",  # those of the direction, a bit each, the first in the lowest
    "tick_slots": "i8",  # those in a tick
    "duty": "f8",  # their share
    "grant_delay": "i8",
    "streams": "i8",  # added to the purposes of the direction's own streams
    "fading_streams": "i8",
    "antenna_gain_db": "f8",
    "downlink_dbm": "f8",  # of the site over noise at the user: less the loss, its downlink SNR
    "ue_dbm": "f8",
    "p0_dbm": "f8",  # of a PRB
    "alpha": "f8",
    "prb_noise_dbm": "f8",  # at the site
}
"""Fields of what all cells share that depend on the direction."""

_PRB_HZ: Final = 12 * 15_000.0
"""Width of a PRB of numerology 0."""


def direction_of(scenario: Scenario, direction: Direction, tick: int) -> dict[str, float]:
    """Those fields for a scenario as that direction sees it, with `tick` slots a tick."""
    link, upward = scenario.uplink, direction == "uplink"
    own = scenario.duplex.slots(direction)
    reciprocal = bool(scenario.duplex.pattern)
    return {
        "uplink": upward,
        "cycle": len(own),
        "mask": sum(1 << i for i, mine in enumerate(own) if mine),
        "tick_slots": tick // len(own) * sum(own),
        "duty": sum(own) / len(own),
        "grant_delay": link.grant_delay_slots if upward else 0,
        "streams": UPLINK if upward else 0,
        # One frequency, one channel: with TDD both directions fade alike.
        "fading_streams": UPLINK if upward and not reciprocal else 0,
        **_budget(scenario),
    }


def _budget(scenario: Scenario) -> dict[str, float]:
    """Powers, gain and noise of the uplink; the downlink's are in `power_over_noise_db`."""
    mu, link, power = scenario.numerology, scenario.uplink, scenario.power
    prb_hz = _PRB_HZ * 2**mu
    sites_dbm = 10.0 * math.log10(1000.0 * power.max_w * power.chains)
    return {
        "antenna_gain_db": scenario.antenna_gain_db,
        "downlink_dbm": sites_dbm - noise_dbm(prb_hz * scenario.prbs),
        "ue_dbm": link.ue_power_dbm,
        "p0_dbm": link.p0_dbm + 10.0 * math.log10(2**mu),
        "alpha": link.alpha,
        "prb_noise_dbm": noise_dbm(prb_hz, link.noise_figure_db),
    }
