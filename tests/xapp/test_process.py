"""`xapp serve`, `watch` and `demo` as processes, over real sockets and signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from tests.xapp.process import Served, finished, serving_process, xapp
from tests.xapp.redis_server import RedisServer, free_port
from tests.xapp.rig import report, write
from xapp.cli import app
from xapp.service import logs
from xapp.service.build import compiled


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def body(sequence: int, cell: str = "a") -> bytes:
    document = report(sequence, start_ms=now_ms() - 100).to_document() | {"cell": cell}
    return json.dumps(document).encode()


@pytest.fixture(scope="module")
def served(bundle_file: Path) -> Iterator[Served]:
    with serving_process("--bundle", str(bundle_file)) as made:
        yield made
        status, err = made.stop(signal.SIGINT)
    assert status == 0
    lines = [json.loads(line) for line in err.splitlines()]
    assert {"listening", "ready", "stopped"} <= {line["event"] for line in lines}
    assert not [line for line in lines if line["level"] == "error"]
    (ready,) = (line for line in lines if line["event"] == "ready")
    assert ready["compiled"] is compiled()


def talk(served: Served, request: bytes) -> bytes:
    """All that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as sock:
        sock.sendall(request)
        answer = b""
        while part := sock.recv(65_536):
            answer += part
    return answer


