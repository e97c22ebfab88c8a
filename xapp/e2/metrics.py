"""Metrics of the E2 terminator, bound beforehand; gauges are read from the state when asked."""

from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from xapp.e2.effect import Verdict
from xapp.service.metrics import LATENCY_BUCKETS


class Function(StrEnum):
    """Service models of control."""

    RC = "rc"
    SPC = "spc"


class Indicated(StrEnum):
    """What became of an indication."""

    DECIDED = "decided"
    PART = "part"
    """Of a report that is not whole yet."""
    PASSED_OVER = "passed_over"
    """It waited to be read, as more come than can be decided on."""
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    UNEXPECTED = "unexpected"
    FAILED = "failed"


class Controlled(StrEnum):
    """What became of a decision, as far as one RAN function carries it."""

    SENT = "sent"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    HELD = "held"
    NOT_OFFERED = "not_offered"
    NOT_SENT = "not_sent"


class Answered(StrEnum):
    """How a control that was sent ended."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    ABORTED = "aborted"


class Subscribed(StrEnum):
    """What happened to a subscription."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    STALE = "stale"
    LOST = "lost"
    """The node, a reset or a change of its RAN functions ended it."""


class Fault(StrEnum):
    """What went wrong with a node."""

    PROTOCOL = "protocol"
    ERROR_INDICATION = "error_indication"
    INTERNAL = "internal"
    REPLACED = "replaced"
    """Its association gave way to a newer one of the same node."""


_LOOP_ABOUT: Final = "From an indication taken off the association to its controls sent."


class E2Metrics:
    """Counters and histograms, by what the code calls them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"slicepilot_e2_{name}", about, labels, registry=registry)

        indications = counter("indications", "Indications, by what became of them.", "outcome")
        self.indications = {i: indications.labels(i.value) for i in Indicated}
        controls = counter(
            "controls", "Decisions, by service model and what became of them.", "model", "outcome"
        )
        self.controls = {
            (f, c): controls.labels(f.value, c.value) for f in Function for c in Controlled
        }
        answers = counter(
            "control_answers", "Controls sent, by how they ended.", "model", "outcome"
        )
        self.answers = {
            (f, a): answers.labels(f.value, a.value) for f in Function for a in Answered
        }
        subscriptions = counter("subscriptions", "Subscriptions, by what happened.", "event")
        self.subscriptions = {s: subscriptions.labels(s.value) for s in Subscribed}
        verdicts = counter("effects", "Reports after controls, by what they say.", "verdict")
        self.verdicts = {v: verdicts.labels(v.value) for v in Verdict}
        faults = counter("faults", "What went wrong with nodes.", "kind")
        self.faults = {f: faults.labels(f.value) for f in Fault}
        self.setups = counter("setups", "E2 Setups granted.")
        self.loop = Histogram(
            "slicepilot_e2_loop_seconds", _LOOP_ABOUT, buckets=LATENCY_BUCKETS, registry=registry
        )
