"""Settings of the twin's own sources under which its users resemble the recorded phones.

Found by hand from the fitted sources' mean stays, not by a search: one user a slice, 106 PRBs at
numerology 1. `load` sets the rate, which also depends on where a user stands; the shape does not.
How near they come: `docs/calibration.md`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from e2sim.scenario import Scenario, Traffic

PHONES: Final[Mapping[str, Traffic]] = {
    # Netflix, embb_11_18: a chunk of some hundred kB in each active stay.
    "video": Traffic(
        load=(0.0062, 0.0062),
        packet_bytes=(20_000, 300_000),
        pareto_shape=1.2,
        admission=False,
        on_s=2.9,
        off_s=18.0,
    ),
    # A phone at rest, mmtc_11_18.
    "background": Traffic(
        load=(0.0001, 0.0001),
        packet_bytes=(200, 30_000),
        pareto_shape=1.05,
        admission=False,
        on_s=1.0,
        off_s=9.0,
    ),
    # A Meet call, urllc_04_10: never silent, the picture's rate drifts.
    "call": Traffic(
        load=(0.0062, 0.0062),
        packet_bytes=(750, 750),
        admission=False,
        swing_sigma=0.55,
        swing_s=14.0,
    ),
}
"""Traffic by what the phone does; `RECORDED_AS` names the trace each was set after."""

RECORDED_AS: Final = {"video": "embb_11_18", "background": "mmtc_11_18", "call": "urllc_04_10"}


def phone(scenario: Scenario, traffic: Traffic) -> Scenario:
    """The scenario with one slice, its first, of one user with this traffic."""
    only = replace(scenario.slices[0], users=1, queue=1024, traffic=traffic)
    return replace(scenario, slices=(only,))
