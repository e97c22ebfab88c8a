"""TRACTOR recordings: a file holds the rows of one UE, a folder those of one cell.

The rows were written every 250 ms by an LTE base station (SCOPE, a fork of srsLTE) on a 10 MHz
carrier. Two headers occur, one of 36 columns and one of 19; columns are found by their names.

=============================  ===============================================================
measurement                    from the rows of a slice's UEs in one period
=============================  ===============================================================
DRB.UEThpDl                    mean of `tx_brate downlink [Mbps]`, idle UEs included, x 1000
DRB.RlcSduTransmittedVolumeDL  sum of `tx_brate downlink [Mbps]` x 250 ms. The recorder counts
                               acknowledged transport blocks: MAC and RLC headers are in it
DRB.BufferSize.Qos             mean of `dl_buffer [bytes]`, read at the period's end
CARR.WBCQIDist                 mean of `dl_cqi` over UEs that reported: the recorder writes 0.1
                               where no CQI came in the period
CARR.PDSCHMCSDist              mean of `dl_mcs` weighted by `dl_n_samples`; absent where no
                               block was scheduled
TB.TotNbrDl                    sum of `tx_pkts downlink`: blocks with HARQ feedback
TB.ErrTotalNbrDl               sum of `tx_errors downlink (%)` of them, rounded
RRC.ConnMean                   number of UEs
RRU.PrbAvailDl (of the cell)   50
=============================  ===============================================================

Left out: `RRU.PrbUsedDl`. `sum_granted_prbs` is no count of PRBs used: the recorder adds grants
of new transmissions before the scheduler knows whether they fit into the control channel, and
leaves retransmissions out; in 126 of 244,444 periods its sum over UEs is more than the carrier
has. Delays, drops, offered volume and admission were not recorded.

A period opens at the time of its first row and takes each UE's next row within 250 ms; it ends
early when a UE has its next row (the recorder's clock jitters by some ms), so no period holds
two rows of one UE.

The slice is that of the folder's name (`embb...`, `urllc...`, `mmtc...`), else that of the row:
`slice_id`, or slice 0 where `slicing_enabled` is 0.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from e2sim.replay.census import FileTally, Reason, RowError
from e2sim.replay.period import PERIOD_MS, RecordedPeriod, quantised, tallied
from e2sim.replay.source import Source
from e2sim.replay.tractor_rows import Layout, UeRow, ue_rows
from oran.report import SliceReport
from oran.snssai import Snssai

_LOWEST_CQI: Final = 1.0


@dataclass(frozen=True, slots=True)
class TractorCell:
    """One folder of a TRACTOR recording.

    Attributes:
        node: the path above the folder.
        cell: the folder's name.
        files: one entry a UE.
    """

    node: str
    cell: str
    files: list[tuple[Source, Layout, FileTally]]

    def periods(self) -> Iterator[RecordedPeriod]:
        """Its periods, the UEs' rows merged in time; one row a UE is held in memory."""
        merged = heapq.merge(*(ue_rows(*f) for f in self.files), key=attrgetter("time_ms"))
        for rows in windows(merged):
            period = period_of(rows)
            if period is not None:
                yield period

    def close(self) -> None:
        """Close the files."""
        for source, _, _ in self.files:
            source.close()


def windows(rows: Iterable[UeRow]) -> Iterator[list[UeRow]]:
    """Rows in the order of time, grouped into periods: at most one row a UE in each."""
    window: list[UeRow] = []
    ues: set[int] = set()
    for row in rows:
        if window and (row.time_ms >= window[0].time_ms + PERIOD_MS or id(row.tally) in ues):
            yield window
            window, ues = [], set()
        window.append(row)
        ues.add(id(row.tally))
    if window:
        yield window


def period_of(rows: Sequence[UeRow]) -> RecordedPeriod | None:
    """The period of one window; a slice whose sums leave the catalogue's range is refused."""
    by_slice: dict[Snssai, list[UeRow]] = {}
    for row in rows:
        by_slice.setdefault(row.snssai, []).append(row)
    slices: list[SliceReport] = []
    used: list[FileTally] = []
    for snssai, members in sorted(by_slice.items()):
        try:
            slices.append(SliceReport.of(snssai, quantised(aggregate(members))))
        except ValueError as error:
            for row in members:
                row.tally.refuse(row.line, RowError(Reason.OUT_OF_RANGE, str(error), "sum"))
        else:
            used.extend(row.tally for row in members)
    return RecordedPeriod(rows[0].time_ms, tuple(slices), tallied(used)) if slices else None


def aggregate(rows: Sequence[UeRow]) -> dict[str, float]:
    """Measurements of one slice in one period, as the module's table has them; one row a UE."""
    n = len(rows)
    rate_mbps = sum(r.rate_mbps for r in rows)
    made = {
        "DRB.UEThpDl": rate_mbps / n * 1e3,
        "DRB.RlcSduTransmittedVolumeDL": rate_mbps * PERIOD_MS,
        "DRB.BufferSize.Qos": sum(r.buffer_bytes for r in rows) / n,
        "TB.TotNbrDl": sum(r.blocks for r in rows),
        "TB.ErrTotalNbrDl": sum(round(r.blocks * r.errors_percent / 100.0) for r in rows),
        "RRC.ConnMean": float(n),
    }
    cqi = [r.cqi for r in rows if r.cqi >= _LOWEST_CQI]
    if cqi:
        made["CARR.WBCQIDist"] = sum(cqi) / len(cqi)
    samples = sum(r.samples for r in rows)
    if samples:
        made["CARR.PDSCHMCSDist"] = sum(r.mcs * r.samples for r in rows) / samples
    return made
