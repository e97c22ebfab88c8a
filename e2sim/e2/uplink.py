"""Uplink columns: what stands behind the downlink in the rows of cells that have an uplink."""

from typing import TYPE_CHECKING, Final, Protocol

from e2sim.e2.merging import Merge, Row, Rule
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS, Measurement
from oran.uplink import (
    UPLINK_CELL_MEASUREMENTS,
    UPLINK_COLUMN,
    UPLINK_MEASUREMENTS,
)

if TYPE_CHECKING:
    # The network brings a compiler along, which only those who play one should wait for.
    from e2sim.network.report import Detail
    from e2sim.network.uplink_report import UplinkReport
    from e2sim.scenario import Direction

DOWNLINK_WEIGHTS: Final = 2
"""Columns behind the downlink's measurements of a slice: SDUs delivered, and finished."""

_FIRST: Final = len(SLICE_MEASUREMENTS) + DOWNLINK_WEIGHTS
_DELIVERED: Final = _FIRST + len(UPLINK_MEASUREMENTS)
_WEIGHTS: Final = {
    "DRB.DelayUlNgranUeIncD1Dist": _DELIVERED,
    "DRB.PacketLossRateUl": _DELIVERED + 1,
    "CARR.PUSCHMCSDist": _FIRST + UPLINK_COLUMN["TB.TotNbrUl"],
}


def _rule(m: Measurement) -> Rule:
    if "per period" in m.unit:
        return Rule(m, Merge.SUM)
    return Rule(m, Merge.MEAN, _WEIGHTS.get(m.name))


UPLINK_CELL_RULES: Final = {
    m.name: (len(CELL_MEASUREMENTS) + i, _rule(m)) for i, m in enumerate(UPLINK_CELL_MEASUREMENTS)
}
UPLINK_SLICE_RULES: Final = {
    m.name: (_FIRST + i, _rule(m)) for i, m in enumerate(UPLINK_MEASUREMENTS)
}
"""Columns of a row and their rules, by the measurement's name."""

UPLINK_NAMES: Final = (*UPLINK_CELL_RULES, *UPLINK_SLICE_RULES)
"""Names to announce where cells have an uplink."""


class Twin(Protocol):
    """What is asked of `e2sim.network.Network` that plays an uplink."""

    def uplink_report(self) -> "UplinkReport":
        """The uplink's measurements of the last period."""
        ...

    def detail(self, direction: "Direction" = ...) -> "Detail":
        """Ground truth of the last period."""
        ...


def uplink_rows(twin: Twin) -> list[tuple[Row, list[Row]]]:
    """What stands behind the downlink in the rows of each cell and of its slices."""
    report, detail = twin.uplink_report(), twin.detail("uplink")
    done, lost = detail.delivered_packets, detail.dropped_packets
    return [
        (
            tuple(cell),
            [(*row, *weights) for row, *weights in zip(slices, done, finished, strict=True)],
        )
        for cell, slices, done, finished in zip(
            report.cell.tolist(),
            report.slices.tolist(),
            done.tolist(),
            (done + lost).tolist(),
            strict=True,
        )
    ]
