"""The sockets of the core control API: HTTP/1.1, one request at a time on a connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Self, cast

import httptools

from e2sim.core.api import Answer, CoreApi, Cores

MAX_BODY: Final = 2**20
"""Longest request body, bytes; an allocation of 16 slices takes about two thousand."""


@dataclass(frozen=True, slots=True)
class CoreAddress:
    """Where the API listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `HOST:PORT`, an IPv6 host in brackets.

        Raises:
            ValueError: the text has another form.
        """
        host, colon, port = text.rpartition(":")
        known = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65_535
        bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        if not colon or not bare or not known or (":" in bare and bare == host):
            raise ValueError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:8081")
        return cls(bare, int(port))


@asynccontextmanager
async def serving(
    cores: object, address: CoreAddress | None, node_id: str = "e2sim"
) -> AsyncIterator[asyncio.Server | None]:
    """Serve the API while the context lasts; without an address, nothing.

    Reports are of the node `node_id`.

    Raises:
        OSError: the address cannot be listened at.
    """
    if address is None:
        yield None
        return
    api = CoreApi(cast(Cores, cores), node_id)
    loop = asyncio.get_running_loop()
    open_: set[Connection] = set()
    server = await loop.create_server(lambda: Connection(api, open_), address.host, address.port)
    try:
        yield server
    finally:
        server.close()
        for connection in list(open_):
            connection.close()


class Connection(asyncio.Protocol):
    """The protocol behind one connection.

    Args:
        api: answers.
        open_: connections that are open; joins it, and leaves it when lost.
    """

    def __init__(self, api: CoreApi, open_: "set[Connection]") -> None:
        self._api = api
        self._open = open_
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._target = b""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast(asyncio.Transport, transport)
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        self._open.discard(self)
        self._transport = None

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            # A flaw of this program, not of the request: the loop's handler tells of it.
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "see the log")
            raise error.__context__ or error from None
        except httptools.HttpParserUpgrade:
            self._refuse(HTTPStatus.BAD_REQUEST, "upgrade: this is HTTP/1.1")
        except httptools.HttpParserError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"request: not HTTP/1.1: {error}")

    def on_message_begin(self) -> None:
        """Called by the parser."""
        self._target = self._body = b""

    def on_url(self, url: bytes) -> None:
        """Called by the parser, perhaps with a part."""
        self._target += url

    def on_body(self, body: bytes) -> None:
        """Called by the parser, perhaps with a part."""
        if len(self._body) + len(body) > MAX_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"body: above {MAX_BODY} bytes")
            return
        self._body += body

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._transport is None or self._transport.is_closing():
            return
        method = self._parser.get_method().decode("ascii")
        target = self._target.decode("latin-1")
        keep = self._parser.should_keep_alive()
        self._write(self._api.answer(method, target, self._body), keep=keep)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        problem = {"title": status.phrase, "status": int(status), "detail": detail}
        self._write(Answer(status, problem), keep=False)

    def _write(self, answer: Answer, *, keep: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        body, about = b"", ""
        if answer.document is not None:
            body = json.dumps(answer.document, allow_nan=False).encode()
            about = f"Content-Type: {answer.media_type}\r\nContent-Length: {len(body)}\r\n"
        head = (
            f"HTTP/1.1 {int(answer.status)} {answer.status.phrase}\r\n{about}"
            f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
        )
        self._transport.write(head.encode("ascii") + body)
        if not keep:
            self._transport.close()
