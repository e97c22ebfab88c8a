"""A comparison as a table for a terminal."""

from collections.abc import Mapping
from typing import Any, Final

from rich.table import Table

COLUMNS: Final = (
    ("objective", "objective", 4),
    ("satisfaction", "satisfied", 4),
    ("eMBB.satisfaction", "eMBB", 4),
    ("URLLC.satisfaction", "URLLC", 4),
    ("mMTC.satisfaction", "mMTC", 4),
    ("URLLC.loss", "URLLC loss", 6),
    ("blocked", "blocked", 4),
    ("power", "power W", 1),
)
"""KPI, heading and decimals."""


def comparison_table(document: Mapping[str, Any]) -> Table:
    """Means with half the interval's width, and the differences that `trainer evaluate` found."""
    table = Table("controller", *(heading for _, heading, _ in COLUMNS))
    for part in ("controllers", "differences"):
        for name, kpis in document[part].items():
            table.add_row(name, *(_cell(kpis.get(kpi), digits) for kpi, _, digits in COLUMNS))
        table.add_section()
    return table


def _cell(found: Mapping[str, float] | None, digits: int) -> str:
    if found is None:
        return "-"
    half = (found["high"] - found["low"]) / 2
    return f"{found['mean']:.{digits}f} ±{half:.{digits}f}"
