"""The HTTP link against a server in the same process, and its parser against any segmentation."""

import asyncio
import json
import socket
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.link.address import parse_url
from e2sim.link.answer import Answer, Decided, Loss, Refused, Unanswered
from e2sim.link.http import MAX_BODY, HttpConnection, Response
from e2sim.link.service import ServiceTarget, interpret
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from tests.e2sim.fake_xapp import Reply, allocation, decision, http, problem, serving


def report(cell: str = "c", sequence: int = 0) -> CellReport:
    slices = (
        SliceReport.of(Snssai(1, 1), {"DRB.UEThpDl": 4_000.0}),
        SliceReport.of(Snssai(2, 1), {}),
    )
    values = CellReport.cell_values({"RRU.PrbAvailDl": 106})
    return CellReport("n", cell, sequence, 1_700_000_000_000, 100, values, slices)


def target(url: str, said: list[str] | None = None, timeout_s: float = 5.0) -> ServiceTarget:
    ticks = iter(range(10**9))
    # A clock that moves a millisecond at a look: latencies are exact, time-outs are real.
    return ServiceTarget(
        parse_url(url), lambda: next(ticks) / 1e3, (said if said is not None else []).append,
        timeout_s,
    )  # fmt: skip


async def exchange(replies: list[Reply], timeout_s: float = 5.0) -> tuple[list[Answer], int]:
    """Answers to as many reports as there are replies, and connections made."""
    waiting = iter(replies)

    async def decide(_: dict[str, Any]) -> Reply:
        return next(waiting)

    async with serving(decide) as fake:
        link = target(fake.url, timeout_s=timeout_s).open_link()
        answers = [await link.exchange(report(sequence=i)) for i in range(len(replies))]
        link.close()
        await asyncio.sleep(0)
    return answers, fake.connections


def test_a_report_travels_whole_and_its_decision_comes_back() -> None:
    async def main() -> None:
        async with serving() as fake:
            link = target(fake.url).open_link()
            answers = [await link.exchange(report(sequence=i)) for i in range(20)]
            link.close()
        assert fake.reports == [
            json.loads(msgspec.json.encode(report(sequence=i).to_document())) for i in range(20)
        ]
        assert fake.connections == 1
        assert fake.heads[0].startswith(b"POST /decide HTTP/1.1\r\nHost: 127.0.0.1:")
        for answer in answers:
            assert isinstance(answer, Decided)
            assert answer.allocation.to_document() == allocation(fake.reports[0])
            # The clock is looked at before the request and after the last byte, nowhere between.
            assert answer.latency_s == pytest.approx(1e-3)

    asyncio.run(main())


def test_problems_are_told_apart_and_leave_the_connection_alone() -> None:
    stale = problem(409, type="urn:stale", title="Stale", status=409, detail="2.3 s behind")
    typeless = problem(503, title="Not ready", type=7)
    answers, connections = asyncio.run(
        exchange(
            [stale, typeless, http(500, b"<html>"), http(502, b"[1]"), decision({"slices": []})]
        )
    )
    told = [(a.status, a.problem, a.title, a.detail) for a in answers if isinstance(a, Refused)]
    assert told == [
        (409, "urn:stale", "Stale", "2.3 s behind"),
        (503, "about:blank", "Not ready", ""),
        (500, "about:blank", "", ""),
        (502, "about:blank", "", ""),
    ]
    assert connections == 1


DOCUMENT = {"slices": [{"snssai": "1-000001"}, {"snssai": "2-000001"}]}


def spoilt(**fields: object) -> bytes:
    made = allocation(DOCUMENT)
    made["slices"][0].update(fields)
    return json.dumps({"allocation": made}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"null"),
        (200, b"[]"),
        (200, b'{"allocation": 3}'),
        (200, b'{"decision": {}}'),
        (200, b"\xff\xfe"),
        (200, spoilt(min_prb_ratio=101)),
        (200, spoilt(min_prb_ratio=True)),
        (200, spoilt(max_prb_ratio=20.0)),
        (200, spoilt(dedicated_prb_ratio=80)),
        (200, spoilt(snssai="3-000001")),
        (
            200,
            json.dumps({"allocation": allocation({"slices": DOCUMENT["slices"][::-1]})}).encode(),
        ),
        (200, json.dumps({"allocation": allocation({"slices": DOCUMENT["slices"][:1]})}).encode()),
        (204, b""),
        (302, b""),
    ],
)
def test_an_answer_that_cannot_be_applied_is_malformed(status: int, body: bytes) -> None:
    answer = interpret(report(), Response(status, body, 1.0), 1e-3)
    assert isinstance(answer, Unanswered)
    assert answer.loss is Loss.MALFORMED
    assert answer.detail


