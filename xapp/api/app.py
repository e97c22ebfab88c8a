"""The HTTP application: a FastAPI application with the fast path in front."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from oran.report import MAX_SLICES
from xapp.api.documents import Problem, components, response
from xapp.api.door import PATH, Door
from xapp.api.intake import read_body
from xapp.api.problems import (
    MEDIA_TYPE,
    on_failure,
    on_http,
    on_invalid,
    on_refusal,
)
from xapp.api.schema import ReportDocument
from xapp.api.syntax import parse
from xapp.api.views import add_views
from xapp.service.decision import Decision
from xapp.service.nominal import nominal_report
from xapp.service.refusal import Refusal
from xapp.service.runtime import Runtime

_EXAMPLE_START_MS: Final = 1_767_225_600_000
"""2026-01-01: an example of the form; a report of that time is stale by now."""


class XappApi(FastAPI):
    """FastAPI, but for `POST /decide`, which is answered at the door."""

    door: Door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application; HEAD is served wherever GET is."""
        if scope["type"] == "http":
            method = scope["method"]
            if method == "POST" and scope["path"] == PATH:
                await self.door(scope, receive, send)
                return
            if method == "HEAD":
                scope = {**scope, "method": "GET"}
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """FastAPI's schema, with the documents that are not pydantic's."""
        schema = super().openapi()
        schema["components"]["schemas"].update(components())
        return schema


def create_app(runtime: Runtime) -> XappApi:
    """The application of one runtime, which starts and stops with it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = XappApi(
        title="Slicepilot xApp",
        summary="Decides on the radio resources of sliced 5G and 6G cells.",
        version="1",
        lifespan=lifespan,
        redirect_slashes=False,
        exception_handlers={
            Refusal: on_refusal,
            RequestValidationError: on_invalid,
            HTTPException: on_http,
            Exception: on_failure,
        },
    )
    app.door = Door(runtime.decider, runtime.options.max_body_bytes)
    _add_decide(app, runtime)
    add_views(app, runtime)
    return app


def _add_decide(app: XappApi, runtime: Runtime) -> None:
    decider, limit = runtime.decider, runtime.options.max_body_bytes

    async def decide(report: ReportDocument) -> Response:
        since = decider.clock.monotonic_ns()
        decision = decider.decide(report.to_report(), since)
        return Response(msgspec.json.encode(decision), media_type="application/json")

    class Route(APIRoute):
        """Reads and parses the body as the fast path does, and leaves the rest to FastAPI."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            validated = super().get_route_handler()

            async def handler(request: Request) -> Response:
                body = await read_body(request.scope, request.receive, limit)
                return await validated(_Parsed(request.scope, body))

            return handler

    snssais = [i.snssai for i in runtime.options.intents[:MAX_SLICES]]
    example = nominal_report(snssais, _EXAMPLE_START_MS, 1).to_document()
    app.router.add_api_route(
        PATH,
        decide,
        methods=["POST"],
        route_class_override=Route,
        summary="Decide on one report",
        description=(
            "One period's report of one cell in, the allocation for the next period out. "
            "Measurements that were not made are left out."
        ),
        operation_id="decide",
        response_model=None,
        responses={
            200: response(Decision, "The decision."),
            **{s: response(Problem, about, MEDIA_TYPE) for s, about in _PROBLEMS.items()},
        },
        openapi_extra={
            "requestBody": {"content": {"application/json": {"example": example}}},
        },
    )


_PROBLEMS: Final = {
    400: "The body is not JSON, or an object holds a name twice.",
    408: "The body did not arrive in time.",
    409: "The report is stale, or not newer than the last one of its cell.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The document is not a valid report; `errors` tells where and why.",
    503: "No place for another cell.",
}


class _Parsed(Request):
    """A request whose body was read already, and is parsed strictly."""

    def __init__(self, scope: Scope, body: bytes) -> None:
        super().__init__(scope)
        self._read = body
        self._document = parse(body)

    async def body(self) -> bytes:
        return self._read

    async def json(self) -> Any:
        return self._document
