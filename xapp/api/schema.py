"""The pydantic form of a report: what documentation is generated from, and refusals explained by.

States the rules of `xapp.api.wire` again; a differential test holds the two together.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS, Measurement
from oran.report import MAX_SLICES, CellReport, Health, SliceReport
from oran.snssai import Snssai
from xapp.api.syntax import parse
from xapp.api.wire import MAX_ID_LENGTH, MAX_PERIOD_MS, MAX_SEQUENCE, MAX_START_MS
from xapp.service.refusal import Flaw, Reason, Refusal

_MAX_NAMES: Final = 64
# No object of a report has nearly as many; explaining each of 30,000 unknown ones takes too long.


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _few_names(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and len(value) > _MAX_NAMES:
            raise PydanticCustomError("extra_forbidden", f"an object of {len(value)} names")
        return value


def _not_measured() -> float:
    return math.nan


def _field(m: Measurement) -> tuple[Any, Any]:
    low, high = (int(m.low), int(m.high)) if m.kind == "integer" else (m.low, m.high)
    about = f"Unit: {m.unit}; {m.aggregation}. {m.source}. Absent where not measured."
    field = Field(ge=low, le=high, alias=m.name, title=m.name, description=about)
    kind = int if m.kind == "integer" else float
    return Annotated[kind, field], Field(default_factory=_not_measured)


def _measurements(name: str, table: tuple[Measurement, ...], about: str) -> Any:
    """A model with one optional field a row, in the table's order; NaN where absent."""
    fields: dict[str, Any] = {m.name.replace(".", "_"): _field(m) for m in table}
    return create_model(name, __base__=_Strict, __doc__=about, **fields)


SliceMeasurements: Any = _measurements(
    "SliceMeasurements", SLICE_MEASUREMENTS, "Measurements of one slice."
)
CellMeasurements: Any = _measurements(
    "CellMeasurements", CELL_MEASUREMENTS, "Measurements of the cell as a whole."
)


def _check_snssai(text: str) -> str:
    Snssai.parse(text)
    return text


SnssaiText = Annotated[
    str,
    AfterValidator(_check_snssai),
    Field(
        description="S-NSSAI, TS 23.003 28.4.2: SST, or SST-SD with six hexadecimal digits.",
        examples=["1-000001"],
        json_schema_extra={"pattern": "^[0-9]{1,3}(-[0-9a-fA-F]{6})?$"},
    ),
]
_Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]
_State = Literal["ok", "degraded", "failed"]


class HealthDocument(_Strict):
    """Health flags of what carries the cell's traffic."""

    gnb: _State = "ok"
    backhaul: _State = "ok"


class SliceDocument(_Strict):
    """Measurements of one slice in one period."""

    snssai: SnssaiText
    measurements: SliceMeasurements


class ReportDocument(_Strict):
    """One period's measurements of one cell."""

    node: Annotated[_Id, Field(description="Global E2 node id.")]
    cell: Annotated[_Id, Field(description="NR cell global id.")]
    sequence: Annotated[int, Field(ge=0, le=MAX_SEQUENCE, description="Number of the report.")]
    start_ms: Annotated[
        int,
        Field(ge=0, le=MAX_START_MS, description="Start of the period, ms since 1970-01-01 UTC."),
    ]
    period_ms: Annotated[int, Field(ge=1, le=MAX_PERIOD_MS, description="Its length, ms.")]
    measurements: CellMeasurements
    slices: Annotated[list[SliceDocument], Field(min_length=1, max_length=MAX_SLICES)]
    health: HealthDocument = HealthDocument()

    def to_report(self) -> CellReport:
        """The noun behind the document."""
        return CellReport(
            self.node,
            self.cell,
            self.sequence,
            self.start_ms,
            self.period_ms,
            tuple(self.measurements.__dict__.values()),
            tuple(
                SliceReport(Snssai.parse(s.snssai), tuple(s.measurements.__dict__.values()))
                for s in self.slices
            ),
            Health(self.health.gnb, self.health.backhaul),
        )


_REASONS: Final = {
    "missing": (Reason.MISSING_FIELD, "is required"),
    "extra_forbidden": (Reason.UNKNOWN_FIELD, "is not a field of a report"),
    "string_type": (Reason.WRONG_TYPE, "must be a string"),
    "int_type": (Reason.WRONG_TYPE, "must be an integer"),
    "float_type": (Reason.WRONG_TYPE, "must be a number"),
    "list_type": (Reason.WRONG_TYPE, "must be an array"),
    "model_type": (Reason.WRONG_TYPE, "must be an object"),
    "model_attributes_type": (Reason.WRONG_TYPE, "must be an object"),
    "string_unicode": (Reason.WRONG_TYPE, "must be a string of Unicode scalar values"),
    "finite_number": (Reason.NOT_FINITE, "must be finite"),
    "greater_than_equal": (Reason.OUT_OF_RANGE, "must be at least {ge}"),
    "less_than_equal": (Reason.OUT_OF_RANGE, "must be at most {le}"),
    "literal_error": (Reason.OUT_OF_RANGE, "must be {expected}"),
    "string_too_short": (Reason.OUT_OF_RANGE, "needs at least {min_length} character"),
    "string_too_long": (Reason.OUT_OF_RANGE, "may have at most {max_length} characters"),
    "too_short": (Reason.OUT_OF_RANGE, "needs at least {min_length} entry"),
    "too_long": (Reason.OUT_OF_RANGE, "may have at most {max_length} entries"),
    "value_error": (Reason.OUT_OF_RANGE, "{error}"),
}


def explain(body: bytes) -> Refusal | None:
    """Why a body is not a report; None where it is one."""
    try:
        ReportDocument.model_validate(parse(body))
    except Refusal as refusal:
        return refusal
    except ValidationError as error:
        return refusal_of(error.errors(include_url=False, include_input=False))
    return None


def refusal_of(errors: Iterable[ErrorDetails]) -> Refusal:
    """The refusal that a list of pydantic's errors means."""
    found = []
    for error in errors:
        reason, text = _REASONS.get(error["type"], (Reason.WRONG_TYPE, error["msg"]))
        if error["type"] == "extra_forbidden" and "names" in error["msg"]:
            text = error["msg"] + ", more than any in a report"
        numbers = {k: _plain(v) for k, v in error.get("ctx", {}).items()}
        found.append((reason, Flaw(path_of(error["loc"]), text.format(**numbers))))
    more = f" (and {len(found) - Refusal.MAX_FLAWS} more)" if len(found) > Refusal.MAX_FLAWS else ""
    first = found[0][1]
    detail = f"{first.path or 'the document'}: {first.reason}{more}"
    return Refusal(found[0][0], detail, [flaw for _, flaw in found])


def _plain(value: Any) -> Any:
    """A bound as people write it: 0 rather than 0.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")


def path_of(location: Iterable[int | str]) -> str:
    """A place in the document, as `slices[1].measurements["DRB.UEThpDl"]`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN.match(step):
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(step if len(step) <= 80 else step[:79] + '…')}]"
    return path
