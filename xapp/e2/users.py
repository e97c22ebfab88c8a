"""Reading reports of UEs: nodes that measure each UE alone, and not the cell (report style 4).

Each slice has a subscription of its own, to the UEs that match its SST. What its UEs report becomes
the slice's values by the catalogue's aggregation, and the cell's report is made of all slices'.
"""

import math
from collections.abc import Sequence
from typing import Final

from oran.e2 import kpm
from oran.e2.e2ap import RicIndication
from oran.e2.kpm import Measurement
from oran.e2.kpm.flat import Stamps
from oran.e2.kpm.header import TIMESTAMP_OCTETS_V3
from oran.measurements import CELL_MEASUREMENTS, SLICE_COLUMN, SLICE_MEASUREMENTS
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from xapp.e2.backlog import Backlog
from xapp.e2.columns import Names
from xapp.e2.reading import PassedOver
from xapp.e2.stamp import start_ms
from xapp.service.refusal import Flaw, Reason, Refusal

_PRBS: Final = SLICE_COLUMN["RRU.PrbUsedDl"]
_CONNECTED: Final = SLICE_COLUMN["RRC.ConnMean"]
_APART: Final = 1.5
"""Slices' values whose periods start so many periods apart are of different reports."""

SUMMED: Final = frozenset(
    i for i, m in enumerate(SLICE_MEASUREMENTS) if m.aggregation.startswith("sum") or i == _PRBS
)
"""Columns in which a slice's value is the sum over its UEs; in the others it is their mean."""

Row = list[float]


def asked_of_ues(names: Names) -> tuple[Measurement, ...]:
    """What to ask of a node for each UE: what it announces of the catalogue's slice table."""
    announced = (m.name for m in SLICE_MEASUREMENTS if m.name in names.announced)
    return tuple(Measurement(names.wire_name(name), (kpm.NO_LABEL,)) for name in announced)


def separable(snssais: Sequence[Snssai]) -> tuple[Snssai, ...]:
    """The slices that a condition on the SST tells apart: the first of each SST."""
    first: dict[int, Snssai] = {}
    for snssai in snssais:
        first.setdefault(snssai.sst, snssai)
    return tuple(first.values())


