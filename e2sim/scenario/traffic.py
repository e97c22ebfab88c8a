"""Traffic of a scenario: what the users of one slice ask for."""

from dataclasses import dataclass
from typing import Annotated

from e2sim.document import Range, Within


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What one slice's users ask for: Poisson arrivals and a periodic source each.

    Attributes:
        load: share of the cell's PRBs the slice needs on average, drawn per cell from [low, high].
        packet_bytes: sizes of Poisson arrivals, bounded Pareto on [low, high].
        pareto_shape: exponent of that distribution.
        sdu_bytes: largest SDU an arrival is cut into.
        admission: whether Poisson arrivals are flows that admission control may refuse.
        periodic_share: share of the bytes that comes from the periodic source.
        period_ms: its period; the size of an arrival follows from the load.
        jitter_ms: its arrivals are displaced by up to half of it to either side.
        periodic_sigma: log-normal spread of its sizes, nepers.
        swing_sigma: spread of the slow modulation of the Poisson rate (log-normal), nepers.
        swing_s: time in which that modulation forgets its past.
        on_s, off_s: mean stays of each user's two-state modulation (MMPP); 0 and 0: always on.
        burst_share: share of the Poisson bytes that comes in bursts all users share, each shaped
            as Beta(3, 4) (TR 37.868 table 6.1.1, traffic model 2).
        burst_every_s: time between such bursts.
        burst_s: length of one.
    """

    load: Annotated[Range, Within(0.0, 4.0)]
    packet_bytes: Annotated[Range, Within(1, 10_000_000)]
    pareto_shape: Annotated[float, Within(1.01, 10.0)] = 1.2
    sdu_bytes: Annotated[int, Within(1, 9000)] = 1500
    admission: bool = True
    periodic_share: Annotated[float, Within(0.0, 1.0)] = 0.0
    period_ms: Annotated[float, Within(0.125, 60_000.0)] = 1000.0
    jitter_ms: Annotated[float, Within(0.0, 60_000.0)] = 0.0
    periodic_sigma: Annotated[float, Within(0.0, 1.5)] = 0.0
    swing_sigma: Annotated[float, Within(0.0, 1.5)] = 0.0
    swing_s: Annotated[float, Within(0.1, 3600.0)] = 10.0
    on_s: Annotated[float, Within(0.0, 3600.0)] = 0.0
    off_s: Annotated[float, Within(0.0, 3600.0)] = 0.0
    burst_share: Annotated[float, Within(0.0, 1.0)] = 0.0
    burst_every_s: Annotated[float, Within(0.1, 3600.0)] = 10.0
    burst_s: Annotated[float, Within(0.1, 3600.0)] = 1.0


def check_traffic(traffic: Traffic, slot_ms: float, path: str) -> None:
    """Raise `ValueError` for values that no traffic of slots of `slot_ms` has together."""
    if (traffic.on_s > 0.0) != (traffic.off_s > 0.0):
        raise ValueError(
            f"{path}.on_s: {traffic.on_s:g} with off_s {traffic.off_s:g}: both 0 or both above"
        )
    if traffic.burst_s > traffic.burst_every_s:
        raise ValueError(f"{path}.burst_s: {traffic.burst_s:g} is above burst_every_s")
    if traffic.period_ms < slot_ms:
        raise ValueError(f"{path}.period_ms: {traffic.period_ms:g} is below the slot, {slot_ms:g}")
    if traffic.jitter_ms >= traffic.period_ms:
        raise ValueError(f"{path}.jitter_ms: {traffic.jitter_ms:g} is not below period_ms")
