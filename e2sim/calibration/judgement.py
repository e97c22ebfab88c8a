"""Judgement of a traffic source: its packets against those held out, beside Poisson and CBR."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from e2sim.calibration.burst import Burstiness, Packets, burstiness, quantiles
from e2sim.calibration.distance import kolmogorov_smirnov, wasserstein
from e2sim.calibration.fit import fit
from e2sim.calibration.packets import Trace
from e2sim.calibration.source import TrafficSource, constant, generate, poisson

FITTED_SHARE: Final = 0.6
"""Share of a settled trace, from its start, that a source is fitted on; the rest is held out."""

Player = Callable[[TrafficSource, int, np.random.Generator], Packets]
_PLAYERS: Final[Mapping[str, Player]] = {
    "fitted": generate,
    "poisson": poisson,
    "constant": constant,
}
_SETTLED_S: Final = 10


@dataclass(frozen=True, slots=True)
class Judgement:
    """One kind of source against one part of a trace, over runs of the part's length.

    Attributes:
        ks: mean Kolmogorov-Smirnov distance of 1 s volumes, 0..1.
        wasserstein_mbps: mean Wasserstein distance of 1 s rates, Mbit/s.
        median: statistics, each the median over the runs.
        low, high: their 2.5 % and 97.5 % quantiles over the runs.
    """

    ks: float
    wasserstein_mbps: float
    median: Burstiness
    low: Burstiness
    high: Burstiness


def settled(packets: Packets) -> Packets:
    """The packets from the first ten seconds on whose mean rate is a tenth of the trace's.

    One phone idled for 100 s before its call: that is no part of a call.
    """
    volumes = packets.volumes()
    window = np.convolve(volumes, np.full(_SETTLED_S, 1.0 / _SETTLED_S), "valid")
    start = float(np.argmax(window >= 0.1 * volumes.mean()))
    return packets.part(start, packets.duration_s)


def parts(trace: Trace) -> tuple[Packets, Packets]:
    """The part of the downlink a source is fitted on, and the part held out."""
    packets = settled(trace.downlink)
    cut = float(round(FITTED_SHARE * packets.duration_s))
    return packets.part(0.0, cut), packets.part(cut, packets.duration_s)


def fit_trace(trace: Trace) -> TrafficSource:
    """The source fitted on the first part of a trace's downlink."""
    return fit(parts(trace)[0], trace.name, trace.kind)


def judge(
    player: Player, source: TrafficSource, held: Packets, rng: np.random.Generator, runs: int
) -> Judgement:
    """Distances and statistics of `runs` plays of `player` against held-out packets."""
    played = [player(source, round(held.duration_s), rng) for _ in range(runs)]
    volumes = held.volumes()
    ks = [kolmogorov_smirnov(packets.volumes(), volumes) for packets in played]
    far = [wasserstein(packets.volumes(), volumes) * 8e-6 for packets in played]
    told = [burstiness(packets) for packets in played]
    low, median, high = quantiles(told, (0.025, 0.5, 0.975))
    return Judgement(float(np.mean(ks)), float(np.mean(far)), median, low, high)


def judge_all(
    traces: list[Trace],
    sources: tuple[TrafficSource, ...],
    rng: np.random.Generator,
    *,
    runs: int = 40,
) -> list[dict[str, Any]]:
    """Every source against its trace's held-out part, and against the class's other trace.

    `floor_ks` is the distance between the fitted and the held-out part of the recording: no
    stationary source fitted on the one gets reliably below it on the other.
    """
    by_name = {source.trace: source for source in sources}
    rows = []
    for trace in traces:
        fitted, held = parts(trace)
        source = by_name[trace.name]
        other = next(t for t in traces if t.kind == trace.kind and t is not trace)
        elsewhere = settled(other.downlink)
        rows.append(
            {
                "trace": trace.name,
                "kind": trace.kind,
                "set_aside_seconds": trace.downlink.duration_s
                - fitted.duration_s
                - held.duration_s,
                "fitted_seconds": fitted.duration_s,
                "held_out_seconds": held.duration_s,
                "recorded_fitted": burstiness(fitted),
                "recorded_held_out": burstiness(held),
                "floor_ks": kolmogorov_smirnov(fitted.volumes(), held.volumes()),
                "floor_wasserstein_mbps": wasserstein(fitted.volumes(), held.volumes()) * 8e-6,
                "players": {
                    name: judge(p, source, held, rng, runs) for name, p in _PLAYERS.items()
                },
                "transfer_ks": {
                    name: judge(player, source, elsewhere, rng, runs).ks
                    for name, player in _PLAYERS.items()
                },
            }
        )
    return rows
