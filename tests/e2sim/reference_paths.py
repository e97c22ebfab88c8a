"""Users on the move, in plain Python: complex numbers for places, one object a user.

Where users start is read from the kernel's state; paths, shadowing and filters are written anew
from the documented rules. What follows from what they measure is in `reference_mobility`.
"""

import cmath
import math
from dataclasses import dataclass
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
class Paths:
    """The ways of all users of the group of cells from `first` on of a freshly reset network."""

    network: Network
    cells: list[ReferenceCell]
    first: int

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
