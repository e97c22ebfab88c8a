"""Slices that a node has and that are left alone, and why."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from typing import Any, Final

from oran.intent import DEFAULT_INTENTS
from oran.snssai import Snssai

MAX_NAMED: Final = 8
"""Slices that are named; more are counted alone."""


class Left(StrEnum):
    """Why a slice is neither measured nor controlled."""

    NO_INTENT = "no_intent"
    SAME_SST = "same_sst"
    """Its UEs are told apart by their SST alone, which another slice of the cell has too."""
    TOO_MANY = "too_many"
    """A report has no place for it."""


_TARGETS: Final = {
    intent.snssai.sst: {k: v for k, v in asdict(intent.sla).items() if v is not None}
    for intent in DEFAULT_INTENTS
}
_OTHER_TARGETS: Final = {"throughput_kbps": 1_000.0}
"""Targets to begin with, by SST and for any other."""


def problems_of(left: Iterable[tuple[Snssai, Left]]) -> tuple[str, ...]:
    """What to tell of the slices that a node's cells leave, for people; nothing where none is."""
    by_reason: dict[Left, dict[Snssai, None]] = {}
    for snssai, reason in left:
        by_reason.setdefault(reason, {})[snssai] = None
    return tuple(_TEXTS[r](sorted(by_reason[r])) for r in Left if r in by_reason)


def _no_intent(snssais: list[Snssai]) -> str:
    return (
        f"slices without an intent are left alone, and a cell without any other is not subscribed "
        f"to: {_named(snssais)}. The setting `intents` is to list them beside those served already,"
        f" such as XAPP_INTENTS='{_example(snssais[:MAX_NAMED])}'"
    )


def _same_sst(snssais: list[Snssai]) -> str:
    return (
        f"slices of an SST that another one of the cell has are left alone: {_named(snssais)}. The "
        "node reports UE by UE, which tells slices apart by their SST; with report style 1 of "
        "E2SM-KPM it could report each"
    )


def _too_many(snssais: list[Snssai]) -> str:
    return f"slices beyond the most that a report has are left alone: {_named(snssais)}"


_TEXTS: Final = {
    Left.NO_INTENT: _no_intent,
    Left.SAME_SST: _same_sst,
    Left.TOO_MANY: _too_many,
}


def _named(snssais: list[Snssai]) -> str:
    more = len(snssais) - MAX_NAMED
    return ", ".join(map(str, snssais[:MAX_NAMED])) + (f" and {more} more" if more > 0 else "")


def _example(snssais: Iterable[Snssai]) -> str:
    intents: list[dict[str, Any]] = [
        {"snssai": str(s), "sla": _TARGETS.get(s.sst, _OTHER_TARGETS)} for s in snssais
    ]
    return json.dumps(intents, separators=(",", ":"))
