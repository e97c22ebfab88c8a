"""Fast fading: Rayleigh branches whose gain is averaged, one branch refreshed a slot.

A branch is a complex Gaussian process, two first-order filters in cascade:

    g[t] = a g[t-1] + sigma w[t],    h[t] = a h[t-1] + g[t],    w complex normal.

One AR(1) filter has the exponential autocorrelation of a process with a kink at lag zero: the
channel would age far faster within a CQI delay than Clarke's model says. The cascade's
autocorrelation (1 + k lag) exp(-k lag) is flat at zero as Clarke's J0 is, and `a` is chosen so
that both fall to one half at the same lag.

A user's gain is the mean power of `diversity` independent branches (receive antennas and
frequency diversity of a wideband carrier). Branches take turns, one a step: the same cost and
the same count of random numbers for any diversity. A step is some slots long where users are slow:
each branch still moves `_REFRESHES` times while it forgets half of itself.
"""

import math
from typing import Final

import numpy as np

from e2sim.network.jit import fuse, jit
from e2sim.network.records import F32, U32

LANES: Final = 16
"""Users in one block: state is laid out block, field, lane, with a trip count LLVM knows."""

RNG_FIELDS: Final = 4
"""Words of state of a lane's random numbers."""

(G_RE, G_IM, H_RE, H_IM, POWER, MEMORY, INNOVATION) = range(7)
TAP_FIELDS: Final = 7
"""Fields of a branch: the filters, their output's power, and their two coefficients."""

_HALF_CLARKE: Final = 1.5211
"""J0(x) = 1/2 at this x = 2 pi f_D lag (Clarke 1968)."""

_HALF_CASCADE: Final = 1.6783
"""(1 + x) exp(-x) = 1/2 at this x."""

_REFRESHES: Final = 6
"""Least count of a branch's steps until its autocorrelation has fallen to one half: a user at
3 km/h and 3.5 GHz forgets half in 25 ms, so each branch moves every 4 ms at the latest."""

_LIGHT_SPEED: Final = 299_792_458.0

_F = np.float32
_ONE: Final = _F(1.0)
_TWO: Final = _F(2.0)
_HALF: Final = _F(0.5)
_ULP24: Final = _F(2.0**-24)
_LN2: Final = _F(math.log(2.0))
_QUARTER_TURN: Final = _F(math.pi / 2.0)
_THIRD, _FIFTH, _SEVENTH = _F(1 / 3), _F(1 / 5), _F(1 / 7)
_F6, _F24, _F120, _F720 = _F(1 / 6), _F(1 / 24), _F(1 / 120), _F(1 / 720)
_F5040, _F40320 = _F(1 / 5040), _F(1 / 40320)
_SQRT_HALF_BITS: Final = np.int32(0x3F3504F3)


def step_slots(speed_kmh: float, carrier_ghz: float, diversity: int, slot_s: float) -> int:
    """Slots between steps of the fading, for the fastest user's speed; at least 1."""
    half_s = _HALF_CLARKE / (2.0 * math.pi * doppler_hz(speed_kmh, carrier_ghz))
    return max(int(half_s / (_REFRESHES * diversity * slot_s)), 1)


def doppler_hz(speed_kmh: float, carrier_ghz: float) -> float:
    """Largest Doppler shift."""
    return speed_kmh / 3.6 * carrier_ghz * 1e9 / _LIGHT_SPEED


def memory(speed_kmh: float, carrier_ghz: float, step_s: float) -> float:
    """Filter coefficient a of a branch refreshed every `step_s` seconds."""
    turn = 2.0 * math.pi * doppler_hz(speed_kmh, carrier_ghz) * step_s
    return math.exp(-_HALF_CASCADE * turn / _HALF_CLARKE)


@jit
def innovation(a: float) -> float:
    """Sigma that gives h unit mean power: sum over n of (n + 1)^2 a^(2n) is its inverse square."""
    return math.sqrt((1.0 - a * a) ** 3 / (1.0 + a * a))


@fuse
def negative_log(x: np.float32) -> np.float32:
    """-ln x of a normal float32 x: exponent, and the series of 2 artanh((m - 1)/(m + 1))."""
    bits = np.float32(x).view(np.int32)  # numba views only what is visibly a scalar
    exponent = np.int32(np.int32(bits - _SQRT_HALF_BITS) >> np.int32(23))
    mantissa = np.int32(bits - np.int32(exponent << np.int32(23))).view(np.float32)
    s = (mantissa - _ONE) / (mantissa + _ONE)
    z = s * s
    series = _ONE + z * (_THIRD + z * (_FIFTH + z * _SEVENTH))
    return -(np.float32(exponent) * _LN2 + _TWO * s * series)


