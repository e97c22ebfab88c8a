"""One HTTP/1.1 client connection that carries one request at a time.

A general client library spends about 1 ms on a request, several times what the xApp takes to
decide; its cost would hide the latency that is measured here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import httptools

MAX_BODY: Final = 4 * 2**20
"""Largest answer accepted, bytes; a decision takes about one thousand."""


class ProtocolError(Exception):
    """The other end sent something that is not an HTTP/1.1 answer to the request."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, with the time at which its last byte was read."""

    status: int
    body: bytes
    read_at_s: float


class HttpConnection(asyncio.Protocol):
    """The protocol behind one connection.

    Args:
        clock: seconds, monotonic; stamps the answers.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Response] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._size = 0

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def request(self, head_and_body: bytes) -> Response:
        """Send one request and wait for its answer.

        Raises:
            ConnectionError: the connection ended before the answer was whole.
            ProtocolError: the answer is not HTTP/1.1, or longer than `MAX_BODY`.
        """
        if self._transport is None or self._waiter is not None:
            raise RuntimeError("one request at a time, on an open connection")
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(head_and_body)
        try:
            return await self._waiter
        except asyncio.CancelledError:
            # What still comes belongs to a request that nobody waits for.
            self.close()
            raise
        finally:
            self._waiter = None

    def close(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        self._transport = None
        self._fail(ConnectionResetError(str(exc) if exc else "closed by the other end"))

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ProtocolError(f"not an HTTP/1.1 answer: {error}"))
            self.close()

    def on_body(self, part: bytes) -> None:
        """Called by the parser."""
        self._size += len(part)
        if self._size > MAX_BODY:
            self._fail(ProtocolError(f"an answer of more than {MAX_BODY} bytes"))
            self.close()
            return
        self._body.append(part)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        status = self._parser.get_status_code()
        response = Response(status, b"".join(self._body), self._clock())
        self._body, self._size = [], 0
        if status < 200:
            return
        if self._waiter is None or self._waiter.done():
            # An answer without a request: the next one could be taken for another's.
            self.close()
            return
        if not self._parser.should_keep_alive():
            self.close()
        self._waiter.set_result(response)

    def _fail(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
