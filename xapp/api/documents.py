"""Documents: what the GET resources answer, and their entries in the OpenAPI schema."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from xapp.core.view import CoreView
from xapp.e2.view import NodesView
from xapp.service.decision import Decision


class Flaw(msgspec.Struct, frozen=True):
    """One thing wrong with a request's body: where, and what would be right."""

    path: str
    reason: str


class Problem(msgspec.Struct, frozen=True):
    """A problem document, RFC 9457; `errors` is this interface's extension."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Flaw] = []


class SliceView(msgspec.Struct, frozen=True):
    """Last state of one slice; null where not measured, or not reported since a restart.

    Units: kbit/s, ms, shares 0..1, PRBs; ratios are % as in `Decision`.
    """

    snssai: str
    ue_throughput_kbps: float | None
    delay_ms: float | None
    drop_rate: float | None
    prbs_used: float | None
    min_prb_ratio: int
    max_prb_ratio: int
    satisfaction: float | None
    sla_met: bool | None


class CellView(msgspec.Struct, frozen=True):
    """Last state of one cell; null where it has not reported since a restart."""

    node: str
    cell: str
    sequence: int
    start_ms: int
    report_age_ms: int | None
    rung: str | None
    fallback: str | None
    latency_us: float | None
    tx_power_offset_db: int
    slices: list[SliceView]


class StoreView(msgspec.Struct, frozen=True):
    """State of the store: `ok` or `degraded`, and why. Decisions do not depend on it."""

    store: str
    durable: bool
    status: str
    detail: str
    pending: int


class SlicesView(msgspec.Struct, frozen=True):
    """Every cell and slice, and what serves them."""

    bundle: str
    graph: str
    store: StoreView
    cells: list[CellView]


class PolicyView(msgspec.Struct, frozen=True):
    """The policy that is served: which graph, how it was picked, and the bundle's manifest."""

    bundle: str
    format: int
    schema: str
    graph: str
    benchmark_us: dict[str, float]
    deviation: dict[str, float]
    manifest: dict[str, Any]


class HealthView(msgspec.Struct, frozen=True):
    """Whether the process lives."""

    status: str


class ReadyView(msgspec.Struct, frozen=True):
    """Whether reports are welcome, and how the store does."""

    status: str
    bundle: str
    graph: str
    store: StoreView


_ALL: Final = (
    Decision, Problem, SlicesView, PolicyView, HealthView, ReadyView, NodesView, CoreView,
)  # fmt: skip
_REF: Final = "#/components/schemas/{name}"


def components() -> Mapping[str, Any]:
    """JSON Schemas of all documents, by name, for OpenAPI's `components/schemas`."""
    return msgspec.json.schema_components(_ALL, ref_template=_REF)[1]


def response(
    document: type[msgspec.Struct], about: str, media_type: str = "application/json"
) -> dict[str, Any]:
    """The OpenAPI description of a response."""
    reference = {"$ref": _REF.format(name=document.__name__)}
    return {"description": about, "content": {media_type: {"schema": reference}}}
