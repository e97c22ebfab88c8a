"""The command line, in this process and as a process of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from e2sim.cli import app
from e2sim.console import compiled
from e2sim.scenario import load_scenario
from tests.e2sim.fake_xapp import Reply, decision, problem, serving
from tests.e2sim.rows import COLORAN, NARROW, T0, csv, sample, ue

UNREACHABLE = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "kpm.csv"
    rows = [sample(T0 + 1_000 * i, i, i % 3, rate=i * 0.1) for i in range(40)]
    rows.insert(7, "dirt")
    path.write_bytes(csv(COLORAN, rows))
    return path


@asynccontextmanager
async def e2sim(
    *arguments: object, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from e2sim.cli import app; app()",
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--target", "localhost:1"], "needs a URL"),
        (["run", "--target", UNREACHABLE, "--scenario", "nowhere"], "nowhere"),
        (["run", "--target", UNREACHABLE, "--scenario", "{trace}"], "scenario"),
        (
            ["run", "--target", UNREACHABLE, "--scenario", "{folder}/pairs.yaml"],
            "needs a multiple of 2",
        ),
        (["run", "--target", UNREACHABLE, "--node-id", ""], "--node-id"),
        (["run", "--target", UNREACHABLE, "--node-id", "x" * 65], "--node-id"),
        (["run", "--target", UNREACHABLE, "--speed", "inf"], "--speed"),
        (["run", "--target", UNREACHABLE, "--summary", "/no/such/folder/s.json"], "--summary"),
        (["replay", "/no/such/trace", "--target", "{folder}/r.jsonl"], "/no/such/trace"),
        (["replay", "{trace}", "--target", "reports.txt"], "needs a URL"),
        (["replay", "{trace}", "--target", "/no/such/folder/r.jsonl"], "no folder"),
        (["replay", "{trace}", "--target", "{folder}/d.jsonl"], "directory"),
        (["replay", "{folder}/notes.txt", "--target", "{folder}/r.jsonl"], "header of neither"),
    ],
)
def test_what_is_wrong_is_one_line_and_two(trace: Path, arguments: list[str], message: str) -> None:
    (trace.parent / "notes.txt").write_text("nothing")
    mixed = files("e2sim.scenarios").joinpath("mixed.yaml").read_text("utf-8")
    pairs = mixed + "interference: {coupled_cells: 2}\n"
    (trace.parent / "pairs.yaml").write_text(pairs, "utf-8")
    (trace.parent / "d.jsonl").mkdir()
    filled = [a.format(trace=trace, folder=trace.parent) for a in arguments]
    result = CliRunner().invoke(app, filled)
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    assert message in line
    assert not result.stdout
    assert not (trace.parent / "r.jsonl").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "--target", UNREACHABLE, "--cells", "0"],
        ["run", "--target", UNREACHABLE, "--speed", "-1"],
        ["run", "--target", UNREACHABLE, "--limit", "1.5"],
        ["run", "--target", UNREACHABLE, "--colour", "red"],
        ["replay", "--target", "-"],
        ["replay", "x", "--target", "-", "--cells-at-once", "0"],
        ["fly"],
    ],
)
def test_wrong_usage_is_two_without_a_traceback(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_replay_into_a_file(trace: Path) -> None:
    reports, counts = trace.parent / "r.jsonl", trace.parent / "s.json"
    arguments = [
        "replay", str(trace), "--target", str(reports), "--speed", "0", "--summary", str(counts),
    ]  # fmt: skip
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in reports.read_text("utf-8").splitlines()]
    assert [d["sequence"] for d in lines] == list(range(40))
    document = json.loads(counts.read_text("utf-8"))
    assert document["format"] == "ColO-RAN"
    assert document["rows"] == {
        "read": 41,
        "used": 40,
        "refused": {"wrong_number_of_columns": 1},
        "unused": 0,
    }
    assert document["examples"] == {
        "wrong_number_of_columns": [f"{trace} (main/exp1):9: 1 columns, needs 11"]
    }
    assert "ColO-RAN recording" in result.stderr
    assert "wrong_number_of_columns" in result.stdout


def test_the_standard_output_carries_reports_alone(trace: Path) -> None:
    async def main() -> None:
        environment = {"E2SIM_TARGET": "-", "E2SIM_LIMIT": "3"}
        async with e2sim("replay", trace, "--speed", 0, **environment) as process:
            out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert [json.loads(line)["sequence"] for line in out.splitlines()] == [0, 1, 2]
        assert b"rows read" in err

    asyncio.run(main())


def test_a_closed_pipe_is_one_line(trace: Path) -> None:
    async def main() -> None:
        async with e2sim("replay", trace, "--speed", 0, "--target", "-") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout._transport.close()  # type: ignore[attr-defined]
            told = (await process.stderr.read()).decode()
            assert await process.wait() == 1
        assert "Broken pipe" in told
        assert "Traceback" not in told

    asyncio.run(main())


def test_a_replay_against_an_xapp_that_refuses_some(trace: Path) -> None:
    async def decide(report: dict[str, Any]) -> Reply:
        if report["sequence"] % 10 == 3:
            return problem(409, type="urn:stale", detail="2.1 s behind")
        return decision(report)

    async def main() -> None:
        counts = trace.parent / "s.json"
        async with (
            serving(decide) as fake,
            e2sim(
                "replay", trace, "--speed", 0, "--summary", counts, E2SIM_TARGET=fake.url
            ) as process,
        ):
            _, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        document = json.loads(counts.read_text("utf-8"))
        assert document["decisions"] == 36
        assert document["refused"] == {"409 urn:stale": 4}
        assert document["unanswered"] == {}
        assert document["latency"]["count"] == 40

    asyncio.run(main())


def test_an_xapp_that_never_comes_up_is_counted_and_told_once(trace: Path) -> None:
    counts = trace.parent / "s.json"
    arguments = [
        "replay", str(trace), "--target", UNREACHABLE, "--patience", "0.3",
        "--summary", str(counts),
    ]  # fmt: skip
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert result.stderr.count("unreachable") == 1
    document = json.loads(counts.read_text("utf-8"))
    assert document["unanswered"] == {"unreachable": 1}
    assert document["stopped"] == f"{UNREACHABLE} stayed unreachable"


@pytest.fixture(scope="module")
def compiled_twin() -> None:
    """Fills the compiler's cache, which the processes started here share."""
    compiled(load_scenario("mixed"), np.arange(1, 2, dtype=np.uint64))


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("compiled_twin")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_with_its_summary(tmp_path: Path, number: signal.Signals) -> None:
    async def main() -> None:
        counts = tmp_path / "s.json"
        seen = asyncio.Event()

        async def decide(report: dict[str, Any]) -> Reply:
            if report["sequence"] >= 3:
                seen.set()
            return decision(report)

        async with (
            serving(decide) as fake,
            e2sim(
                "run", "--target", fake.url, "--cells", 2, "--speed", 20, "--summary", counts
            ) as process,
        ):
            await seen.wait()
            process.send_signal(number)
            _, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert b"Traceback" not in err
        document = json.loads(counts.read_text("utf-8"))
        assert document["stopped"] == number.name
        assert document["decisions"] == document["reports_sent"] == len(fake.reports)
        assert {r["cell"] for r in fake.reports} == {"cell-0", "cell-1"}

    asyncio.run(main())