def request(content: bytes, version: str = "1.1") -> bytes:
    head = (
        f"POST /decide HTTP/{version}\r\nhost: x\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def test_a_decision_over_a_socket(served: Served) -> None:
    with httpx.Client(base_url=served.url, headers={"content-type": "application/json"}) as client:
        for n in range(3):
            answer = client.post("/decide", content=body(n))
            assert answer.status_code == 200, answer.text
        assert client.post("/decide", content=body(0)).status_code in (200, 409)
        chunked = client.post("/decide", content=iter([b"{", b"}"]))
        assert chunked.status_code == 422
        text = client.get("/metrics").text
    assert 'slicepilot_decisions_total{rung="policy"}' in text
    assert "_created" not in text


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_versions_of_http(served: Served, version: str) -> None:
    answer = talk(served, request(body(1, f"http-{version}"), version))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("sent", [b"\0\1\2\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00" * 9])
def test_what_is_not_http_gets_a_problem_document(served: Served, sent: bytes) -> None:
    head, _, content = talk(served, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(content)["type"] == "urn:slicepilot:problem:malformed_http"


def test_a_large_upload_gets_its_answer(served: Served) -> None:
    answer = httpx.post(
        f"{served.url}/decide",
        content=b" " * 10_000_000,
        headers={"content-type": "application/json"},
        timeout=30,
    )
    assert answer.status_code == 413


def test_a_client_that_leaves_half_way_does_no_harm(served: Served) -> None:
    whole = request(body(1, "half"))
    with socket.create_connection(("127.0.0.1", served.port)) as sock:
        sock.sendall(whole[:-20])
    assert talk(served, whole).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_taken_port_is_one_line(served: Served, bundle_file: Path) -> None:
    arguments = ("--port", str(served.port), "--bundle", str(bundle_file))
    for command in (("serve", *arguments), ("demo", *arguments)):
        status, out, err = finished(*command)
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        assert f"cannot listen on 127.0.0.1 port {served.port}: Address already in use" in err


def test_watch_prints_lines_where_there_is_no_terminal(served: Served) -> None:
    httpx.post(
        f"{served.url}/decide",
        content=body(1, "watched"),
        headers={"content-type": "application/json"},
    )
    status, out, err = finished("watch", "--url", served.url, "--seconds", "2")
    assert (status, err) == (0, "")
    assert 1 <= len(out.splitlines()) <= 3
    assert all("decisions/s" in line and "1-000001" in line for line in out.splitlines())


def test_watch_without_an_xapp_is_one_line() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    status, out, err = finished("watch", "--url", url)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert f"no xApp answers at {url}" in err


def test_bad_starts_are_one_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(logs, "configure", lambda *_: None)
    flawed = write(tmp_path / "flawed.bundle", b"no zip")
    for arguments, environment, code, says in (
        (["--bundle", str(tmp_path / "absent")], {}, 1, "No such file"),
        (["--bundle", str(flawed)], {}, 1, "not a readable zip file"),
        (["--log-level", "loud"], {}, 2, "command line: log.level"),
        ([], {"XAPP_PROT": "1"}, 2, "environment: XAPP_PROT: unknown key"),
        (["--host", "192.0.2.1"], {}, 1, "192.0.2.1 port"),
    ):
        port = ("--port", str(free_port()))
        done = CliRunner().invoke(app, ["serve", *port, *arguments], env=environment)
        assert (done.exit_code, done.stdout) == (code, "")
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("xapp: ")
        assert says in done.stderr


def test_sigterm_stores_what_was_decided(bundle_file: Path, tmp_path: Path) -> None:
    redis = RedisServer(tmp_path)
    redis.start()
    flags = ("--bundle", str(bundle_file), "--store", redis.url)
    headers = {"content-type": "application/json"}
    try:
        with serving_process(*flags, XAPP_MAX_REPORT_AGE_MS="60000") as first:
            sent = body(5)
            assert httpx.post(f"{first.url}/decide", content=sent, headers=headers).is_success
            status, err = first.stop()
            assert status == 0, err
        with serving_process(*flags, XAPP_MAX_REPORT_AGE_MS="60000") as second:
            again = httpx.post(f"{second.url}/decide", content=sent, headers=headers)
            assert again.status_code == 409
            assert "repeated_report" in again.text
    finally:
        redis.kill()


FAKE_EMULATOR = """#!{python}
import signal, sys, time, json, urllib.request
sys.path.insert(0, {root!r})
from tests.xapp.test_process import body
signal.signal(signal.SIGTERM, lambda *_: (print("emulator: stopped"), sys.exit(0)))
if sys.argv[1] == "scenario":
    print(json.dumps({{"core": sys.argv[2] == "edge"}}))
    sys.exit(0 if sys.argv[2] != "nowhere" else "e2sim: no such scenario")
url = sys.argv[sys.argv.index("--target") + 1] + "/decide"
open({log!r}, "w").write(json.dumps(sys.argv[1:]))
for n in range({count}):
    request = urllib.request.Request(url, body(n), {{"content-type": "application/json"}})
    urllib.request.urlopen(request).read()
    time.sleep(0.05)
print("emulator: the recording ended")
sys.exit(7)
"""


def run_demo(
    tmp_path: Path, bundle: Path, count: int, *more: str
) -> tuple["subprocess.Popen[str]", int]:
    """`xapp demo` with an emulator of our own beside a link to this interpreter."""
    root = str(Path(__file__).parents[2])
    text = FAKE_EMULATOR.format(
        python=sys.executable, root=root, count=count, log=str(tmp_path / "arguments")
    )
    program = write(tmp_path / "e2sim", text.encode())
    program.chmod(0o755)
    port = free_port()
    code = (
        "import sys, xapp.console.demo as d; real = d._program;"
        f"d._program = lambda name: {str(program)!r} if name == 'e2sim' else real(name);"
        "from xapp.cli import app; app()"
    )
    command = [sys.executable, "-c", code, "demo", "--port", str(port), "--bundle", str(bundle)]
    process = subprocess.Popen(
        [*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return process, port


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(p) for p in found]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_demo_runs_both_and_ends_with_the_emulator(tmp_path: Path, bundle_file: Path) -> None:
    process, port = run_demo(tmp_path, bundle_file, 40, "--trace", "some.csv", "--speed", "2")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (7, ""), out
    assert "1-000001" in out
    assert out.endswith("emulator: the recording ended\n")
    url = f"http://127.0.0.1:{port}"
    assert json.loads((tmp_path / "arguments").read_text()) == [
        "replay", "some.csv", "--target", url, "--speed", "2",
    ]  # fmt: skip


def test_demo_drives_the_core_where_the_scenario_has_one(tmp_path: Path, bundle_file: Path) -> None:
    process, port = run_demo(tmp_path, bundle_file, 40, "--scenario", "edge")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (7, ""), out
    arguments = json.loads((tmp_path / "arguments").read_text())
    core = arguments[arguments.index("--core") + 1]
    assert arguments == [
        "run", "--scenario", "edge", "--seed", "1", "--core", core,
        "--target", f"http://127.0.0.1:{port}", "--speed", "1",
    ]  # fmt: skip
    # This emulator says that it has one, and serves none.
    assert "core holding   unreachable: /core/v1/topology" in out


def test_demo_of_an_unknown_scenario_is_one_line(tmp_path: Path, bundle_file: Path) -> None:
    process, _ = run_demo(tmp_path, bundle_file, 1, "--scenario", "nowhere")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (1, "", "xapp: e2sim: no such scenario\n")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_demo_leaves_nothing_behind(tmp_path: Path, bundle_file: Path, how: signal.Signals) -> None:
    process, _ = run_demo(tmp_path, bundle_file, 10_000)
    until = time.monotonic() + 60
    while len(pids := children(process.pid)) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
    os.kill(process.pid, how)
    out, err = process.communicate(timeout=60)
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < until, "a child lives on"
        time.sleep(0.05)
    if how != signal.SIGKILL:
        assert (process.returncode, err) == (0, ""), out


def test_decisions_go_on_when_the_log_cannot_be_written(bundle_file: Path) -> None:
    with serving_process("--bundle", str(bundle_file), "--log-level", "debug") as served:
        assert served.process.stderr is not None
        served.process.stderr.close()
        headers = {"content-type": "application/json"}
        for n in range(3):
            answer = httpx.post(f"{served.url}/decide", content=body(n, f"c{n}"), headers=headers)
            assert answer.status_code == 200, answer.text


def test_interrupting_a_start_is_clean(bundle_file: Path) -> None:
    with xapp("serve", "--port", str(free_port()), "--bundle", str(bundle_file)) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
