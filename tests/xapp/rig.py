"""A rig for the service: a runtime on a clock that stands still, and a client without sockets."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from oran.intent import DEFAULT_INTENTS, Intent, Sla
from oran.report import CellReport
from oran.snssai import Snssai
from xapp.api.app import XappApi, create_app
from xapp.decision.shield import Limits
from xapp.service.cells import Freshness
from xapp.service.decider import Clock
from xapp.service.nominal import nominal_report
from xapp.service.runtime import Options, Runtime
from xapp.service.serving_policy import ServingPolicy
from xapp.store.backend import EMBEDDED, Backend

NOW_MS = 1_800_000_000_000
JSON = {"content-type": "application/json"}
SNSSAIS = [i.snssai for i in DEFAULT_INTENTS]

INTENTS = (
    *DEFAULT_INTENTS,
    *(Intent(Snssai(1 + i % 3, 0x100 + i), Sla(delay_ms=10.0 + i), 1.0 + i) for i in range(15)),
    Intent(Snssai(4), Sla(throughput_kbps=100.0)),
)


@dataclass
class StillClock:
    """A clock that moves only when told to."""

    ms: int = NOW_MS
    ns: int = 0

    def clock(self) -> Clock:
        return Clock(lambda: self.ms, lambda: self.ns)


def options(**changed: Any) -> Options:
    fields: dict[str, Any] = {
        "intents": INTENTS,
        "limits": Limits(),
        "freshness": Freshness(2_000, 1_000),
        "max_cells": 64,
        "cell_idle_ms": 600_000,
        "max_body_bytes": 256 * 1024,
    }
    return Options(**(fields | changed))


def report(
    sequence: int = 1,
    *,
    start_ms: int = NOW_MS - 100,
    snssais: Sequence[Snssai] = SNSSAIS,
) -> CellReport:
    return nominal_report(snssais, start_ms, sequence)


@dataclass
class Rig:
    """A runtime and its application, driven from a synchronous test."""

    serving: ServingPolicy
    changed: dict[str, Any] = field(default_factory=dict)
    store: str = EMBEDDED
    time: StillClock = field(default_factory=StillClock)

    def __post_init__(self) -> None:
        self.runtime = Runtime(
            self.serving, Backend(self.store), options(**self.changed), self.time.clock(), "rig"
        )
        self.runtime.ready = True
        self.app: XappApi = create_app(self.runtime)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self._runner.run(self.runtime.writer.stop())
        self._runner.close()

    async def inner(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The documented route: the application without its door."""
        await FastAPI.__call__(self.app, scope, receive, send)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        app: ASGIApp | None = None,
    ) -> httpx.Response:
        """One request."""

        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(app or self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://rig") as client:
                return await client.request(method, path, content=body, headers=headers)

        return self._runner.run(exchange())

    def decide(self, document: Any, *, app: ASGIApp | None = None) -> httpx.Response:
        """POST /decide with a JSON document, or with bytes as they are."""
        body = document if isinstance(document, bytes) else msgspec.json.encode(document)
        return self.send("POST", "/decide", body, JSON, app=app)

    def refusals(self) -> dict[str, float]:
        """Refusals counted, by reason."""
        found = {}
        for metric in self.runtime.registry.collect():
            if metric.name == "slicepilot_refusals":
                for s in metric.samples:
                    if s.name.endswith("_total") and s.value:
                        found[s.labels["reason"]] = s.value
        return found


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
