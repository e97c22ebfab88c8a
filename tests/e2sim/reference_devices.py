"""Devices one by one: the random access of a cell with one object a device, in plain Python.

It shares nothing with the kernel but the scenario: its random numbers are NumPy's, its times are
milliseconds, and every device keeps its own clock. It is to agree with the kernel in distribution.
"""

import heapq
import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from e2sim.scenario import DeviceGroup, Devices

STATES = ("asleep", "sought", "barred", "backing", "waiting", "connected")


@dataclass(eq=False)
class Device:
    group: int
    state: str = "asleep"
    since: float = 0.0
    began: float = 0.0
    tries: int = 0
    silent_until: float = -math.inf  # beginning of the next period in which it may report


class ReferenceDevices:
    """Plays the devices of one cell from a period's beginning drawn at random."""

    def __init__(
        self, devices: Devices, seed: int, deaf_ms: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        self.deaf_ms = deaf_ms  # when the gNB hears nobody
        self.d, self.rng = devices, np.random.default_rng(seed)
        self.step = float(devices.access.occasion_ms)
        self.now = 0.0
        self.counts = [defaultdict[str, float](float) for _ in devices.groups]
        self.tries = [Counter[int]() for _ in devices.groups]
        self.members: list[list[Device]] = []
        self.events: list[tuple[float, int, str, Device]] = []
        self.numbered = 0
        self.opened: list[float] = []
        self.pushed: Counter[int] = Counter()
        for i, (g, n) in enumerate(zip(devices.groups, devices.members, strict=True)):
            self.members.append([Device(i) for _ in range(n)])
            self.opened.append(-1000.0 * g.period_s * self.rng.random())
            self._draw(i, self.opened[i])

    def _at(self, time: float, what: str, device: Device) -> None:
        self.numbered += 1
        heapq.heappush(self.events, (time, self.numbered, what, device))

    def _draw(self, i: int, opened: float) -> None:
        """When each device of group `i` has its report in the period; the past is past."""
        g: DeviceGroup = self.d.groups[i]
        n = len(self.members[i])
        if g.activation == "burst":
            times = opened + 1000.0 * g.burst_s * self.rng.beta(3.0, 4.0, n)
        else:
            times = opened + 1000.0 * g.period_s * self.rng.random(n)
        for device, time in zip(self.members[i], times.tolist(), strict=True):
            if time > 0.0:
                self._at(time, "report", device)

    def _to(self, device: Device, state: str, when: float) -> None:
        self.counts[device.group][f"{device.state}_ms"] += when - device.since
        device.state, device.since = state, when

    def _occasion_from(self, time: float) -> float:
        return math.ceil(time / self.step - 1e-9) * self.step

    def play(self, until_ms: float, admission: float) -> None:
        """All occasions before `until_ms`."""
        while self.now < until_ms:
            self._occasion(admission)
            self.now += self.step

    def finish(self, until_ms: float) -> None:
        """Count the time in each state until the end."""
        for group in self.members:
            for device in group:
                self._to(device, device.state, until_ms)

    def _occasion(self, admission: float) -> None:
        asking, trying = list[Device](), list[Device]()
        self._events_until(self.now, asking, trying)
        for i, g in enumerate(self.d.groups):
            if self.now >= self.opened[i] + 1000.0 * g.period_s:
                self.opened[i] += 1000.0 * g.period_s
                for device in self.members[i]:
                    if device.state != "asleep":
                        device.silent_until = self.opened[i] + 1000.0 * g.period_s
                self._draw(i, self.opened[i])
        self._events_until(self.now, asking, trying)
        self._contend(trying + [device for device in asking if self._passes(device, admission)])

    def _events_until(self, now: float, asking: list[Device], trying: list[Device]) -> None:
        while self.events and self.events[0][0] <= now:
            time, _, what, device = heapq.heappop(self.events)
            if what == "report":
                asking += self._report(device, time)
            elif what == "connect":
                self._to(device, "connected", now)
                self.pushed[device.group] += 1
                self._at(self._occasion_from(now + 1000.0 * self.d.connected_s), "sleep", device)
            elif what == "sleep":
                self._to(device, "asleep", now)
            elif what == "try":
                trying.append(device)
            else:
                asking.append(device)

    def _report(self, device: Device, time: float) -> list[Device]:
        now = self.now
        count, g = self.counts[device.group], self.d.groups[device.group]
        count["reports"] += 1
        if device.silent_until > time:
            count["skipped"] += 1
            return []
        assert device.state == "asleep"
        device.began, device.tries = now, 0
        if g.origin == "device":
            self._to(device, "asking", now)
            return [device]
        self._to(device, "sought", now)
        heard = self._occasion_from(now + 1000.0 * g.cycle_s * self.rng.random())
        self._at(max(heard, now + self.step), "ask", device)
        return []

    def _passes(self, device: Device, admission: float) -> bool:
        count, a = self.counts[device.group], self.d.access
        count["checks"] += 1
        if self.rng.random() < admission:
            return True
        count["refused"] += 1
        self._to(device, "barred", self.now)
        wait = 1000.0 * a.barring_s * (0.7 + 0.6 * self.rng.random())
        self._at(max(self._occasion_from(self.now + wait), self.now + self.step), "ask", device)
        return False

    def _contend(self, trying: list[Device]) -> None:
        a = self.d.access
        chosen = self.rng.integers(0, a.preambles, len(trying)).tolist()
        times = Counter(chosen)
        alone = [d for d, preamble in zip(trying, chosen, strict=True) if times[preamble] == 1]
        order = self.rng.permutation(len(alone)).tolist()
        granted = {id(alone[i]) for i in order[: a.grants]}
        single = {id(d) for d in alone}
        deaf = self.deaf_ms[0] <= self.now < self.deaf_ms[1]
        for device in trying:
            count = self.counts[device.group]
            count["attempts"] += 1
            device.tries += 1
            if id(device) in granted and not deaf:
                self._granted(device)
                continue
            if deaf:
                count["unheard"] += 1
            else:
                count["ungranted" if id(device) in single else "collided"] += 1
            if device.tries == a.preamble_trans_max:
                count["abandoned"] += 1
                self._to(device, "asleep", self.now)
            else:
                self._to(device, "backing", self.now)
                wait = a.response_ms + a.backoff_ms * self.rng.random()
                again = self._occasion_from(self.now + wait)
                self._at(max(again, self.now + self.step), "try", device)

    def _granted(self, device: Device) -> None:
        a, count = self.d.access, self.counts[device.group]
        self._to(device, "waiting", self.now)
        ready = self._occasion_from(self.now + a.response_ms + a.setup_ms)
        count["succeeded"] += 1
        count["delay_ms"] += ready - device.began
        self.tries[device.group][device.tries] += 1
        self._at(ready, "connect", device)

    def states(self) -> list[Counter[str]]:
        """Devices of each group by state."""
        return [Counter(d.state for d in group) for group in self.members]
