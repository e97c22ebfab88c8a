"""HTTP/1.1 on a connection: uvicorn's protocol, with one write an answer and problem documents."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from xapp.api.problems import raw_response
from xapp.service.metrics import Metrics
from xapp.service.refusal import Reason, Refusal


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

    def close(self) -> None:
        """Write what is held, and close."""
        self._release()
        self._transport.close()

    def _release(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self._transport.write(b"".join(held))


def protocol(metrics: Metrics) -> type[HttpToolsProtocol]:
    """The protocol of a server whose refusals are counted in `metrics`."""

    class Protocol(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(cast(asyncio.Transport, Corked(transport, self.loop)))

        def send_400_response(self, msg: str) -> None:
            """Answer what is not HTTP like everything else: counted, and with a document."""
            refusal = Refusal(Reason.MALFORMED_HTTP, msg.rstrip("."))
            metrics.refusals[refusal.reason].inc()
            self.transport.write(raw_response(refusal))
            self.transport.close()

    return Protocol
