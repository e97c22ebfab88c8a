"""Fitting a traffic source to the packets of a trace."""

from itertools import groupby
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from e2sim.calibration.burst import Packets
from e2sim.calibration.source import PROBABILITIES, Table, TrafficSource

F64 = NDArray[np.float64]

_SHORTEST_GAP_S = 1e-6
"""Resolution of the recorded times: equal stamps count as this far apart."""

_LEAST_GAPS = 5
"""Fewer gaps tell nothing about how a second's packets lie."""


def fit(packets: Packets, trace: str, kind: str) -> TrafficSource:
    """The source whose tables are the quantiles of a trace.

    Stays that the trace's ends cut are taken as they are.

    Args:
        packets: the part to fit, with at least two active seconds.
        trace, kind: for the source's name.

    Raises:
        ValueError: there are fewer than two active seconds.
    """
    volumes = packets.volumes()
    active = volumes[volumes > 0.0]
    if len(active) < 2:
        raise ValueError(f"{trace}: {len(active)} active seconds, needs 2 or more")
    on, off = stays(volumes > 0.0)
    single = singles(volumes > 0.0)
    longer = volumes[(volumes > 0.0) & ~single]
    level, slope, sigma = _counts(packets, volumes)
    return TrafficSource(
        trace=trace, kind=kind, on_s=table(on), off_s=table(off) if len(off) else (),
        single_bytes=table(volumes[single]) if single.any() else (),
        volume_bytes=table(longer if len(longer) else active),
        memory=round(score_memory(volumes), 3),
        packet_bytes=table(packets.size_bytes.astype(np.float64)),
        count_level=level, count_slope=slope, count_sigma=sigma,
        gap_share=table(gap_shares(packets)),
        rate_mbps=round(float(volumes.mean()) * 8e-6, 5),
        packet_mean_bytes=round(float(packets.size_bytes.mean()), 1),
    )  # fmt: skip


def table(sample: F64) -> Table:
    """Quantiles of a positive sample at `PROBABILITIES`, four digits."""
    return tuple(float(f"{q:.4g}") for q in np.quantile(sample, PROBABILITIES))


def stays(active: NDArray[np.bool_]) -> tuple[F64, F64]:
    """Lengths of runs of active and of silent seconds."""
    runs = [(key, len(list(group))) for key, group in groupby(active.tolist())]
    on = np.array([n for key, n in runs if key], np.float64)
    off = np.array([n for key, n in runs if not key], np.float64)
    return on, off


def singles(active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Active seconds between two silent ones; beyond the ends there is silence."""
    around: NDArray[np.bool_] = np.concatenate([[False], active, [False]])
    alone: NDArray[np.bool_] = active & ~around[:-2] & ~around[2:]
    return alone


def score_memory(volumes: F64) -> float:
    """Correlation of the normal scores of volumes in consecutive active seconds, 0..0.99.

    Zero where fewer than three such pairs exist, or where they are anticorrelated.
    """
    active = volumes > 0.0
    pairs = np.flatnonzero(active[1:] & active[:-1])
    if len(pairs) < 3:
        return 0.0
    order = np.argsort(np.argsort(volumes[active]))
    scores = np.zeros(len(volumes))
    scores[active] = _normal_quantile((order + 0.5) / len(order))
    first, second = scores[pairs], scores[pairs + 1]
    if first.std() == 0.0 or second.std() == 0.0:
        return 0.0
    return float(np.clip(np.corrcoef(first, second)[0, 1], 0.0, 0.99))


def _normal_quantile(p: F64) -> F64:
    """Inverse of the standard normal distribution function."""
    normal = NormalDist()
    return np.array([normal.inv_cdf(x) for x in p])


def _counts(packets: Packets, volumes: F64) -> tuple[float, float, float]:
    """Regression of the logarithm of a second's packets on that of its bytes."""
    place = np.minimum(packets.time_s.astype(np.int64), len(volumes) - 1)
    counts = np.bincount(place, minlength=len(volumes))
    active = volumes > 0.0
    x, y = np.log(volumes[active]), np.log(counts[active])
    slope, level = np.polyfit(x, y, 1) if np.ptp(x) > 0.0 else (0.0, y.mean())
    sigma = float((y - level - slope * x).std())
    return round(float(level), 3), round(float(slope), 3), round(sigma, 3)


def gap_shares(packets: Packets) -> F64:
    """Gaps between packets of one second over their mean, in seconds with enough of them.

    A single 1 where no second has enough.
    """
    second = packets.time_s.astype(np.int64)
    shares = [np.ones(1)]
    for times in np.split(packets.time_s, np.flatnonzero(np.diff(second)) + 1):
        gaps = np.diff(times)
        if len(gaps) >= _LEAST_GAPS and gaps.sum() > 0.0:
            shares.append(np.maximum(gaps, _SHORTEST_GAP_S) / gaps.mean())
    return np.concatenate(shares)
