"""The store: what survives a restart, and what happens when Redis goes away and comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.xapp.redis_server import RedisServer, free_port
from tests.xapp.rig import StillClock, options, report
from xapp.service.cells import Cell
from xapp.service.runtime import Runtime
from xapp.service.serving_policy import ServingPolicy
from xapp.store import writer
from xapp.store.backend import HASH, Backend, StoreError, check_url, redacted
from xapp.store.record import Record, field_of


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path)
    made.start()
    yield made
    made.kill()


@asynccontextmanager
async def running(serving: ServingPolicy, url: str, **changed: int) -> AsyncIterator[Runtime]:
    clock = StillClock().clock()
    runtime = Runtime(serving, Backend(url), options(**changed), clock, "test")
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


def stored(server: RedisServer) -> dict[bytes, Record]:
    with server.client as client:
        found = client.hgetall(HASH)
    assert isinstance(found, dict)
    return {key: Record.from_bytes(value)[0] for key, value in found.items()}


def count(runtime: Runtime, name: str, **labels: str) -> float:
    return runtime.registry.get_sample_value(f"slicepilot_store_{name}", labels) or 0.0


def decide(runtime: Runtime, sequence: int, cell: str = "a") -> Cell:
    sent = replace(report(sequence), cell=cell)
    runtime.decider.decide(sent, 0)
    found = runtime.cells.get((sent.node, cell))
    assert found is not None
    return found


def test_a_restart_keeps_allocation_and_order(serving: ServingPolicy, server: RedisServer) -> None:
    async def scenario() -> None:
        async with running(serving, server.url) as first:
            assert first.writer.state().durable
            for n in range(1, 6):
                last = decide(first, n)
            other = decide(first, 1, "b")
        async with running(serving, server.url) as second:
            assert len(second.cells) == 2
            again = second.cells.get(last.key)
            assert again is not None
            assert Record.of(again) == Record.of(last)
            with pytest.raises(Exception, match="not after"):
                decide(second, 5)
            # The same next decision as if there had been no restart.
            assert decide(second, 6).decision is not None
            assert second.cells.get(other.key) is not None

    asyncio.run(scenario())
    assert {r.cell: r.sequence for r in stored(server).values()} == {"a": 6, "b": 1}


def test_states_are_coalesced(serving: ServingPolicy, server: RedisServer) -> None:
    async def scenario() -> None:
        async with running(serving, server.url) as runtime:
            for n in range(1, 21):
                decide(runtime, n)
            await until(lambda: count(runtime, "writes_total") > 0)
            assert count(runtime, "coalesced_total") == 19
            assert count(runtime, "writes_total") == 1
            assert count(runtime, "pending") == 0

    asyncio.run(scenario())
    assert [r.sequence for r in stored(server).values()] == [20]


def test_decisions_go_on_while_redis_is_away(
    serving: ServingPolicy, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(writer, "LAST_RETRY_S", 0.02)

    async def scenario() -> None:
        async with running(serving, server.url, max_cells=3, cell_idle_ms=0) as runtime:
            decide(runtime, 1, "kept")
            await until(lambda: len(stored(server)) == 1)
            server.kill()
            decide(runtime, 1, "b")
            await until(lambda: runtime.writer.state().status == "degraded")
            assert "cannot be reached" in runtime.writer.state().detail
            assert count(runtime, "up") == 0
            for n in range(2, 40):
                decide(runtime, n, "b")
                decide(runtime, 1, f"short-lived-{n}")
            state = runtime.writer.state()
            assert (state.status, len(runtime.cells)) == ("degraded", 3)
            # Three cells and as many forgotten ones; what is more was counted.
            assert state.pending <= 9
            assert count(runtime, "dropped_total", reason="store_away") > 0
            assert count(runtime, "failures_total", reason="unreachable") > 0
            server.start()
            await until(lambda: runtime.writer.state().status == "ok")
            await until(lambda: count(runtime, "pending") == 0)
            assert count(runtime, "up") == 1
            assert {r.cell for r in stored(server).values()} == {
                c.key[1] for c in runtime.cells.all()
            }

    asyncio.run(scenario())


def test_a_redis_that_comes_back_empty_gets_every_cell(
    serving: ServingPolicy, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LAST_RETRY_S", 0.02)

    async def scenario() -> None:
        async with running(serving, server.url) as runtime:
            decide(runtime, 1, "silent")
            await until(lambda: len(stored(server)) == 1)
            server.kill()
            decide(runtime, 1, "other")
            await until(lambda: runtime.writer.state().status == "degraded")
            server.start()
            await until(lambda: runtime.writer.state().status == "ok")
            assert {r.cell for r in stored(server).values()} == {"silent", "other"}

    asyncio.run(scenario())


def test_a_start_without_redis_reads_back_later(
    serving: ServingPolicy, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "START_WAIT_S", 0.05)
    monkeypatch.setattr(writer, "LAST_RETRY_S", 0.02)

    async def scenario() -> None:
        async with running(serving, server.url) as first:
            old, newer = decide(first, 7, "old"), decide(first, 7, "newer")
        records = {field_of(c.key): Record.of(c).to_bytes() for c in (old, newer)}
        server.kill()
        async with running(serving, server.url) as second:
            assert second.ready
            assert second.writer.state().status == "degraded"
            decide(second, 8, "newer")
            server.start()
            with server.client as client:
                client.hset(HASH, mapping=records)
            await until(lambda: second.writer.state().status == "ok")
            # Read back where nothing was reported since, kept where it was.
            sequences = {c.key[1]: c.last[1] for c in second.cells.all()}
            assert sequences == {"old": 7, "newer": 8}

    asyncio.run(scenario())
    assert {r.cell: r.sequence for r in stored(server).values()} == {"old": 7, "newer": 8}


def test_what_cannot_be_read_back_is_counted(serving: ServingPolicy, server: RedisServer) -> None:
    async def scenario() -> None:
        async with running(serving, server.url) as first:
            good = Record.of(decide(first, 1, "good"))
        infeasible = json.loads(good.to_bytes())
        infeasible["allocation"]["slices"][0]["min_prb_ratio"] = 101
        later = json.loads(good.to_bytes()) | {"version": 2}
        with server.client as client:
            client.hset(HASH, "x", b"junk")
            client.hset(HASH, "y", json.dumps(infeasible))
            client.hset(HASH, "z", json.dumps(later))
            client.hset(HASH, "w", json.dumps(json.loads(good.to_bytes()) | {"cell": "second"}))
        async with running(serving, server.url, max_cells=1) as second:
            assert len(second.cells) == 1
            assert count(second, "dropped_total", reason="unreadable") == 3
            assert count(second, "dropped_total", reason="cells_full") == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("given", ["", ":wrong@"])
def test_a_missing_or_wrong_password_is_told(
    serving: ServingPolicy, tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "START_WAIT_S", 0.2)
    server = RedisServer(tmp_path, password="right")
    server.start()

    async def scenario() -> None:
        async with running(serving, f"redis://{given}127.0.0.1:{server.port}") as runtime:
            await until(lambda: "credentials" in runtime.writer.state().detail)
            state = runtime.writer.state()
            assert state.status == "degraded"
            assert "wrong" not in state.store + state.detail
            assert count(runtime, "failures_total", reason="authentication") > 0
            decide(runtime, 1)

    try:
        asyncio.run(scenario())
        with server.client as client:
            assert client.exists(HASH) == 0
    finally:
        server.kill()


def test_with_the_password_all_is_well(serving: ServingPolicy, tmp_path: Path) -> None:
    server = RedisServer(tmp_path, password="right")
    server.start()

    async def scenario() -> None:
        async with running(serving, f"redis://:right@127.0.0.1:{server.port}") as runtime:
            assert runtime.writer.state().status == "ok"
            decide(runtime, 1)

    try:
        asyncio.run(scenario())
        assert len(stored(server)) == 1
    finally:
        server.kill()


def test_what_is_left_at_the_end_is_counted(serving: ServingPolicy, server: RedisServer) -> None:
    async def scenario() -> None:
        async with running(serving, server.url) as runtime:
            server.kill()
            decide(runtime, 1)
        assert count(runtime, "dropped_total", reason="shutdown") == 1

    asyncio.run(scenario())


def test_the_embedded_store_says_it_is_not_durable(serving: ServingPolicy) -> None:
    async def scenario() -> None:
        async with running(serving, "embedded://") as runtime:
            decide(runtime, 1)
            await until(lambda: count(runtime, "writes_total") == 1)
            state = runtime.writer.state()
            assert (state.status, state.durable, state.store) == ("ok", False, "embedded://")

    asyncio.run(scenario())


def test_a_backend_without_a_server_says_so() -> None:
    async def scenario() -> None:
        backend = Backend(f"redis://user:secret@127.0.0.1:{free_port()}")
        with pytest.raises(StoreError, match="cannot be reached") as raised:
            await backend.write({b"a": b"b"}, [])
        assert raised.value.reason == "unreachable"
        assert "secret" not in str(raised.value) + backend.name
        await backend.close()

    asyncio.run(scenario())


def test_urls() -> None:
    for good in ("embedded://", "redis://h", "rediss://u:p@h:1/2", "unix:///run/redis.sock"):
        assert check_url(good) == good
    for bad in ("", "h:6379", "http://h", "redis://", "redis://h:99999", "redis://h/x/y",
                "redis://h?z=1", "redis://h:p"):  # fmt: skip
        with pytest.raises(ValueError, match=r"URL|redis"):
            check_url(bad)
    assert redacted("redis://user:secret@host:1/2") == "redis://host:1/2"
