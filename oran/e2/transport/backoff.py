"""How long to wait before the next attempt to connect."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential backoff with jitter.

    Attributes:
        first_s: longest wait after the first failure, seconds.
        factor: growth of the longest wait with each failure.
        limit_s: longest wait of all, seconds.
    """

    first_s: float = 0.5
    factor: float = 2.0
    limit_s: float = 30.0

    def __post_init__(self) -> None:
        if not (0.0 < self.first_s <= self.limit_s < float("inf") and self.factor >= 1.0):
            raise ValueError(
                f"needs 0 < first_s <= limit_s and factor >= 1, got {self.first_s}, "
                f"{self.limit_s}, {self.factor}"
            )

    def delay_s(self, failures: int, random: Random) -> float:
        """Seconds to wait after `failures` failures in a row: half to all of the longest wait.

        The jitter keeps many nodes from coming back in the same instant after a RIC's restart.
        """
        longest = self.first_s
        for _ in range(failures - 1):
            longest *= self.factor
            if longest >= self.limit_s:
                break
        return min(longest, self.limit_s) * random.uniform(0.5, 1.0)
