"""The measuring tools: they count what they say, and keep what they measured."""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import bench.__main__ as tool
from bench.load import LoadError, Requests, end_of
from tests.xapp.rig import report
from xapp.api import wire

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def test_requests_are_valid_reports_with_rising_numbers() -> None:
    stream = Requests.of(report(), "cell-77").stream()
    before = time.time_ns() // 1_000_000
    found = []
    for _ in range(3):
        head, _, body = next(stream).partition(b"\r\n\r\n")
        assert f"content-length: {len(body)}".encode() in head
        found.append(wire.decode(body))
    assert [r.sequence for r in found] == [10**9 + 1, 10**9 + 2, 10**9 + 3]
    assert all(r.cell == "cell-77" and r.start_ms >= before for r in found)
    assert found[0].slices == report().slices


def test_the_end_of_an_answer() -> None:
    assert end_of(ANSWER[:20]) is None
    assert end_of(ANSWER[:-2]) == len(ANSWER)
    assert end_of(ANSWER + ANSWER) == len(ANSWER)
    for bad in (ANSWER.replace(b"200", b"409"), ANSWER.replace(b"Length", b"Lenght")):
        with pytest.raises(LoadError):
            end_of(bad)


def test_figures_are_kept_with_their_conditions_and_tabled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = SimpleNamespace(KEYS={"a_us": "a thing"}, run=lambda: {"a_us": 1234.5})
    odd = SimpleNamespace(KEYS={"a": "x"}, run=lambda: {"b": 1.0})
    monkeypatch.setattr(tool, "measurements", lambda: {"fake": fake, "odd": odd})
    kept = tmp_path / "new" / "kept.json"
    done = CliRunner().invoke(tool.app, ["fake", "--json", str(kept)])
    assert done.exit_code == 0, done.output
    (document,) = json.loads(kept.read_text())
    assert document["figures"] == {"a_us": 1234.5}
    assert document["conditions"].keys() == {
        "time", "revision", "python", "cpus", "load_before", "load_after",
    }  # fmt: skip
    table = CliRunner().invoke(tool.app, ["table", str(kept)])
    assert "| fake | `a_us`: a thing | 1,234 |" in table.output
    assert CliRunner().invoke(tool.app, ["nope"]).exit_code == 2
    failed = CliRunner().invoke(tool.app, ["odd"])
    assert isinstance(failed.exception, ValueError)
    assert "a, b" in str(failed.exception)


def test_all_measurements_say_what_their_figures_are() -> None:
    assert "serving" in tool.measurements()
    for name, measurement in tool.measurements().items():
        assert measurement.KEYS, name
        assert all(measurement.KEYS.values()), name
