"""Why a core report was not decided on, and why the core control API could not be used."""

from enum import StrEnum
from typing import Final

LONGEST_DETAIL: Final = 300
"""Most characters of a message: what it tells of may be as long as a body."""


class Refused(StrEnum):
    """Kinds of refused reports; the label of the counter."""

    MALFORMED = "malformed_json"
    """Not JSON, not UTF-8, NaN or Infinity in it, a name twice, or nested too deeply."""
    FIELD = "field"
    """A field is absent, unknown, or of another type."""
    OUT_OF_RANGE = "out_of_range"
    PARTIAL = "partial"
    """A site, link or slice is missing, or a figure that decisions depend on."""
    OTHER_TOPOLOGY = "other_topology"
    """It names sites, links or slices that there were not."""
    OUT_OF_ORDER = "out_of_order"
    REPEATED = "repeated"
    """The last one once more, as happens where reports are polled for."""
    STALE = "stale"
    """The last one once more, for longer than a report may be used."""
    NOT_YET = "not_yet"
    """The core has not finished its first period."""


class ReportRefusedError(ValueError):
    """A report that gets no decision; the message begins with the path of the field.

    Args:
        reason: the kind.
        detail: the message, cut at `LONGEST_DETAIL`.

    Attributes:
        reason: the kind.
    """

    def __init__(self, reason: Refused, detail: str) -> None:
        super().__init__(_cut(detail))
        self.reason = reason


class Failure(StrEnum):
    """Kinds of failures of the API, after each of which the last allocations are held."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    STATUS = "status"
    """An answer with a status that says that it cannot or will not."""
    NONSENSE = "nonsense"
    """Answers that are none: no HTTP, not this API's documents, or several refused reports."""
    CHANGED = "changed"
    """Another topology, other slices, or a core that began anew."""
    INTERNAL = "internal"


class CoreApiError(Exception):
    """The API cannot be used now.

    Attributes:
        kind: the kind.
        detail: one sentence for people, cut at `LONGEST_DETAIL`.
    """

    def __init__(self, kind: Failure, detail: str) -> None:
        self.kind = kind
        self.detail = _cut(detail)
        super().__init__(self.detail)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_DETAIL else f"{text[: LONGEST_DETAIL - 3]}..."