def test_what_a_broken_server_does_becomes_a_reason_and_a_new_connection() -> None:
    good = decision(DOCUMENT)
    answers, connections = asyncio.run(
        exchange(
            [
                None,  # closes without a word
                good,
                b"SSH-2.0-OpenSSH_9.6\r\n",
                good,
                b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * (MAX_BODY + 1),
                good,
                good.replace(b"HTTP/1.1 200 X", b"HTTP/1.1 200 X\r\nConnection: close"),
                good,
                b"HTTP/1.1 100 Continue\r\n\r\n" + good,
            ]
        )
    )
    lost = [a.loss for a in answers if isinstance(a, Unanswered)]
    assert lost == [Loss.CONNECTION_LOST, Loss.MALFORMED, Loss.MALFORMED]
    assert [isinstance(a, Decided) for a in answers] == [False, True] * 3 + [True, True, True]
    assert connections == 5


def test_no_answer_in_time_frees_the_lane_and_a_late_one_is_never_taken_for_another() -> None:
    async def main() -> None:
        late = asyncio.Event()

        async def decide(document: dict[str, Any]) -> Reply:
            if document["sequence"] == 0:
                await late.wait()
            return decision(document, backoff=document["sequence"])

        async with serving(decide) as fake:
            link = target(fake.url, timeout_s=0.2).open_link()
            first = await link.exchange(report(sequence=0))
            assert isinstance(first, Unanswered)
            assert first.loss is Loss.TIMEOUT
            late.set()
            second = await link.exchange(report(sequence=3))
            assert isinstance(second, Decided)
            assert second.allocation.slices[0].mcs_backoff == 3
            link.close()

    asyncio.run(main())


def test_an_unreachable_target_is_told_once_and_found_again() -> None:
    async def main() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        said: list[str] = []
        there = ServiceTarget(
            parse_url(f"http://127.0.0.1:{port}"), asyncio.get_running_loop().time, said.append
        )
        links = [there.open_link() for _ in range(3)]
        for _ in range(4):
            for link in links:
                answer = await link.exchange(report())
                assert isinstance(answer, Unanswered)
                assert answer.loss is Loss.UNREACHABLE
        assert len(said) == 1
        assert "unreachable" in said[0]
        async with serving(port=port):
            await asyncio.sleep(there.retry_in_s() + 0.001)
            assert isinstance(await links[1].exchange(report()), Decided)
            assert there.retry_in_s() == 0.0
            assert len(said) == 2
            assert "is back" in said[1]
            for link in links:
                link.close()
            await asyncio.sleep(0)

    asyncio.run(main())


class Recorder:
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        self.written = b""
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.data())
def test_any_segmentation_of_the_answers_gives_the_same_answers(
    bodies: list[bytes], data: st.DataObject
) -> None:
    async def main() -> None:
        connection, transport = HttpConnection(lambda: 7.0), Recorder()
        connection.connection_made(cast(asyncio.Transport, transport))
        for body in bodies:
            chunked = data.draw(st.booleans())
            if chunked:
                framed = b"".join(
                    b"%x\r\n%b\r\n" % (len(part), part)
                    for i in range(0, len(body), 7)
                    if (part := body[i : i + 7])
                )
                raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % framed
            else:
                raw = http(200, body)
            asked = asyncio.ensure_future(connection.request(b"ask"))
            await asyncio.sleep(0)
            cuts = sorted(data.draw(st.sets(st.integers(1, len(raw) - 1), max_size=20)))
            for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
                assert not asked.done()
                connection.data_received(raw[start:end])
            assert await asked == Response(200, body, 7.0)
        assert transport.written == b"ask" * len(bodies)
        assert connection.usable

    asyncio.run(main())


def test_an_answer_nobody_asked_for_ends_the_connection() -> None:
    async def main() -> None:
        connection, transport = HttpConnection(lambda: 0.0), Recorder()
        connection.connection_made(cast(asyncio.Transport, transport))
        connection.data_received(http(200, b"{}"))
        assert not connection.usable

    asyncio.run(main())
