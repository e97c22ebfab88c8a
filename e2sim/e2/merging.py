"""Merging: how the values of several periods become the value of one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from oran.measurements import UINT32, Measurement

Row = tuple[float, ...]
"""Values of one period; NaN where nothing was measured."""


class Merge(Enum):
    """How the values of several periods become the value of one."""

    SUM = "sum"
    MEAN = "mean"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one column is merged.

    Attributes:
        measurement: what stands in it.
        merge: how.
        weight: column that weights a mean; None weights all periods equally.
    """

    measurement: Measurement
    merge: Merge
    weight: int | None = None


def merge(rows: Sequence[Row], column: int, rule: Rule) -> float:
    """The value of a column over some periods, quantised as the catalogue says; NaN without any.

    Args:
        rows: of the periods in their order, one or more.
        column: which value of them.
        rule: how to merge it.
    """
    if len(rows) == 1 or rule.merge is Merge.LAST:
        return _alone(rule.measurement, rows[-1][column])
    values = [(row[column], row) for row in rows if not math.isnan(row[column])]
    if not values:
        found = math.nan
    elif rule.merge is Merge.SUM:
        found = math.fsum(value for value, _ in values)
    elif len(values) == 1:
        found = values[0][0]
    else:
        weights = [_weight(row, rule.weight) for _, row in values]
        total = math.fsum(weights)
        weighted = math.fsum(v * w for (v, _), w in zip(values, weights, strict=True))
        found = weighted / total if total > 0.0 else math.nan
    return quantised(rule.measurement, found)


class Lost(StrEnum):
    """Why there is no value although something was measured."""

    RANGE = "beyond the range"
    """A sum or mean of values of a broken counter is beyond what the catalogue has."""
    WEIGHT = "nothing to weigh by"
    """Values of periods in which nothing happened that could have been measured."""


def lost(rows: Sequence[Row], column: int, rule: Rule) -> Lost | None:
    """Why `merge` gives no value; None where nothing was measured."""
    if rule.merge is Merge.LAST:
        rows = rows[-1:]
    values = [(row[column], row) for row in rows if not math.isnan(row[column])]
    if not values:
        return None
    if rule.merge is Merge.MEAN and len(values) > 1:
        total = math.fsum(_weight(row, rule.weight) for _, row in values)
        return Lost.RANGE if total > 0.0 else Lost.WEIGHT
    return Lost.RANGE


def _weight(row: Row, column: int | None) -> float:
    found = 1.0 if column is None else row[column]
    return 0.0 if math.isnan(found) else found


def quantised(measurement: Measurement, value: float) -> float:
    """The value as the catalogue has it; NaN, which is no value, for a sum beyond its range.

    A real below the range, which only a broken counter has, goes out as it is.
    """
    if not value <= measurement.high:
        return math.nan
    return value if value < measurement.low else measurement.quantise(value)


def _alone(measurement: Measurement, value: float) -> float:
    """The value of one period; one that a broken counter has goes out where the wire carries it."""
    broken = value > measurement.high
    carried = measurement.kind == "real" or value <= UINT32
    return value if broken and carried and math.isfinite(value) else quantised(measurement, value)
