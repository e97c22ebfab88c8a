"""Core reports: what the core network of one cell measured in one period."""

import math
from dataclasses import dataclass
from typing import Any, Final

from oran.core.measurements import (
    CORE_SLICE_COLUMN,
    CORE_SLICE_MEASUREMENTS,
    LINK_COLUMN,
    LINK_MEASUREMENTS,
    SITE_COLUMN,
    SITE_MEASUREMENTS,
)
from oran.measurements import Measurement
from oran.report import State
from oran.snssai import Snssai

STATES: Final[tuple[State, ...]] = ("ok", "degraded", "failed")
"""Health flags in the order of their numbers in a batch."""


@dataclass(frozen=True, slots=True)
class SiteReport:
    """One UPF site: `values` has a number for each row of `SITE_MEASUREMENTS`."""

    name: str
    health: State
    values: tuple[float, ...]

    def __getitem__(self, name: str) -> float:
        return self.values[SITE_COLUMN[name]]


@dataclass(frozen=True, slots=True)
class LinkReport:
    """One link: `values` has a number for each row of `LINK_MEASUREMENTS`."""

    name: str
    health: State
    values: tuple[float, ...]

    def __getitem__(self, name: str) -> float:
        return self.values[LINK_COLUMN[name]]


@dataclass(frozen=True, slots=True)
class CoreSliceReport:
    """One slice.

    Attributes:
        snssai: which slice.
        site: the UPF site in use at the period's end.
        migrating: whether its UPF is on the way to another site then.
        values: one number for each row of `CORE_SLICE_MEASUREMENTS`; NaN where not measured.
    """

    snssai: Snssai
    site: str
    migrating: bool
    values: tuple[float, ...]

    def __getitem__(self, name: str) -> float:
        return self.values[CORE_SLICE_COLUMN[name]]


@dataclass(frozen=True, slots=True)
class CoreReport:
    """One period of the core network that serves one cell.

    Attributes:
        node, cell, sequence, start_ms, period_ms: as of `oran.report.CellReport`.
        sites, links: in the order of the topology.
        slices: in the order of the cell's reports.
    """

    node: str
    cell: str
    sequence: int
    start_ms: int
    period_ms: int
    sites: tuple[SiteReport, ...]
    links: tuple[LinkReport, ...]
    slices: tuple[CoreSliceReport, ...]

    def to_document(self) -> dict[str, Any]:
        """The JSON form: names of the catalogue, absent where not measured."""
        return {
            "node": self.node,
            "cell": self.cell,
            "sequence": self.sequence,
            "start_ms": self.start_ms,
            "period_ms": self.period_ms,
            "sites": [_place(s, SITE_MEASUREMENTS) for s in self.sites],
            "links": [_place(s, LINK_MEASUREMENTS) for s in self.links],
            "slices": [
                {
                    "snssai": str(s.snssai),
                    "site": s.site,
                    "migrating": s.migrating,
                    "measurements": _named(s.values, CORE_SLICE_MEASUREMENTS),
                }
                for s in self.slices
            ],
        }


def _place(place: SiteReport | LinkReport, table: tuple[Measurement, ...]) -> dict[str, Any]:
    return {
        "name": place.name,
        "health": place.health,
        "measurements": _named(place.values, table),
    }


def _named(values: tuple[float, ...], table: tuple[Measurement, ...]) -> dict[str, float]:
    return {
        m.name: int(v) if m.kind == "integer" else v
        for m, v in zip(table, values, strict=True)
        if not math.isnan(v)
    }
