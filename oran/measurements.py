"""The measurement catalogue: every quantity a report may carry, and nothing else.

One table, which everything else refers to: the emulator fills its columns, the JSON edge derives
its validators from it, and the observation of the policies is built from it. A report holds the
values in the order of the tables below; `NaN` in memory, and an absent name on the wire, mean
"not measured".

Names are those of 3GPP TS 28.552 (v18) where it defines the counter. Two gaps of TS 28.552 are
filled with names in use by public E2 nodes, and marked so in `source`.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["integer", "real"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the catalogue.

    Attributes:
        name: measurement name as it stands on the wire.
        unit: unit of the value, with the period's length where it is a total over the period.
        kind: `integer` or `real`, the two value types of E2SM-KPM (measurement record item).
        low: smallest value accepted, inclusive.
        high: largest value accepted, inclusive.
        resolution: step to which the source rounds; integers have 1.
        aggregation: how many values of a period and of several UEs become one.
        missing: what the observation takes in place of a value that was not measured.
        source: clause of TS 28.552, or who else defines the name.
    """

    name: str
    unit: str
    kind: Kind
    low: float
    high: float
    resolution: float
    aggregation: str
    missing: float
    source: str

    def quantise(self, value: float) -> float:
        """`value` rounded half to even to the resolution; `NaN` stays `NaN`.

        Raises:
            ValueError: the value is infinite or outside [low, high].
        """
        if math.isnan(value):
            return value
        if not self.low <= value <= self.high:
            raise ValueError(
                f"{self.name}: {value!r} is outside [{self.low:g}, {self.high:g}] {self.unit}"
            )
        return round(value / self.resolution) * self.resolution


# The largest integer of an E2SM-KPM measurement record (INTEGER 0..2^32-1).
UINT32: Final = 4_294_967_295.0

SLICE_MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    Measurement(
        "DRB.UEThpDl", "kbit/s", "real", 0.0, 1e8, 1.0,
        "mean over the slice's UEs of volume over active time", 0.0, "TS 28.552 5.1.1.3.1",
    ),
    Measurement(
        "DRB.PdcpSduVolumeDL", "kbit per period", "integer", 0.0, UINT32, 1.0,
        "sum over UEs: volume offered by the core", 0.0, "TS 28.552 5.1.2.1.1.1",
    ),
    Measurement(
        "DRB.RlcSduTransmittedVolumeDL", "kbit per period", "integer", 0.0, UINT32, 1.0,
        "sum over UEs: volume delivered over the air", 0.0, "E2SM-KPM nodes of srsRAN Project",
    ),
    Measurement(
        "DRB.RlcSduDelayDl", "0.1 ms", "real", 0.0, 1e6, 1.0,
        "mean over delivered SDUs, arrival to delivery", 0.0, "TS 28.552 5.1.3.3.3",
    ),
    Measurement(
        "DRB.RlcPacketDropRateDl", "1e-6", "integer", 0.0, 1e6, 1.0,
        "dropped over finished SDUs, late ones included", 0.0, "TS 28.552 5.1.3.2.2",
    ),
    Measurement(
        "DRB.BufferSize.Qos", "byte", "integer", 0.0, UINT32, 1.0,
        "mean over the slice's UEs at the period's end", 0.0, "E2SM-KPM nodes of ns-O-RAN",
    ),
    Measurement(
        "RRU.PrbUsedDl", "PRB", "real", 0.0, 275.0, 0.01,
        "mean over the period's slots", 0.0, "TS 28.552 5.1.1.2.5",
    ),
    Measurement(
        "CARR.WBCQIDist", "CQI index", "real", 0.0, 15.0, 0.01,
        "mean of the distribution, over UEs and reports", 7.0, "TS 28.552 5.1.1.11.1",
    ),
    Measurement(
        "CARR.PDSCHMCSDist", "MCS index", "real", 0.0, 28.0, 0.01,
        "mean of the distribution, over scheduled transport blocks", 10.0, "TS 28.552 5.1.1.12.1",
    ),
    Measurement(
        "TB.TotNbrDl", "transport blocks per period", "integer", 0.0, UINT32, 1.0,
        "sum over UEs, retransmissions included", 0.0, "TS 28.552 5.1.1.7.3",
    ),
    Measurement(
        "TB.ErrTotalNbrDl", "transport blocks per period", "integer", 0.0, UINT32, 1.0,
        "sum over UEs of blocks answered by NACK", 0.0, "TS 28.552 5.1.1.7.4",
    ),
    Measurement(
        "RRC.ConnMean", "UE", "real", 0.0, 65_535.0, 0.01,
        "mean over the period of connected UEs of the slice", 1.0, "TS 28.552 5.1.1.4.1",
    ),
    Measurement(
        "DRB.EstabAtt", "flows per period", "integer", 0.0, UINT32, 1.0,
        "sum: flows that asked for admission", 0.0, "TS 28.552 5.1.1.10.1",
    ),
    Measurement(
        "DRB.EstabSucc", "flows per period", "integer", 0.0, UINT32, 1.0,
        "sum: flows that were admitted", 0.0, "TS 28.552 5.1.1.10.2",
    ),
)  # fmt: skip
"""Measurements of one slice of one cell, in the order of their columns."""

CELL_MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    Measurement(
        "RRU.PrbAvailDl", "PRB", "integer", 1.0, 275.0, 1.0,
        "PRBs of the carrier", 106.0, "TS 28.552 5.1.1.2.6",
    ),
    Measurement(
        "RRU.PrbTotDl", "%", "integer", 0.0, 100.0, 1.0,
        "share of PRBs used, mean over the period", 0.0, "TS 28.552 5.1.1.2.1",
    ),
    Measurement(
        "PEE.AvgPower", "W", "real", 0.0, 1e5, 0.1,
        "mean over the period", 0.0, "TS 28.552 5.1.1.19.2.1",
    ),
    Measurement(
        "CARR.MeanTxPwr", "dBm", "real", -60.0, 80.0, 0.1,
        "mean over the period's slots that transmit", 40.0, "TS 28.552 5.1.1.29.2",
    ),
)  # fmt: skip
"""Measurements of one cell as a whole, in the order of their columns."""

SLICE_COLUMN: Final[dict[str, int]] = {m.name: i for i, m in enumerate(SLICE_MEASUREMENTS)}
CELL_COLUMN: Final[dict[str, int]] = {m.name: i for i, m in enumerate(CELL_MEASUREMENTS)}
