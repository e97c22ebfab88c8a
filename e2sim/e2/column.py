"""Columns of a report: which value a measurement and its label mean, and which there are.

Under `noLabel` stand the measurements of the cell, and the sums over slices of those measurements
of slices that add up. Under `sliceID` stand the measurements of that slice. In reports of single
users there is `noLabel` alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from e2sim.e2.merging import Lost, Merge, Row, Rule, lost, merge, quantised
from e2sim.e2.period import CELL_RULES, SLICE_RULES, USER_RULES, Period
from e2sim.e2.uplink import UPLINK_CELL_RULES, UPLINK_NAMES, UPLINK_SLICE_RULES
from oran.e2.kpm import NO_LABEL, MeasuredValue, Measurement, MeasurementLabel
from oran.snssai import Snssai

_ADDING: Final = ("RRU.PrbUsedDl", "RRC.ConnMean", "RRU.PrbUsedUl")
"""Means over the period that add up over slices all the same."""


class NotMeasuredError(ValueError):
    """What is asked for is not measured here; the text says what is."""


@dataclass(frozen=True, slots=True)
class CellColumn:
    """A value of the cell."""

    index: int
    rule: Rule

    def value(self, periods: Sequence[Period]) -> MeasuredValue:
        """Over some periods."""
        return wire(merge([p.cell for p in periods], self.index, self.rule), self.rule)

    def lost(self, periods: Sequence[Period]) -> Lost | None:
        """Why there is no value, although something was measured."""
        return lost([p.cell for p in periods], self.index, self.rule)


@dataclass(frozen=True, slots=True)
class SliceColumn:
    """A value of some slices, added up."""

    index: int
    rule: Rule
    snssais: tuple[Snssai, ...]

    def value(self, periods: Sequence[Period]) -> MeasuredValue:
        """Over some periods; None where no slice has a value."""
        parts = [merge([p.slices[s] for p in periods], self.index, self.rule) for s in self.snssais]
        if len(parts) == 1:
            return wire(parts[0], self.rule)
        found = [part for part in parts if not math.isnan(part)]
        total = quantised(self.rule.measurement, math.fsum(found)) if found else math.nan
        return wire(total, self.rule)

    def lost(self, periods: Sequence[Period]) -> Lost | None:
        """Why there is no value, although something was measured."""
        reasons = (
            lost([p.slices[s] for p in periods], self.index, self.rule) for s in self.snssais
        )
        return next((reason for reason in reasons if reason is not None), None)


@dataclass(frozen=True, slots=True)
class UserColumn:
    """A value of one user."""

    index: int
    rule: Rule

    def value(self, rows: Sequence[Row]) -> MeasuredValue:
        """Over the periods of these rows."""
        return wire(merge(rows, self.index, self.rule), self.rule)


def wire(value: float, rule: Rule) -> MeasuredValue:
    """A value as E2SM-KPM carries it: an integer, a real, or None for `noValue`."""
    if math.isnan(value):
        return None
    return int(value) if rule.measurement.kind == "integer" else value


CELL_NAMES: Final = tuple(dict.fromkeys((*CELL_RULES, *SLICE_RULES)))
USER_NAMES: Final = tuple(USER_RULES)
"""Names to announce, for cells and for users; `UPLINK_NAMES` join those of cells with an uplink."""

_CELL_RULES: Final = {**CELL_RULES, **UPLINK_CELL_RULES}
_SLICE_RULES: Final = {**SLICE_RULES, **UPLINK_SLICE_RULES}


def cell_columns(
    measurements: Sequence[Measurement], snssais: tuple[Snssai, ...], *, uplink: bool = False
) -> tuple[CellColumn | SliceColumn, ...]:
    """The columns that some measurements of a cell with these slices mean, in order.

    Args:
        measurements: what is asked for.
        snssais: the cell's slices.
        uplink: whether it has an uplink.

    Raises:
        NotMeasuredError: one is not measured here, or not under its label.
    """
    known = (*CELL_NAMES, *UPLINK_NAMES) if uplink else CELL_NAMES
    return tuple(
        _cell_column(_name(m, known), label, snssais) for m in measurements for label in m.labels
    )


def user_columns(measurements: Sequence[Measurement]) -> tuple[UserColumn, ...]:
    """The columns that some measurements of users mean, in order.

    Raises:
        NotMeasuredError: as `cell_columns`.
    """
    columns = []
    for m in measurements:
        index, rule = USER_RULES[_name(m, USER_NAMES)]
        for label in m.labels:
            if label != NO_LABEL:
                raise NotMeasuredError(f"{m.type}: of a user there is noLabel alone")
            columns.append(UserColumn(index, rule))
    return tuple(columns)


def _name(measurement: Measurement, known: tuple[str, ...]) -> str:
    name = measurement.type
    if not isinstance(name, str) or name not in known:
        raise NotMeasuredError(f"{name} is not measured; {', '.join(known)} are")
    return name


def _cell_column(
    name: str, label: MeasurementLabel, snssais: tuple[Snssai, ...]
) -> CellColumn | SliceColumn:
    if label == NO_LABEL and name in _CELL_RULES:
        return CellColumn(*_CELL_RULES[name])
    if label == NO_LABEL:
        index, rule = _SLICE_RULES[name]
        if rule.merge is not Merge.SUM and name not in _ADDING:
            raise NotMeasuredError(f"{name}: of the whole cell it is not measured; label a slice")
        return SliceColumn(index, rule, snssais)
    if label.slice is None or replace(label, slice=None) != MeasurementLabel():
        raise NotMeasuredError(f"{name}: the labels served are noLabel and sliceID, one at a time")
    if label.slice not in snssais:
        raise NotMeasuredError(
            f"{name}: {label.slice} is no slice here; {', '.join(map(str, snssais))} are"
        )
    if name not in _SLICE_RULES:
        raise NotMeasuredError(f"{name}: of a slice it is not measured; ask with noLabel")
    return SliceColumn(*_SLICE_RULES[name], (label.slice,))
