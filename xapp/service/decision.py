"""Decisions: an allocation with its provenance, in the form that goes onto the wire."""

import hashlib
import struct
from collections.abc import Iterable
from math import isnan
from typing import Final

import msgspec

from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import MAX_SLICES, CellReport
from xapp.decision.pipeline import Outcome, Rows
from xapp.decision.shield import Edit

EDIT_NAMES: Final = tuple(e.name.lower() for e in Edit)
NO_EDITS: Final = dict.fromkeys(EDIT_NAMES, 0)

_CELL: Final = len(CELL_MEASUREMENTS)
_SLICE: Final = len(SLICE_MEASUREMENTS)
_PACK: Final = [struct.Struct(f"<{_CELL + n * _SLICE}d").pack for n in range(MAX_SLICES + 1)]


class SliceShare(msgspec.Struct, frozen=True, gc=False):
    """The wire form of `oran.allocation.SliceAllocation`: the same fields in the same order."""

    snssai: str
    dedicated_prb_ratio: int
    min_prb_ratio: int
    max_prb_ratio: int
    mcs_backoff: int
    admission_ratio: int


class CellShare(msgspec.Struct, frozen=True):
    """The wire form of `oran.allocation.Allocation`."""

    tx_power_offset_db: int
    slices: list[SliceShare]


class Decision(msgspec.Struct, frozen=True):
    """What the xApp decided on one report.

    Attributes:
        decision: identity of the decision: this process's random mark and a count.
        node: the report's.
        cell: the report's.
        sequence: the report's.
        allocation: what to apply in the next period.
        rung: who decided, `policy`, `rule` or `static`.
        fallback: why not the policy; `none` where it did.
        shield_edits: fields that the shield changed, by reason.
        satisfaction: SLA satisfaction 0..1 in the period reported, by slice; None where unknown.
        bundle: identity of the policy bundle.
        report_hash: `report_hash` of the report decided on.
        latency_us: microseconds from the whole body received to the decision made.
    """

    decision: str
    node: str
    cell: str
    sequence: int
    allocation: CellShare
    rung: str
    fallback: str
    shield_edits: dict[str, int]
    satisfaction: dict[str, float | None]
    bundle: str
    report_hash: str
    latency_us: float


class Made:
    """A decision that was made, and from what; its wire form is made when it is asked for.

    Over E2 most decisions are only carried out, and never told.

    Attributes:
        number: count of this process's decisions.
        report: what was decided on.
        names: the slices' S-NSSAIs.
        outcome: what was decided.
        latency_us: see `Decision`.
    """

    __slots__ = ("_bundle", "_mark", "_wire", "latency_us", "names", "number", "outcome", "report")

    def __init__(
        self,
        mark: str,
        number: int,
        bundle: str,
        report: CellReport,
        names: tuple[str, ...],
        outcome: Outcome,
        latency_us: float,
    ) -> None:
        self.number = number
        self.report = report
        self.names = names
        self.outcome = outcome
        self.latency_us = latency_us
        self._mark = mark
        self._bundle = bundle
        self._wire: Decision | None = None

    @property
    def decision(self) -> Decision:
        """The wire form; the same whenever it is asked for, and from whichever thread."""
        made = self._wire
        if made is None:
            made = self._wire = self._make()
        return made

    def _make(self) -> Decision:
        report, outcome, names = self.report, self.outcome, self.names
        return Decision(
            f"{self._mark}-{self.number}",
            report.node,
            report.cell,
            report.sequence,
            share_of(outcome.allocation, names),
            outcome.rung.value,
            outcome.fallback.value,
            edits_of(outcome),
            satisfaction_of(outcome, names),
            self._bundle,
            report_hash(report, names),
            self.latency_us,
        )


def share_of(rows: Rows, names: Iterable[str]) -> CellShare:
    """The wire form of an allocation; `names` are the slices' S-NSSAIs."""
    named = zip(names, rows.slices, strict=True)
    return CellShare(rows.tx_power_offset_db, [SliceShare(name, *row) for name, row in named])


def edits_of(outcome: Outcome) -> dict[str, int]:
    """The shield's edits by reason."""
    counts = outcome.edits
    return dict(zip(EDIT_NAMES, counts, strict=True)) if any(counts) else NO_EDITS


def satisfaction_of(outcome: Outcome, names: tuple[str, ...]) -> dict[str, float | None]:
    """The SLA satisfaction by slice."""
    degrees = zip(names, outcome.satisfaction, strict=True)
    return {name: None if isnan(d) else d for name, d in degrees}


def report_hash(report: CellReport, names: tuple[str, ...]) -> str:
    """BLAKE2b-128 of what a report says, whatever the form in which it came.

    Over the identifying fields, separated by NUL, then the measurements as little-endian float64
    in the order of the catalogue, those of the cell first.
    """
    health = report.health
    head = (
        f"{report.node}\0{report.cell}\0{report.sequence}\0{report.start_ms}\0{report.period_ms}"
        f"\0{health.gnb}\0{health.backhaul}\0{','.join(names)}\0"
    )
    values = list(report.values)
    for s in report.slices:
        values += s.values
    packed = _PACK[len(report.slices)](*values)
    return hashlib.blake2b(head.encode() + packed, digest_size=16).hexdigest()
