"""Poisson arrivals drawn ahead, some at a time, on vector registers.

Each arrival takes three numbers of its user's stream, in the order size, lot, gap. Logarithm and
power are series of basic operations: they vectorise, and round alike on every machine.
"""

import math
from typing import Final

import numpy as np

from e2sim.network.jit import fuse
from e2sim.network.noise import GOLDEN, mix, unit
from e2sim.network.records import F64, Record

AHEAD: Final = 8
"""Arrivals drawn at a time: the float64 lanes of the widest vector registers."""

(SIZE, LOT, GAP) = range(3)
DRAWS: Final = 3
"""Fields of an arrival: bytes, a uniform number for admission, and the unit-mean exponential that
the clock is wound up by."""

_LN2: Final = math.log(2.0)
_SQRT_HALF_BITS: Final = np.int64(np.float64(math.sqrt(0.5)).view(np.int64))
_MANTISSA: Final = np.int64(52)
(_L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8, _L9, _L10) = (1.0 / (2 * k + 1) for k in range(1, 11))
(_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13) = (
    1.0 / math.factorial(k) for k in range(2, 14)
)
_BIAS: Final = np.int64(1023)


@fuse
def minus_log(x: float) -> float:
    """-ln x of a normal float64: exponent, and the series of 2 artanh((m - 1)/(m + 1))."""
    bits = np.float64(x).view(np.int64)
    exponent = np.int64(bits - _SQRT_HALF_BITS) >> _MANTISSA
    mantissa = np.int64(bits - (exponent << _MANTISSA)).view(np.float64)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    high = _L6 + z * (_L7 + z * (_L8 + z * (_L9 + z * _L10)))
    series = 1.0 + z * (_L1 + z * (_L2 + z * (_L3 + z * (_L4 + z * (_L5 + z * high)))))
    return -(np.float64(exponent) * _LN2 + 2.0 * s * series)


@fuse
def exp_of(x: float) -> float:
    """e^x where that is a normal float64: a power of two, and the series of the rest."""
    scaled = x * (1.0 / _LN2)
    whole = np.int64(scaled + (0.5 if scaled >= 0.0 else -0.5))
    t = x - np.float64(whole) * _LN2
    high = _E8 + t * (_E9 + t * (_E10 + t * (_E11 + t * (_E12 + t * _E13))))
    middle = _E4 + t * (_E5 + t * (_E6 + t * (_E7 + t * high)))
    series = 1.0 + t * (1.0 + t * (_E2 + t * (_E3 + t * middle)))
    return series * np.int64((whole + _BIAS) << _MANTISSA).view(np.float64)


@fuse
def flow_size(u: float, top: float, span: float, power: float) -> float:
    """Quantile `u` of the Pareto distribution bounded to [low, high], in whole bytes.

    Inverse of its distribution function; `top` is low^-shape, `span` that less high^-shape, and
    `power` -1 / shape.
    """
    return np.float64(np.int64(exp_of(-power * minus_log(top - u * span))))


@fuse
def draw_ahead(draws: F64, user: Record, rules: Record) -> None:
    """Fill a user's row of draws with its next arrivals."""
    key, top, span, power = user.flows, rules.size_top, rules.size_span, rules.size_power
    fixed, low = span == 0.0, rules.size_low
    for i in range(AHEAD):
        word = key + np.uint64(DRAWS * i + 1) * GOLDEN
        size = flow_size(unit(mix(word)), top, span, power)
        draws[SIZE * AHEAD + i] = low if fixed else size
        draws[LOT * AHEAD + i] = unit(mix(word + GOLDEN))
        draws[GAP * AHEAD + i] = minus_log(unit(mix(word + GOLDEN + GOLDEN)))
    user.flows = key + np.uint64(DRAWS * AHEAD) * GOLDEN
    user.drawn = 0
