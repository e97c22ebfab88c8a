"""One queue before one server over one tick: mean workload, waits and overflow.

The state is the mean unfinished work B of a queue served in order of arrival. The pointwise
stationary fluid flow approximation (Wang, Tipper and Banerjee, "A simple approximation for modeling
nonstationary queues", INFOCOM 1996) lets it flow as

    dB/dt = a - C u(B),

where a is work that arrives, C the capacity and u(B) the utilisation at which the stationary queue
holds B. For Poisson arrivals that is the Pollaczek-Khinchine formula (Kleinrock, Queueing Systems
I, 1975, 5.6) with the mean residual R = E[X^2] / (2 E[X]) of a packet's work X:

    B = u R / (1 - u),   so   u(B) = B / (B + R).

A steady load thus ends in Pollaczek-Khinchine's mean exactly, and an overload grows at a - C.
"""

import math

from e2sim.network.jit import jit


@jit
def level(total: float, residual: float, service: float) -> float:
    """Unfinished work at a tick's end, >= 0.

    The backward Euler step B = total - service B / (B + R): stable for any tick, and the positive
    root of a quadratic.

    Args:
        total: work there at the beginning, and arrivals of the tick.
        residual: R, > 0.
        service: work that can be done in the tick.
    """
    b = residual + service - total
    root = math.sqrt(b * b + 4.0 * total * residual)
    # The two forms are equal; each avoids the subtraction of close numbers where it is used.
    return 2.0 * total * residual / (b + root) if b > 0.0 else 0.5 * (root - b)


@jit
def overflow_share(work: float, residual: float, limit: float) -> float:
    """Share of what is served that found no room, 0..1, while the mean `work` is below `limit`.

    The workload of a stable queue has an atom at 0 and an exponential tail of mean B + R; bounded,
    it loses (1 - u) u e / (1 - u^2 e) with e = exp(-limit / (B + R)). Exact for M/M/1 with a bound
    on work (Cohen, The Single Server Queue, 1982, III.5), an approximation for others.
    """
    u = work / (work + residual)
    e = math.exp(-limit / (work + residual))
    return (1.0 - u) * u * e / (1.0 - u * u * e)


@jit
def mean_work(before: float, after: float, arrived: float, service: float) -> float:
    """Mean unfinished work over a tick that began with `before` and ended with `after`.

    The way from one to the other takes as long as the drift takes; then the level stays.
    """
    drift = abs(service - arrived)
    change = before - after
    share = 1.0 if abs(change) >= drift else abs(change) / drift
    return after + 0.5 * change * share


@jit
def certain_part(
    work: float, before: float, arrived: float, service: float, residual: float
) -> float:
    """The part of the mean `work` that is not random: what a steady stream would leave waiting.

    Where the queue is stable, no more than what the stationary queue would not hold.
    """
    certain = min(work, max(0.0, before + arrived - service))
    if arrived < service:
        stationary = residual * arrived / (service - arrived)
        certain = min(certain, max(0.0, work - stationary))
    return certain


@jit
def bounded_mean(work: float, residual: float, limit: float) -> float:
    """Mean of a random workload, of mean `work` without a bound, of which there is no more than
    `limit`: the law of `overflow_share`, exact for M/M/1."""
    tail = work + residual
    u = work / tail
    e = math.exp(-limit / tail)
    return u * (tail * (1.0 - e) - limit * e) / (1.0 - u * e)


@jit
def wait_spread(wait: float, work: float, residual: float) -> float:
    """Variance of a random wait of this mean: none with 1 - u, exponential otherwise."""
    return wait * wait * (1.0 + 2.0 * residual / work) if work > 0.0 else 0.0
