"""The tally: what happened on the E2 connections of all cells."""

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Tally:
    """Counts; those by reason have the E2AP cause as a key, and `first` the first text of each.

    Attributes:
        setups: E2 Setups that succeeded.
        setup_failures: E2 Setups that did not, by cause.
        reconnects: those of them with which a node came back.
        losses: associations that ended or could not be made.
        subscriptions: subscriptions admitted, in whole or in part.
        deleted: subscriptions that the RIC ended.
        actions_refused: actions not admitted.
        indications: indications sent.
        empty: reports that were due with no user to tell of.
        values_lost: values that were measured and told as `noValue`, by reason.
        controls_applied: controls carried out, by service model.
        controls_refused: controls that were not.
        resets, removals, queries, connection_updates: procedures that the RIC started.
        error_indications: the RIC's.
        protocol_errors: messages of the RIC that broke the protocol.
        unanswered: requests of the RIC whose answer came too late to be sent.
        unsent: messages that the state of the connection did not allow, by kind.
        faults: what was done to packets on the wire.
        first: first text of each reason.
    """

    setups: int = 0
    setup_failures: Counter[str] = field(default_factory=Counter)
    reconnects: int = 0
    losses: int = 0
    subscriptions: int = 0
    deleted: int = 0
    actions_refused: Counter[str] = field(default_factory=Counter)
    indications: int = 0
    empty: int = 0
    values_lost: Counter[str] = field(default_factory=Counter)
    controls_applied: Counter[str] = field(default_factory=Counter)
    controls_refused: Counter[str] = field(default_factory=Counter)
    resets: int = 0
    removals: int = 0
    queries: int = 0
    connection_updates: int = 0
    error_indications: Counter[str] = field(default_factory=Counter)
    protocol_errors: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    unsent: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def note(self, counter: Counter[str], cause: object, reason: str, count: int = 1) -> None:
        """Count what went wrong, and keep the first text of its kind."""
        key = str(cause)
        counter[key] += count
        self.first.setdefault(key, reason)

    def figures(self) -> str:
        """The counts that tell whether the loop is closed, in a line."""
        return (
            f"{self.indications:,} indications, {self.controls_applied.total():,} controls "
            f"applied, {self.controls_refused.total():,} refused, {self.losses:,} associations "
            "lost or not made"
        )

    def to_document(self) -> dict[str, Any]:
        """The JSON form."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: dict(value.most_common()) if isinstance(value, Counter) else value
            for name, value in found.items()
        }
