"""The protocol answers alike however a connection's bytes are cut, and in the order asked."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from tests.xapp.rig import Rig, report
from xapp.service.protocol import protocol
from xapp.service.serving_policy import ServingPolicy

LIMIT = 4096
DATE = (b"date", b"Sun, 06 Nov 1994 08:49:37 GMT")


class Timers:
    """The loop, with what was to happen later kept: one time-out of the idle connection at most."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.handles: list[asyncio.TimerHandle] = []
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def call_later(self, *arguments: Any) -> asyncio.TimerHandle:
        self.handles.append(self._loop.call_later(*arguments))
        return self.handles[-1]


Answer = tuple[bytes, dict[bytes, bytes], Any]
"""Status line, headers, document."""


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...


def conversation(serving: ServingPolicy, pieces: Sequence[bytes], paused: bool = False) -> Any:
    """What a connection brings back for these pieces: its transport, and refusals counted."""
    with Rig(serving, {"max_body_bytes": LIMIT}) as rig:

        async def talk() -> Transport:
            config = uvicorn.Config(
                rig.app, lifespan="off", ws="none", log_config=None, access_log=False
            )
            config.load()
            state = ServerState()
            state.default_headers = [DATE]
            made = protocol(rig.app.door, rig.runtime.metrics)(config, state, {})
            transport = Transport()
            timers = Timers(asyncio.get_running_loop())
            made.loop = timers  # type: ignore[assignment]
            made.connection_made(transport)
            if paused:
                made.pause_writing()
            for piece in pieces:
                if transport.closed:
                    break
                made.data_received(piece)
                await settled()
            if paused:
                assert transport.written == []
                made.resume_writing()
                await settled()
            assert sum(not handle.cancelled() for handle in timers.handles) <= 1
            made.connection_lost(None)
            for _ in range(3):
                await asyncio.sleep(0)
            return transport

        async def settled() -> None:
            for _ in range(40):
                await asyncio.sleep(0)

        with asyncio.Runner() as runner:
            return runner.run(talk()), rig.refusals()


def answers(transport: Transport) -> list[Answer]:
    found, rest = [], b"".join(transport.written)
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        line, *lines = head.split(b"\r\n")
        headers = dict(one.split(b": ", 1) for one in lines)
        assert len(headers) == len(lines), lines
        length = int(headers[b"content-length"])
        content, rest = rest[:length], rest[length:]
        found.append((line, headers, json.loads(content)))
    return found


def post(content: bytes, *, path: str = "/decide", extra: str = "", version: str = "1.1") -> bytes:
    head = (
        f"POST {path} HTTP/{version}\r\nHost: x\r\nContent-Type: application/json\r\n{extra}"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def good(sequence: int) -> bytes:
    return json.dumps(report(sequence).to_document()).encode()


REQUESTS: dict[str, Callable[[int], bytes]] = {
    "good": lambda n: post(good(n)),
    "repeated": lambda n: post(good(0)),
    "not JSON": lambda n: post(b"{"),
    "empty": lambda n: post(b""),
    "wrong": lambda n: post(b"{}"),
    "text": lambda n: post(good(n)).replace(b"application/json", b"text/plain"),
    "query": lambda n: post(good(n), path="/decide?x=1"),
    "elsewhere": lambda n: post(b"{}", path="/nothing"),
    "get": lambda n: b"GET /v1/policy HTTP/1.1\r\nHost: x\r\n\r\n",
    "wrong method": lambda n: b"PUT /decide HTTP/1.1\r\nHost: x\r\n\r\n",
}
LAST: dict[str, Callable[[int], bytes]] = {
    "large": lambda n: post(b" " * (LIMIT + 1)),
    "old": lambda n: post(good(n), version="1.0"),
    "close": lambda n: post(good(n), extra="Connection: close\r\n"),
}


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Requests of one connection; what ends a connection comes last."""
    names = draw(st.lists(st.sampled_from(sorted(REQUESTS)), min_size=1, max_size=5))
    made = [REQUESTS[name](n) for n, name in enumerate(names, 1)]
    last = draw(st.sampled_from([None, *sorted(LAST)]))
    return made if last is None else [*made, LAST[last](100)]


def pieces(stream: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    at = sorted({0, len(stream), *(c % (len(stream) + 1) for c in cuts)})
    return (stream[a:b] for a, b in itertools.pairwise(at))


@settings(max_examples=60, deadline=None)
@given(streams(), st.lists(st.integers(0, 10_000), max_size=4))
def test_answers_do_not_depend_on_where_a_stream_is_cut(
    serving: ServingPolicy, sent: list[bytes], cuts: list[int]
) -> None:
    # Without their last byte, requests have no end when their first piece comes: the long way.
    whole, counted = conversation(serving, [p for r in sent for p in (r[:-1], r[-1:])])
    want = answers(whole)
    assert len(want) == len(sent)
    for cut in (sent, list(pieces(b"".join(sent), cuts))):
        transport, refusals = conversation(serving, cut)
        got = answers(transport)
        assert [a[0] for a in got] == [a[0] for a in want]
        assert got == want
        assert transport.closed == whole.closed
        assert refusals == counted


def test_a_whole_report_is_answered_in_one_write(serving: ServingPolicy) -> None:
    transport, _ = conversation(serving, [post(good(1)) + post(good(2)), post(good(3))])
    assert len(transport.written) == 3
    assert [a[2]["sequence"] for a in answers(transport)] == [1, 2, 3]
    assert answers(transport)[0][1][DATE[0]] == DATE[1]


def test_a_client_that_does_not_read_is_waited_for(serving: ServingPolicy) -> None:
    transport, _ = conversation(serving, [post(good(1))], paused=True)
    assert [a[0] for a in answers(transport)] == [b"HTTP/1.1 200 OK"]


def test_a_client_that_waits_to_be_asked_is_asked(serving: ServingPolicy) -> None:
    head, _, content = post(good(1), extra="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    transport, _ = conversation(serving, [head + b"\r\n\r\n", content])
    assert transport.written[0] == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert transport.written[1].startswith(b"HTTP/1.1 200 OK\r\n")


def test_what_breaks_within_a_decision_is_answered(
    serving: ServingPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("xapp.api.wire.decode", broken)
    transport, refusals = conversation(serving, [post(good(1)), post(good(2))])
    assert [a[0] for a in answers(transport)] == [b"HTTP/1.1 500 Internal Server Error"] * 2
    assert refusals == {"internal_error": 2}
