"""Outcomes: what became of all reports of a run."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from e2sim.link.answer import Answer, Decided, Loss, Refused, Unanswered
from e2sim.link.latency import LatencyHistogram


@dataclass(slots=True)
class Outcomes:
    """Counts of answers by kind and reason.

    Attributes:
        sent: reports handed to the target, each counted once however often it was tried.
        decisions: answers with an allocation.
        refused: problems by their type.
        unanswered: reports without a usable answer, by reason.
        latency: of decisions and problems.
        first: the first message of each reason of `refused` and `unanswered`.
    """

    sent: int = 0
    decisions: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[Loss] = field(default_factory=Counter)
    latency: LatencyHistogram = field(default_factory=LatencyHistogram)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, answer: Answer) -> None:
        """Take note of what became of one report."""
        self.sent += 1
        match answer:
            case Decided(latency_s=latency):
                self.decisions += 1
                self.latency.add(latency)
            case Refused(status, problem, title, detail, latency):
                key = f"{status} {problem}"
                self.refused[key] += 1
                self.latency.add(latency)
                self.first.setdefault(key, detail or title)
            case Unanswered(loss, detail):
                self.unanswered[loss] += 1
                self.first.setdefault(loss, detail)

    def figures(self) -> str:
        """The counts in a line."""
        return (
            f"{self.sent:,} reports, {self.decisions:,} decisions, "
            f"{self.refused.total():,} refused, {self.unanswered.total():,} unanswered"
        )

    def to_document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "reports_sent": self.sent,
            "decisions": self.decisions,
            "refused": dict(self.refused.most_common()),
            "unanswered": {str(k): n for k, n in self.unanswered.most_common()},
            "first_messages": dict(self.first),
            "latency": self.latency.to_document(),
        }
