"""A live Prometheus: the queries of panels, asked and answered."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Curve:
    """One series of an answer.

    Attributes:
        labels: its labels.
        times: seconds since 1970-01-01 UTC.
        values: one a time; NaN where the query has no number.
    """

    labels: Mapping[str, str]
    times: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(math.isfinite(v) for v in self.values)


class Prometheus:
    """The HTTP interface of a Prometheus server.

    Args:
        url: such as `http://127.0.0.1:9090`.
    """

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=10.0)

    def now(self, expr: str) -> list[Curve]:
        """The answer at this moment, a point a series.

        Raises:
            ValueError: Prometheus refuses the query.
        """
        found = self._ask("/api/v1/query", {"query": expr})["result"]
        return [_curve(one["metric"], [one["value"]]) for one in found]

    def between(self, expr: str, start: float, end: float, step: float) -> list[Curve]:
        """The answer over a span of time, every `step` seconds.

        Raises:
            ValueError: Prometheus refuses the query.
        """
        span = {"query": expr, "start": start, "end": end, "step": step}
        found = self._ask("/api/v1/query_range", span)["result"]
        return [_curve(one["metric"], one["values"]) for one in found]

    def alerts(self) -> dict[str, str]:
        """State of each active alert by its name: `pending` or `firing`."""
        return {
            one["labels"]["alertname"]: one["state"]
            for one in self._ask("/api/v1/alerts", {})["alerts"]
        }

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, path: str, parameters: Mapping[str, Any]) -> Any:
        document = self._client.get(path, params=dict(parameters)).json()
        if document["status"] != "success":
            raise ValueError(f"{parameters.get('query', path)}: {document['error']}")
        return document["data"]


def _curve(labels: Mapping[str, str], points: list[tuple[float, str]]) -> Curve:
    return Curve(labels, tuple(t for t, _ in points), tuple(float(v) for _, v in points))