class UserReading:
    """Makes reports of the indications of a cell's subscriptions, one a slice.

    Args:
        node: the node's name.
        cell: the cell's.
        names: the node's measurement-mapping table.
        asked: the measurements of the subscriptions, in order.
        snssais: the slices.
        period_ms: granularity period, ms.

    Attributes:
        unknown: measurements of the last indication that are not in the catalogue.
    """

    def __init__(
        self,
        node: str,
        cell: str,
        names: Names,
        asked: tuple[Measurement, ...],
        snssais: tuple[Snssai, ...],
        period_ms: int,
    ) -> None:
        self.unknown: tuple[str, ...] = ()
        self._node = node
        self._cell = cell
        self._names = names
        self._asked = asked
        self._snssais = snssais
        self._period_ms = period_ms
        self._stamps = {snssai: Stamps() for snssai in snssais}
        self._backlogs = self._new_backlogs()
        self._clock_was_set = False
        self._rows: dict[Snssai, Row] = {}
        self._start = 0
        self._count = 0

    def clock_was_set(self) -> bool:
        """Whether the node's clock was set, or this host's, since it was asked last."""
        was_set, self._clock_was_set = self._clock_was_set, False
        return was_set

    def restart(self, snssai: Snssai) -> None:
        """The subscription of a slice has ended; another one may follow, of a later time."""
        self._rows.pop(snssai, None)

    def report(self, snssai: Snssai, indication: RicIndication, now_ms: int) -> CellReport | None:
        """Take the indication of a slice.

        Returns:
            The cell's report once every slice has its values, or once one has new values, or
            values of a later period, while others have none, as slices without UEs do; None
            before.

        Raises:
            DecodeError: header or message are no such.
            ValueError: they have another format.
            Refusal: a measurement of a UE is outside the catalogue's range.
            PassedOver: the indication has waited, and newer ones stand behind it.
        """
        stamp = self._stamps[snssai].read(indication.header)
        start = start_ms(stamp, now_ms)
        # A stamp of whole seconds tells nothing of lateness.
        if len(stamp) == TIMESTAMP_OCTETS_V3 and self._passes_over(snssai, start, now_ms):
            raise PassedOver
        row = self._row(indication.message)
        made = None
        if self._rows and (
            snssai in self._rows or abs(start - self._start) > _APART * self._period_ms
        ):
            made = self._make()
        if not self._rows:
            self._start = start
        self._rows[snssai] = row
        if made is None and len(self._rows) == len(self._snssais):
            made = self._make()
        return made

    def _new_backlogs(self) -> dict[Snssai, Backlog]:
        return {snssai: Backlog(self._period_ms) for snssai in self._snssais}

    def _passes_over(self, snssai: Snssai, start: int, now_ms: int) -> bool:
        """As `Backlog.passes_over`; a clock that was set is found once, not once a slice."""
        backlog = self._backlogs[snssai]
        passed = backlog.passes_over(start, now_ms)
        if backlog.steps:
            self._clock_was_set = True
            self._backlogs = self._new_backlogs()
        return passed

    def _make(self) -> CellReport:
        nothing = [math.nan] * len(SLICE_MEASUREMENTS)
        slices = tuple(SliceReport(s, tuple(self._rows.get(s, nothing))) for s in self._snssais)
        self._rows = {}
        self._count += 1
        cell = (math.nan,) * len(CELL_MEASUREMENTS)
        return CellReport(
            self._node, self._cell, self._count, self._start, self._period_ms, cell, slices
        )

    def _row(self, octets: bytes) -> Row:
        message = kpm.INDICATION_MESSAGE.decode(octets)
        if not isinstance(message, kpm.IndicationFormat3):
            kind = type(message).__name__
            raise ValueError(f"indication message: format 3 was asked for, got {kind}")
        found: list[list[float]] = [[] for _ in SLICE_MEASUREMENTS]
        unknown: list[str] = []
        for i, ue in enumerate(message.ues):
            self._take(i, ue.report, found, unknown)
        self.unknown = tuple(dict.fromkeys(unknown))
        row = [_aggregate(column, values) for column, values in enumerate(found)]
        row[_CONNECTED] = float(len(message.ues))
        return row

    def _take(
        self, ue: int, report: kpm.IndicationFormat1, found: list[list[float]], unknown: list[str]
    ) -> None:
        types = [m.type for m in report.measurements or self._asked for _ in m.labels]
        values = report.records[-1].values
        if len(values) != len(types):
            raise ValueError(f"UE {ue}: {len(values)} values for {len(types)} measurements")
        for type_, value in zip(types, values, strict=True):
            name = self._names.find(type_)
            if name not in SLICE_COLUMN:
                unknown.append(str(type_))
            elif isinstance(value, int | float):
                column = SLICE_COLUMN[name]
                row = SLICE_MEASUREMENTS[column]
                if not row.low <= value <= row.high:
                    reason = Reason.OUT_OF_RANGE if math.isfinite(value) else Reason.NOT_FINITE
                    flaw = Flaw(f"ueMeasReportList[{ue}]", f"{name}: {value!r} is out of range")
                    raise Refusal(reason, f"{name} of a UE is {value!r}", [flaw])
                found[column].append(value)


def _aggregate(column: int, values: Sequence[float]) -> float:
    """The slice's value; a sum that leaves the range of the catalogue raises `Refusal`."""
    if not values:
        return math.nan
    total = math.fsum(values)
    if column not in SUMMED:
        return total / len(values)
    if total > SLICE_MEASUREMENTS[column].high:
        name = SLICE_MEASUREMENTS[column].name
        raise Refusal(Reason.OUT_OF_RANGE, f"{name}: the sum over the UEs is {total:g}")
    return total
