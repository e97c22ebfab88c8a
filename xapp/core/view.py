"""What the service tells of the core (`GET /v1/core`)."""

import math

import msgspec

from oran.core.allocation import SliceCoreAllocation
from oran.core.report import CoreReport, CoreSliceReport
from xapp.core.cell import CoreCell
from xapp.core.driver import CoreDriver
from xapp.core.effect import SliceEffect
from xapp.decision.core_shield import CoreEdit


class CoreSliceView(msgspec.Struct, frozen=True):
    """One slice in the core; null where not measured, or before the first report.

    Attributes:
        snssai: which slice.
        site_wanted: site in the allocation in force.
        site: site of its UPF at the end of the last report's period.
        migrating: whether its UPF was on the way to another one then.
        split: share of the packets on each path of the site wanted, %.
        delay_ms: mean delay in UPF and transport.
        delay_p99_ms: 99th percentile of both together.
        loss_ratio: share of packets lost in both, 0..1.
        edits: why the shield changed the last decision on it.
        effect: what became of the last wish: `effective`, `ineffective`, `overridden`; null while
            that is to be seen.
        contradiction: what the report showed instead; empty where nothing.
    """

    snssai: str
    site_wanted: str
    site: str | None
    migrating: bool | None
    split: dict[str, int]
    delay_ms: float | None
    delay_p99_ms: float | None
    loss_ratio: float | None
    edits: list[str]
    effect: str | None
    contradiction: str


class CoreCellView(msgspec.Struct, frozen=True):
    """One cell's core.

    Attributes:
        index: its number in the API.
        node, cell, sequence: of the last report decided on; null before.
        report_age_ms: time since it came; null before.
        refused: reports without a decision since the driver connected.
        reason: why the last of them; empty where there was none.
        slices: in the order of the reports.
    """

    index: int
    node: str | None
    cell: str | None
    sequence: int | None
    report_age_ms: int | None
    refused: int
    reason: str
    slices: list[CoreSliceView]


class CoreView(msgspec.Struct, frozen=True):
    """The core, as far as the xApp drives it.

    Attributes:
        url: of the core control API; null where no core is driven.
        status: `off`, `connecting`, `driving`, or `holding` the last allocations.
        problem: why it holds, or held last; empty where it never did.
        failures: how often the API could not be used.
        rule: who proposes; null where no core is driven.
        topology: id of the topology; null before it is known.
        left_out: whether the API has more cells than are driven.
        cells: the cells driven; while it holds, as they were last.
    """

    url: str | None
    status: str
    problem: str
    failures: int
    rule: str | None
    topology: str | None
    left_out: bool
    cells: list[CoreCellView]


def core_view(driver: CoreDriver | None) -> CoreView:
    """The view; safe in another thread than the driver's."""
    if driver is None:
        return CoreView(None, "off", "", 0, None, None, False, [])
    known, now = driver.known, driver.clock()
    return CoreView(
        url=driver.options.url,
        status=driver.status.value,
        problem=driver.problem,
        failures=driver.failures,
        rule=driver.options.rule,
        topology=None if known is None else known.id,
        left_out=driver.left_out,
        cells=[_cell(cell, now) for cell in driver.cells],
    )


def delay_us(s: CoreSliceReport) -> float:
    """Mean delay in UPF and transport, us; NaN where not measured."""
    return s["CORE.DelayDlInUpfMean"] + s["GTP.DelayDlPsaUpfNgranMean"]


def loss_ratio(s: CoreSliceReport) -> float:
    """Share of packets lost in UPF and transport, 0..1; NaN where not measured."""
    return s["CORE.PktLossRateDl"] * 1e-6


def _cell(cell: CoreCell, now: float) -> CoreCellView:
    report: CoreReport | None = cell.report
    slices: tuple[CoreSliceReport | None, ...] = tuple(None for _ in cell.snssais)
    if report is not None:
        slices = report.slices
    parts = zip(cell.in_force.slices, slices, cell.edits, cell.effect.slices, strict=True)
    return CoreCellView(
        index=cell.index,
        node=None if report is None else report.node,
        cell=None if report is None else report.cell,
        sequence=None if report is None else report.sequence,
        report_age_ms=None if report is None else round(1e3 * (now - cell.heard)),
        refused=cell.refused,
        reason=cell.reason,
        slices=[_slice(*part) for part in parts],
    )


def _slice(
    asked: SliceCoreAllocation,
    s: CoreSliceReport | None,
    edits: tuple[CoreEdit, ...],
    effect: SliceEffect,
) -> CoreSliceView:
    verdict = effect.verdict if effect.since_ms is None else None
    return CoreSliceView(
        snssai=str(asked.snssai),
        site_wanted=asked.site,
        site=None if s is None else s.site,
        migrating=None if s is None else s.migrating,
        split={name: percent for name, percent in asked.split if percent},
        delay_ms=_number(None if s is None else delay_us(s) * 1e-3),
        delay_p99_ms=_number(None if s is None else s["CORE.DelayDlP99"] * 1e-3),
        loss_ratio=_number(None if s is None else loss_ratio(s)),
        edits=[e.name.lower() for e in edits],
        effect=None if verdict is None else verdict.value,
        contradiction=effect.reason,
    )


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
