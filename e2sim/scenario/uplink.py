"""Uplink of a scenario: power, noise, grants and repetitions."""

from dataclasses import dataclass
from typing import Annotated, Final

from e2sim.document import Within

ALPHAS: Final = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Values of Alpha in TS 38.331, PUSCH-PowerControl."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """Uplink of a cell; what its users send is part of the slices.

    Attributes:
        ue_power_dbm: a user's largest transmit power (TS 38.101-1 6.2.1, power class 3).
        p0_dbm, alpha: open-loop power control of TS 38.213 7.1.1: the power wanted in a PRB of
            15 kHz subcarriers, and the share of the path loss that is compensated.
        noise_figure_db: of the site's receiver (TR 38.901 table 7.8-1).
        load_db: long-run mean load of the neighbours' uplink, as `Interference.mean_db`; spread,
            memory and bursts are those of `Interference`, drawn apart from the downlink's.
        grant_delay_slots: from an arrival to the first slot it may be sent in: scheduling request,
            buffer status report and grant (TS 38.321 5.4.4, 5.4.5), of all arrivals alike.
        harq_rtt_slots: from a transmission to its repetition, in uplink slots.
    """

    ue_power_dbm: Annotated[float, Within(-10.0, 35.0)] = 23.0
    p0_dbm: Annotated[float, Within(-202.0, 24.0)] = -80.0
    alpha: Annotated[float, Within(0.0, 1.0)] = 0.8
    noise_figure_db: Annotated[float, Within(0.0, 20.0)] = 5.0
    load_db: Annotated[float, Within(-40.0, 0.0)] = -6.0
    grant_delay_slots: Annotated[int, Within(0, 640)] = 8
    harq_rtt_slots: Annotated[int, Within(2, 16)] = 8


def check_uplink(uplink: Uplink, path: str) -> None:
    """Raise `ValueError` for values that no uplink has."""
    if uplink.alpha not in ALPHAS:
        raise ValueError(f"{path}.alpha: {uplink.alpha:g} is not one of {ALPHAS}")
