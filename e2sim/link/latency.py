"""Latencies in bounded memory: a histogram whose buckets grow by one percent."""

import math
from collections import Counter
from typing import Final

STEP: Final = 1.01
"""Ratio of neighbouring bucket edges: a percentile is at most this factor too high."""

PERCENTILES: Final = (50.0, 90.0, 99.0, 99.9)


class LatencyHistogram:
    """Counts of latencies by bucket; the largest is kept exactly."""

    def __init__(self) -> None:
        self.count = 0
        self.maximum_s = 0.0
        self._buckets: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """Take note of one latency; not positive ones raise `ValueError`."""
        if not 0.0 < seconds < math.inf:
            raise ValueError(f"latency: {seconds!r} s is not a positive number")
        self.count += 1
        self.maximum_s = max(self.maximum_s, seconds)
        self._buckets[math.ceil(math.log(seconds) / math.log(STEP))] += 1

    def percentile(self, percent: float) -> float:
        """Nearest-rank percentile in seconds, rounded up to a bucket's edge; NaN when empty."""
        if not self.count:
            return math.nan
        rank = max(1, math.ceil(percent / 100.0 * self.count))
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= rank:
                return min(self.maximum_s, STEP**bucket)
        raise AssertionError("the buckets hold every latency counted")

    def to_document(self) -> dict[str, float | int]:
        """The JSON form: milliseconds, without percentiles while nothing was counted."""
        document: dict[str, float | int] = {"count": self.count}
        if self.count:
            for percent in PERCENTILES:
                document[f"p{percent:g}_ms"] = round(self.percentile(percent) * 1e3, 4)
            document["max_ms"] = round(self.maximum_s * 1e3, 4)
        return document
