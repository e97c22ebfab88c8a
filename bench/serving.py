"""Serving: `POST /decide` beside an empty ASGI application and a textbook FastAPI route.

Each is a server process of its own on the loopback interface, with the same HTTP server and the
same report; rounds are interleaved, so that a busy moment of the machine falls on all alike. The
xApp is the one that `xapp serve` starts, with its default settings but one: on a machine so busy
that reports wait for seconds, they are served all the same.
"""

import contextlib
import itertools
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

import uvloop

from bench.load import Requests, latencies, throughput
from oran.intent import DEFAULT_INTENTS
from xapp.service.nominal import nominal_report

ROUNDS: Final = 5
SEQUENTIAL: Final = 1_500
CONNECTIONS: Final = 64
SECONDS: Final = 1.5

KEYS: Final[dict[str, str]] = {
    "empty_p50_us": "empty ASGI application, one request at a time: median, microseconds",
    "decide_p50_us": "xApp, POST /decide with 3 slices, one at a time: median, microseconds",
    "decide_p99_us": "the same: 99th percentile",
    "decide_p999_us": "the same: 99.9th percentile",
    "textbook_p50_us": "textbook FastAPI route with the same decision core: median, microseconds",
    "decide_to_empty": "decide_p50_us / empty_p50_us",
    "empty_rps": f"empty ASGI application, {CONNECTIONS} connections: answers a second",
    "decide_rps": f"xApp, {CONNECTIONS} connections and cells: decisions a second",
    "textbook_rps": f"textbook route, {CONNECTIONS} connections and cells: decisions a second",
    "decide_to_textbook": "decide_rps / textbook_rps",
}


def run() -> dict[str, float]:
    """Measure; see `KEYS`."""
    with contextlib.ExitStack() as stack:
        ports = {name: stack.enter_context(_server(name)) for name in _COMMANDS}
        times, rates = _rounds(ports)
    p50 = {name: statistics.median(t) for name, t in times.items()}
    rps = {name: statistics.median(r) for name, r in rates.items()}
    ours = statistics.quantiles(times["decide"], n=1000)
    return {
        "empty_p50_us": p50["empty"],
        "decide_p50_us": p50["decide"],
        "decide_p99_us": ours[989],
        "decide_p999_us": ours[998],
        "textbook_p50_us": p50["textbook"],
        "decide_to_empty": p50["decide"] / p50["empty"],
        "empty_rps": rps["empty"],
        "decide_rps": rps["decide"],
        "textbook_rps": rps["textbook"],
        "decide_to_textbook": rps["decide"] / rps["textbook"],
    }


def _rounds(ports: dict[str, int]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Latencies and rates by application, over all rounds; the first round warms up."""
    report = nominal_report([i.snssai for i in DEFAULT_INTENTS], 0, 0)
    times: dict[str, list[float]] = {name: [] for name in ports}
    rates: dict[str, list[float]] = {name: [] for name in ports}
    for number, (name, port) in itertools.product(range(ROUNDS + 1), ports.items()):
        # Cells of their own for each round: sequence numbers start afresh.
        found = latencies(port, Requests.of(report, f"single-{number}"), SEQUENTIAL)
        requests = [Requests.of(report, f"cell-{number}-{i:02}") for i in range(CONNECTIONS)]
        rate = uvloop.run(throughput(port, requests, SECONDS))
        if number > 0:
            times[name] += found
            rates[name].append(rate)
    return times, rates


_COMMANDS: Final = {
    "empty": ("-m", "bench.apps", "empty", "{port}"),
    "textbook": ("-m", "bench.apps", "textbook", "{port}"),
    "decide": ("-m", "xapp.cli", "serve", "--port", "{port}", "--log-level", "warning"),
}


_ENVIRONMENT: Final = {"XAPP_MAX_REPORT_AGE_MS": "60000"}


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.contextmanager
def _server(name: str) -> Iterator[int]:
    """The port of a server that is up."""
    port = free_port()
    command = [sys.executable, *(part.format(port=port) for part in _COMMANDS[name])]
    with subprocess.Popen(command, env=os.environ | _ENVIRONMENT) as process:
        try:
            _wait(process, port, name)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _wait(process: "subprocess.Popen[bytes]", port: int, name: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{name}: the server ended with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{name}: the server does not listen after 30 s")
