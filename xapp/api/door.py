"""The door: `POST /decide` answered at the ASGI level, without routing, models or middleware.

The documented route of the same path (`xapp.api.app`) gives the same answers at several times
the cost; a differential test holds the two together.
"""

from typing import Final

import msgspec
import structlog
from fastapi import Response
from starlette.types import Receive, Scope, Send

from xapp.api import schema, wire
from xapp.api.intake import read_body
from xapp.api.problems import response_of
from xapp.service.decider import Decider
from xapp.service.refusal import Reason, Refusal

PATH: Final = "/decide"

_log = structlog.get_logger(__name__)
_encode: Final = msgspec.json.Encoder().encode
_TYPE: Final = (b"content-type", b"application/json")


class Door:
    """Takes one report and sends one decision, or one problem document.

    Args:
        decider: decides.
        max_body_bytes: largest body.
    """

    def __init__(self, decider: Decider, max_body_bytes: int) -> None:
        self._decider = decider
        self._limit = max_body_bytes
        self._monotonic_ns = decider.clock.monotonic_ns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        try:
            body = await read_body(scope, receive, self._limit)
            answer = self._decide(body)
        except Refusal as refusal:
            await self._refuse(refusal)(scope, receive, send)
            return
        except Exception:
            _log.exception("decide")
            failure = Refusal(Reason.INTERNAL, "see the log of the xApp")
            await self._refuse(failure)(scope, receive, send)
            return
        length = str(len(answer)).encode()
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [_TYPE, (b"content-length", length)],
            }
        )
        await send({"type": "http.response.body", "body": answer})

    def _decide(self, body: bytes) -> bytes:
        since = self._monotonic_ns()
        try:
            report = wire.decode(body)
        except (ValueError, RecursionError) as error:
            raise schema.explain(body) or _disagreement(error) from error
        return _encode(self._decider.decide(report, since))

    def _refuse(self, refusal: Refusal) -> Response:
        self._decider.metrics.refusals[refusal.reason].inc()
        return response_of(refusal)


def _disagreement(error: Exception) -> Refusal:
    """What only the decoder of the fast path refuses; no input is known that gets here."""
    return Refusal(Reason.WRONG_TYPE, str(error))
