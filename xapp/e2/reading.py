"""Reading indications: a cell's report from the octets of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from oran.e2 import kpm
from oran.e2.e2ap import RicIndication
from oran.e2.kpm.flat import Stamps, flat_report
from oran.e2.kpm.header import TIMESTAMP_OCTETS_V3
from oran.report import CellReport, SliceReport
from xapp.e2.backlog import Backlog
from xapp.e2.columns import Columns, Names, columns_of, numbers
from xapp.e2.stamp import start_ms
from xapp.e2.uplink import Uplink

MAX_LAYOUTS: Final = 8
"""Forms of a subscription's messages that are kept prepared; a node uses one."""

MAX_PERIOD_MS: Final = 60_000

_SEQUENCE_BITS: Final = 16
_SEQUENCES: Final = 1 << _SEQUENCE_BITS
_LAST_SEQUENCE: Final = (1 << 32) - 1


class PassedOver(Exception):  # noqa: N818  # an answer, not an error
    """The report has waited too long to be worth a decision; see `xapp.e2.backlog`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the values of a message are: their columns, and the length of the period in ms."""

    columns: Columns
    period_ms: int


class Sequence32:
    """Sequence numbers of 16 bits, which start anew, made into numbers that only grow."""

    __slots__ = ("_last", "_whole")

    def __init__(self) -> None:
        self._last: int | None = None
        self._whole = -1

    def take(self, number: int | None) -> int:
        """The number that goes on from the last one; that of a late message is smaller."""
        if number is None or self._last is None:
            whole = self._whole + 1
        else:
            step = (number - self._last) & (_SEQUENCES - 1)
            whole = self._whole + (step if step < _SEQUENCES // 2 else step - _SEQUENCES)
        if whole > self._whole or self._last is None:
            self._whole, self._last = whole, number
        return min(max(whole, 0), _LAST_SEQUENCE)

    def restart(self) -> None:
        """A new subscription: go on, whatever its first number."""
        self._last = None


class Reading:
    """Makes reports of the indications of one subscription.

    Args:
        node: the node's name.
        cell: the cell's.
        names: the node's measurement-mapping table.
        asked: the measurements of the subscription, in order.
        columns: their columns.
        period_ms: granularity period of the subscription, ms.

    Attributes:
        unknown: columns of the last new form that are no measurement of the report.
        skipped: records that were left, because a later one came with them.
        uplink: what the slices sent.
    """

    def __init__(
        self, node: str, cell: str, names: Names, columns: Columns, period_ms: int
    ) -> None:
        self.unknown: tuple[str, ...] = columns.unknown
        self.skipped = 0
        self.uplink: Final = Uplink()
        self._node = node
        self._cell = cell
        self._names = names
        self._usual = Layout(columns, period_ms)
        self._stamps = Stamps()
        self._backlog = Backlog(period_ms)
        self._sequence = Sequence32()
        self._layouts: dict[bytes, Layout] = {b"\0": self._usual}

    def clock_was_set(self) -> bool:
        """Whether the node's clock was set, or this host's, since it was asked last."""
        steps, self._backlog.steps = self._backlog.steps, 0
        return steps > 0

    def restart(self) -> None:
        """The subscription has ended; another one may follow."""
        self._sequence.restart()
        self.uplink.forget()

    def report(self, indication: RicIndication, now_ms: int) -> CellReport:
        """The report of an indication; of several periods, that of the last.

        Args:
            indication: of this subscription.
            now_ms: the present time, ms since 1970-01-01 UTC.

        Raises:
            DecodeError: header or message are no such.
            ValueError: they have another format, or hold what makes no report.
            Refusal: a measurement is outside the catalogue's range, or their number is wrong.
            PassedOver: the report has waited, and newer ones stand behind it.
        """
        stamp = self._stamps.read(indication.header)
        start = start_ms(stamp, now_ms)
        # A stamp of whole seconds tells nothing of lateness.
        if len(stamp) == TIMESTAMP_OCTETS_V3 and self._backlog.passes_over(start, now_ms):
            raise PassedOver
        flat = flat_report(indication.message)
        if flat is None:
            values, layout, start = self._whole(indication.message, start)
        else:
            values = flat.values
            layout = self._layouts.get(flat.rest) or self._learn(flat.rest, indication.message)
        columns = layout.columns
        columns.check(values)
        row = numbers(values)
        made = CellReport(
            self._node,
            self._cell,
            self._sequence.take(indication.sequence_number),
            start,
            layout.period_ms,
            columns.cell(row),
            tuple([SliceReport(snssai, pick(row)) for snssai, pick in columns.slices]),
        )
        if columns.uplink:
            self.uplink.take(made, columns, row)
        return made

    def _learn(self, rest: bytes, octets: bytes) -> Layout:
        """The layout of messages that have `rest` behind their values."""
        layout = self._layout(_format1(octets))
        if len(self._layouts) >= MAX_LAYOUTS:
            self._layouts = {b"\0": self._usual}
        self._layouts[rest] = layout
        return layout

    def _layout(self, message: kpm.IndicationFormat1) -> Layout:
        columns, period_ms = self._usual.columns, self._usual.period_ms
        if message.measurements is not None:
            columns = columns_of(message.measurements, self._names, columns.snssais)
            self.unknown = columns.unknown
        if message.granularity_ms is not None:
            period_ms = message.granularity_ms
        if not 1 <= period_ms <= MAX_PERIOD_MS:
            raise ValueError(f"granulPeriod: {period_ms} ms is outside 1..{MAX_PERIOD_MS}")
        return Layout(columns, period_ms)

    def _whole(self, octets: bytes, start: int) -> tuple[list[int | float | None], Layout, int]:
        message = _format1(octets)
        layout = self._layout(message)
        earlier = len(message.records) - 1
        self.skipped += earlier
        values = _values(message.records[-1].values)
        return values, layout, start + earlier * layout.period_ms


def _format1(octets: bytes) -> kpm.IndicationFormat1:
    message = kpm.INDICATION_MESSAGE.decode(octets)
    if not isinstance(message, kpm.IndicationFormat1):
        raise ValueError(
            f"indication message: format 1 was asked for, got {type(message).__name__}"
        )
    return message


def _values(values: Sequence[kpm.measurement.MeasuredValue]) -> list[int | float | None]:
    found: list[int | float | None] = []
    for i, value in enumerate(values):
        if value is not None and not isinstance(value, int | float):
            raise ValueError(f"measRecord[{i}]: a value of a kind that is not known")
        found.append(value)
    return found
