"""Columns: which values of an indication are which measurements of a report."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from oran.e2.kpm import Measurement as Asked
from oran.e2.kpm import MeasurementLabel, OfferedMeasurement
from oran.e2.kpm.measurement import MeasurementType
from oran.measurements import (
    CELL_COLUMN,
    CELL_MEASUREMENTS,
    SLICE_COLUMN,
    SLICE_MEASUREMENTS,
    Measurement,
)
from oran.snssai import Snssai
from oran.uplink import UPLINK_COLUMN, UPLINK_MEASUREMENTS
from xapp.service.refusal import Flaw, Reason, Refusal

MAX_UNKNOWN: Final = 64
"""Unknown columns that are listed; more are counted alone."""

Values = tuple[float, ...]
_Pick = Callable[[Sequence[float]], Values]

_CATALOGUE: Final = {
    m.name.casefold(): m.name
    for m in (*CELL_MEASUREMENTS, *SLICE_MEASUREMENTS, *UPLINK_MEASUREMENTS)
}
"""Names that peers write alike but for capitals, such as `DRB.PdcpSduVolumeDl`."""


class Names:
    """The measurement-mapping table of a node: names and numbers on its wire to the catalogue's.

    Args:
        offered: what the node announces; its numbers stand for its names.

    Attributes:
        announced: how it writes the measurements of a report that it announces.
        uplink: the same of measurements of the uplink.
    """

    def __init__(self, offered: Iterable[OfferedMeasurement] = ()) -> None:
        self.announced: Final[dict[str, str]] = {}
        self.uplink: Final[dict[str, str]] = {}
        self._numbers: dict[int, str] = {}
        for measurement in offered:
            known = _CATALOGUE.get(measurement.name.casefold())
            if known is not None:
                table = self.uplink if known in UPLINK_COLUMN else self.announced
                table.setdefault(known, measurement.name)
                if measurement.id is not None:
                    self._numbers[measurement.id] = known

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Names):
            return NotImplemented
        mine = self.announced, self.uplink, self._numbers
        return mine == (other.announced, other.uplink, other._numbers)

    __hash__ = None  # type: ignore[assignment]  # equal by what it holds

    def find(self, type_: MeasurementType) -> str | None:
        """The catalogue's name, or None where it has none."""
        if isinstance(type_, str):
            return _CATALOGUE.get(type_.casefold())
        return self._numbers.get(type_) if isinstance(type_, int) else None

    def wire_name(self, name: str) -> str:
        """How the node writes a name of the catalogue."""
        return self.announced.get(name) or self.uplink.get(name, name)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of an indication, prepared for reading many.

    Attributes:
        count: how many there are.
        snssais: slices of the report, in its order.
        unknown: columns that are no measurement of the report, at most `MAX_UNKNOWN` of them.
        low, high: range of each column's values; infinite where it is unknown.
        names: of the columns, for messages.
        cell: picks the cell's values of a list of the columns' values with a NaN at its end.
        slices: picks each slice's.
        uplink: picks what each slice sent; empty where nothing of the uplink is among them.
    """

    count: int
    snssais: tuple[Snssai, ...]
    unknown: tuple[str, ...]
    low: Values
    high: Values
    names: tuple[str, ...]
    cell: _Pick
    slices: tuple[tuple[Snssai, _Pick], ...]
    uplink: tuple[tuple[Snssai, _Pick], ...] = ()

    def check(self, values: Sequence[int | float | None]) -> None:
        """Raise `Refusal` where the values are not as many, or one is outside its range."""
        if len(values) != self.count:
            raise Refusal(
                Reason.WRONG_TYPE,
                f"the indication has {len(values)} values for {self.count} columns",
                [Flaw("measRecord", f"needs {self.count} values")],
            )
        for value, low, high in zip(values, self.low, self.high, strict=True):
            # Written so that NaN is found too.
            if value is not None and not low <= value <= high:
                self._explain(values)
                return

    def _explain(self, values: Sequence[int | float | None]) -> None:
        flaws, reason = [], Reason.OUT_OF_RANGE
        columns = zip(values, self.low, self.high, self.names, strict=True)
        for i, (value, low, high, name) in enumerate(columns):
            # A bound that is infinite stands for a column nobody reads.
            if value is None or low <= value <= high or low == -math.inf:
                continue
            if not math.isfinite(value):
                reason = Reason.NOT_FINITE
            flaws.append(Flaw(f"measRecord[{i}]", f"{name}: {value!r} is not in {low:g}..{high:g}"))
        if flaws:
            raise Refusal(reason, "a measurement is outside the range of the catalogue", flaws)


_MISSING: Final = -1
"""Place of what is not measured: a NaN stands at the end of the values."""


def columns_of(measurements: Iterable[Asked], names: Names, snssais: Sequence[Snssai]) -> Columns:
    """The columns of a list of measurements under their labels.

    Args:
        measurements: as a subscription asks for them or an indication carries them.
        names: the node's names.
        snssais: slices of the report.
    """
    of_cell: dict[int, int] = {}
    of_slice: dict[tuple[Snssai, int], int] = {}
    of_uplink: dict[tuple[Snssai, int], int] = {}
    rows: list[Measurement | None] = []
    unread: list[bool] = []
    texts: list[str] = []
    wanted = frozenset(snssais)
    for measurement in measurements:
        name = names.find(measurement.type)
        for label in measurement.labels:
            place, told = len(rows), False
            texts.append(_text(measurement.type, label))
            row: Measurement | None = None
            snssai = _slice(label)
            if name in CELL_COLUMN and label == _WHOLE:
                if of_cell.setdefault(CELL_COLUMN[name], place) == place:
                    row = CELL_MEASUREMENTS[CELL_COLUMN[name]]
            elif name in SLICE_COLUMN and snssai in wanted and snssai is not None:
                column = SLICE_COLUMN[name]
                if of_slice.setdefault((snssai, column), place) == place:
                    row = SLICE_MEASUREMENTS[column]
            elif name in UPLINK_COLUMN and snssai in wanted and snssai is not None:
                # Without bounds: a flaw of the uplink spoils no report.
                key = snssai, UPLINK_COLUMN[name]
                told = of_uplink.setdefault(key, place) == place
            rows.append(row)
            unread.append(row is None and not told)
    unknown = [text for text, nobody in zip(texts, unread, strict=True) if nobody]
    return Columns(
        len(rows),
        tuple(snssais),
        tuple(unknown[:MAX_UNKNOWN]),
        tuple(-math.inf if row is None else row.low for row in rows),
        tuple(math.inf if row is None else row.high for row in rows),
        tuple(texts),
        _pick([of_cell.get(i, _MISSING) for i in range(len(CELL_MEASUREMENTS))]),
        tuple(
            (s, _pick([of_slice.get((s, i), _MISSING) for i in range(len(SLICE_MEASUREMENTS))]))
            for s in snssais
        ),
        tuple(
            (s, _pick([of_uplink.get((s, i), _MISSING) for i in range(len(UPLINK_MEASUREMENTS))]))
            for s in snssais
            if of_uplink
        ),
    )


_WHOLE: Final = MeasurementLabel(no_label=True)


def _pick(places: Sequence[int]) -> _Pick:
    return itemgetter(*places)


def _slice(label: MeasurementLabel) -> Snssai | None:
    """The slice of a label that narrows to a slice alone, whatever the network."""
    if label.slice is None:
        return None
    plain = MeasurementLabel(slice=label.slice, plmn=label.plmn)
    return label.slice if label == plain else None


def _text(type_: MeasurementType, label: MeasurementLabel) -> str:
    if label == _WHOLE:
        return str(type_)
    snssai = _slice(label)
    return f"{type_}[{label if snssai is None else snssai}]"


def asked_for(names: Names, snssais: Sequence[Snssai]) -> tuple[Asked, ...]:
    """What to ask of a node: what it announces of the catalogue, for the cell and each slice.

    The uplink comes last.
    """
    by_slice = tuple(MeasurementLabel(slice=s) for s in snssais)
    tables: Mapping[tuple[MeasurementLabel, ...], tuple[Measurement, ...]] = {
        (_WHOLE,): CELL_MEASUREMENTS,
        by_slice: SLICE_MEASUREMENTS,
    }
    asked = [
        Asked(names.wire_name(m.name), labels)
        for labels, table in tables.items()
        for m in table
        if m.name in names.announced
    ]
    sent = [Asked(names.uplink[n], by_slice) for n in UPLINK_COLUMN if n in names.uplink]
    return (*asked, *sent)


def lacking(names: Names) -> tuple[str, ...]:
    """Measurements of a report that a node does not announce."""
    everything = (*CELL_MEASUREMENTS, *SLICE_MEASUREMENTS)
    return tuple(m.name for m in everything if m.name not in names.announced)


def numbers(values: list[int | float | None]) -> list[float]:
    """Values with NaN where nothing was measured, and one at the end for what is not there."""
    values.append(None)
    return [math.nan if v is None else v for v in values]
