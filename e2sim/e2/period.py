"""Periods: what one cell measured in one period of the twin, and how its columns are merged.

Rows are plain tuples in the order of the catalogue, with weights behind them that no report
carries, and behind those the uplink, where there is one (`e2sim.e2.uplink`); `NaN` means that
nothing was measured.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from e2sim.e2.merging import Merge, Row, Rule
from e2sim.node.node import Node
from oran.measurements import CELL_MEASUREMENTS, SLICE_COLUMN, SLICE_MEASUREMENTS, Measurement
from oran.report import CellReport
from oran.snssai import Snssai

if TYPE_CHECKING:
    # The network brings a compiler along, which only those who play one should wait for.
    from e2sim.network.report import Detail
    from e2sim.network.users import Users
    from e2sim.scenario import Direction


_DELIVERED: Final = len(SLICE_MEASUREMENTS)
_FINISHED: Final = _DELIVERED + 1
_LAST: Final = ("DRB.BufferSize.Qos",)
_WEIGHTS: Final = {
    "DRB.RlcSduDelayDl": _DELIVERED,
    "DRB.RlcPacketDropRateDl": _FINISHED,
    "CARR.PDSCHMCSDist": SLICE_COLUMN["TB.TotNbrDl"],
}


def _rule(m: Measurement) -> Rule:
    if "per period" in m.unit:
        return Rule(m, Merge.SUM)
    if m.name in _LAST:
        return Rule(m, Merge.LAST)
    return Rule(m, Merge.MEAN, _WEIGHTS.get(m.name))


CELL_RULES: Final = {m.name: (i, _rule(m)) for i, m in enumerate(CELL_MEASUREMENTS)}
SLICE_RULES: Final = {m.name: (i, _rule(m)) for i, m in enumerate(SLICE_MEASUREMENTS)}
"""Columns of a row and their rules, by the measurement's name.

The throughput of a slice is a mean over users: over several periods it is the mean of theirs.
"""

_USER_COLUMNS: Final = (
    "DRB.UEThpDl", "DRB.RlcSduTransmittedVolumeDL", "DRB.BufferSize.Qos", "CARR.WBCQIDist",
    "CARR.PDSCHMCSDist",
)  # fmt: skip
_ACTIVE: Final = len(_USER_COLUMNS)


def _user_rule(name: str) -> Rule:
    _, rule = SLICE_RULES[name]
    if rule.merge is not Merge.MEAN:
        return rule
    return Rule(rule.measurement, Merge.MEAN, _ACTIVE if name == "DRB.UEThpDl" else None)


USER_RULES: Final = {name: (i, _user_rule(name)) for i, name in enumerate(_USER_COLUMNS)}
"""The same for rows of users. CQI and MCS are those in use at the end of each period."""


@dataclass(frozen=True, slots=True)
class UserPeriod:
    """One user: its number in the cell, its slice, and its row.

    Numbers are those of user places; a place without a user has a row of NaN.
    """

    user: int
    snssai: Snssai
    row: Row

    @property
    def present(self) -> bool:
        """Whether there was a user at the period's end."""
        return not math.isnan(self.cqi)

    @property
    def cqi(self) -> float:
        """CQI in use at the period's end."""
        return self.row[USER_RULES["CARR.WBCQIDist"][0]]


@dataclass(frozen=True, slots=True)
class Period:
    """One cell in one period.

    Attributes:
        start_ms: start, milliseconds since 1970-01-01 UTC.
        length_ms: length.
        cell: row of the cell.
        slices: rows of the slices.
        users: the user places, always the same ones in the same order.
    """

    start_ms: int
    length_ms: int
    cell: Row
    slices: dict[Snssai, Row]
    users: tuple[UserPeriod, ...]


class Twin(Protocol):
    """What is asked of `e2sim.network.Network` behind a node."""

    @property
    def snssais(self) -> tuple[Snssai, ...]:
        """The slices of every cell."""
        ...

    def detail(self, direction: "Direction" = ...) -> "Detail":
        """Ground truth of one direction in the last period, the downlink by default."""
        ...

    def users(self) -> "Users":
        """What each user experienced in the last period."""
        ...


def play(
    node: Node,
    twin: Twin,
    end_ms: int,
    slot_ms: float,
    *,
    with_users: bool,
    uplink: Callable[[], list[tuple[Row, list[Row]]]] | None = None,
) -> list[Period]:
    """Play one period of all cells that ends at `end_ms` (ms since 1970-01-01 UTC).

    Args:
        node: the cells under their allocations.
        twin: what the node plays.
        end_ms: the end.
        slot_ms: length of a slot.
        with_users: whether anybody asks for single users.
        uplink: gives what stands behind the downlink in the rows of each cell and its slices; None
            where there is no uplink.
    """
    reports = node.play(end_ms)
    detail = twin.detail()
    done, dropped = detail.delivered_packets.tolist(), detail.dropped_packets.tolist()
    users = _users(twin, slot_ms) if with_users else [()] * len(reports)
    nothing: tuple[Row, list[Row]] = (), [()] * len(twin.snssais)
    behind = [nothing] * len(reports) if uplink is None else uplink()
    return [
        _period(report, twin.snssais, done[i], dropped[i], users[i], behind[i])
        for i, report in enumerate(reports)
    ]


def _period(
    report: CellReport,
    snssais: tuple[Snssai, ...],
    delivered: list[float],
    dropped: list[float],
    users: tuple[UserPeriod, ...],
    uplink: tuple[Row, list[Row]],
) -> Period:
    weights = {
        s: (done, done + lost, *up)
        for s, done, lost, up in zip(snssais, delivered, dropped, uplink[1], strict=True)
    }
    return Period(
        report.start_ms,
        report.period_ms,
        (*report.values, *uplink[0]),
        {s.snssai: (*s.values, *weights[s.snssai]) for s in report.slices},
        users,
    )


def _users(twin: Twin, slot_ms: float) -> list[tuple[UserPeriod, ...]]:
    """The users by cell."""
    users = twin.users()
    with np.errstate(invalid="ignore", divide="ignore"):
        throughput = 8.0 * users.volume_bytes / (users.active_slots * slot_ms)
    columns = (
        throughput, users.volume_bytes * 0.008, users.queued_bytes, users.cqi, users.mcs,
        users.active_slots,
    )  # fmt: skip
    values = np.where(users.present[..., np.newaxis], np.stack(columns, axis=-1), np.nan)
    snssais = [twin.snssais[s] for s in users.slice.tolist()]
    return [
        tuple(
            UserPeriod(i, snssai, tuple(row))
            for i, (snssai, row) in enumerate(zip(snssais, rows, strict=True))
        )
        for rows in values.tolist()
    ]
