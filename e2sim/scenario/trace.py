"""Traces: what users were offered and how they were heard, step by step, as a scenario plays it.

A trace is a CSV file (UTF-8, a header, commas, no quotes), one row a step of a series; a series is
one user, or what one user of a slice had on average.

===============  ====================================================================
column
===============  ====================================================================
`series`         0, 1, 2, ...; the rows of a series stand together
`step`           0, 1, 2, ... within the series; series may differ in length
`step_ms`        length of a step in ms, 1..3,600,000; the same in all rows
`offered_bytes`  that arrived for the user in the step, 0 or more, at most 10 Gbit/s
`snr_db`         mean SNR of the user in the step, dB, -40..60, fading averaged out
===============  ====================================================================

Columns may stand in any order. One of the last two may be empty in all rows, or be left out:
then the scenario's own traffic, or channel, is played.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import Final

_MOST_BYTES_A_MS: Final = 1.25e6
"""10 Gbit/s."""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    low: float
    high: float
    whole: bool = False

    def value(self, text: str, where: str) -> float:
        """The number in a field; raises `ValueError` for anything else."""
        noun = "an integer" if self.whole else "a number"
        needs = f"{where}: {self.name}: {text!r} is not {noun} of {self.low:.15g}..{self.high:.15g}"
        try:
            value = float(text)
        except ValueError:
            raise ValueError(needs) from None
        # float() takes digit groups such as 1_000.
        bad = "_" in text or not isfinite(value) or not self.low <= value <= self.high
        if bad or (self.whole and not value.is_integer()):
            raise ValueError(needs)
        return value


_SERIES: Final = _Column("series", 0, 1_000_000, whole=True)
_STEP: Final = _Column("step", 0, 100_000_000, whole=True)
_STEP_MS: Final = _Column("step_ms", 1.0, 3_600_000.0)
_OFFERED: Final = _Column("offered_bytes", 0.0, _MOST_BYTES_A_MS * _STEP_MS.high)
_SNR: Final = _Column("snr_db", -40.0, 60.0)
_REQUIRED: Final = (_SERIES, _STEP, _STEP_MS)
_PLAYED: Final = (_OFFERED, _SNR)
COLUMNS: Final = tuple(c.name for c in (*_REQUIRED, *_PLAYED))
"""The header of a trace."""


@dataclass(frozen=True, slots=True)
class Series:
    """One user of a trace; a column the trace does not have is None.

    Attributes:
        offered_bytes: that arrived in each step.
        snr_db: mean SNR in each step.
    """

    offered_bytes: tuple[float, ...] | None
    snr_db: tuple[float, ...] | None

    def __len__(self) -> int:
        """Steps."""
        return len(self.offered_bytes or self.snr_db or ())


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace; all its series have the same columns.

    Attributes:
        step_ms: length of a step.
        series: its users, each with a step at least.
    """

    step_ms: float
    series: tuple[Series, ...] = field(repr=False)

    @property
    def has_offered(self) -> bool:
        """Whether it says what was offered."""
        return self.series[0].offered_bytes is not None

    @property
    def has_snr(self) -> bool:
        """Whether it says how users were heard."""
        return self.series[0].snr_db is not None

    @classmethod
    def parse(cls, path: str) -> "Trace":
        """The trace in a file.

        Raises:
            ValueError: it cannot be read or is no trace; the message names path, line, column and
                what may stand there.
        """
        try:
            text = Path(path).read_text("utf-8-sig")
        except OSError as error:
            raise ValueError(f"{path}: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: byte {error.start} is no UTF-8: needs CSV text") from error
        return trace_of(text, path)

    def text(self) -> str:
        """The file's content; `trace_of` reads the same trace from it."""
        lines = [",".join(COLUMNS)]
        for i, one in enumerate(self.series):
            offered, snr = (_fields(c, len(one)) for c in (one.offered_bytes, one.snr_db))
            lines += [
                f"{i},{step},{self.step_ms!r},{a},{b}"
                for step, (a, b) in enumerate(zip(offered, snr, strict=True))
            ]
        return "\n".join(lines) + "\n"


