"""Slice sets: the slices of a report, with everything that depends on them alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from oran.intent import Intent
from oran.snssai import Snssai
from xapp.decision.pipeline import Rows, reservation
from xapp.decision.targets import Targets
from xapp.service.refusal import Flaw, Reason, Refusal

MAX_CACHED: Final = 1024
"""Slice sets kept prepared; one a slice mix and order, so few are ever in use."""


@dataclass(frozen=True, slots=True)
class SliceSet:
    """The slices of a cell in the order of its reports.

    Attributes:
        snssais: which slices.
        names: their text forms.
        targets: the operator's intents for them.
        at_rest: the allocation of a node that nobody controls.
    """

    snssais: tuple[Snssai, ...]
    names: tuple[str, ...]
    targets: Targets
    at_rest: Rows

    @classmethod
    def of(cls, snssais: tuple[Snssai, ...], intents: Iterable[Intent]) -> Self:
        """The set of `snssais`, with the intents for them in the same order."""
        names = tuple(map(str, snssais))
        return cls(snssais, names, Targets.of(tuple(intents)), reservation(len(snssais)))


class SliceSets:
    """Prepared slice sets, by the slices of a report."""

    def __init__(self, intents: Iterable[Intent]) -> None:
        self._intents = {i.snssai: i for i in intents}
        self._sets: dict[tuple[Snssai, ...], SliceSet] = {}

    def get(self, snssais: tuple[Snssai, ...]) -> SliceSet:
        """The slice set of these slices.

        Raises:
            Refusal: a slice stands twice, or has no intent.
        """
        found = self._sets.get(snssais)
        if found is None:
            self._check(snssais)
            if len(self._sets) >= MAX_CACHED:
                self._sets.clear()
            found = SliceSet.of(snssais, (self._intents[s] for s in snssais))
            self._sets[snssais] = found
        return found

    def _check(self, snssais: tuple[Snssai, ...]) -> None:
        twice = [
            Flaw(f"slices[{i}].snssai", f"{s} stands before already")
            for i, s in enumerate(snssais)
            if s in snssais[:i]
        ]
        if twice:
            raise Refusal(Reason.DUPLICATE_SLICE, "a slice stands in the report twice", twice)
        known = ", ".join(map(str, self._intents))
        unknown = [
            Flaw(f"slices[{i}].snssai", f"no intent for {s}; intents are set for {known}")
            for i, s in enumerate(snssais)
            if s not in self._intents
        ]
        if unknown:
            raise Refusal(Reason.UNKNOWN_SLICE, "a slice has no intent", unknown)


def carried_over(in_force: Rows, had: tuple[Snssai, ...], now: SliceSet) -> Rows:
    """The allocation in force, in the order of the slices of the report at hand.

    Where the set of slices changed, the node cannot be running the last allocation as it was
    given: the set's allocation at rest takes its place.
    """
    if had == now.snssais:
        return in_force
    if set(had) != set(now.snssais):
        return now.at_rest
    rows = [in_force.slices[had.index(s)] for s in now.snssais]
    return Rows(rows, in_force.tx_power_offset_db)
