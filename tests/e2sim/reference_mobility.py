"""Users who change cells, in plain Python: one object a user.

Event A3, link failures and the move of a user's packets, written anew from the documented rules.
"""

import math
from collections import Counter
from dataclasses import dataclass, field

from tests.e2sim.reference import ReferenceCell
from tests.e2sim.reference_parts import User
from tests.e2sim.reference_paths import Mover, Paths


@dataclass
class Group(Paths):
    """All users of the group of cells from `first` on of a freshly reset network."""

    counts: list[list[Counter[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.open()

    def open(self) -> None:
        """Begin a period."""
        self.counts = [[Counter() for _ in self.scenario.slices] for _ in self.cells]

    def tick(self, cells: list[ReferenceCell], loads: list[float]) -> None:
        now, per_ms = cells[0].now, 1 << self.scenario.numerology
        measuring = now % (self.mobility.measurement_ms * per_ms) == 0
        for mover in self.movers:
            if measuring:
                self._walk(mover)
                self._measure(mover)
                if len(cells) > 1 and mover.phase == "connected":
                    self._watch(mover, now, per_ms)
            if mover.phase != "connected" and now >= mover.until:
                self._conclude(mover, now, per_ms)
        for mover in self.movers:
            gains = [link.gain for link in mover.links]
            mover.user.snr = gains.pop(mover.cell)
            mover.user.inr = sum(gains)
            if len(cells) > 1:
                others = [load * self._on_air(c) for c, load in enumerate(loads) if c != mover.cell]
                heard = sum(g * load for g, load in zip(gains, others, strict=True))
                mover.user.around = heard / mover.user.inr
            else:
                mover.user.around = 10.0 ** (self.scenario.interference.mean_db / 10.0)

    def _on_air(self, c: int) -> bool:
        faults, tick = self.cells[c].faults, self.cells[c].tick
        return not faults.on("gnb_outage", tick) and not faults.starting(tick)

    def _sinr_db(self, mover: Mover, cell: int) -> float:
        if not self._on_air(cell):
            return -math.inf
        own = mover.links[cell].gain
        total = sum(link.gain for c, link in enumerate(mover.links) if self._on_air(c))
        return 10.0 * math.log10(own / (1.0 + total - own))

    def _watch(self, mover: Mover, now: int, per_ms: int) -> None:
        m, sinr_db = self.mobility, self._sinr_db(mover, mover.cell)
        if sinr_db >= m.qin_db:
            mover.out = None
        elif sinr_db < m.qout_db and mover.out is None:
            mover.out = now
        if mover.out is not None and now >= mover.out + m.t310_ms * per_ms:
            self.counts[mover.cell][mover.slice]["link_failures"] += 1
            self._lose(mover, now, per_ms)
            return
        serving = mover.links[mover.cell].level
        ready = []
        for k, link in enumerate(mover.links):
            weaker = link.level - m.hysteresis_db <= serving + m.a3_offset_db
            if k == mover.cell or weaker or not self._on_air(k) or not self._on_air(mover.cell):
                link.waited_from = None
                continue
            if link.waited_from is None:
                link.waited_from = now
            if now >= link.waited_from + m.time_to_trigger_ms * per_ms:
                ready.append(k)
        if ready:
            self._hand_over(mover, max(ready, key=lambda k: mover.links[k].level), now, per_ms)

    def _hand_over(self, mover: Mover, target: int, now: int, per_ms: int) -> None:
        count = self.counts[mover.cell][mover.slice]
        if not self._free(target, mover.slice):
            count["refused"] += 1
            mover.links[target].waited_from = now
            return
        count["requested"] += 1
        count["ping_pongs"] += mover.came == target and now - mover.since < 1000 * per_ms
        self._move(mover, target, now)
        self._pause(mover, "handover", now + self.mobility.interruption_ms * per_ms)

    def _pause(self, mover: Mover, phase: str, until: int) -> None:
        mover.phase, mover.until, mover.out = phase, until, None
        mover.user.held = True
        for link in mover.links:
            link.waited_from = None

    def _lose(self, mover: Mover, now: int, per_ms: int) -> None:
        _unsend(mover.user)
        self._pause(mover, "lost", now + self.mobility.reestablishment_ms * per_ms)

    def _conclude(self, mover: Mover, now: int, per_ms: int) -> None:
        qout_db = self.mobility.qout_db
        if mover.phase == "handover":
            assert mover.came is not None
            count = self.counts[mover.came][mover.slice]
            if self._sinr_db(mover, mover.cell) < qout_db:
                count["failed"] += 1
                self._lose(mover, now, per_ms)
                return
            count["succeeded"] += 1
        else:
            open_ = [
                k
                for k in range(len(self.cells))
                if self._on_air(k) and (k == mover.cell or self._free(k, mover.slice))
            ]
            if not open_:
                return
            best = max(open_, key=lambda k: mover.links[k].gain)
            if self._sinr_db(mover, best) < qout_db:
                return
            if best != mover.cell:
                self._move(mover, best, now)
            self.counts[best][mover.slice]["reestablished"] += 1
        mover.phase = "connected"
        mover.user.held = False

    def _free(self, c: int, s: int) -> list[int]:
        cell = self.cells[c]
        taken = {u.index for u in cell.users[s]}
        first = cell.first_places[s]
        return [p for p in range(first, first + self.scenario.places[s]) if p not in taken]

    def _move(self, mover: Mover, target: int, now: int) -> None:
        """Take the user out of one cell and put it into another."""
        s, user = mover.slice, mover.user
        old, new = self.cells[mover.cell], self.cells[target]
        place = self._free(target, s)[0]
        _unsend(user)
        if not self.mobility.forwarding or not self._on_air(mover.cell):
            old.counts[s]["dropped_bytes"] += sum(sdu.size for sdu in user.queue)
            old.counts[s]["dropped_sdus"] += len(user.queue)
            user.queue.clear()
        if user.active:
            rate = 8.0 * user.volume / (user.active * self.scenario.slot_ms)
            old.departed[s].append(rate)
        user.active = user.volume = 0
        user.average = 1.0
        for rows, others in (
            (old.fading.words, new.fading.words),
            (old.fading.taps, new.fading.taps),
        ):
            others[..., place] = rows[..., user.index]
        old.users[s].remove(user)
        user.index = place
        new.users[s].append(user)
        new.users[s].sort(key=lambda u: u.index)
        self.counts[mover.cell][s]["left"] += 1
        self.counts[target][s]["joined"] += 1
        mover.came, mover.cell, mover.since = mover.cell, target, now


def _unsend(user: User) -> None:
    """Nothing under way counts: SDUs that wait have to be sent from their beginning."""
    user.blocks.clear()
    for sdu in user.queue:
        sdu.missing = sdu.unsent = sdu.size
