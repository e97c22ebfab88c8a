"""A slow cell in plain Python: explicit SDUs in first-in first-out lists, one object a thing.

It plays one direction of a cell. It shares with the kernel only where users stand and what they
start with (read from the kernel's state after a reset) and the tables of CQI, MCS and block errors.
Random numbers, fading, interference, traffic, buffers, HARQ, slicing, scheduling and counters are
written anew, from the documented rules and in another shape: SDUs and their missing bytes in place
of stream positions, PRBs dealt one by one in place of rounds, one object a user in place of arrays.
"""

import math
from collections import Counter
from typing import Protocol

import numpy as np

from e2sim.network.link import BITS_PER_PRB
from e2sim.network.network import Network
from e2sim.scenario import Direction, SliceScenario
from oran.allocation import Allocation
from tests.e2sim.reference_blocks import ReferenceBlocks
from tests.e2sim.reference_parts import User
from tests.e2sim.reference_sleep import ReferenceSleep
from tests.e2sim.reference_world import TICK_MS


class ReferenceCell(ReferenceBlocks):
    """Plays a cell of a freshly reset network."""

    def __init__(self, network: Network, c: int = 0, direction: Direction = "downlink") -> None:
        super().__init__(network, c, direction)
        sleeps = self.scenario.power.sleep and not self.upward
        self.sleep = ReferenceSleep(self.scenario) if sleeps else None
        self.other: ReferenceCell | None = None  # the other direction of a cell that sleeps
        self.heard, self.waiting, self.pending = 0, False, False

    # Slicing and scheduling ----------------------------------------------------------------

    def _quotas(self, demands: list[int]) -> list[int]:
        prbs, order = self.scenario.prbs, range(len(demands))
        rows = self.allocation.slices
        dedicated = [r.dedicated_prb_ratio * prbs // 100 for r in rows]
        guaranteed = [r.min_prb_ratio * prbs // 100 for r in rows]
        limits = [r.max_prb_ratio * prbs // 100 for r in rows]
        quotas = [min(d, g) for d, g in zip(demands, guaranteed, strict=True)]
        idle = sum(max(r - q, 0) for q, r in zip(quotas, dedicated, strict=True))
        left = prbs - sum(quotas) - idle
        if self.scenario.slicing == "strict":
            return quotas
        while left:
            dealt = 0
            for i in order:
                s = (self.turn + i) % len(demands)
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
        first, places = self.first_places[s], self.scenario.places[s]
        return sorted(users, key=lambda u: (u.index - first - self.turns[s]) % places)

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
            self.turns[s] = (user.index - self.first_places[s] + 1) % self.scenario.places[s]

    # Periods -------------------------------------------------------------------------------

    def play(self, allocation: Allocation) -> list[dict[str, float]]:
        """One period of a cell without a group; returns each slice's tally."""
        return play_together([self], [allocation])[0]

    def open(self, allocation: Allocation) -> None:
        """Begin a period."""
        self.allocation = allocation
        if not self.upward:
            self.boost = float(10.0 ** (np.int64(allocation.tx_power_offset_db) / 10.0))
        self.counts = [Counter() for _ in self.scenario.slices]
        self.departed: list[list[float]] = [[] for _ in self.scenario.slices]
        self.busy_slots, self.energy_j, self.off_slots = 0, 0.0, 0
        if self.sleep:
            self.sleep.open()
        for users in self.users:
            for user in users:
                user.active = user.volume = 0
        self._set_mean_sinr()

    def _tick(self) -> None:
        self._interfere()
        self._set_mean_sinr()
        for s, part in enumerate(self.scenario.slices):
            self._modulate(s, part)

    def slot(self) -> None:
        scenario = self.scenario
        if self.now % (TICK_MS << scenario.numerology) == 0:
            self._tick()
        if self.now % self.fading_step == 0:
            self.fading.step(self.now // self.fading_step % scenario.diversity)
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
        silent = self._silent()
        quotas = [0] * len(demands) if silent else self._quotas(demands)
        for s, (part, quota) in enumerate(zip(scenario.slices, quotas, strict=True)):
            if self.mine(self.now):
                self._serve(s, part, quota)
            if part.scheduler == "proportional_fair":
                for user in self.users[s]:
                    moved = user.average + 0.01 * (user.served - user.average)
                    user.average = max(moved, 1.0)
            for user in self.users[s]:
                user.served = 0
            self.counts[s]["user_slots"] += len(self.users[s])
        used = sum(
            c["used_prbs"] - b.get("used_prbs", 0) for c, b in zip(self.counts, before, strict=True)
        )
        assert 0 <= used <= scenario.prbs
        self.busy_slots += used > 0
        self._spend(used, silent)
        self.radiated += used * self.boost
        self.turn += self.mine(self.now)
        self.now += 1

    def _silent(self) -> bool:
        """Whether the cell transmits nothing in this slot: failed, starting up or asleep."""
        off = bool(self.faults.on("gnb_outage", self.tick))
        if off or self.faults.starting(self.tick):
            self.off_slots += off
            if self.sleep:
                self.sleep.down(off)
            return True
        now_ms = self.now * self.scenario.slot_ms
        if self.upward:
            return bool(self.other and self.other.sleep and self.other.sleep.asleep(now_ms))
        waiting = self._waiting() or bool(self.other and self.other.waiting)
        return bool(self.sleep and self.sleep.silent(now_ms, waiting))

    def _waiting(self) -> bool:
        by = self.now - self.delay
        return any(any(x.unsent for x in u.known(by)) for users in self.users for u in users)

    def _spend(self, used: int, silent: bool) -> None:
        scenario, power = self.scenario, self.scenario.power
        watts = power.off_w if self.faults.on("gnb_outage", self.tick) else None
        self.heard, self.waiting = used, self._waiting()
        self.pending = self.waiting or any(u.blocks for users in self.users for u in users)
        if self.sleep and not silent:
            heard = self.other.heard if self.other else 0
            pending = self.pending or bool(self.other and self.other.pending)
            self.sleep.awake(self.now * scenario.slot_ms, used, heard, self.boost, pending)
        if watts is None and not self.sleep:
            transmitted_w = power.max_w * self.boost * used / scenario.prbs
            watts = power.chains * (power.fixed_w + power.slope * transmitted_w)
        self.energy_j += (watts or 0.0) * scenario.slot_ms / 1000.0

    @property
    def joules(self) -> float:
        return self.energy_j + (sum(self.sleep.joules.values()) if self.sleep else 0.0)

    def tallies(self) -> list[dict[str, float]]:
        """What happened to each slice in the period, by the kernel's names."""
        return [self._tally(s) for s in range(len(self.users))]

    def _tally(self, s: int) -> dict[str, float]:
        rates = self.departed[s] + [
            8.0 * u.volume / (u.active * self.scenario.slot_ms) for u in self.users[s] if u.active
        ]
        return {
            **self.counts[s],
            "queued_bytes": sum(sdu.size for u in self.users[s] for sdu in u.queue),
            "connected": len(self.users[s]),
            "departed": len(self.departed[s]),
            "departed_kbps": sum(self.departed[s]),
            "throughput_kbps": sum(rates) / len(rates) if rates else math.nan,
        }


def play_both(
    up: ReferenceCell, down: ReferenceCell, allocation: Allocation
) -> dict[Direction, list[dict[str, float]]]:
    """One period of both directions of a cell that sleeps, slot by slot."""
    up.other, down.other = down, up
    for cell in (up, down):
        cell.open(allocation)
    for _ in range(up.scenario.slots_per_period):
        up.slot()
        down.slot()
    return {"downlink": down.tallies(), "uplink": up.tallies()}


class Movers(Protocol):
    """Users of a group who move, see `reference_mobility`."""

    def tick(self, cells: list[ReferenceCell], loads: list[float]) -> None: ...


def play_together(
    cells: list[ReferenceCell], allocations: list[Allocation], movers: Movers | None = None
) -> list[list[dict[str, float]]]:
    """One period of the cells of a group, slot by slot."""
    for cell, allocation in zip(cells, allocations, strict=True):
        cell.open(allocation)
    scenario = cells[0].scenario
    tick = TICK_MS << scenario.numerology
    mine = sum(map(cells[0].mine, range(tick)))
    for _ in range(scenario.slots_per_period):
        loads = [max(cell.radiated / (scenario.prbs * mine), 1e-4) for cell in cells]
        if len(cells) > 1 and cells[0].now and cells[0].now % tick == 0:
            total = sum(cell.radiated for cell in cells)
            for cell in cells:
                heard = (total - cell.radiated) / (len(cells) - 1) / (scenario.prbs * mine)
                cell.around_db = 10.0 * math.log10(max(heard, 1e-4))
            for cell in cells:
                cell.radiated = 0.0
        if movers and cells[0].now and cells[0].now % tick == 0:
            movers.tick(cells, loads)
        for cell in cells:
            cell.slot()
    return [cell.tallies() for cell in cells]
