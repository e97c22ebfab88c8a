"""Parts of the plain Python cell: random numbers, fading, users and their packets."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from e2sim.network.fading import LANES

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


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
    place: int = 0


@dataclass(eq=False)
class Arrival:
    """What arrived at once; it holds a place in the ring while any of its SDUs waits."""

    slot: int
    size: int = 0


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
    flows: Stream
    luck: int
    base_rate: float
    cycle_bytes: float
    hazard: float
    on: bool
    nominal: float
    due: int
    most: int  # PRBs it has power for
    branch_sinr: Any = None
    rate: float = 0.0
    cqi: int = 0
    measured_cqi: int = 0
    queue: deque[Sdu] = field(default_factory=deque)
    blocks: dict[int, Block] = field(default_factory=dict)
    average: float = 1.0
    served: int = 0
    active: int = 0
    volume: int = 0
    around: float = 0.0
    held: bool = False
    drawn: int = 8  # Poisson arrivals that have come, of those the kernel draws at a time

    def known(self, by: int) -> list[Sdu]:
        """SDUs of arrivals that came by that slot."""
        return [s for s in self.queue if s.arrival.slot <= by]

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

    def power(self, user: int) -> Any:
        """Of all branches together."""
        total = np.float32(0)
        for branch in self.taps:
            total = total + branch[4, user]
        return total
