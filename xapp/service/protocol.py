"""HTTP/1.1 on a connection: uvicorn's protocol, with a short cut for reports that come whole.

A report whose whole request arrives in one piece, as nearly all do, is decided on and answered
within the parser's last callback. The ASGI way of the same request costs a task, an event, two
awaited sends and a turn of the event loop, together more than the decision. Whatever is unusual,
from a body in two pieces to a client that does not read, goes that way.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from xapp.api.door import PATH, Door
from xapp.api.problems import raw_response
from xapp.service.metrics import Metrics
from xapp.service.refusal import Reason, Refusal

_PATH = PATH.encode()


class Corked:
    """A transport that writes once what was written to it in one turn of the event loop.

    uvicorn writes head and body of an answer apart. Sent apart, the first wakes up a client which
    then waits for the second, and on a busy machine takes the processor from the server meanwhile.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write before the event loop waits again."""
        if not self._held:
            self._loop.call_soon(self._release)
        self._held.append(data)

    def write_now(self, data: bytes) -> None:
        """Write at once, after what is held."""
        if self._held:
            self._release()
        self._transport.write(data)

    def close(self) -> None:
        """Write what is held, and close."""
        self._release()
        self._transport.close()

    def _release(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self._transport.write(b"".join(held))


def protocol(door: Door, metrics: Metrics) -> type[HttpToolsProtocol]:
    """The protocol of a server whose reports go to `door` and whose refusals are counted."""

    class Protocol(HttpToolsProtocol):
        _whole: list[bytes] | None = None  # the body so far, on the short cut
        _fields: tuple[tuple[bytes, bytes], ...] = ()

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            self._corked = Corked(transport, self.loop)
            super().connection_made(cast(asyncio.Transport, self._corked))

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._whole is not None:
                self._take_long_way(self._whole)

        def on_message_begin(self) -> None:
            # The rest of what uvicorn begins with is for the ASGI application.
            self.url = b""
            self.headers = []
            self.expect_100_continue = False

        def on_headers_complete(self) -> None:
            if self.url == _PATH and self._is_plain():
                self._whole = []
                self._fields = tuple(self.headers)  # a chunked body may bring more of them
            else:
                self._begin_long_way()

        def on_body(self, body: bytes) -> None:
            if self._whole is None:
                super().on_body(body)
            else:
                self._whole.append(body)

        def on_message_complete(self) -> None:
            if self._whole is None:
                super().on_message_complete()
                return
            body, self._whole = b"".join(self._whole), None
            if len(body) > door.max_body_bytes:
                self._take_long_way([body])
                super().on_message_complete()
                return
            answer = door.answer(self._fields, body, self.server_state.default_headers)
            self._corked.write_now(answer)
            # What uvicorn does after an answer, as far as it applies: nothing waits in line here.
            self.server_state.total_requests += 1
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

        def send_400_response(self, msg: str) -> None:
            """Answer what is not HTTP like everything else: counted, and with a document."""
            self._whole = None
            refusal = Refusal(Reason.MALFORMED_HTTP, msg.rstrip("."))
            metrics.refusals[refusal.reason].inc()
            self.transport.write(raw_response(refusal))
            self.transport.close()

        def _is_plain(self) -> bool:
            """Whether a request may be answered at once, and the next one expected after it."""
            parser = self.parser
            cycle = cast(RequestResponseCycle | None, self.cycle)
            return (
                parser.get_method() == b"POST"
                and parser.get_http_version() == "1.1"
                and parser.should_keep_alive()
                and not parser.should_upgrade()
                and not self.expect_100_continue
                and not self.flow.write_paused
                and (cycle is None or cycle.response_complete)
            )

        def _take_long_way(self, parts: list[bytes]) -> None:
            """Hand a request over whose end has not arrived."""
            self._whole = None
            self._begin_long_way()
            for part in parts:
                super().on_body(part)

        def _begin_long_way(self) -> None:
            url, headers, expects = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.url, self.expect_100_continue = url, expects
            self.headers += headers
            super().on_headers_complete()

    return Protocol