def test_a_signal_ends_the_building_of_a_twin_with_a_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal was not heard")

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("e2sim.command.run.compiled", interrupted)
    counts = tmp_path / "s.json"
    try:
        result = CliRunner().invoke(app, ["run", "--target", UNREACHABLE, "--summary", str(counts)])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert result.exit_code == 0
    document = json.loads(counts.read_text("utf-8"))
    assert (document["periods"], document["reports_sent"]) == (0, 0)
    assert "signal" in document["stopped"]


def test_a_signal_ends_a_replay_that_waits_for_its_target(tmp_path: Path) -> None:
    async def main() -> None:
        folder = tmp_path / "embb1"
        folder.mkdir()
        rows = [ue(T0 + 250 * i, header=NARROW) for i in range(100)]
        (folder / "1.csv").write_bytes(csv(NARROW, rows))
        counts = tmp_path / "s.json"
        arguments = ("replay", folder, "--target", UNREACHABLE, "--summary", counts)
        async with e2sim(*arguments) as process:
            assert process.stderr is not None
            while b"unreachable" not in await process.stderr.readline():
                pass
            process.send_signal(signal.SIGTERM)
            told = await process.stderr.read()
            assert await process.wait() == 1
        assert b"Traceback" not in told
        document = json.loads(counts.read_text("utf-8"))
        assert document["stopped"] == "SIGTERM"
        assert document["unanswered"] == {"unreachable": 1}

    asyncio.run(main())


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("compiled_twin")
def test_a_run_without_an_xapp_says_so_by_its_end() -> None:
    arguments = ["run", "--target", UNREACHABLE, "--limit", "3", "--speed", "100"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "unreachable" in result.stdout
    assert result.stderr.count("is unreachable") == 1
