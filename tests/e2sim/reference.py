"""A slow cell in plain Python: explicit SDUs in first-in first-out lists, one object a thing.

It shares with the kernel only where users stand and what they start with (read from the kernel's
state after a reset), the CQI and MCS tables, and the block error curve. Random numbers, fading,
interference, traffic, buffers, HARQ, slicing, scheduling and counters are written anew, from the
documented rules and in another shape: SDUs and their missing bytes in place of stream positions,
PRBs dealt one by one in place of rounds, one dictionary of users in place of arrays.
"""

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from e2sim.network.fading import LANES
from e2sim.network.link import BITS_PER_PRB, CQI_SINR, MCS_MIDDLE, MCS_OF_CQI
from e2sim.network.network import Network
from e2sim.scenario import Scenario, SliceScenario
from oran.allocation import Allocation

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
TICK_MS = 10


def mix(z: int) -> int:
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31


def unit(word: int) -> float:
    return ((word >> 11) + 0.5) * 2.0**-53


@dataclass
class Stream:
    """SplitMix64 on Python's integers."""

    state: int

    def uniform(self) -> float:
        self.state = (self.state + GOLDEN) & MASK
        return unit(mix(self.state))

    def exponential(self) -> float:
        return -math.log(self.uniform())

    def normal(self) -> float:
        radius = math.sqrt(2.0 * self.exponential())
        return radius * math.cos(2.0 * math.pi * self.uniform())


@dataclass
class Sdu:
    """One SDU; `missing` bytes of it have not been received."""

    arrival: "Arrival"
    missing: int
    size: int
    unsent: int
    gone: bool = False


@dataclass(eq=False)
class Arrival:
    """What arrived at once; it holds a place in the ring while any of its SDUs waits."""

    slot: int


@dataclass(eq=False)
class Block:
    """A transport block under way: pieces of SDUs."""

    pieces: list[tuple[Sdu, int]]
    prbs: int
    mcs: int
    tries: int = 0
    sinr: float = 0.0
    luck: float = 0.0

    @property
    def size(self) -> int:
        return sum(n for _, n in self.pieces)


@dataclass(eq=False)
class User:
    """One user."""

    index: int
    snr: float
    inr: float
    stream: Stream
    luck: int
    base_rate: float
    cycle_bytes: float
    hazard: float
    on: bool
    nominal: float
    due: int
    mean_sinr: Any = None
    rate: float = 0.0
    cqi: int = 0
    measured_cqi: int = 0
    queue: deque[Sdu] = field(default_factory=deque)
    blocks: dict[int, Block] = field(default_factory=dict)
    average: float = 1.0
    served: int = 0
    active: int = 0
    volume: int = 0

    @property
    def unsent(self) -> int:
        return sum(s.unsent for s in self.queue)

    @property
    def arrivals(self) -> int:
        return len({id(s.arrival) for s in self.queue})


