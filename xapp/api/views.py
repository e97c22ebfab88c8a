"""Views: what the service tells of itself. Nothing heavy runs on the event loop."""

import asyncio
import math
from dataclasses import asdict
from typing import Final

import msgspec
from fastapi import FastAPI, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from oran.measurements import SLICE_COLUMN
from xapp.api.documents import (
    CellView,
    HealthView,
    PolicyView,
    ReadyView,
    SlicesView,
    SliceView,
    StoreView,
    response,
)
from xapp.core.view import CoreView, core_view
from xapp.decision.manifest import FORMAT
from xapp.e2.view import NodesView, nodes_view
from xapp.service.cells import Cell
from xapp.service.runtime import Runtime


def add_views(app: FastAPI, runtime: Runtime) -> None:
    """Register the GET resources."""

    @app.get("/healthz", responses={200: response(HealthView, "It is.")})
    async def healthz() -> Response:
        """Is the process alive?"""
        return _json(HealthView("ok"))

    @app.get(
        "/readyz",
        responses={200: response(ReadyView, "They are."), 503: response(ReadyView, "Not now.")},
    )
    async def readyz() -> Response:
        """Are reports welcome?"""
        serving, ready = runtime.serving, runtime.ready
        status = "ready" if ready else "not ready"
        view = ReadyView(status, serving.bundle.id, serving.graph, _store(runtime))
        return _json(view, 200 if ready else 503)

    @app.get("/metrics", responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """Metrics in Prometheus's text format."""
        text = await asyncio.to_thread(generate_latest, runtime.registry)
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    @app.get("/v1/policy", responses={200: response(PolicyView, "The policy.")})
    async def policy() -> Response:
        """Which policy is served, and what its bundle says of it."""
        return _json(policy_view(runtime))

    @app.get("/v1/nodes", responses={200: response(NodesView, "Every E2 node and its cells.")})
    async def nodes() -> Response:
        """The E2 nodes: what they offer, and how their subscriptions and controls do."""
        view = await asyncio.to_thread(nodes_view, runtime.e2)
        return _json(view)

    @app.get("/v1/core", responses={200: response(CoreView, "The core, cell by cell.")})
    async def core() -> Response:
        """The core network behind the cells: sites and splits, asked for and in force."""
        return _json(await asyncio.to_thread(core_view, runtime.core))

    @app.get("/v1/slices", responses={200: response(SlicesView, "Every cell and slice.")})
    async def slices() -> Response:
        """Last state of every cell and slice."""
        store = _store(runtime)
        return await asyncio.to_thread(lambda: _json(slices_view(runtime, store)))


def policy_view(runtime: Runtime) -> PolicyView:
    """The document of `/v1/policy`."""
    serving = runtime.serving
    manifest = serving.bundle.manifest
    return PolicyView(
        bundle=serving.bundle.id,
        format=FORMAT,
        schema=manifest.schema,
        graph=serving.graph,
        benchmark_us=dict(serving.benchmark_us),
        deviation=dict(serving.deviation),
        manifest=asdict(manifest),
    )


def slices_view(runtime: Runtime, store: StoreView) -> SlicesView:
    """The document of `/v1/slices`; safe in another thread than the decision path."""
    now = runtime.clock.wall_ms()
    return SlicesView(
        bundle=runtime.serving.bundle.id,
        graph=runtime.serving.graph,
        store=store,
        cells=[_cell(c, now) for c in runtime.cells.all()],
    )


def _cell(cell: Cell, now_ms: int) -> CellView:
    report, decision = cell.report, cell.decision
    age = None if report is None else now_ms - report.start_ms - report.period_ms
    allocation = cell.in_force.allocation(cell.snssais)
    measured = {} if report is None else {str(s.snssai): s.values for s in report.slices}
    satisfaction = {} if decision is None else decision.satisfaction
    slices = []
    for s in allocation.slices:
        name = str(s.snssai)
        degree = satisfaction.get(name)
        slices.append(
            SliceView(
                snssai=name,
                **_measured(measured.get(name)),
                min_prb_ratio=s.min_prb_ratio,
                max_prb_ratio=s.max_prb_ratio,
                satisfaction=degree,
                sla_met=None if degree is None else degree >= 1.0,
            )
        )
    return CellView(
        node=cell.key[0],
        cell=cell.key[1],
        sequence=cell.last[1],
        start_ms=cell.last[0],
        report_age_ms=age,
        rung=None if decision is None else decision.rung,
        fallback=None if decision is None else decision.fallback,
        latency_us=None if decision is None else decision.latency_us,
        tx_power_offset_db=allocation.tx_power_offset_db,
        slices=slices,
    )


_COLUMNS: Final = (
    ("ue_throughput_kbps", SLICE_COLUMN["DRB.UEThpDl"], 1.0),
    ("delay_ms", SLICE_COLUMN["DRB.RlcSduDelayDl"], 0.1),
    ("drop_rate", SLICE_COLUMN["DRB.RlcPacketDropRateDl"], 1e-6),
    ("prbs_used", SLICE_COLUMN["RRU.PrbUsedDl"], 1.0),
)


def _measured(values: tuple[float, ...] | None) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name, column, factor in _COLUMNS:
        value = None if values is None else values[column]
        found[name] = value * factor if value is not None and not math.isnan(value) else None
    return found


def _store(runtime: Runtime) -> StoreView:
    state = runtime.writer.state()
    return StoreView(state.store, state.durable, state.status, state.detail, state.pending)


def _json(document: msgspec.Struct, status: int = 200) -> Response:
    return Response(msgspec.json.encode(document), status, media_type="application/json")
