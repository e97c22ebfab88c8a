"""From replications to a probability with its interval, and what it would have cost without."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import t as student

from trainer.reliability.splitting import Replication

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Reliability:
    """Packets lost over packets finished, in expectation.

    Attributes:
        probability: the estimate; 0 where no replication saw a loss.
        low, high: 95 % interval from the spread between replications; None where there is none:
            fewer than two replications, or fewer than two with a loss.
        relative_error: standard error over the estimate, or None.
        replications: independent ones.
        packets: packets simulated, whatever their weight.
        losses: those of them lost.
        equivalent_packets: packets a plain simulation needs for the same relative error, were
            losses independent, (1 - p) / (p error^2); or None.
        walker_steps: walkers times steps, without warm-up.
    """

    probability: float
    low: float | None
    high: float | None
    relative_error: float | None
    replications: int
    packets: float
    losses: float
    equivalent_packets: float | None
    walker_steps: int


def estimate(replications: Sequence[Replication]) -> Reliability:
    """The ratio of mean losses to mean packets.

    Its standard error is that of ratios (delta method); the interval is Student's, of the
    logarithm: losses of a replication are skewed, and a probability is not negative. The ratio's
    own bias is of the order of the squared relative error of the packets, which is small.

    Raises:
        ValueError: no replication, or none in which a packet finished.
    """
    finished = np.array([r.finished for r in replications])
    lost = np.array([r.lost for r in replications])
    if not finished.sum() > 0.0:
        raise ValueError("replications: no packet finished in any of them")
    count, p = len(finished), float(lost.sum() / finished.sum())
    error = low = high = packets = None
    if count > 1 and np.count_nonzero(lost) > 1:
        spread = (lost - p * finished).std(ddof=1)
        error = float(spread / np.sqrt(count) / lost.mean())
        width = float(np.exp(student.ppf(0.5 + CONFIDENCE / 2, count - 1) * error))
        low, high = p / width, min(p * width, 1.0)
        packets = (1.0 - p) / (p * error * error) if error > 0.0 else None
    return Reliability(
        p, low, high, error, count,
        sum(r.seen for r in replications),
        sum(r.seen_lost for r in replications),
        packets,
        sum(r.walker_steps for r in replications),
    )  # fmt: skip
