"""Random variates of counts, exact in distribution: one uniform number makes one count.

Inversion: from 0 where the mean is small, else from the mode outwards (Devroye, "Non-Uniform
Random Variate Generation", 1986, III.2), whose cost grows with the standard deviation. So crowds
cost about as much as single devices.
"""

import math
from typing import Final

from e2sim.network.jit import internal, jit

_FROM_ZERO: Final = 16.0
"""Largest mean for which the search begins at 0."""

_NOTHING: Final = 1e-18
"""Where both sides of the search are less likely than this, rounding has left the rest."""


@jit
def binomial(u: float, n: int, p: float) -> int:
    """Successes among `n` trials of probability `p`, from a uniform number `u` of (0, 1)."""
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    rare = min(p, 1.0 - p)
    k = _rare_binomial(u, n, rare)
    return k if p == rare else n - k


@internal
def _rare_binomial(u: float, n: int, p: float) -> int:
    odds = p / (1.0 - p)
    if n * p < _FROM_ZERO:
        k, mass = 0, math.exp(n * math.log1p(-p))
        while u > mass and k < n:
            u -= mass
            k += 1
            mass *= odds * (n - k + 1) / k
        return k
    mode = int((n + 1) * p)
    mass = math.exp(
        math.lgamma(n + 1.0)
        - math.lgamma(mode + 1.0)
        - math.lgamma(n - mode + 1.0)
        + mode * math.log(p)
        + (n - mode) * math.log1p(-p)
    )
    u -= mass
    low, high, below, above = mode, mode, mass, mass
    while u > 0.0 and below + above > _NOTHING:
        above *= odds * (n - high) / (high + 1)
        high += 1
        u -= above
        if u <= 0.0:
            return high
        below *= low / (odds * (n - low + 1))
        low -= 1
        u -= below
        if u <= 0.0:
            return low
    return mode


@jit
def hypergeometric(u: float, total: int, good: int, drawn: int) -> int:
    """Good ones among `drawn` of `total`, of which `good` are good, without replacement."""
    bad = total - good
    if bad <= 0 or drawn >= total:
        return min(good, drawn)
    if good <= 0 or drawn <= 0:
        return 0
    mode = int((drawn + 1.0) * (good + 1.0) / (total + 2.0))
    mass = math.exp(
        _log_choose(good, mode) + _log_choose(bad, drawn - mode) - _log_choose(total, drawn)
    )
    u -= mass
    low, high, below, above = mode, mode, mass, mass
    while u > 0.0 and below + above > _NOTHING:
        above *= (good - high) * (drawn - high) / ((high + 1.0) * (bad - drawn + high + 1.0))
        high += 1
        u -= above
        if u <= 0.0:
            return high
        below *= low * (bad - drawn + low) / ((good - low + 1.0) * (drawn - low + 1.0))
        low -= 1
        u -= below
        if u <= 0.0:
            return low
    return mode


@internal
def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)