def trace_of(text: str, path: str) -> Trace:
    """The trace in the text of the file `path`; raises `ValueError` as `Trace.parse`."""
    lines = text.removesuffix("\n").split("\n")
    rows = _rows(lines, path)
    _, first = opening = next(rows, (0, {}))
    if not first:
        raise ValueError(f"{path}, line 2: no row after the header: needs a row a step")
    given = [c for c in _PLAYED if first.get(c.name)]
    if not given:
        raise ValueError(f"{path}, line 2: no offered_bytes and no snr_db: needs one of them")
    step_ms = _STEP_MS.value(first["step_ms"], f"{path}, line 2")
    made: list[dict[str, list[float]]] = []
    for line, row in chain([opening], rows):
        where = f"{path}, line {line}"
        _place(row, made, where)
        if _STEP_MS.value(row["step_ms"], where) != step_ms:
            raise ValueError(f"{where}: step_ms: {row['step_ms']}, but {step_ms:g} in line 2")
        for name, value in _played(row, given, step_ms, where).items():
            made[-1][name].append(value)
    return Trace(step_ms, tuple(_series(one, given) for one in made))


def _rows(lines: Sequence[str], path: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Number and fields of each line after a checked header."""
    names = lines[0].rstrip("\r").split(",")
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            raise ValueError(
                f"{path}, line 1: {name!r} is no column, or a second one: needs the header "
                f"{','.join(COLUMNS)}"
            )
    for column in _REQUIRED:
        if column.name not in names:
            raise ValueError(f"{path}, line 1: no column {column.name}: it is required")
    for number, line in enumerate(lines[1:], 2):
        fields = line.rstrip("\r").split(",")
        if len(fields) != len(names):
            raise ValueError(f"{path}, line {number}: {len(fields)} fields, needs {len(names)}")
        yield number, dict(zip(names, fields, strict=True))


def _place(row: Mapping[str, str], made: list[dict[str, list[float]]], where: str) -> None:
    """Open the row's series; `ValueError` unless it is the next step or begins the next one."""
    series = int(_SERIES.value(row["series"], where))
    step = int(_STEP.value(row["step"], where))
    after = max(map(len, made[-1].values())) if made else 0
    if (series, step) == (len(made), 0):
        made.append({c.name: [] for c in _PLAYED})
    elif not made or (series, step) != (len(made) - 1, after):
        last = f"series {len(made) - 1} with step {after}, or " if made else ""
        raise ValueError(
            f"{where}: series {series}, step {step} out of order: needs {last}"
            f"series {len(made)} with step 0"
        )


def _played(
    row: Mapping[str, str], given: Sequence[_Column], step_ms: float, where: str
) -> dict[str, float]:
    """The row's values of the columns that are given in the first row."""
    for column in _PLAYED:
        if bool(row.get(column.name)) != (column in given):
            raise ValueError(
                f"{where}: {column.name}: {row.get(column.name)!r}, "
                f"{'not ' if column in given else ''}empty in line 2: needs all or none"
            )
    values = {c.name: c.value(row[c.name], where) for c in given}
    if values.get(_OFFERED.name, 0.0) > _MOST_BYTES_A_MS * step_ms:
        raise ValueError(
            f"{where}: offered_bytes: {row['offered_bytes']} in {step_ms:g} ms is above 10 Gbit/s, "
            f"{_MOST_BYTES_A_MS * step_ms:.15g} bytes"
        )
    return values


def _series(one: Mapping[str, Sequence[float]], given: Sequence[_Column]) -> Series:
    return Series(*(tuple(one[c.name]) if c in given else None for c in _PLAYED))


def _fields(column: tuple[float, ...] | None, steps: int) -> list[str]:
    return [""] * steps if column is None else [repr(v) for v in column]
