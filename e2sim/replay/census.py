"""The census of a replay: every row read is used, or refused with a reason and a place."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

EXAMPLES: Final = 3
"""Places named in the summary for each reason."""

_LONGEST_DETAIL: Final = 160


class Reason(StrEnum):
    """Why a row, or a whole file, is refused."""

    EMPTY_LINE = "empty_line"
    LINE_TOO_LONG = "line_too_long"
    UNDECODABLE = "undecodable_bytes"
    COLUMNS = "wrong_number_of_columns"
    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    NEGATIVE = "negative"
    NOT_AN_INTEGER = "not_an_integer"
    OUT_OF_RANGE = "out_of_range"
    TIME_BACKWARDS = "time_backwards"
    TIME_REPEATED = "time_repeated"
    TIME_INCONSISTENT = "time_inconsistent_in_message"
    CUT = "truncated"
    HEADER = "unknown_header"
    SLICE_UNKNOWN = "slice_unknown"
    NAME_TOO_LONG = "name_too_long"
    UNREADABLE = "unreadable"


class RowError(Exception):
    """One row cannot be used.

    Args:
        reason: why.
        detail: what the row holds and what would be right.
        column: the column at fault, empty where it is the row as a whole.
    """

    def __init__(self, reason: Reason, detail: str, column: str = "") -> None:
        super().__init__(detail)
        self.key = f"{reason}:{column}" if column else str(reason)
        self.detail = detail


@dataclass(slots=True)
class FileTally:
    """Rows of one file (a recording of many cells in one file has one tally for each cell).

    Attributes:
        name: the file's path within the recording.
        examples: shared by all tallies of a census: first places of each reason.
        read: lines after the header, empty ones included.
        used: rows that are part of a report handed to the target.
        refused: the others by reason; `reason:column` where one column is at fault.
        gaps: neighbouring rows of one UE (messages of one cell, where UEs are not told apart)
            that lie 1.5 times the recorder's interval or more apart; counted, not refused.
        longest_gap_ms: the longest of them.
    """

    name: str
    examples: dict[str, list[str]]
    read: int = 0
    used: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    gaps: int = 0
    longest_gap_ms: int = 0

    def refuse(self, line: int, error: RowError) -> None:
        """Count one refused row."""
        self.refused[error.key] += 1
        places = self.examples.setdefault(error.key, [])
        if len(places) < EXAMPLES:
            places.append(f"{self.name}:{line}: {error.detail[:_LONGEST_DETAIL]}")

    def gap(self, length_ms: int) -> None:
        """Count one gap."""
        self.gaps += 1
        self.longest_gap_ms = max(self.longest_gap_ms, length_ms)


@dataclass(slots=True)
class Census:
    """All files of a recording.

    Attributes:
        files: tallies in the order in which the files were opened.
        refused_files: files of which no row is used, by reason.
        examples: first places of each reason.
    """

    files: list[FileTally] = field(default_factory=list)
    refused_files: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def open_file(self, name: str) -> FileTally:
        """The tally of a file that is about to be read."""
        tally = FileTally(name, self.examples)
        self.files.append(tally)
        return tally

    def refuse_file(self, name: str, reason: Reason, detail: str) -> None:
        """Count a file that cannot be used at all."""
        self.refused_files[reason] += 1
        places = self.examples.setdefault(reason, [])
        if len(places) < EXAMPLES:
            places.append(f"{name}: {detail[:_LONGEST_DETAIL]}")

    def to_document(self) -> dict[str, Any]:
        """The JSON form; `read` = `used` + refused + `unused` (read ahead of an early stop)."""
        read = sum(f.read for f in self.files)
        used = sum(f.used for f in self.files)
        refused = sum((f.refused for f in self.files), Counter[str]())
        return {
            "rows": {
                "read": read,
                "used": used,
                "refused": dict(refused.most_common()),
                "unused": read - used - refused.total(),
            },
            "gaps": {
                "count": sum(f.gaps for f in self.files),
                "longest_s": max((f.longest_gap_ms for f in self.files), default=0) / 1e3,
            },
            "files_refused": dict(self.refused_files),
            "examples": self.examples,
            "files": [
                {
                    "name": f.name,
                    "read": f.read,
                    "used": f.used,
                    "refused": dict(f.refused),
                    "gaps": f.gaps,
                }
                for f in self.files
            ],
        }
