"""Refusals: why a report was not decided on."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Kinds of refusal; the label of the counter and the end of the problem's type URI."""

    MALFORMED = "malformed_json"
    DUPLICATE_NAME = "duplicate_name"
    MISSING_FIELD = "missing_field"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    NOT_FINITE = "not_finite"
    DUPLICATE_SLICE = "duplicate_slice"
    UNKNOWN_SLICE = "unknown_slice"
    TOO_EARLY = "too_early"
    STALE = "stale_report"
    REPEATED = "repeated_report"
    CELLS_FULL = "cells_full"
    TOO_LARGE = "too_large"
    MEDIA_TYPE = "media_type"
    BODY_TIMEOUT = "body_timeout"
    MALFORMED_HTTP = "malformed_http"
    DISCONNECTED = "client_disconnected"
    INTERNAL = "internal_error"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a report: where, and what would be right."""

    path: str
    reason: str


class Refusal(Exception):  # noqa: N818  # an answer, not an error of the program
    """A report that gets no decision.

    Attributes:
        reason: the kind.
        detail: one sentence for people.
        flaws: the fields concerned, at most `MAX_FLAWS`.
    """

    MAX_FLAWS = 20

    def __init__(self, reason: Reason, detail: str, flaws: Sequence[Flaw] = ()) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.flaws = tuple(flaws[: self.MAX_FLAWS])
