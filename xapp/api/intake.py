"""Intake: the body of a request, from ASGI events, before anything is made of it."""

import asyncio
from collections.abc import Iterable
from typing import Final

from starlette.types import Message, Receive, Scope

from xapp.service.refusal import Reason, Refusal

BODY_TIMEOUT_S: Final = 10.0
"""How long a body may take to arrive once its request is there."""

MAX_DISCARDED: Final = 16 * 2**20
"""Bytes of a body that is too large which are read before it is answered."""

_JSON: Final = b"application/json"
_LATE: Final = "the body is late"


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body of a request that says it is JSON.

    Raises:
        Refusal: another media type or a coded content, a body above `limit` bytes, or one that
            does not arrive.
    """
    announced = check_headers(scope["headers"])
    task = asyncio.current_task()
    assert task is not None
    # What `asyncio.timeout` does, at a quarter of its cost, which every report would pay.
    timer = asyncio.get_running_loop().call_later(BODY_TIMEOUT_S, task.cancel, _LATE)
    try:
        if announced > limit:
            await _discard(receive)
            raise _too_large(limit)
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            body: bytes = message.get("body", b"")
        else:
            body = await _rest(message, receive, limit)
    except asyncio.CancelledError as error:
        if error.args != (_LATE,) or task.uncancel() > 0:
            raise
        late = f"the body did not arrive within {BODY_TIMEOUT_S:g} s"
        raise Refusal(Reason.BODY_TIMEOUT, late) from error
    finally:
        timer.cancel()
    if len(body) > limit:
        raise _too_large(limit)
    return body


def check_headers(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The length announced, bytes; 0 where none is.

    Raises:
        Refusal: the headers do not say JSON, or say a coded content.
    """
    kind, length = None, 0
    for name, value in headers:
        if name == b"content-type":
            kind = value
        elif name == b"content-length":
            # The server refuses what is not a number, so there is only a size to be cautious of.
            length = int(value[:20]) if value.isdigit() else 0
        elif name == b"content-encoding" and value != b"identity":
            raise Refusal(Reason.MEDIA_TYPE, "a content coding is not supported")
    if kind != _JSON and (kind is None or kind.split(b";")[0].strip().lower() != _JSON):
        said = "none" if kind is None else repr(kind[:80].decode("latin-1"))
        raise Refusal(Reason.MEDIA_TYPE, f"needs content-type application/json, got {said}")
    return length


async def _discard(receive: Receive) -> None:
    """Read on for a while without keeping anything: many clients look for an answer only once
    they have sent everything, and find a closed connection instead."""
    size = 0
    while size <= MAX_DISCARDED:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


async def _rest(message: Message, receive: Receive, limit: int) -> bytes:
    """The whole body, given its first event."""
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise Refusal(Reason.DISCONNECTED, "the client left before the end of the body")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            parts.clear()
            await _discard(receive)
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def _too_large(limit: int) -> Refusal:
    return Refusal(Reason.TOO_LARGE, f"the body has more than {limit} bytes")
