"""Traffic sources: a semi-Markov on/off process of one-second epochs, and what it must beat.

A source is silent or active for a whole number of epochs; both stays come from quantile tables, so
that they may have any tail. The bytes of an active epoch follow a table too, one for stays of a
single epoch and one for longer ones; within a stay, epochs remember each other: their normal scores
are a first-order Gaussian process (a Gaussian copula). Packets of an epoch, and the gaps between
them, are drawn from tables and scaled to fill it.

All draws come from the generator handed in; nothing here depends on the radio.
"""

from dataclasses import dataclass
from math import erf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.calibration.burst import EPOCH_S, Packets

F64 = NDArray[np.float64]

PROBABILITIES: Final = (*(i / 20 for i in range(20)), 0.99, 1.0)
"""Probabilities of the quantiles in the tables; between them the quantile is linear."""

Table = tuple[float, ...]

_WARM_UP: Final = 300
"""Epochs played before the first one handed out: stays start afresh at the beginning."""

_SMALLEST_BYTES: Final = 40.0
"""A packet without payload: IP and TCP headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSource:
    """One user's traffic in one direction.

    Attributes:
        trace: the recording it was fitted on.
        kind: eMBB, URLLC or mMTC.
        on_s: quantiles of the length of active stays, s, at `PROBABILITIES`.
        off_s: quantiles of the length of silent stays, s; empty for a source never silent.
        single_bytes: quantiles of the bytes of an active second between two silent ones; empty
            for a source without such.
        volume_bytes: quantiles of the bytes of a second of a longer active stay.
        memory: correlation of the normal scores of two consecutive active seconds.
        packet_bytes: quantiles of packet sizes, bytes.
        count_level, count_slope, count_sigma: packets of an active second with V bytes are
            exp(level + slope ln V + sigma N(0, 1)).
        gap_share: quantiles of gaps between packets of one second over their mean.
        rate_mbps: mean rate of the fitted part, Mbit/s; for the sources to compare with.
        packet_mean_bytes: mean packet size of the fitted part, bytes; likewise.
    """

    trace: str
    kind: str
    on_s: Table
    off_s: Table
    single_bytes: Table
    volume_bytes: Table
    memory: float
    packet_bytes: Table
    count_level: float
    count_slope: float
    count_sigma: float
    gap_share: Table
    rate_mbps: float
    packet_mean_bytes: float


def quantile(table: Table, u: F64) -> F64:
    """Inverse distribution function of a quantile table at u in [0, 1], any shape."""
    return np.interp(u, PROBABILITIES, table)


def generate(source: TrafficSource, seconds: int, rng: np.random.Generator) -> Packets:
    """Packets of a source in its stationary state.

    Args:
        source: what to play.
        seconds: length, whole seconds, at least 1.
        rng: all draws come from it.

    Raises:
        ValueError: `seconds` is below 1.
    """
    if seconds < 1:
        raise ValueError(f"seconds: {seconds} is below 1")
    volumes = epochs(source, _WARM_UP + seconds, rng)[_WARM_UP:]
    times, sizes = [np.empty(0)], [np.empty(0, np.int64)]
    for epoch in np.flatnonzero(volumes):
        time, size = _epoch(source, volumes[epoch], rng)
        times.append(epoch + time)
        sizes.append(size)
    return Packets(np.concatenate(times) * EPOCH_S, np.concatenate(sizes), seconds * EPOCH_S)


def epochs(source: TrafficSource, count: int, rng: np.random.Generator) -> F64:
    """Bytes of each second, float64 [count]; 0 in silent ones."""
    volumes = np.zeros(count)
    first, active = 0, True
    while first < count:
        if not active and source.off_s:
            first += _stay(source.off_s, rng)
        else:
            length = min(_stay(source.on_s, rng), count - first)
            volumes[first : first + length] = _volumes(source, length, rng)
            first += length
        active = not active
    return volumes


def _stay(table: Table, rng: np.random.Generator) -> int:
    return max(round(float(quantile(table, np.array(rng.random())))), 1)


def _volumes(source: TrafficSource, length: int, rng: np.random.Generator) -> F64:
    kept = source.memory
    score = rng.standard_normal(length)
    for i in range(1, length):
        score[i] = kept * score[i - 1] + sqrt(1.0 - kept * kept) * score[i]
    rank = np.array([0.5 * (1.0 + erf(z / sqrt(2.0))) for z in score])
    table = source.single_bytes if length == 1 and source.single_bytes else source.volume_bytes
    return np.maximum(np.rint(quantile(table, rank)), _SMALLEST_BYTES)


def _epoch(
    source: TrafficSource, volume: float, rng: np.random.Generator
) -> tuple[F64, NDArray[np.int64]]:
    """Times in [0, 1) and sizes of the packets of one active second; sizes sum to `volume`."""
    level = source.count_level + source.count_slope * np.log(volume)
    drawn = np.exp(level + source.count_sigma * rng.standard_normal())
    count = int(np.clip(np.rint(drawn), 1.0, volume // _SMALLEST_BYTES))
    ends = np.cumsum(quantile(source.gap_share, rng.random(count + 1)))
    weight = np.cumsum(quantile(source.packet_bytes, rng.random(count)))
    edges = np.rint(np.r_[0.0, weight] * (volume / weight[-1])).astype(np.int64)
    return ends[:-1] / ends[-1], np.diff(edges)


def poisson(source: TrafficSource, seconds: int, rng: np.random.Generator) -> Packets:
    """Poisson arrivals of equal packets with the rate of the source's fitted part."""
    per_s = source.rate_mbps * 1e6 / 8.0 / source.packet_mean_bytes
    count = int(rng.poisson(per_s * seconds))
    return _equal(source, np.sort(rng.random(count)) * seconds, seconds)


def constant(source: TrafficSource, seconds: int, rng: np.random.Generator) -> Packets:
    """Equal packets at equal gaps with the rate of the source's fitted part, a random phase."""
    per_s = source.rate_mbps * 1e6 / 8.0 / source.packet_mean_bytes
    return _equal(source, np.arange(rng.random() / per_s, seconds, 1.0 / per_s), seconds)


def _equal(source: TrafficSource, time_s: F64, seconds: int) -> Packets:
    size = max(round(source.packet_mean_bytes), 1)
    return Packets(time_s, np.full(len(time_s), size, np.int64), float(seconds))