class Fading:
    """All users' branches, with NumPy's float32."""

    def __init__(self, words: NDArray[np.uint32], taps: NDArray[np.float32], branches: int) -> None:
        blocks = words.shape[0]
        self.words = words.reshape(blocks, 4, LANES).transpose(1, 0, 2).reshape(4, -1).copy()
        self.taps = (
            taps.reshape(branches, blocks, 7, LANES).transpose(0, 2, 1, 3).reshape(branches, 7, -1)
        ).copy()

    def word(self) -> NDArray[np.uint32]:
        s0, s1, s2, s3 = self.words
        out: NDArray[np.uint32] = s0 + s3
        t = s1 << np.uint32(9)
        s2 = s2 ^ s0
        s3 = s3 ^ s1
        s1 = s1 ^ s2
        s0 = s0 ^ s3
        s2 = s2 ^ t
        s3 = (s3 << np.uint32(11)) | (s3 >> np.uint32(21))
        self.words = np.stack([s0, s1, s2, s3])
        return out

    def step(self, branch: int) -> None:
        f = np.float32
        first, second = self.word(), self.word()
        u = ((first >> np.uint32(8)).astype(f) + f(1)) * f(2**-24)
        mantissa, exponent = np.frexp(u)  # in [1/2, 1)
        low = mantissa < f(math.sqrt(0.5))
        mantissa = np.where(low, mantissa * f(2), mantissa)
        exponent = np.where(low, exponent - 1, exponent)
        s = (mantissa - f(1)) / (mantissa + f(1))
        z = s * s
        series = f(1) + z * (f(1 / 3) + z * (f(1 / 5) + z * f(1 / 7)))
        radius = np.sqrt(-(exponent.astype(f) * f(math.log(2)) + f(2) * s * series))
        quadrant = second >> np.uint32(30)
        x = ((second >> np.uint32(6)) & np.uint32(0xFFFFFF)).astype(f) * f(2**-24) - f(0.5)
        x = x * f(math.pi / 2)
        z = x * x
        sine = x * (f(1) - z * (f(1 / 6) - z * (f(1 / 120) - z * f(1 / 5040))))
        cosine = f(1) - z * (f(1 / 2) - z * (f(1 / 24) - z * (f(1 / 720) - z * f(1 / 40320))))
        # A quarter turn takes (cos, sin) to (-sin, cos); the kernel leaves out signs that cancel.
        re = np.choose(quadrant, [cosine, -sine, -cosine, sine])
        im = np.choose(quadrant, [sine, cosine, -sine, -cosine])
        g_re, g_im, h_re, h_im, _, a, sigma = self.taps[branch]
        g_re = a * g_re + sigma * (radius * re)
        g_im = a * g_im + sigma * (radius * im)
        h_re = a * h_re + g_re
        h_im = a * h_im + g_im
        self.taps[branch, :5] = g_re, g_im, h_re, h_im, h_re * h_re + h_im * h_im

    def gain(self, user: int) -> Any:
        total = np.float32(0)
        for branch in self.taps:
            total = total + branch[4, user]
        return total / np.float32(len(self.taps))


