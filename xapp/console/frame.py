"""Frames: what a running xApp tells of itself at one moment, and what changed between two."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from xapp.api.documents import SlicesView
from xapp.console.quantile import quantile
from xapp.core.view import CoreView, core_view

_TIMEOUT_S: Final = 2.0


OFF: Final = core_view(None)
"""What an xApp tells that drives no core."""


class UnreachableError(ConnectionError):
    """The xApp does not answer, or something else does; the message says which URL and how."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment.

    Attributes:
        at_s: monotonic time, seconds.
        state: every cell and slice.
        decisions: decisions since the start, by rung.
        refusals: refused reports since the start.
        bounds: upper bounds of the latency histogram, seconds.
        counts: its counts since the start, cumulated.
        core: the core, where it is driven.
    """

    at_s: float
    state: SlicesView
    decisions: dict[str, float]
    refusals: float
    bounds: tuple[float, ...]
    counts: tuple[float, ...]
    core: CoreView = OFF


@dataclass(frozen=True, slots=True)
class Rates:
    """What happened between two frames.

    Attributes:
        decisions_per_s: decisions a second.
        refusals_per_s: refused reports a second.
        p50_s: median decision latency, seconds; NaN without decisions.
        p99_s: its 99th percentile.
        rungs: decisions by rung, of those that made any.
    """

    decisions_per_s: float
    refusals_per_s: float
    p50_s: float
    p99_s: float
    rungs: dict[str, int]

    @classmethod
    def between(cls, old: Frame, new: Frame) -> "Rates":
        """The rates from one frame to a later one; of an xApp that restarted, since its start."""
        if sum(new.decisions.values()) < sum(old.decisions.values()):
            old = Frame(old.at_s, old.state, {}, 0.0, new.bounds, (0.0,) * len(new.bounds))
        seconds = new.at_s - old.at_s
        made = {r: int(n - old.decisions.get(r, 0.0)) for r, n in new.decisions.items()}
        counts = [n - o for n, o in zip(new.counts, old.counts, strict=True)]
        return cls(
            sum(made.values()) / seconds if seconds > 0 else math.nan,
            (new.refusals - old.refusals) / seconds if seconds > 0 else math.nan,
            quantile(0.5, new.bounds, counts),
            quantile(0.99, new.bounds, counts),
            {r: n for r, n in made.items() if n},
        )


def fetch(client: httpx.Client, url: str, at_s: float) -> Frame:
    """The frame of now.

    Raises:
        UnreachableError: there is no xApp at `url`.
    """
    try:
        state = client.get(f"{url}/v1/slices", timeout=_TIMEOUT_S).raise_for_status()
        core = client.get(f"{url}/v1/core", timeout=_TIMEOUT_S).raise_for_status()
        metrics = client.get(f"{url}/metrics", timeout=_TIMEOUT_S).raise_for_status()
        view = msgspec.json.decode(state.content, type=SlicesView)
        driven = msgspec.json.decode(core.content, type=CoreView)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableError(f"no xApp answers at {url}: {error}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreachableError(f"what answers at {url} is not an xApp: {error}") from error
    samples = dict(_samples(metrics.text))
    buckets = sorted((float(le), n) for (name, le), n in samples.items() if name == _LATENCY)
    return Frame(
        at_s,
        view,
        {rung: n for (name, rung), n in samples.items() if name == _DECISIONS},
        sum(n for (name, _), n in samples.items() if name == _REFUSALS),
        tuple(le for le, _ in buckets),
        tuple(n for _, n in buckets),
        driven,
    )


_DECISIONS: Final = "slicepilot_decisions_total"
_REFUSALS: Final = "slicepilot_refusals_total"
_LATENCY: Final = "slicepilot_decision_latency_seconds_bucket"


def _samples(text: str) -> Iterator[tuple[tuple[str, str], float]]:
    """Samples of the three families above, by name and their one label's value."""
    lines = (
        line for line in text.splitlines() if line.startswith((_DECISIONS, _REFUSALS, _LATENCY))
    )
    for family in text_string_to_metric_families("\n".join(lines) + "\n"):
        for sample in family.samples:
            yield (sample.name, next(iter(sample.labels.values()))), sample.value
