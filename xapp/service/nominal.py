"""A nominal report: valid and plausible, to warm up with and to show in the documentation."""

from collections.abc import Sequence
from typing import Final

from oran.report import CellReport, SliceReport
from oran.snssai import Snssai

_CELL: Final = {
    "RRU.PrbAvailDl": 106, "RRU.PrbTotDl": 60, "PEE.AvgPower": 240.0, "CARR.MeanTxPwr": 43.0,
}  # fmt: skip
_SLICE: Final = {
    "DRB.UEThpDl": 5200.0, "DRB.PdcpSduVolumeDL": 1500, "DRB.RlcSduTransmittedVolumeDL": 1480,
    "DRB.RlcSduDelayDl": 42.0, "DRB.RlcPacketDropRateDl": 120, "DRB.BufferSize.Qos": 2048,
    "RRU.PrbUsedDl": 21.5, "CARR.WBCQIDist": 9.4, "CARR.PDSCHMCSDist": 14.2, "TB.TotNbrDl": 640,
    "TB.ErrTotalNbrDl": 61, "RRC.ConnMean": 6.0, "DRB.EstabAtt": 12, "DRB.EstabSucc": 12,
}  # fmt: skip


def nominal_report(snssais: Sequence[Snssai], start_ms: int, sequence: int) -> CellReport:
    """A report of 100 ms with every measurement, the same ones for each of the slices."""
    return CellReport(
        "gnb-001",
        "cell-001",
        sequence,
        start_ms,
        100,
        CellReport.cell_values(_CELL),
        tuple(SliceReport.of(s, _SLICE) for s in snssais),
    )
