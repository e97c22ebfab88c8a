"""Rows of one UE of a TRACTOR recording, read and checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from e2sim.replay.census import FileTally, Reason, RowError
from e2sim.replay.columns import Column, bound, count_column, index_of, rows, time_column
from e2sim.replay.period import EMBB, MMTC, PERIOD_MS, SLICE_OF_ID, URLLC
from e2sim.replay.source import Source
from oran.snssai import Snssai

COLUMNS: Final = (
    time_column("Timestamp"),
    Column("dl_mcs", high=bound("CARR.PDSCHMCSDist")),
    count_column("dl_n_samples"),
    count_column("dl_buffer [bytes]"),
    Column("tx_brate downlink [Mbps]", high=bound("DRB.UEThpDl", 1e3)),
    count_column("tx_pkts downlink"),
    Column("tx_errors downlink (%)", high=100.0),
    Column("dl_cqi", high=bound("CARR.WBCQIDist")),
)
"""Columns every file has, in the order of `UeRow`'s numbers."""

SLICING: Final = (
    Column("slicing_enabled", integer=True, high=1),
    Column("slice_id", integer=True, high=len(SLICE_OF_ID) - 1),
)
"""Columns that tell the slice where the folder's name does not."""

_SLICE_OF_CLASS: Final = {"embb": EMBB, "urllc": URLLC, "mmtc": MMTC}


class UeRow(NamedTuple):
    """One UE in one period.

    Attributes:
        time_ms: end of the period, ms since 1970-01-01 UTC.
        mcs: mean DL MCS of the scheduled blocks, 0..28; only meaningful with `samples` > 0.
        samples: blocks that `mcs` was taken over.
        buffer_bytes: DL bytes waiting at the period's end.
        rate_mbps: DL Mbit/s acknowledged over the period.
        blocks: transport blocks with HARQ feedback.
        errors_percent: % of them answered by NACK.
        cqi: mean CQI, 1..15, or below 1 where none was reported.
        snssai: the UE's slice.
        line: line of the file.
        tally: the file's tally.
    """

    time_ms: int
    mcs: float
    samples: float
    buffer_bytes: float
    rate_mbps: float
    blocks: float
    errors_percent: float
    cqi: float
    snssai: Snssai
    line: int
    tally: FileTally


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file has its columns, and what its folder says about the slice.

    Attributes:
        width: number of columns.
        indexes: positions of `COLUMNS`.
        slicing: positions of `SLICING`, or None where the file lacks them.
        snssai: the slice of all rows, or None where each row tells its own.
    """

    width: int
    indexes: Sequence[int]
    slicing: Sequence[int] | None
    snssai: Snssai | None

    @classmethod
    def of(cls, header: Sequence[str], folder: str) -> "Layout | Reason":
        """The layout of a file, or why it has none."""
        indexes = index_of(header, COLUMNS)
        if indexes is None:
            return Reason.HEADER
        slicing = index_of(header, SLICING)
        named = (s for name, s in _SLICE_OF_CLASS.items() if folder.lower().startswith(name))
        snssai = next(named, None)
        if snssai is None and slicing is None:
            return Reason.SLICE_UNKNOWN
        return cls(len(header), indexes, slicing, snssai)

    def row(self, fields: Sequence[str], line: int, tally: FileTally) -> UeRow:
        """One row; raises `RowError` where a column holds anything but what it must."""
        time_ms, mcs, samples, buffer_bytes, rate_mbps, blocks, errors_percent, cqi = (
            column.parse(fields[i]) for column, i in zip(COLUMNS, self.indexes, strict=True)
        )
        return UeRow(
            int(time_ms), mcs, samples, buffer_bytes, rate_mbps, blocks, errors_percent, cqi,
            self._slice(fields), line, tally,
        )  # fmt: skip

    def _slice(self, fields: Sequence[str]) -> Snssai:
        if self.snssai is not None or self.slicing is None:
            return self.snssai or EMBB
        enabled, slice_id = (
            column.parse(fields[i]) for column, i in zip(SLICING, self.slicing, strict=True)
        )
        return SLICE_OF_ID[int(slice_id) if enabled else 0]


def ue_rows(source: Source, layout: Layout, tally: FileTally) -> Iterator[UeRow]:
    """The rows of one UE, time stamps strictly increasing; the others are refused."""
    last_ms: int | None = None
    for line, fields in rows(source, tally, layout.width):
        try:
            row = layout.row(fields, line, tally)
            if last_ms is not None:
                check_time(row.time_ms, last_ms)
        except RowError as error:
            tally.refuse(line, error)
            continue
        if last_ms is not None and 2 * (row.time_ms - last_ms) >= 3 * PERIOD_MS:
            tally.gap(row.time_ms - last_ms)
        last_ms = row.time_ms
        yield row


def check_time(time_ms: int, last_ms: int) -> None:
    """Raise `RowError` where a time stamp does not lie after the last accepted one."""
    if time_ms == last_ms:
        raise RowError(Reason.TIME_REPEATED, f"{time_ms} again")
    if time_ms < last_ms:
        raise RowError(Reason.TIME_BACKWARDS, f"{time_ms} after {last_ms}")
