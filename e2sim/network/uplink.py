"""The uplink's radio: power control, what the site hears of its users and of its neighbours'.

Path loss and shadowing are those of the downlink, whose SNR at full power they are taken from.
Users transmit with open-loop power control (TS 38.213 7.1.1), without corrections by commands or
by the MCS: for M PRBs min(P_CMAX, P0 + 10 log10(2^mu M) + alpha PL) dBm. The scheduler knows from
their power headroom reports (TS 38.321 5.4.6) how many PRBs that is enough for, and grants a user
no more: the power of a PRB is the same in every grant. A repetition that needs more PRBs, at an
MCS that has fallen since, spreads that power over them.
"""

import math
from typing import Final

from e2sim.network.jit import entry, internal, jit
from e2sim.network.loss import link_loss_db
from e2sim.network.noise import NEIGHBOURS, stream, uniform
from e2sim.network.records import I64, U64, Record, Records

_SITES: Final = 6
_PLACES: Final = 8
"""Places drawn for the users of each neighbour site: the mean over them is what is heard of it."""

_ROUNDING: Final = 1e-9


@jit
def prb_power_dbm(loss_db: float, p0_dbm: float, alpha: float, most_dbm: float) -> float:
    """Transmit power in one PRB; `p0_dbm` is that wanted in a PRB of the carrier."""
    return min(p0_dbm + alpha * loss_db, most_dbm)


@jit
def headroom_prbs(prb_dbm: float, most_dbm: float, prbs: int) -> int:
    """PRBs that power `most_dbm` fills with `prb_dbm` each, 1 to `prbs`."""
    filled = 10.0 ** ((most_dbm - prb_dbm) / 10.0) * (1.0 + _ROUNDING)
    return int(min(filled, float(prbs)))


@internal
def radius_m(plan: Record) -> float:
    """Radius of the disc with the area of a site's hexagon."""
    return float(plan.site_distance * math.sqrt(math.sqrt(3.0) / (2.0 * math.pi)))


@internal
def heard_of(plan: Record, site: Record, angle: float) -> float:
    """Mean INR of a neighbour's user in this direction that fills every PRB.

    Its place is uniform in the neighbour's disc; one that this site would serve better is left out.
    """
    total, count = 0.0, 0
    for _ in range(_PLACES):
        distance = radius_m(plan) * math.sqrt(uniform(site))
        turn = 2.0 * math.pi * uniform(site)
        x = plan.site_distance * math.cos(angle) + distance * math.cos(turn)
        y = plan.site_distance * math.sin(angle) + distance * math.sin(turn)
        own = link_loss_db(plan, distance, site) - plan.antenna_gain_db
        here = link_loss_db(plan, math.sqrt(x * x + y * y), site) - plan.antenna_gain_db
        if own <= here:
            sent = prb_power_dbm(own, plan.p0_dbm, plan.alpha, plan.ue_dbm)
            total += 10.0 ** ((sent - here - plan.prb_noise_dbm) / 10.0)
            count += 1
    return total / max(count, 1)


@entry
def hear_neighbours(carriers: Records, sites: Records, which: I64, seeds: U64) -> None:
    """Set the INR at sites about to restart while the uplink of all six neighbours is full.

    `carriers` and `sites` are the plan's and the state's; `which` and `seeds` as in `drop.start`.
    It is apart from that, so that only scenarios with an uplink compile it.
    """
    for i in range(len(which)):
        site = sites[which[i]]
        site.inr = 0.0
        for k in range(_SITES):
            site.stream = stream(seeds[i], k, NEIGHBOURS)
            site.inr += heard_of(carriers[0], site, math.pi / 3.0 * k)


@internal
def face_uplink(plan: Record, site: Record, user: Record) -> None:
    """Turn a user whose SNR is that of the downlink at full power to the uplink."""
    loss = plan.downlink_dbm - 10.0 * math.log10(user.snr)
    sent = prb_power_dbm(loss, plan.p0_dbm, plan.alpha, plan.ue_dbm)
    user.most = headroom_prbs(sent, plan.ue_dbm, plan.prbs)
    user.snr = 10.0 ** ((sent - loss - plan.prb_noise_dbm) / 10.0)
    user.inr = site.inr
