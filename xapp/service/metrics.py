"""Metrics that the decision path counts: children bound beforehand, on a registry passed in.

What can be read from the state when asked, such as gauges of each slice, costs the decision path
nothing: see `xapp.service.exposition`. All names are listed in docs/metrics.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from xapp.decision.pipeline import Fallback, Rung
from xapp.service.decision import EDIT_NAMES
from xapp.service.refusal import Reason
from xapp.service.tally import Counts, Tally

LATENCY_BUCKETS: Final = (
    50e-6, 75e-6, 100e-6, 125e-6, 150e-6, 175e-6, 200e-6, 250e-6, 300e-6, 400e-6, 500e-6, 750e-6,
    1e-3, 1.5e-3, 2e-3, 3e-3, 5e-3, 7.5e-3, 10e-3, 20e-3, 50e-3, 100e-3,
)  # fmt: skip
"""Upper bounds of the decision latency histogram, seconds."""

INFERENCE_BUCKETS: Final = (
    5e-6, 7.5e-6, 10e-6, 15e-6, 20e-6, 30e-6, 50e-6, 75e-6, 100e-6, 200e-6, 500e-6, 1e-3, 10e-3,
)  # fmt: skip
"""Upper bounds of the inference histogram, seconds."""


class Dropped(StrEnum):
    """Why a state was not kept in the store."""

    UNREADABLE = "unreadable"
    CELLS_FULL = "cells_full"
    STORE_AWAY = "store_away"
    SHUTDOWN = "shutdown"


class Metrics:
    """Counters and histograms, by what the code calls them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"slicepilot_{name}", about, labels, registry=registry)

        self.decisions = Counts(
            "slicepilot_decisions", "Decisions, by who made them.", ("rung",),
            {r: (r.value,) for r in Rung}, registry,
        ).children  # fmt: skip
        fallbacks = counter("fallbacks", "Decisions not made by the policy, by reason.", "reason")
        self.fallbacks = {f: fallbacks.labels(f.value) for f in Fallback if f is not Fallback.NONE}
        refusals = counter("refusals", "Reports without a decision, by reason.", "reason")
        self.refusals = {r: refusals.labels(r.value) for r in Reason}
        edits = counter("shield_edits", "Fields changed by the shield, by reason.", "reason")
        self.edits: Mapping[str, Counter] = {n: edits.labels(n) for n in EDIT_NAMES}
        self.latency = Tally(
            "slicepilot_decision_latency_seconds",
            "From the whole body of a report received to the decision made.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.inference = Tally(
            "slicepilot_inference_seconds",
            "Evaluation of the policy's graph.",
            buckets=INFERENCE_BUCKETS,
            registry=registry,
        )
        self.store_writes = counter("store_writes", "States of cells written to the store.")
        self.store_coalesced = counter(
            "store_coalesced", "States replaced by a newer one before they were written."
        )
        self.store_failures = counter("store_failures", "Failed store commands.", "reason")
        dropped = counter("store_dropped", "States not kept or not read back.", "reason")
        self.store_dropped = {d: dropped.labels(d.value) for d in Dropped}
        self.store_up = Gauge(
            "slicepilot_store_up", "1 while the store answers, 0 while degraded.", registry=registry
        )
        self.store_pending = Gauge(
            "slicepilot_store_pending", "States waiting to be written.", registry=registry
        )
