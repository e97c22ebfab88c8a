"""Metrics of the core driver, bound beforehand; gauges are read from the state when asked."""

from enum import StrEnum
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry

from xapp.core.effect import CoreVerdict
from xapp.core.refusal import Failure, Refused
from xapp.decision.core_shield import CoreEdit
from xapp.service.tally import Count, Counts, Tally

LOOP_BUCKETS: Final = (
    1e-3, 2e-3, 3e-3, 5e-3, 7.5e-3, 10e-3, 15e-3, 20e-3, 30e-3, 50e-3, 75e-3, 100e-3, 200e-3,
    500e-3, 1.0, 2.0, 5.0,
)  # fmt: skip
"""Upper bounds of the loop's histogram, seconds."""


class Outcome(StrEnum):
    """What became of a decision."""

    SENT = "sent"
    UNCHANGED = "unchanged"
    """What is decided is in force."""
    NOT_SENT = "not_sent"
    """The API did not take it."""


class Checked(StrEnum):
    """What an effect was looked for in."""

    SITE = "site"
    """A slice's site, in later reports."""
    ALLOCATION = "allocation"
    """A cell's allocation, splits included, read back."""


_Label = TypeVar("_Label", bound=StrEnum)


class CoreMetrics:
    """Counters and a histogram, by what the code calls them; for one thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counts(name: str, about: str, label: str, values: type[_Label]) -> dict[_Label, Count]:
            children = {v: (v.value,) for v in values}
            return Counts(f"slicepilot_core_{name}", about, (label,), children, registry).children

        self.decisions = counts(
            "decisions", "Decisions for the core, by what became of them.", "outcome", Outcome
        )
        self.refusals = counts(
            "refusals", "Reports of the core without a decision, by reason.", "reason", Refused
        )
        self.failures = counts(
            "failures", "Times the core's API could not be used, by kind.", "kind", Failure
        )
        self.edits = Counts(
            "slicepilot_core_edits", "Slices changed by the core's shield, by reason.",
            ("reason",), {e: (e.name.lower(),) for e in CoreEdit}, registry,
        ).children  # fmt: skip
        self.effects = Counts(
            "slicepilot_core_effects", "What was asked of the core, by what became of it.",
            ("checked", "verdict"),
            {(c, v): (c.value, v.value) for c in Checked for v in CoreVerdict}, registry,
        ).children  # fmt: skip
        self.migrations = Counts(
            "slicepilot_core_migrations", "UPFs asked to move.", (), {None: ()}, registry
        ).children[None]
        self.loop = Tally(
            "slicepilot_core_loop_seconds",
            "From the request for a report to the decision in force.",
            buckets=LOOP_BUCKETS,
            registry=registry,
        )
