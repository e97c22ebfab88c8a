"""Problem documents (RFC 9457): every error of this interface has this form."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from xapp.api.documents import Flaw, Problem
from xapp.api.schema import refusal_of
from xapp.service.refusal import Reason, Refusal

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:slicepilot:problem:"

KINDS: Final[dict[Reason, tuple[int, str]]] = {
    Reason.MALFORMED: (400, "The body is not JSON"),
    Reason.DUPLICATE_NAME: (400, "An object holds a name twice"),
    Reason.MISSING_FIELD: (422, "A field is missing"),
    Reason.UNKNOWN_FIELD: (422, "A field is unknown"),
    Reason.WRONG_TYPE: (422, "A field has the wrong type"),
    Reason.OUT_OF_RANGE: (422, "A field is out of range"),
    Reason.NOT_FINITE: (422, "A number is not finite"),
    Reason.DUPLICATE_SLICE: (422, "A slice stands twice"),
    Reason.UNKNOWN_SLICE: (422, "A slice has no intent"),
    Reason.TOO_EARLY: (422, "The report is from the future"),
    Reason.STALE: (409, "The report is stale"),
    Reason.REPEATED: (409, "The report is not newer than the last one"),
    Reason.CELLS_FULL: (503, "No more cells are served"),
    Reason.TOO_LARGE: (413, "The body is too large"),
    Reason.MEDIA_TYPE: (415, "The body is not application/json"),
    Reason.BODY_TIMEOUT: (408, "The body did not arrive in time"),
    Reason.MALFORMED_HTTP: (400, "The request is not HTTP"),
    Reason.DISCONNECTED: (400, "The client left before the end of the body"),
    Reason.INTERNAL: (500, "The xApp failed"),
}
"""Status and title by reason."""

# The rest of such a body may be unread: the connection cannot carry another request.
_UNREAD: Final = frozenset({Reason.TOO_LARGE, Reason.BODY_TIMEOUT})


def response_of(refusal: Refusal) -> Response:
    """The answer to a refused report."""
    status, title = KINDS[refusal.reason]
    flaws = [Flaw(f.path, f.reason) for f in refusal.flaws]
    kind = f"{TYPE_PREFIX}{refusal.reason}"
    headers = {"connection": "close"} if refusal.reason in _UNREAD else None
    return _response(Problem(kind, title, status, refusal.detail, flaws), headers)


def raw_response(
    refusal: Refusal, common: Iterable[tuple[bytes, bytes]] = (), *, close: bool = True
) -> bytes:
    """The same as bytes of HTTP/1.1, with the headers `common` to all answers."""
    response = response_of(refusal)
    status = HTTPStatus(response.status_code)
    headers = [*common, *response.raw_headers]
    if close and refusal.reason not in _UNREAD:
        headers.append((b"connection", b"close"))
    head = b"".join([b"%b: %b\r\n" % header for header in headers])
    line = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    return b"".join((line, head, b"\r\n", bytes(response.body)))


def _response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(problem), problem.status, headers, MEDIA_TYPE)


async def on_refusal(request: Request, error: Exception) -> Response:
    """Exception handler of the documented route."""
    assert isinstance(error, Refusal)
    return response_of(error)


async def on_invalid(request: Request, error: Exception) -> Response:
    """The same, for what pydantic refuses; locations start with the part of the request."""
    assert isinstance(error, RequestValidationError)
    found: list[Any] = [{**e, "loc": e["loc"][1:]} for e in error.errors()]
    return response_of(refusal_of(found))


async def on_http(request: Request, error: Exception) -> Response:
    """Errors of HTTP itself, such as 404 and 405."""
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    detail = f"{request.method} {request.url.path}: {title.lower()}"
    return _response(Problem("about:blank", title, error.status_code, detail), error.headers)


async def on_failure(request: Request, error: Exception) -> Response:
    """What nobody expected; starlette raises it again, for the server's log."""
    return _response(Problem("about:blank", "Internal Server Error", 500, "see the xApp's log"))
