"""Reports: what an E2 node measured in one period."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

from oran.measurements import (
    CELL_COLUMN,
    CELL_MEASUREMENTS,
    SLICE_COLUMN,
    SLICE_MEASUREMENTS,
    Measurement,
)
from oran.snssai import Snssai

State = Literal["ok", "degraded", "failed"]

STATES: Final[tuple[State, ...]] = ("ok", "degraded", "failed")
"""Health flags by their number in `oran.batch.ReportBatch.health`."""

MAX_SLICES: Final = 16
"""Most slices one report may carry; TS 38.423 maxnoofSliceItems is larger, a cell's use is not."""


def _values(
    named: Mapping[str, float], columns: Mapping[str, int], table: tuple[Measurement, ...]
) -> tuple[float, ...]:
    values = [math.nan] * len(table)
    for name, value in named.items():
        if name not in columns:
            raise ValueError(f"{name}: not in the catalogue; known are {', '.join(columns)}")
        values[columns[name]] = value
    return tuple(values)


def _named(values: tuple[float, ...], table: tuple[Measurement, ...]) -> dict[str, float]:
    return {
        m.name: int(v) if m.kind == "integer" else v
        for m, v in zip(table, values, strict=True)
        if not math.isnan(v)
    }


@dataclass(frozen=True, slots=True)
class Health:
    """Health flags of what carries the cell's traffic: `ok`, `degraded` or `failed`."""

    gnb: State = "ok"
    backhaul: State = "ok"


@dataclass(frozen=True, slots=True)
class SliceReport:
    """Measurements of one slice in one period.

    Attributes:
        snssai: which slice.
        values: one number for each row of `SLICE_MEASUREMENTS`; NaN where not measured.
    """

    snssai: Snssai
    values: tuple[float, ...]

    @classmethod
    def of(cls, snssai: Snssai, measurements: Mapping[str, float]) -> Self:
        """From names and values; unknown names raise `ValueError`."""
        return cls(snssai, _values(measurements, SLICE_COLUMN, SLICE_MEASUREMENTS))

    def __getitem__(self, name: str) -> float:
        return self.values[SLICE_COLUMN[name]]


@dataclass(frozen=True, slots=True)
class CellReport:
    """One period's measurements of one cell.

    Attributes:
        node: global E2 node id, free text of 1..64 characters.
        cell: NR cell global id, free text of 1..64 characters.
        sequence: number of the report, 0..2^32-1; orders reports with the same start.
        start_ms: start of the period, milliseconds since 1970-01-01 UTC.
        period_ms: length of the period, 1..60,000 ms.
        values: one number for each row of `CELL_MEASUREMENTS`; NaN where not measured.
        slices: 1..`MAX_SLICES` slices, each S-NSSAI once.
        health: flags of the node and its backhaul.
    """

    node: str
    cell: str
    sequence: int
    start_ms: int
    period_ms: int
    values: tuple[float, ...]
    slices: tuple[SliceReport, ...]
    health: Health = field(default_factory=Health)

    @staticmethod
    def cell_values(measurements: Mapping[str, float]) -> tuple[float, ...]:
        """`values` from names and numbers; unknown names raise `ValueError`."""
        return _values(measurements, CELL_COLUMN, CELL_MEASUREMENTS)

    def __getitem__(self, name: str) -> float:
        return self.values[CELL_COLUMN[name]]

    def to_document(self) -> dict[str, Any]:
        """The JSON form of `POST /decide`: names of the catalogue, absent where not measured."""
        return {
            "node": self.node,
            "cell": self.cell,
            "sequence": self.sequence,
            "start_ms": self.start_ms,
            "period_ms": self.period_ms,
            "measurements": _named(self.values, CELL_MEASUREMENTS),
            "slices": [
                {"snssai": str(s.snssai), "measurements": _named(s.values, SLICE_MEASUREMENTS)}
                for s in self.slices
            ],
            "health": {"gnb": self.health.gnb, "backhaul": self.health.backhaul},
        }