class ReferenceCell:
    """Plays the first cell of a freshly reset network."""

    def __init__(self, network: Network) -> None:
        state = network._state
        self.scenario: Scenario = network.scenario
        self.now = 0
        self.boost = 1.0
        self.fading = Fading(state.words[0], state.taps[0], self.scenario.diversity)
        cell = state.cells[0]
        self.interference = Stream(int(cell["stream"]))
        self.level, self.burst = float(cell["level"]), bool(cell["burst"])
        self.slice_streams = [Stream(int(s["stream"])) for s in state.slices[0]]
        self.swings = [float(s["swing"]) for s in state.slices[0]]
        self.bursts = [float(s["burst"]) for s in state.slices[0]]
        self.turns = [0] * len(self.scenario.slices)
        self.users: list[list[User]] = []
        u = 0
        for s in self.scenario.slices:
            self.users.append([self._user(network, u + i) for i in range(s.users)])
            u += s.users
        self._set_mean_sinr()
        for users in self.users:
            for user in users:
                user.measured_cqi = user.cqi = self._cqi(user)

    @staticmethod
    def _user(network: Network, u: int) -> User:
        row = network._state.users[0, u]
        return User(
            u,
            float(row["snr"]),
            float(row["inr"]),
            Stream(int(row["stream"])),
            int(row["luck"]),
            float(row["base_rate"]),
            float(row["cycle_bytes"]),
            float(network._state.hazard[0, u]),
            bool(row["on"]),
            float(row["nominal"]),
            int(row["due"]),
        )

    # Radio ---------------------------------------------------------------------------------

    def _set_mean_sinr(self) -> None:
        i = self.scenario.interference
        level_db = i.mean_db + i.sigma_db * self.level + i.burst_db * self.burst
        load = 10.0 ** (min(level_db, 0.0) / 10.0)
        for users in self.users:
            for user in users:
                user.mean_sinr = np.float32(user.snr * self.boost / (1.0 + user.inr * load))

    def _sinr(self, user: User) -> float:
        return float(user.mean_sinr * self.fading.gain(user.index))

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
            lot = user.stream.uniform()
            size = int(low)
            if high > low:
                span = top - high**-t.pareto_shape
                size = int((top - lot * span) ** (-1.0 / t.pareto_shape))
            admitted = user.stream.uniform() < self.allocation.slices[s].admission_ratio / 100.0
            user.hazard += user.stream.exponential()
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
        if user.arrivals == part.queue:
            count["dropped_bytes"] += size
            count["dropped_sdus"] += len(sizes)
            return
        arrival = Arrival(self.now)
        user.queue.extend(Sdu(arrival, n, n, n) for n in sizes)

    # Buffers -------------------------------------------------------------------------------

    def _expire(self, s: int, part: SliceScenario, user: User) -> None:
        deadline = part.discard_ms << self.scenario.numerology
        while user.queue and self.now - user.queue[0].arrival.slot >= deadline:
            sdu = user.queue.popleft()
            sdu.gone = True
            self.counts[s]["dropped_bytes"] += sdu.size
            self.counts[s]["dropped_sdus"] += 1
            self.counts[s]["late_sdus"] += 1
        self._deliver(s, user, self.now)

    def _deliver(self, s: int, user: User, now: int) -> None:
        while user.queue and user.queue[0].missing == 0:
            sdu = user.queue.popleft()
            sdu.gone = True
            self.counts[s]["delivered_bytes"] += sdu.size
            self.counts[s]["delivered_sdus"] += 1
            self.counts[s]["delay_slots"] += now - sdu.arrival.slot
            user.volume += sdu.size

    # HARQ ----------------------------------------------------------------------------------

    def _transmit(self, s: int, user: User, block: Block, prbs: int) -> None:
        process = self.now % self.scenario.harq_rtt_slots
        if block.tries == 0:
            block.luck = unit(mix((user.luck + self.now * GOLDEN) & MASK))
        block.sinr += self._sinr(user) * prbs / block.prbs
        block.tries += 1
        count = self.counts[s]
        count["blocks"] += 1
        count["mcs_sum"] += block.mcs
        count["used_prbs"] += prbs
        failure = 1.0 / (1.0 + _eighth_power(block.sinr * float(1.0 / MCS_MIDDLE[block.mcs])))
        if block.luck >= failure:
            del user.blocks[process]
            for sdu, size in block.pieces:
                sdu.missing -= size
            self._deliver(s, user, self.now + 1)
            return
        count["nacks"] += 1
        user.blocks[process] = block
        if block.tries == self.scenario.harq_transmissions:
            del user.blocks[process]
            if any(not _arrival_gone(user, sdu) for sdu, _ in block.pieces):
                mcs = self._mcs(s, user)
                prbs = min(_prbs(block.size, mcs), self.scenario.prbs)
                user.blocks[process] = Block(block.pieces, prbs, mcs)

    def _new_block(self, s: int, user: User, prbs: int) -> None:
        mcs = self._mcs(s, user)
        room = prbs * int(BITS_PER_PRB[mcs]) // 8
        pieces = []
        for sdu in user.queue:
            take = min(room, sdu.unsent)
            if take:
                sdu.unsent -= take
                room -= take
                pieces.append((sdu, take))
        block = Block(pieces, prbs, mcs)
        user.served = 8 * block.size
        user.blocks[self.now % self.scenario.harq_rtt_slots] = block
        self._transmit(s, user, block, prbs)

    # Slicing and scheduling ----------------------------------------------------------------

    def _due(self, user: User) -> Block | None:
        return user.blocks.get(self.now % self.scenario.harq_rtt_slots)

    def _need(self, s: int, user: User) -> int:
        if self._due(user) or not user.unsent:
            return 0
        return _prbs(user.unsent, self._mcs(s, user))

    def _quotas(self, demands: list[int]) -> list[int]:
        prbs, order = self.scenario.prbs, range(len(demands))
        rows = self.allocation.slices
        dedicated = [r.dedicated_prb_ratio * prbs // 100 for r in rows]
        guaranteed = [r.min_prb_ratio * prbs // 100 for r in rows]
        limits = [r.max_prb_ratio * prbs // 100 for r in rows]
        quotas = [min(d, g) for d, g in zip(demands, guaranteed, strict=True)]
        idle = sum(max(r - q, 0) for q, r in zip(quotas, dedicated, strict=True))
        left = prbs - sum(quotas) - idle
        while left:
            dealt = 0
            for i in order:
                s = (self.now + i) % len(demands)
                if left and quotas[s] < min(demands[s], limits[s]):
                    quotas[s] += 1
                    left -= 1
                    dealt += 1
            if not dealt:
                break
        return quotas

    def _order(self, s: int, part: SliceScenario, users: list[User]) -> list[User]:
        if part.scheduler == "proportional_fair":
            return sorted(users, key=lambda u: -(int(BITS_PER_PRB[self._mcs(s, u)]) / u.average))
        if part.scheduler == "earliest_deadline":
            return sorted(users, key=lambda u: u.queue[0].arrival.slot)
        first = self.users[s][0].index
        return sorted(users, key=lambda u: (u.index - first - self.turns[s]) % part.users)

    def _serve(self, s: int, part: SliceScenario, quota: int) -> None:
        left = quota
        needs = {u.index: self._need(s, u) for u in self.users[s]}
        hungry = self._order(s, part, [u for u in self.users[s] if needs[u.index]])
        for user in self.users[s]:
            block = self._due(user)
            if block and left:
                prbs = min(left, block.prbs)
                left -= prbs
                self._transmit(s, user, block, prbs)
        for user in hungry:
            if not left:
                break
            prbs = min(left, needs[user.index])
            left -= prbs
            self._new_block(s, user, prbs)
            self.turns[s] = (user.index - self.users[s][0].index + 1) % part.users

    # Periods -------------------------------------------------------------------------------

    def play(self, allocation: Allocation) -> list[dict[str, float]]:
        """One period; returns each slice's tally, by the kernel's names."""
        self.allocation = allocation
        self.boost = float(10.0 ** (np.int64(allocation.tx_power_offset_db) / 10.0))
        self.counts: list[Counter[str]] = [Counter() for _ in self.scenario.slices]
        self.busy_slots, self.energy_j = 0, 0.0
        for users in self.users:
            for user in users:
                user.active = user.volume = 0
        self._set_mean_sinr()
        for _ in range(self.scenario.slots_per_period):
            self._slot()
            self.now += 1
        return [self._tally(s) for s in range(len(self.users))]

    def _slot(self) -> None:
        scenario = self.scenario
        if self.now % (TICK_MS << scenario.numerology) == 0:
            self._interfere()
            self._set_mean_sinr()
            for s, part in enumerate(scenario.slices):
                self._modulate(s, part)
        self.fading.step(self.now % scenario.diversity)
        phase = self.now % scenario.cqi_period_slots
        before = [dict(c) for c in self.counts]
        demands = []
        for s, part in enumerate(scenario.slices):
            for user in self.users[s]:
                if phase == 0:
                    user.measured_cqi = self._cqi(user)
                    self.counts[s]["cqi_sum"] += user.measured_cqi
                    self.counts[s]["cqi_reports"] += 1
                elif phase == scenario.cqi_delay_slots:
                    user.cqi = user.measured_cqi
            for user in self.users[s]:
                user.hazard -= user.rate
                self._expire(s, part, user)
                self._arrivals(s, part, user)
                user.active += bool(user.queue)
            repeats = sum(b.prbs for u in self.users[s] if (b := self._due(u)))
            demands.append(repeats + sum(self._need(s, u) for u in self.users[s]))
        for s, (part, quota) in enumerate(zip(scenario.slices, self._quotas(demands), strict=True)):
            self._serve(s, part, quota)
            if part.scheduler == "proportional_fair":
                for user in self.users[s]:
                    moved = user.average + 0.01 * (user.served - user.average)
                    user.average = max(moved, 1.0)
            for user in self.users[s]:
                user.served = 0
        used = sum(
            c["used_prbs"] - b.get("used_prbs", 0) for c, b in zip(self.counts, before, strict=True)
        )
        assert 0 <= used <= scenario.prbs
        self.busy_slots += used > 0
        power = scenario.power
        transmitted_w = power.max_w * self.boost * used / scenario.prbs
        watts = power.chains * (power.fixed_w + power.slope * transmitted_w)
        self.energy_j += watts * scenario.slot_ms / 1000.0

    def _tally(self, s: int) -> dict[str, float]:
        rates = [
            8.0 * u.volume / (u.active * self.scenario.slot_ms) for u in self.users[s] if u.active
        ]
        return {
            **self.counts[s],
            "queued_bytes": sum(sdu.size for u in self.users[s] for sdu in u.queue),
            "throughput_kbps": sum(rates) / len(rates) if rates else math.nan,
        }


def _prbs(size: int, mcs: int) -> int:
    return -(-8 * size // int(BITS_PER_PRB[mcs]))


def _eighth_power(x: float) -> float:
    return ((x * x) * (x * x)) * ((x * x) * (x * x))


def _arrival_gone(user: User, sdu: Sdu) -> bool:
    return sdu.gone and all(other.arrival is not sdu.arrival for other in user.queue)
