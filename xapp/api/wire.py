"""The wire form of a report, decoded and checked in one pass by msgspec.

The types are generated from the measurement catalogue. Accepting is all that this module does;
what it does not accept is explained by `xapp.api.schema`, which states the same rules again in
the form that documentation is generated from.
"""

import math
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS, Measurement
from oran.report import MAX_SLICES, CellReport, Health, SliceReport, State
from oran.snssai import Snssai
from xapp.api.syntax import parse

MAX_ID_LENGTH: Final = 64
MAX_SEQUENCE: Final = 2**32 - 1
MAX_START_MS: Final = 2**53 - 1
MAX_PERIOD_MS: Final = 60_000


def _measurements(name: str, table: tuple[Measurement, ...]) -> Any:
    """A struct with one optional field a row, in the table's order; NaN where absent."""
    fields = [
        (
            m.name.replace(".", "_"),
            Annotated[int, Meta(ge=int(m.low), le=int(m.high))]
            if m.kind == "integer"
            else Annotated[float, Meta(ge=m.low, le=m.high)],
            math.nan,
        )
        for m in table
    ]
    return msgspec.defstruct(
        name,
        fields,
        rename={m.name.replace(".", "_"): m.name for m in table},
        forbid_unknown_fields=True,
        frozen=True,
        gc=False,
        module=__name__,
    )


SliceMeasurements: Any = _measurements("SliceMeasurements", SLICE_MEASUREMENTS)
CellMeasurements: Any = _measurements("CellMeasurements", CELL_MEASUREMENTS)

_Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH)]


class WireHealth(Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """`oran.report.Health` on the wire; an absent flag means `ok`."""

    gnb: Literal["ok", "degraded", "failed"] | UnsetType = UNSET
    backhaul: Literal["ok", "degraded", "failed"] | UnsetType = UNSET


class WireSlice(Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """`oran.report.SliceReport` on the wire."""

    snssai: str
    measurements: SliceMeasurements


class WireReport(Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """`oran.report.CellReport` on the wire."""

    node: _Id
    cell: _Id
    sequence: Annotated[int, Meta(ge=0, le=MAX_SEQUENCE)]
    start_ms: Annotated[int, Meta(ge=0, le=MAX_START_MS)]
    period_ms: Annotated[int, Meta(ge=1, le=MAX_PERIOD_MS)]
    measurements: CellMeasurements
    slices: Annotated[list[WireSlice], Meta(min_length=1, max_length=MAX_SLICES)]
    health: WireHealth | UnsetType = UNSET


_NAN: Final = math.nan
_REPORT_FIELDS: Final = 7  # without health
_CELL_FIELDS: Final = len(CELL_MEASUREMENTS)
_SLICE_FIELDS: Final = len(SLICE_MEASUREMENTS)
_SLICE_STRINGS: Final = 3  # the names `snssai` and `measurements`, the S-NSSAI
_HEALTHY: Final = Health()

_decoder: Final = msgspec.json.Decoder(WireReport)
_astuple: Final = msgspec.structs.astuple
_snssai: Final = lru_cache(maxsize=4096)(Snssai.parse)


def decode(body: bytes) -> CellReport:
    """The report that a JSON document says.

    Raises:
        ValueError: the body is not accepted, and `xapp.api.schema.explain` tells why
            (`msgspec.MsgspecError` and `UnicodeDecodeError` are kinds of it).
        Refusal: the document holds a name twice.
    """
    wire = _decoder.decode(body)
    values = _astuple(wire.measurements)
    # Every string of the document, for the count of its quotation marks: see `_check_names`.
    strings = _REPORT_FIELDS + 2 + _CELL_FIELDS - values.count(_NAN)
    slices = []
    for s in wire.slices:
        measured = _astuple(s.measurements)
        strings += _SLICE_STRINGS + _SLICE_FIELDS - measured.count(_NAN)
        slices.append(SliceReport(_snssai(s.snssai), measured))
    health = _HEALTHY
    if wire.health is not UNSET:
        health, named = _health(wire.health)
        strings += 1 + 2 * named
    _check_names(body, strings)
    return CellReport(
        wire.node,
        wire.cell,
        wire.sequence,
        wire.start_ms,
        wire.period_ms,
        values,
        tuple(slices),
        health,
    )


def _health(wire: WireHealth) -> tuple[Health, int]:
    """The flags, and how many of them the document names."""
    if wire.gnb == "ok" == wire.backhaul:
        return _HEALTHY, 2
    flags: dict[str, State] = {}
    if wire.gnb is not UNSET:
        flags["gnb"] = wire.gnb
    if wire.backhaul is not UNSET:
        flags["backhaul"] = wire.backhaul
    return Health(**flags), len(flags)


def _check_names(body: bytes, strings: int) -> None:
    """Raise `Refusal` where an object of the document holds a name twice.

    msgspec takes the last of two values silently. A valid document has two quotation marks for
    each of the strings that were decoded, and more where a name came twice; with escapes in it
    that count would prove nothing, so names are then compared.
    """
    if b"\\" in body or body.count(b'"') != 2 * strings:
        parse(body)
