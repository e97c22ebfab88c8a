"""The world around the plain Python cell: interference, fading, CQI and arrivals."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np

from e2sim.network.link import CQI_SINR, MCS_OF_CQI
from e2sim.network.network import Network
from e2sim.network.state import State
from e2sim.scenario import Direction, Scenario, SliceScenario
from oran.allocation import Allocation
from tests.e2sim.reference_faults import ReferenceFaults
from tests.e2sim.reference_parts import Arrival, Fading, Sdu, Stream, User

TICK_MS = 10


def upward(scenario: Scenario) -> Scenario:
    """The scenario with what its slices send in place of what they receive."""
    parts = [
        replace(
            s, scheduler=s.uplink.scheduler, discard_ms=s.uplink.discard_ms,
            queue=s.uplink.queue, traffic=s.uplink.traffic,
        )
        if s.uplink else replace(s, traffic=replace(s.traffic, load=(0.0, 0.0)))
        for s in scenario.slices
    ]  # fmt: skip
    around = replace(scenario.interference, mean_db=scenario.uplink.load_db)
    rtt = scenario.uplink.harq_rtt_slots
    return replace(scenario, slices=tuple(parts), interference=around, harq_rtt_slots=rtt)


class ReferenceWorld:
    """Radio and traffic of one direction of cell `c` of a freshly reset network."""

    allocation: Allocation
    counts: list[Counter[str]]

    def __init__(self, network: Network, c: int = 0, direction: Direction = "downlink") -> None:
        state = network._of(direction)[1]
        self.scenario: Scenario = network.scenario
        self.upward = direction == "uplink"
        self.delay = self.scenario.uplink.grant_delay_slots if self.upward else 0
        if self.upward:
            self.scenario = upward(network.scenario)
        self.now = self.turn = 0
        self.boost, self.radiated = 1.0, 0.0
        self.around_db = self.scenario.interference.mean_db
        self.fading = Fading(state.words[c], state.taps[c], self.scenario.diversity)
        # A branch moves six times at least while the fastest user's channel forgets one half.
        doppler = max(s.speed_kmh for s in self.scenario.slices) / 3.6 * self.scenario.carrier_ghz
        half_ms = 1000.0 * 1.5211 / (2.0 * math.pi * doppler * 1e9 / 299_792_458.0)
        turn_ms = 6 * self.scenario.diversity * self.scenario.slot_ms
        self.fading_step = max(int(half_ms / turn_ms), 1)
        cell = state.cells[c]
        self.faults = ReferenceFaults(self.scenario, int(cell["seed"]))
        self.interference = Stream(int(cell["stream"]))
        self.level, self.burst = float(cell["level"]), bool(cell["burst"])
        self.slice_streams = [Stream(int(s["stream"])) for s in state.slices[c]]
        self.swings = [float(s["swing"]) for s in state.slices[c]]
        self.bursts = [float(s["burst"]) for s in state.slices[c]]
        self.turns = [0] * len(self.scenario.slices)
        self.users: list[list[User]] = []
        u = 0
        self.first_places: list[int] = []
        for s, places in zip(self.scenario.slices, self.scenario.places, strict=True):
            self.users.append([self._user(state, c, u + i) for i in range(s.users)])
            self.first_places.append(u)
            u += places
        self._set_mean_sinr()
        for users in self.users:
            for user in users:
                user.measured_cqi = user.cqi = self._cqi(user)

    @staticmethod
    def _user(state: State, c: int, u: int) -> User:
        row = state.users[c, u]
        return User(
            u,
            float(row["snr"]),
            float(row["inr"]),
            Stream(int(row["stream"])),
            Stream(int(row["flows"])),
            int(row["luck"]),
            float(row["base_rate"]),
            float(row["cycle_bytes"]),
            float(row["left"]),
            bool(row["on"]),
            float(row["nominal"]),
            int(row["due"]),
            int(row["most"]),
            around=float(row["around"]),
        )

    def mine(self, now: int) -> bool:
        """Whether a slot is of the direction: S counts as D."""
        pattern = self.scenario.duplex.pattern
        return not pattern or (pattern[now % len(pattern)] == "U") == self.upward

    @property
    def tick(self) -> int:
        return self.now // (TICK_MS << self.scenario.numerology)

    # Radio ---------------------------------------------------------------------------------

    def _set_mean_sinr(self) -> None:
        i = self.scenario.interference
        level_db = self.around_db + i.sigma_db * self.level + i.burst_db * self.burst
        load = 10.0 ** (min(level_db, 0.0) / 10.0) * self.faults.interference(self.tick)
        rise = 10.0 ** ((i.sigma_db * self.level + i.burst_db * self.burst) / 10.0)
        for users in self.users:
            for user in users:
                if self.scenario.mobility is not None:
                    load = min(user.around * rise, 1.0) * self.faults.interference(self.tick)
                mean = user.snr * self.boost / (1.0 + user.inr * load)
                user.branch_sinr = np.float32(mean / self.scenario.diversity)

    def _sinr(self, user: User) -> float:
        return float(user.branch_sinr * self.fading.power(user.index))

    def _cqi(self, user: User) -> int:
        return int(np.searchsorted(CQI_SINR, self._sinr(user), "right"))

    def _interfere(self) -> None:
        i = self.scenario.interference
        kept = math.exp(-TICK_MS / 1000.0 / i.memory_s)
        self.level = kept * self.level + math.sqrt(1.0 - kept * kept) * self.interference.normal()
        stay = i.burst_on_s if self.burst else i.burst_off_s
        if self.interference.uniform() < 1.0 - math.exp(-TICK_MS / 1000.0 / stay):
            self.burst = not self.burst

    def _mcs(self, s: int, user: User) -> int:
        backoff = self.allocation.slices[s].mcs_backoff
        return max(int(MCS_OF_CQI[user.cqi]) - backoff, 0)

    # Traffic -------------------------------------------------------------------------------

    def _modulate(self, s: int, part: SliceScenario) -> None:
        t = part.traffic
        per_s = 1000.0 * (1 << self.scenario.numerology)
        kept = math.exp(-TICK_MS / 1000.0 / t.swing_s)
        fresh = self.slice_streams[s].normal()
        self.swings[s] = kept * self.swings[s] + math.sqrt(1.0 - kept * kept) * fresh
        length, every = t.burst_s * per_s, t.burst_every_s * per_s
        if self.now >= self.bursts[s] + length:
            self.bursts[s] += every
        sigma = t.swing_sigma
        steady = (1.0 - t.burst_share) * math.exp(sigma * self.swings[s] - 0.5 * sigma * sigma)
        x = (self.now - self.bursts[s]) / length
        density = 60.0 * x * x * (1.0 - x) * (1.0 - x) * (1.0 - x) if 0.0 <= x < 1.0 else 0.0
        together = t.burst_share * every / length * density
        for user in self.users[s]:
            lot = user.stream.uniform()
            if t.on_s > 0.0:
                stay = t.on_s if user.on else t.off_s
                if lot < 1.0 - math.exp(-TICK_MS / 1000.0 / stay):
                    user.on = not user.on
            factor = (t.on_s + t.off_s) / t.on_s if t.on_s > 0.0 else 1.0
            user.rate = user.base_rate * (steady * factor * user.on + together)

    def _arrivals(self, s: int, part: SliceScenario, user: User) -> None:
        t, count = part.traffic, self.counts[s]
        while user.hazard <= 0.0:
            low, high = t.packet_bytes
            top = low**-t.pareto_shape
            lot = user.flows.uniform()
            size = int(low)
            if high > low:
                span = top - high**-t.pareto_shape
                size = int((top - lot * span) ** (-1.0 / t.pareto_shape))
            admitted = user.flows.uniform() < self.allocation.slices[s].admission_ratio / 100.0
            user.hazard += user.flows.exponential()
            user.drawn = user.drawn % 8 + 1
            count["demanded_bytes"] += size
            count["attempted_flows"] += t.admission
            if t.admission and not admitted:
                count["blocked_flows"] += 1
            else:
                self._push(s, part, user, size)
        if user.due <= self.now:
            factor = 1.0
            if t.periodic_sigma > 0.0:
                sigma = t.periodic_sigma
                factor = math.exp(sigma * user.stream.normal() - 0.5 * sigma * sigma)
            size = max(int(user.cycle_bytes * factor), 1)
            count["demanded_bytes"] += size
            self._push(s, part, user, size)
            per_ms = 1 << self.scenario.numerology
            user.nominal += t.period_ms * per_ms
            moved = user.nominal + t.jitter_ms * per_ms * (user.stream.uniform() - 0.5)
            user.due = max(int(moved), self.now + 1)

    def _push(self, s: int, part: SliceScenario, user: User, size: int) -> None:
        sizes = [part.traffic.sdu_bytes] * (size // part.traffic.sdu_bytes)
        if size % part.traffic.sdu_bytes:
            sizes.append(size % part.traffic.sdu_bytes)
        count = self.counts[s]
        count["offered_bytes"] += size
        count["offered_sdus"] += len(sizes)
        left = sizes
        if not self.upward:
            left = self.faults.survivors(user.index, user.drawn, size, sizes, self.now, self.tick)
        count["lost_sdus"] += len(sizes) - len(left)
        count["dropped_sdus"] += len(sizes) - len(left)
        count["dropped_bytes"] += size - sum(left)
        sizes, size = left, sum(left)
        if not sizes:
            return
        if user.arrivals == part.queue:
            count["dropped_bytes"] += size
            count["dropped_sdus"] += len(sizes)
            return
        arrival = Arrival(self.now, size)
        user.queue.extend(Sdu(arrival, n, n, n, place=i) for i, n in enumerate(sizes))
