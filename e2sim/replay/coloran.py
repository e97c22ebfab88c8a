"""ColO-RAN recordings: rows an xApp received, many experiments in one file.

An experiment is a cell; the rows of one message of it are one report, a row being one sample of
one UE of a slice. The rows do not tell the UEs apart, so only means over them can be made.

============================  ================================================================
measurement                   from a slice's rows in one message
============================  ================================================================
DRB.UEThpDl                   mean of `tx_brate_dl_mbps` x 1000
DRB.BufferSize.Qos            mean of `dl_buffer_bytes`
RRU.PrbAvailDl (of the cell)  50: the `slice_prb` of the three slices add up to it
============================  ================================================================

Left out: `tx_pkts_dl` and the volume, which are sums over UEs, and the number of UEs: how many
UEs and how many samples of each a message carries is not told. `slice_prb` is the allocation in
force and `ratio_granted_req` a share of the demand, neither is PRBs used. `agent_traffic` and
`used` say which experiment's agent received the message, nothing about the cell.

Messages are 1 s or more apart; each sample covers 250 ms, which is the report's period. A gap is
counted from 1.5 s on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from e2sim.replay.census import FileTally, Reason, RowError
from e2sim.replay.columns import Column, bound, count_column, rows, time_column
from e2sim.replay.period import SLICE_OF_ID, RecordedPeriod, quantised
from e2sim.replay.source import Source
from e2sim.replay.tractor_rows import check_time
from oran.report import SliceReport
from oran.snssai import Snssai

COLUMNS: Final = (
    time_column("ts_ms"),
    count_column("msg_id"),
    Column("slice_id", integer=True, high=len(SLICE_OF_ID) - 1),
    count_column("dl_buffer_bytes"),
    Column("tx_brate_dl_mbps", high=bound("DRB.UEThpDl", 1e3)),
)
"""Columns a report is made from, in the order of `Sample`'s numbers."""

_MESSAGES_APART_MS: Final = 1_000


class Sample(NamedTuple):
    """One UE of a slice in one period.

    Attributes:
        time_ms: when the message arrived, ms since 1970-01-01 UTC.
        message: its number in the experiment.
        snssai: the slice.
        buffer_bytes: DL bytes waiting.
        rate_mbps: DL Mbit/s.
    """

    time_ms: int
    message: int
    snssai: Snssai
    buffer_bytes: float
    rate_mbps: float


@dataclass(frozen=True, slots=True)
class ColoranCell:
    """One experiment of a ColO-RAN recording.

    Attributes:
        node: the path above the experiment.
        cell: the experiment's name.
        source: its rows.
        indexes: positions of `COLUMNS`.
        width: number of columns.
        tally: counts of its rows.
    """

    node: str
    cell: str
    source: Source
    indexes: Sequence[int]
    width: int
    tally: FileTally

    def periods(self) -> Iterator[RecordedPeriod]:
        """Its messages; one is held in memory."""
        message: list[Sample] = []
        for line, fields in rows(self.source, self.tally, self.width):
            try:
                sample = self._sample(fields)
                opens = bool(message) and _opens(sample, message[0])
            except RowError as error:
                self.tally.refuse(line, error)
                continue
            if opens:
                self._note_gap(sample.time_ms - message[0].time_ms)
                yield period_of(message, self.tally)
                message = []
            message.append(sample)
        if message:
            yield period_of(message, self.tally)

    def close(self) -> None:
        """Close the file."""
        self.source.close()

    def _note_gap(self, apart_ms: int) -> None:
        if 2 * apart_ms >= 3 * _MESSAGES_APART_MS:
            self.tally.gap(apart_ms)

    def _sample(self, fields: Sequence[str]) -> Sample:
        time_ms, message, slice_id, buffer_bytes, rate_mbps = (
            column.parse(fields[i]) for column, i in zip(COLUMNS, self.indexes, strict=True)
        )
        snssai = SLICE_OF_ID[int(slice_id)]
        return Sample(int(time_ms), int(message), snssai, buffer_bytes, rate_mbps)


def _opens(sample: Sample, first: Sample) -> bool:
    """Whether a sample is the first of a message after that of `first`."""
    if sample.message != first.message:
        check_time(sample.time_ms, first.time_ms)
        return True
    if sample.time_ms != first.time_ms:
        detail = f"{sample.time_ms}, the message has {first.time_ms}"
        raise RowError(Reason.TIME_INCONSISTENT, detail)
    return False


def period_of(message: Sequence[Sample], tally: FileTally) -> RecordedPeriod:
    """The period of one message."""
    by_slice: dict[Snssai, list[Sample]] = {}
    for sample in message:
        by_slice.setdefault(sample.snssai, []).append(sample)
    return RecordedPeriod(
        message[0].time_ms,
        tuple(SliceReport.of(s, quantised(aggregate(m))) for s, m in sorted(by_slice.items())),
        ((tally, len(message)),),
    )


def aggregate(samples: Sequence[Sample]) -> dict[str, float]:
    """Measurements of one slice in one message, as the module's table has them."""
    n = len(samples)
    return {
        "DRB.UEThpDl": sum(s.rate_mbps for s in samples) / n * 1e3,
        "DRB.BufferSize.Qos": sum(s.buffer_bytes for s in samples) / n,
    }
