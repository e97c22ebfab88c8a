"""Users on the move, in plain Python: complex numbers for places, one object a user.

Where users start is read from the kernel's state; paths, shadowing, filters, event A3, link
failures and the move of a user's packets are written anew from the documented rules.
"""

import cmath
import math
from collections import Counter
from dataclasses import dataclass, field
from itertools import product

from e2sim.network import Network
from e2sim.network.propagation import (
    UMA,
    UMI,
    line_of_sight_probability,
    path_loss_db,
    shadowing_sigma_db,
)
from e2sim.scenario import Mobility, Scenario
from tests.e2sim.reference import ReferenceCell
from tests.e2sim.reference_parts import Stream, User

SIXTH = cmath.exp(1j * math.pi / 3.0)
DECORRELATION_M = {"umi": (10.0, 13.0), "uma": (37.0, 50.0)}


@dataclass
class Link:
    """What a user knows of one site."""

    gain: float
    level: float
    shadow: float
    lot: float
    left: float
    waited_from: int | None = None


@dataclass
class Mover:
    """One user, wherever it is."""

    stream: Stream
    at: complex
    velocity: complex
    turn: float
    slice: int
    speed: float
    user: User
    cell: int
    links: list[Link]
    phase: str = "connected"
    until: int = 0
    out: int | None = None
    came: int | None = None
    since: int = 0
    home: int = 0  # the cell it began in


@dataclass
class Group:
    """All users of the group of cells from `first` on of a freshly reset network."""

    network: Network
    cells: list[ReferenceCell]
    first: int
    counts: list[list[Counter[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scenario: Scenario = self.network.scenario
        assert self.scenario.mobility is not None
        self.mobility: Mobility = self.scenario.mobility
        state = self.network._state
        plan = self.network._plan
        self.sites = [complex(*place) for place in plan.sites.tolist()]
        self.power_db = float(plan.carrier[0]["power_over_noise_db"])
        self.movers: list[Mover] = []
        for c, cell in enumerate(self.cells):
            users = [u for users in cell.users for u in users]
            for i, row in enumerate(state.movers[self.first + c]):
                links = [Link(*link.item()[:5]) for link in state.links[self.first + c, i]]
                s = int(row["slice"])
                self.movers.append(
                    Mover(
                        Stream(int(row["stream"])),
                        complex(row["x"], row["y"]),
                        complex(row["vx"], row["vy"]),
                        float(row["turn"]),
                        s,
                        self.scenario.slices[s].speed_kmh / 3.6,
                        users[i],
                        c,
                        links,
                        home=c,
                    )
                )
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

    # Paths ---------------------------------------------------------------------------------

    def _near(self, place: complex) -> complex:
        """The image on the torus nearest to the origin; a lone cell has no torus."""
        if len(self.cells) == 1:
            return place
        i, j = {3: (1, 1), 4: (2, 0), 7: (2, 1)}[len(self.cells)]
        shift = self.scenario.site_distance_m * (i + j * SIXTH)
        images = (place - a * shift - b * shift * SIXTH for a, b in product(range(-3, 4), repeat=2))
        return min(images, key=abs)

    def _walk(self, mover: Mover) -> None:
        step_s = self.mobility.measurement_ms / 1000.0
        if len(self.cells) > 1:
            mover.at = self._near(mover.at + mover.velocity * step_s)
        else:
            self._bounce(mover, step_s)
        mover.turn -= step_s
        if mover.turn <= 0.0:
            mover.velocity = cmath.rect(mover.speed, 2.0 * math.pi * mover.stream.uniform())
            mover.turn = self.mobility.turn_s * mover.stream.exponential()

    def _bounce(self, mover: Mover, time_s: float) -> None:
        """Straight on to the nearest of the edges ahead, and back from it, till the time is up."""
        edge = self.scenario.site_distance_m / 2.0
        ahead = []
        for towards in (SIXTH**k for k in range(6)):
            # The edge's normal is the real axis of a turned picture.
            at, speed = (mover.at / towards).real, (mover.velocity / towards).real
            if speed > 0.0:
                ahead.append((max(edge - at, 0.0) / speed, towards))
        wait, towards = min(ahead, key=lambda pair: pair[0])
        mover.at += mover.velocity * min(wait, time_s)
        if wait < time_s:
            mover.velocity = -(mover.velocity / towards).conjugate() * towards
            self._bounce(mover, time_s - wait)

    def _measure(self, mover: Mover) -> None:
        scenario, stream = self.scenario, mover.stream
        environment = UMA if scenario.environment == "uma" else UMI
        moved_m = mover.speed * self.mobility.measurement_ms / 1000.0
        forget = (1.0 - 2.0 ** (-self.mobility.filter_coefficient / 4.0)) ** (
            self.mobility.measurement_ms / 200.0
        )
        common = stream.normal()
        for site, link in zip(self.sites, mover.links, strict=True):
            distance = max(abs(self._near(mover.at - site)), 10.0)
            link.left -= moved_m
            if link.left <= 0.0:
                link.lot, link.left = stream.uniform(), 50.0 * stream.exponential()
            sight = link.lot < line_of_sight_probability(distance, environment)
            clear_m, blocked_m = DECORRELATION_M[scenario.environment]
            kept = math.exp(-moved_m / (clear_m if sight else blocked_m))
            fresh = (common + stream.normal()) * math.sqrt(0.5)
            link.shadow = kept * link.shadow + math.sqrt(1.0 - kept**2) * fresh
            level = (
                self.power_db
                - path_loss_db(
                    distance, scenario.site_height_m, scenario.carrier_ghz, environment, sight
                )
                - shadowing_sigma_db(environment, sight) * link.shadow
            )
            link.gain = 10.0 ** (level / 10.0)
            link.level = forget * link.level + (1.0 - forget) * level

    # Cells ---------------------------------------------------------------------------------

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
