"""Burstiness of packet traces: idle share, inter-arrival times, volumes and their memory."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

EPOCH_S: Final = 1.0
"""Length of the intervals whose volumes are looked at; that of the recordings' figures."""


@dataclass(frozen=True, slots=True)
class Packets:
    """Packets of one direction of one user.

    Attributes:
        time_s: float64 [K], not decreasing, in [0, `duration_s`).
        size_bytes: int64 [K], on the IP link.
        duration_s: length of the trace, a whole number of epochs.
    """

    time_s: F64
    size_bytes: I64
    duration_s: float

    def volumes(self, epoch_s: float = EPOCH_S) -> F64:
        """Bytes of each whole epoch, float64 [duration / epoch]."""
        count = round(self.duration_s / epoch_s)
        place = np.minimum((self.time_s / epoch_s).astype(np.int64), count - 1)
        return np.bincount(place, self.size_bytes, minlength=count).astype(np.float64)

    def part(self, first_s: float, last_s: float) -> "Packets":
        """The packets of [first, last), their time counted from its start."""
        kept = (self.time_s >= first_s) & (self.time_s < last_s)
        return Packets(self.time_s[kept] - first_s, self.size_bytes[kept], last_s - first_s)

    def merged(self, step_s: float) -> "Packets":
        """All bytes of an interval as one packet in its middle: what a report can tell."""
        volumes = self.volumes(step_s)
        busy = np.flatnonzero(volumes)
        times = (busy.astype(np.float64) + 0.5) * step_s
        return Packets(times, volumes[busy].astype(np.int64), self.duration_s)


@dataclass(frozen=True, slots=True)
class Burstiness:
    """What tells bursty traffic from smooth traffic.

    Attributes:
        rate_mbps: mean rate, Mbit/s.
        idle_share: share of 1 s epochs without a packet, 0..1.
        fine_idle_share: the same of 0.1 s intervals.
        gap_cv: coefficient of variation of inter-arrival times; 1 for a Poisson stream, 0 for a
            constant one; NaN with fewer than three packets.
        median_mbps, p90_mbps, p99_mbps: quantiles of the rate over 1 s epochs, Mbit/s.
        fine_p99_mbps: 99 % quantile of the rate over 0.1 s, Mbit/s.
        memory: autocorrelation of 1 s volumes at lag 1; NaN for constant ones.
    """

    rate_mbps: float
    idle_share: float
    fine_idle_share: float
    gap_cv: float
    median_mbps: float
    p90_mbps: float
    p99_mbps: float
    fine_p99_mbps: float
    memory: float


def burstiness(packets: Packets) -> Burstiness:
    """The statistics of one trace."""
    rate, fine = packets.volumes() * 8e-6, packets.volumes(0.1) * 8e-5
    median, p90, p99 = np.quantile(rate, (0.5, 0.9, 0.99))
    return Burstiness(
        rate_mbps=float(rate.mean()),
        idle_share=float((rate == 0.0).mean()),
        fine_idle_share=float((fine == 0.0).mean()),
        gap_cv=gap_cv(packets.time_s),
        median_mbps=float(median),
        p90_mbps=float(p90),
        p99_mbps=float(p99),
        fine_p99_mbps=float(np.quantile(fine, 0.99)),
        memory=memory(rate),
    )


def quantiles(told: Sequence[Burstiness], probabilities: Sequence[float]) -> list[Burstiness]:
    """Each statistic's quantiles over traces, one entry a probability.

    Statistics that a trace does not have, such as the gaps of two packets, are left out.
    """
    table = np.array([list(asdict(b).values()) for b in told])
    return [Burstiness(*row) for row in np.nanquantile(table, probabilities, axis=0).tolist()]


def gap_cv(time_s: F64) -> float:
    """Coefficient of variation of the gaps between times, [K] -> scalar."""
    gaps = np.diff(time_s)
    if len(gaps) < 2 or gaps.mean() == 0.0:
        return float("nan")
    return float(gaps.std() / gaps.mean())


def memory(series: F64) -> float:
    """Autocorrelation at lag 1 of a series."""
    centred = series - series.mean()
    power = float((centred * centred).sum())
    return float((centred[1:] * centred[:-1]).sum()) / power if power > 0.0 else float("nan")