@fuse
def direction(word: np.uint32) -> tuple[np.float32, np.float32]:
    """Cosine and sine of a uniform angle: a quadrant and a Taylor series within it."""
    quadrant = np.int32(np.uint32(word) >> np.uint32(30))
    fraction = np.int32((np.uint32(word) >> np.uint32(6)) & np.uint32(0xFFFFFF))
    x = (np.float32(fraction) * _ULP24 - _HALF) * _QUARTER_TURN
    z = x * x
    sine = x * (_ONE - z * (_F6 - z * (_F120 - z * _F5040)))
    cosine = _ONE - z * (_HALF - z * (_F24 - z * (_F720 - z * _F40320)))
    odd = (quadrant & np.int32(1)) != 0
    re = sine if odd else cosine
    im = cosine if odd else sine
    return (-re if quadrant in (1, 2) else re), (-im if quadrant >= 2 else im)


@fuse
def complex_normal(first: np.uint32, second: np.uint32) -> tuple[np.float32, np.float32]:
    """A complex normal number of unit mean power from two words (Box and Muller, 1958).

    The radius has 24 bits: powers reach 16.6 times the mean, as far as 1.5e7 draws would.
    """
    uniform = (np.float32(np.int32(np.uint32(first) >> np.uint32(8))) + _ONE) * _ULP24
    radius = np.sqrt(negative_log(uniform))
    re, im = direction(second)
    return radius * re, radius * im


@fuse
def advance(
    s0: np.uint32, s1: np.uint32, s2: np.uint32, s3: np.uint32
) -> tuple[np.uint32, np.uint32, np.uint32, np.uint32]:
    """Next state of xoshiro128+."""
    shifted = np.uint32(s1 << np.uint32(9))
    s2 = np.uint32(s2 ^ s0)
    s3 = np.uint32(s3 ^ s1)
    s1 = np.uint32(s1 ^ s2)
    s0 = np.uint32(s0 ^ s3)
    s2 = np.uint32(s2 ^ shifted)
    s3 = np.uint32((s3 << np.uint32(11)) | (s3 >> np.uint32(21)))
    return s0, s1, s2, s3


@fuse
def refresh(words: U32, taps: F32) -> None:
    """Move one branch of one block of `LANES` users on by one step.

    `words` holds xoshiro128+ (Blackman and Vigna, 2018) of each lane, `taps` the `TAP_FIELDS` of
    the branch. One array and constant distances between fields: with an array for each field LLVM
    cannot rule out that they overlap, and would not vectorise.
    """
    for i in range(LANES):
        s0 = words[i]
        s1 = words[LANES + i]
        s2 = words[2 * LANES + i]
        s3 = words[3 * LANES + i]
        first = np.uint32(s0 + s3)
        s0, s1, s2, s3 = advance(s0, s1, s2, s3)
        second = np.uint32(s0 + s3)
        s0, s1, s2, s3 = advance(s0, s1, s2, s3)
        words[i] = s0
        words[LANES + i] = s1
        words[2 * LANES + i] = s2
        words[3 * LANES + i] = s3
        re, im = complex_normal(first, second)
        a = taps[MEMORY * LANES + i]
        sigma = taps[INNOVATION * LANES + i]
        g_re = a * taps[G_RE * LANES + i] + sigma * re
        g_im = a * taps[G_IM * LANES + i] + sigma * im
        h_re = a * taps[H_RE * LANES + i] + g_re
        h_im = a * taps[H_IM * LANES + i] + g_im
        taps[G_RE * LANES + i] = g_re
        taps[G_IM * LANES + i] = g_im
        taps[H_RE * LANES + i] = h_re
        taps[H_IM * LANES + i] = h_im
        taps[POWER * LANES + i] = h_re * h_re + h_im * h_im


@fuse
def fade(words: U32, taps: F32, branch: int) -> None:
    """Refresh one branch of every user of a cell."""
    blocks = len(words)
    for block in range(blocks):
        row = branch * blocks + block
        refresh(words[block], taps[row])
