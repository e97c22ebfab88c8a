"""Applications to measure the service against, each run as `python -m bench.apps NAME PORT`.

`empty` answers every request with the same bytes; `textbook` decides as the xApp does, with the
same decider, behind a route as FastAPI's tutorial writes it.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from xapp.api.schema import ReportDocument
from xapp.service import logs, serving_policy
from xapp.service.runtime import Runtime
from xapp.service.server import options_of, system_clock
from xapp.settings import load
from xapp.store.backend import Backend

_BODY: Final = b'{"status":"ok"}'
_HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_BODY)).encode()),
]


async def empty(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the request and answers: what HTTP itself costs on this server."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


class SliceShareModel(BaseModel):
    """One slice of the answer."""

    snssai: str
    dedicated_prb_ratio: int
    min_prb_ratio: int
    max_prb_ratio: int
    mcs_backoff: int
    admission_ratio: int


class AllocationModel(BaseModel):
    """The allocation in the answer."""

    tx_power_offset_db: int
    slices: list[SliceShareModel]


class DecisionModel(BaseModel):
    """The answer."""

    decision: str
    node: str
    cell: str
    sequence: int
    allocation: AllocationModel
    rung: str
    fallback: str
    shield_edits: dict[str, int]
    satisfaction: dict[str, float | None]
    bundle: str
    report_hash: str
    latency_us: float


def textbook() -> FastAPI:
    """Pydantic in, pydantic out, and the xApp's own decider between the two."""
    settings = load({}, os.environ)
    clock = system_clock()
    serving = serving_policy.load(settings.bundle, clock.monotonic_ns)
    runtime = Runtime(serving, Backend(settings.store), options_of(settings), clock, "textbook")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        yield
        await runtime.stop()

    app = FastAPI(lifespan=lifespan)

    @app.post("/decide", response_model=DecisionModel)
    async def decide(report: ReportDocument) -> Any:
        decision = runtime.decider.decide(report.to_report(), clock.monotonic_ns())
        return msgspec.to_builtins(decision)

    return app


def main(name: str, port: str) -> None:
    """Serve one of the applications the way the xApp is served."""
    logs.configure("warning", "console")
    uvicorn.run(
        textbook() if name == "textbook" else empty,
        port=int(port),
        http="httptools",
        loop="uvloop",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
