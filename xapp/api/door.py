"""The door: `POST /decide` answered without routing, models or middleware.

It is met at two places: at the protocol, by requests that arrive whole (`xapp.service.protocol`),
and at the ASGI level by all others. The documented route of the same path (`xapp.api.app`) gives
the same answers at several times the cost; differential tests hold the three together.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
import structlog
from fastapi import Response
from starlette.types import Receive, Scope, Send

from xapp.api import schema, wire
from xapp.api.intake import check_headers, read_body
from xapp.api.problems import raw_response, response_of
from xapp.service.decider import Decider
from xapp.service.refusal import Reason, Refusal

PATH: Final = "/decide"

_log = structlog.get_logger(__name__)
_encode: Final = msgspec.json.Encoder().encode
_TYPE: Final = (b"content-type", b"application/json")
_OK: Final = b"HTTP/1.1 200 OK\r\n%bcontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"


class Door:
    """Takes one report and sends one decision, or one problem document.

    Args:
        decider: decides.
        max_body_bytes: largest body.

    Attributes:
        max_body_bytes: the same.
    """

    def __init__(self, decider: Decider, max_body_bytes: int) -> None:
        self.max_body_bytes: Final = max_body_bytes
        self._decider = decider
        self._common: Iterable[tuple[bytes, bytes]] = ()
        self._head = b""
        self._monotonic_ns = decider.clock.monotonic_ns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        try:
            body = await read_body(scope, receive, self.max_body_bytes)
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

    def answer(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
        common: Iterable[tuple[bytes, bytes]],
    ) -> bytes:
        """The whole answer, as HTTP/1.1 on a connection that stays open, to a whole request.

        Args:
            headers: of the request, names in lower case.
            body: of the request, at most `max_body_bytes`.
            common: headers of every answer.
        """
        try:
            check_headers(headers)
            answer = self._decide(body)
        except Refusal as refusal:
            return self._raw_refusal(refusal, common)
        except Exception:
            _log.exception("decide")
            failure = Refusal(Reason.INTERNAL, "see the log of the xApp")
            return self._raw_refusal(failure, common)
        if common is not self._common:  # the server makes a new list once a second
            self._common = common
            self._head = b"".join([b"%b: %b\r\n" % header for header in common])
        return _OK % (self._head, len(answer), answer)

    def _raw_refusal(self, refusal: Refusal, common: Iterable[tuple[bytes, bytes]]) -> bytes:
        self._decider.metrics.refusals[refusal.reason].inc()
        return raw_response(refusal, common, close=False)

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
