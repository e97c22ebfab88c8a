"""Bodies of requests as they come: in parts, too long, never ending, or racing each other."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.xapp.rig import NOW_MS, Rig, report
from xapp.api import intake
from xapp.service.refusal import Reason


def exchange(rig: Rig, events: list[dict[str, Any]], length: bytes | None) -> Any:
    """Status of a request whose body comes as these ASGI events, and how many were read."""
    sent: list[dict[str, Any]] = []
    unread = list(events)

    async def receive() -> dict[str, Any]:
        if not unread:
            await asyncio.Event().wait()
        return unread.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    if length is not None:
        headers.append((b"content-length", length))
    scope = {"type": "http", "method": "POST", "path": "/decide", "headers": headers}
    asyncio.run(rig.app(scope, receive, send))
    return sent[0]["status"], len(events) - len(unread), dict(sent[0]["headers"])


def part(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_may_come_in_parts_but_not_for_ever(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps(report().to_document()).encode()
    whole = [part(body[:9]), part(b""), part(body[9:], more=False)]
    assert exchange(rig, whole, None)[:2] == (200, 3)
    chunk = part(b" " * 100_000)
    last = part(b"", more=False)
    status, read, headers = exchange(rig, [chunk] * 5 + [last], None)
    assert (status, read, headers[b"connection"]) == (413, 6, b"close")
    assert exchange(rig, [chunk] * 9 + [last], b"900000")[:2] == (413, 10)
    # Nobody is read from for ever, whatever the length announced.
    assert exchange(rig, [chunk] * 1_000, b"9" * 30)[:2] == (413, 168)
    assert exchange(rig, [chunk, {"type": "http.disconnect"}], None)[:2] == (400, 2)
    monkeypatch.setattr(intake, "BODY_TIMEOUT_S", 0.01)
    assert exchange(rig, [part(b"{")], None)[:2] == (408, 1)
    assert rig.refusals() == {
        Reason.TOO_LARGE: 3.0, Reason.DISCONNECTED: 1.0, Reason.BODY_TIMEOUT: 1.0,
    }  # fmt: skip


def test_two_clients_of_one_cell_get_one_decision_each(rig: Rig) -> None:
    """Reports of one cell that race: each is decided on at most once, in some order."""

    async def all_of() -> list[int]:
        transport = httpx.ASGITransport(rig.app)

        async def client(first: int) -> AsyncIterator[int]:
            async with httpx.AsyncClient(transport=transport, base_url="http://x") as c:
                for n in range(first, 40, 2):
                    sent = report(n).to_document()
                    yield (await c.post("/decide", json=sent)).status_code

        async def run(first: int) -> list[int]:
            return [status async for status in client(first)]

        return [s for statuses in await asyncio.gather(run(0), run(1)) for s in statuses]

    statuses = asyncio.run(all_of())
    assert set(statuses) <= {200, 409}
    decided = rig.runtime.cells.all()[0]
    assert decided.last == (NOW_MS - 100, 39)
    count = rig.runtime.registry.get_sample_value
    assert statuses.count(200) == count("slicepilot_decisions_total", {"rung": "policy"})
