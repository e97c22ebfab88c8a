"""Power states of TR 38.864 V18.1.0 clause 5.1, category 1, set 1, and the plan of their use."""

import math
from typing import Final

from e2sim.scenario import Scenario, Sleep

(IDLE, LIGHT, DEEP) = range(3)
"""Depths of sleep. Idle is awake, or in micro sleep, which takes no time to enter or to leave."""

SLEEP_LIGHT: Final = 25.0
SLEEP_DEEP: Final = 1.0
SLEEP_MICRO: Final = 55.0
FULL_LOAD: Final = 280.0
ACTIVE_UPLINK: Final = 110.0
"""Relative powers, table 5.1-3: P2, P1, P3, P4 of an active downlink with all PRBs, and P5 of an
active uplink."""

UNSCALED: Final = 0.4
"""A: share of the dynamic downlink power that scales neither with PRBs nor with their power."""

WAY_LIGHT_MS: Final = 3
WAY_DEEP_MS: Final = 25
"""Half of the whole transition times of table 5.1-4: as long to fall asleep as to wake up."""

EXTRA_LIGHT: Final = 90.0
EXTRA_DEEP: Final = 1000.0
"""Additional energy of going to sleep and waking up, relative power times ms, table 5.1-5."""

SSB_PRBS: Final = 20
"""PRBs of a synchronisation signal block, TS 38.211 7.4.3.1."""

POWER_FIELDS: Final = {
    "off_w": "f8",
    "rests": "i8",  # 1 where a cell may be down or asleep
    "sleeps": "i8",  # 1 where power and sleep are those of TR 38.864
    "deepest": "i8",  # depth of sleep allowed; below IDLE, not even micro sleep
    "idle": "i8",  # slots without data before light or deep sleep
    "ssb": "i8",  # slots from one synchronisation signal to the next
    "unit_w": "f8",  # watts of one unit of relative power
}
"""Fields of the plan's carrier, filled by `power_plan`."""

_DEPTHS: Final = {"none": -1, "micro": IDLE, "light": LIGHT, "deep": DEEP}


def power_plan(scenario: Scenario) -> dict[str, float]:
    """What a scenario's cells may do to save power, in slots and watts."""
    per_ms, sleep = 1 << scenario.numerology, scenario.power.sleep
    given = Sleep() if sleep is None else sleep
    return {
        "off_w": scenario.power.off_w,
        "rests": any(f.kind == "gnb_outage" for f in scenario.faults) or sleep is not None,
        "sleeps": sleep is not None,
        "deepest": _DEPTHS[given.deepest],
        "idle": math.ceil(given.idle_ms * per_ms),
        "ssb": given.ssb_ms * per_ms,
        "unit_w": scenario.power.full_load_w / FULL_LOAD,
    }
