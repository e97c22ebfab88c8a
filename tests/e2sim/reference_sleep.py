"""Sleep and energy of the plain Python cell, from tables written anew (TR 38.864 5.1)."""

import math
from collections import Counter, defaultdict

from e2sim.scenario import Scenario

POWER = {"idle": 55.0, "light": 25.0, "deep": 1.0}
WHOLE_TRANSITION_MS = {"light": 6, "deep": 50}
TRANSITION_ENERGY = {"light": 90.0, "deep": 1000.0}


class ReferenceSleep:
    """Where a cell is in its sleep, and joules by state; times in milliseconds."""

    def __init__(self, scenario: Scenario) -> None:
        assert scenario.power.sleep is not None
        self.scenario, self.sleep = scenario, scenario.power.sleep
        power = scenario.power
        full_w = power.chains * (power.fixed_w + power.slope * power.max_w)
        self.unit_w = (self.sleep.full_load_w or full_w) / 280.0
        self.allowed = {"none": [], "micro": [], "light": ["light"], "deep": ["deep", "light"]}[
            self.sleep.deepest
        ]
        self.state = "idle"
        self.asleep_ms = self.back_ms = self.idle_ms = 0.0
        self.joules: defaultdict[str, float] = defaultdict(float)
        self.slots: Counter[str] = Counter()
        self.entries: Counter[str] = Counter()

    def open(self) -> None:
        self.joules, self.slots, self.entries = defaultdict(float), Counter(), Counter()

    def _spend(self, state: str, relative: float) -> None:
        self.slots[state] += 1
        self.joules[state] += self.unit_w * relative * self.scenario.slot_ms / 1000.0

    def asleep(self, now_ms: float) -> bool:
        """Whether the cell sleeps in this slot, whatever comes in it."""
        return self.state != "idle" and now_ms < self.back_ms

    def silent(self, now_ms: float, waiting: bool) -> bool:
        """Whether the cell sleeps in this slot, which is then paid for."""
        if self.state == "idle":
            return False
        if waiting:
            way_ms = WHOLE_TRANSITION_MS[self.state] / 2
            self.back_ms = min(self.back_ms, max(now_ms, self.asleep_ms) + way_ms)
        if now_ms >= self.back_ms:
            self.state = "idle"
            return False
        self._spend(self.state, POWER[self.state])
        return True

    def down(self, off: bool) -> None:
        self.state, self.idle_ms = "idle", 0.0
        if not off:
            self._idle()

    def _idle(self) -> None:
        self._spend("idle", 55.0 if self.sleep.deepest != "none" else 55.0 + 0.4 * 225.0)

    def awake(self, now_ms: float, used: int, heard: int, boost: float, pending: bool) -> None:
        """A slot awake, with data in `used` PRBs and `heard` of the uplink's, and what follows."""
        spent = max(used, 20) if now_ms % self.sleep.ssb_ms == 0 else used
        power = 55.0 if self.sleep.deepest != "none" else 55.0 + 0.4 * 225.0
        if spent:
            power = 55.0 + 225.0 * (0.4 + 0.6 * spent / self.scenario.prbs * boost)
        if spent or heard:
            self._spend("active", power + (110.0 - 55.0) * bool(heard))
        else:
            self._idle()
        if used or heard or pending:
            self.idle_ms = 0.0
            return
        self.idle_ms += self.scenario.slot_ms
        start = now_ms + self.scenario.slot_ms
        ssb = math.ceil(start / self.sleep.ssb_ms) * self.sleep.ssb_ms
        for state in self.allowed:
            whole = WHOLE_TRANSITION_MS[state]
            if self.idle_ms >= self.sleep.idle_ms and ssb - start >= whole:
                self.state, self.asleep_ms, self.back_ms = state, start + whole / 2, ssb
                self.entries[state] += 1
                self.joules[state] += self.unit_w * TRANSITION_ENERGY[state] / 1000.0
                return
