"""Faults of a scenario: what fails in the network or in its measurements, when, and how badly."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from e2sim.document import Within
from e2sim.scenario.tick import TICK_MS
from oran.measurements import CELL_COLUMN, SLICE_COLUMN
from oran.snssai import Snssai

FaultKind = Literal[
    "gnb_outage",
    "site_outage",
    "link_outage",
    "backhaul_loss",
    "interference_burst",
    "stale_report",
    "garbled_report",
    "spoofed_report",
]
Stamp = Literal["old", "fresh"]

TICK_S: Final = TICK_MS / 1000.0
"""Faults begin and end with the ticks of the slow processes, and last one of them at least."""

SEVERITY: Final[dict[str, tuple[float, float, float] | None]] = {
    "gnb_outage": None,
    "site_outage": (0.0, 1.0, 1.0),
    "link_outage": (0.0, 1.0, 1.0),
    "backhaul_loss": (0.0, 1.0, 1.0),
    "interference_burst": (0.0, 40.0, 10.0),
    "stale_report": None,
    "garbled_report": (0.0, 1.0, 0.2),
    "spoofed_report": (0.001, 1000.0, 10.0),
}
"""Least, greatest and default severity of each kind; None where it has no degrees."""

IN_THE_RADIO: Final = ("gnb_outage", "backhaul_loss", "interference_burst")
"""Kinds that change how a cell is played."""

IN_THE_CORE: Final = ("site_outage", "link_outage")
"""Kinds of a part of the core network, which has a name."""

_OF_VALUES: Final = ("garbled_report", "spoofed_report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault that cells have; each cell has its own times, but for fixed ones.

    Attributes:
        kind: what fails. `gnb_outage`: the cell transmits nothing. `site_outage`, `link_outage`: a
            named part of the core network loses capacity. `backhaul_loss`: SDUs are lost before
            they reach the cell. `interference_burst`: interference rises. `stale_report`: the last
            report goes out again. `garbled_report`: values are those of a broken counter.
            `spoofed_report`: values are plausible and false.
        severity: share of the capacity (outages of the core), of the SDUs (loss) or of the values
            (garbled) that is lost, 0..1; dB added (interference), 0..40; factor (spoofed),
            0.001..1000. The default is all of it; 10 dB; 0.2 of the values; 10. The other kinds
            have none.
        name: of the site or link; those kinds alone have one, and need it.
        slice: whose values are garbled or spoofed; absent, all slices', and if garbled the cell's.
        measurements: names of the values garbled or spoofed; empty means all of them if garbled,
            and `DRB.BufferSize.Qos` if spoofed.
        stamp: whether a stale report has its `old` stamp, or a `fresh` one as if it were new.
        cells: share of the cells that can have the fault, 0..1; each is drawn.
        at_s, for_s: one fault that begins so long after the cell's start, and how long it lasts.
        mtbf_s, mttr_s: mean times from repair to failure and from failure to repair, each
            exponential; in place of `at_s` and `for_s`.
        startup_s: how long a cell still transmits nothing after a gNB's repair.
    """

    kind: FaultKind
    severity: Annotated[float, Within(0.0, 1000.0)] | None = None
    name: str | None = None
    slice: Snssai | None = None
    measurements: tuple[str, ...] = ()
    stamp: Stamp = "old"
    cells: Annotated[float, Within(0.0, 1.0)] = 1.0
    at_s: Annotated[float, Within(0.0, 1e7)] | None = None
    for_s: Annotated[float, Within(TICK_S, 1e7)] | None = None
    mtbf_s: Annotated[float, Within(TICK_S, 1e7)] | None = None
    mttr_s: Annotated[float, Within(TICK_S, 1e7)] | None = None
    startup_s: Annotated[float, Within(0.0, 3600.0)] = 0.0

    @property
    def degree(self) -> float:
        """The severity, or what it is by default; 1 where the kind has none."""
        known = SEVERITY[self.kind]
        if self.severity is not None:
            return self.severity
        return 1.0 if known is None else known[2]

    @property
    def falsified(self) -> tuple[str, ...]:
        """Names of the measurements that this fault of values touches."""
        if self.measurements or self.kind not in _OF_VALUES:
            return self.measurements
        if self.kind == "spoofed_report":
            return ("DRB.BufferSize.Qos",)
        return (*SLICE_COLUMN, *(CELL_COLUMN if self.slice is None else ()))


def check_fault(fault: Fault, snssais: tuple[Snssai, ...], path: str) -> None:
    """Raise `ValueError` for values that no fault of a cell of these slices has together."""
    _check_severity(fault, path)
    _check_times(fault, path)
    if (fault.kind in IN_THE_CORE) != bool(fault.name):
        verb = "is required" if fault.kind in IN_THE_CORE else "has no meaning"
        raise ValueError(f"{path}.name: {verb} for {fault.kind}")
    for field in ("slice", "measurements"):
        if getattr(fault, field) and fault.kind not in _OF_VALUES:
            raise ValueError(f"{path}.{field}: has no meaning for {fault.kind}")
    if fault.stamp != "old" and fault.kind != "stale_report":
        raise ValueError(f"{path}.stamp: has no meaning for {fault.kind}")
    if fault.startup_s and fault.kind != "gnb_outage":
        raise ValueError(f"{path}.startup_s: has no meaning for {fault.kind}")
    if fault.slice is not None and fault.slice not in snssais:
        named = ", ".join(map(str, snssais))
        raise ValueError(f"{path}.slice: {fault.slice} is no slice here; {named} are")
    for i, name in enumerate(fault.measurements):
        if name not in SLICE_COLUMN and (name not in CELL_COLUMN or fault.slice is not None):
            raise ValueError(f"{path}.measurements[{i}]: {name} is not measured there")


def _check_severity(fault: Fault, path: str) -> None:
    known = SEVERITY[fault.kind]
    if fault.severity is None:
        return
    if known is None:
        raise ValueError(f"{path}.severity: has no meaning for {fault.kind}")
    if not known[0] <= fault.severity <= known[1]:
        raise ValueError(
            f"{path}.severity: {fault.severity:g} is not within {known[0]:g}..{known[1]:g}, "
            f"those of {fault.kind}"
        )


def _check_times(fault: Fault, path: str) -> None:
    fixed = [fault.at_s, fault.for_s]
    drawn = [fault.mtbf_s, fault.mttr_s]
    if not (None not in fixed and drawn == [None, None]) and not (
        None not in drawn and fixed == [None, None]
    ):
        raise ValueError(f"{path}: needs at_s and for_s, or mtbf_s and mttr_s")
