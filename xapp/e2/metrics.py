"""Metrics of the E2 terminator, bound beforehand; gauges are read from the state when asked."""

from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

from prometheus_client import CollectorRegistry

from xapp.e2.effect import Verdict
from xapp.service.metrics import LATENCY_BUCKETS
from xapp.service.tally import Count, Counts, Tally


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
    ROLLED_BACK = "rolled_back"
    """No decision: the allocation at rest, sent to a cell whose decisions are held."""


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
    """The node, a reset, a new set-up or a change of its RAN functions ended it."""


class Fault(StrEnum):
    """What went wrong with a node."""

    PROTOCOL = "protocol"
    ERROR_INDICATION = "error_indication"
    INTERNAL = "internal"
    REPLACED = "replaced"
    """Its association gave way to a newer one of the same node."""
    NOT_SENT = "not_sent"
    """A message to it that its connection does not allow now."""
    CLOCK_SET = "clock_set"
    """Its clock, or this host's, was set: its reports seem late or early by another time."""


_LOOP_ABOUT: Final = "From an indication's E2AP message decoded to its controls sent."


_Label = TypeVar("_Label", bound=StrEnum)
_ByModel: TypeAlias = dict[tuple[Function, _Label], Count]


class E2Metrics:
    """Counters and a histogram, by what the code calls them; for one thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counts(name: str, about: str, label: str, values: type[_Label]) -> dict[_Label, Count]:
            children = {v: (v.value,) for v in values}
            return Counts(f"slicepilot_e2_{name}", about, (label,), children, registry).children

        def by_model(name: str, about: str, values: type[_Label]) -> _ByModel[_Label]:
            children = {(f, v): (f.value, v.value) for f in Function for v in values}
            labels = ("model", "outcome")
            return Counts(f"slicepilot_e2_{name}", about, labels, children, registry).children

        self.indications = counts(
            "indications", "Indications, by what became of them.", "outcome", Indicated
        )
        self.controls = by_model(
            "controls",
            "Decisions by what became of them, and rollbacks.",
            Controlled,
        )
        self.answers = by_model("control_answers", "Controls sent, by how they ended.", Answered)
        self.subscriptions = counts(
            "subscriptions", "Subscriptions, by what happened.", "event", Subscribed
        )
        self.verdicts = counts(
            "effects", "Reports after controls, by what they say.", "verdict", Verdict
        )
        self.faults = counts("faults", "What went wrong with nodes.", "kind", Fault)
        self.setups = Counts(
            "slicepilot_e2_setups", "E2 Setups granted.", (), {None: ()}, registry
        ).children[None]
        self.late_looks = Counts(
            "slicepilot_e2_late_looks", "Looks after subscriptions that came late.", (),
            {None: ()}, registry,
        ).children[None]  # fmt: skip
        self.loop = Tally(
            "slicepilot_e2_loop_seconds", _LOOP_ABOUT, buckets=LATENCY_BUCKETS, registry=registry
        )
