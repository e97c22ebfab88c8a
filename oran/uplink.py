"""The catalogue's measurements of the uplink: a table apart, which no observation is built from.

Its rows are of the same kind as those of `oran.measurements`. A policy's observation, the schema
hash of its bundle and the form of `POST /decide` do not know them.
"""

from typing import Final

from oran.measurements import UINT32, Measurement

UPLINK_MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    Measurement(
        "DRB.UEThpUl", "kbit/s", "real", 0.0, 1e8, 1.0,
        "mean over the slice's UEs of volume over active time", 0.0, "TS 28.552 5.1.1.3.3",
    ),
    Measurement(
        "DRB.PdcpSduVolumeUL", "kbit per period", "integer", 0.0, UINT32, 1.0,
        "sum over UEs: volume received by the site, whole and in order", 0.0,
        "TS 28.552 5.1.2.1.2.1",
    ),
    Measurement(
        "DRB.DelayUlNgranUeIncD1Dist", "0.1 ms", "real", 0.0, 1e6, 1.0,
        "mean of the distribution, over received SDUs, arrival at the UE to delivery", 0.0,
        "TS 28.552 5.1.1.1.7.2",
    ),
    Measurement(
        "DRB.PacketLossRateUl", "1e-6", "integer", 0.0, 1e6, 1.0,
        "lost over finished SDUs, those dropped in the UE included", 0.0, "TS 28.552 5.1.3.1.1",
    ),
    Measurement(
        "RRU.PrbUsedUl", "PRB", "real", 0.0, 275.0, 0.01,
        "mean over the period's uplink slots", 0.0, "TS 28.552 5.1.1.2.7",
    ),
    Measurement(
        "CARR.PUSCHMCSDist", "MCS index", "real", 0.0, 28.0, 0.01,
        "mean of the distribution, over scheduled transport blocks", 10.0, "TS 28.552 5.1.1.12.2",
    ),
    Measurement(
        "TB.TotNbrUl", "transport blocks per period", "integer", 0.0, UINT32, 1.0,
        "sum over UEs, retransmissions included", 0.0, "TS 28.552 5.1.1.7.8",
    ),
    Measurement(
        "TB.ErrTotalNbrUl", "transport blocks per period", "integer", 0.0, UINT32, 1.0,
        "sum over UEs of blocks received in error", 0.0, "TS 28.552 5.1.1.7.9",
    ),
)  # fmt: skip
"""Measurements of one slice's uplink in one cell, in the order of their columns."""

UPLINK_CELL_MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    Measurement(
        "RRU.PrbAvailUl", "PRB", "integer", 1.0, 275.0, 1.0,
        "PRBs of the carrier", 106.0, "TS 28.552 5.1.1.2.8",
    ),
    Measurement(
        "RRU.PrbTotUl", "%", "integer", 0.0, 100.0, 1.0,
        "share of PRBs used, mean over the period's uplink slots", 0.0, "TS 28.552 5.1.1.2.2",
    ),
)  # fmt: skip
"""Measurements of one cell's uplink as a whole, in the order of their columns."""

UPLINK_COLUMN: Final[dict[str, int]] = {m.name: i for i, m in enumerate(UPLINK_MEASUREMENTS)}
UPLINK_CELL_COLUMN: Final[dict[str, int]] = {
    m.name: i for i, m in enumerate(UPLINK_CELL_MEASUREMENTS)
}
