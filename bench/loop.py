"""The E2 loop: nodes that report, a RIC that decides and controls, and the time between the two.

The xApp is the one that `xapp serve --e2` starts, over framed TCP on the loopback interface; every
report changes what it decides, so that each is answered by a control. The time is taken at the
nodes, from before an indication is sent until its control has arrived, so that it has the network
and the pump twice in it. The nodes poll without pause: they and the xApp get processors apart.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from bench.nodes import Node, NodeError, play, set_up
from bench.serving import free_port
from deploy.compiled import ROOT, BuildError, unpacked

CELLS: Final = 100
PERIOD_S: Final = 0.01
SECONDS: Final = 20.0
_PLAIN_SECONDS: Final = 6.0
_WARM_UP_S: Final = 3.0
_START_S: Final = 30.0

LOOP_KEYS: Final[dict[str, str]] = {
    "loop_p50_ms": f"E2 loop, cells of {1 / PERIOD_S:.0f} reports/s ({CELLS} by default), "
    "indication sent to control received: median, milliseconds",
    "loop_p99_ms": "the same: 99th percentile",
    "loop_reports_per_s": "controls that came back a second",
    "loop_late": "share of reports without a control before the cell's next report",
    "loop_rss_growth_kib": "growth of the xApp's resident memory over the run",
}

BUILD_KEYS: Final[dict[str, str]] = {
    "loop_compiled": "whether the figures of the loop are of the build whose hot modules are "
    "compiled, as in the xApp's image: 1, or 0",
    "loop_plain_reports_per_s": "controls that came back a second from the sources, not compiled",
}


def both(seconds: float = SECONDS, plain_seconds: float = _PLAIN_SECONDS) -> dict[str, float]:
    """The figures of the compiled build, where it can be built, and the rate of the sources."""
    try:
        packages = unpacked()
    except BuildError as error:
        sys.stderr.write(f"bench: the loop is that of the sources, not compiled: {error}\n")
        plain = loop(CELLS, seconds)
        build = {"loop_compiled": 0.0, "loop_plain_reports_per_s": plain["loop_reports_per_s"]}
        return plain | build
    rate = loop(CELLS, plain_seconds)["loop_reports_per_s"]
    figures = loop(CELLS, seconds, packages)
    return figures | {"loop_compiled": 1.0, "loop_plain_reports_per_s": rate}


def loop(cells: int = CELLS, seconds: float = SECONDS, packages: Path = ROOT) -> dict[str, float]:
    """The figures of the loop by key, of the xApp in a folder."""
    with _xapp(packages) as (process, port):
        nodes = [Node.connect(number, port) for number in range(cells)]
        set_up(nodes)
        play(nodes, PERIOD_S, round(_WARM_UP_S / PERIOD_S))
        for node in nodes:
            node.forget()
        before = _resident_kib(process.pid)
        elapsed = play(nodes, PERIOD_S, round(seconds / PERIOD_S))
        growth = _resident_kib(process.pid) - before
        for node in nodes:
            node.sock.close()
    times = [t for node in nodes for t in node.times]
    if not times:
        raise NodeError("no control came back")
    return {
        "loop_p50_ms": 1e3 * statistics.median(times),
        "loop_p99_ms": 1e3 * statistics.quantiles(times, n=100)[98],
        "loop_reports_per_s": sum(n.controlled for n in nodes) / elapsed,
        "loop_late": sum(n.late for n in nodes) / sum(n.sent for n in nodes),
        "loop_rss_growth_kib": growth,
    }


@contextmanager
def _xapp(packages: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A running xApp of a folder's packages, and the port for nodes."""
    http, e2 = free_port(), free_port()
    settings = {
        "XAPP_E2__PERIOD_MS": str(round(PERIOD_S * 1e3)),
        "XAPP_E2__STRIKES": "1000",  # nodes that play what they played before follow no control
        "XAPP_MAX_REPORT_AGE_MS": "60000",
    }
    command = [
        sys.executable, "-m", "xapp.cli", "serve", "--port", str(http),
        "--e2", f"tcp://127.0.0.1:{e2}", "--log-level", "error",
    ]  # fmt: skip
    all_processors = os.sched_getaffinity(0)
    own, others = _apart(all_processors)
    with subprocess.Popen(command, cwd=packages, env=os.environ | settings) as process:
        os.sched_setaffinity(process.pid, others)
        os.sched_setaffinity(0, own)
        try:
            _wait(process, e2)
            yield process, e2
        finally:
            os.sched_setaffinity(0, all_processors)
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _apart(processors: set[int]) -> tuple[set[int], set[int]]:
    """One for the nodes, the others for the xApp; all for both where there is but one."""
    own = {max(processors)}
    return own, processors - own or own


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the xApp ended with status {process.returncode}")
        try:
            Node.connect(0, port).sock.close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the xApp does not listen after {_START_S:g} s")


def _resident_kib(pid: int) -> int:
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def main(
    *,
    cells: Annotated[int, typer.Option(min=1, max=1_000, help="Nodes of one cell.")] = CELLS,
    messages: Annotated[int, typer.Option(min=1, help="Reports to send.")] = 2_000_000,
) -> None:
    """A long run, for the memory it takes: `python -m bench.loop --messages 2000000`."""
    for key, value in loop(cells, messages / cells * PERIOD_S).items():
        typer.echo(f"{key:24} {value:12,.3f}  {LOOP_KEYS[key]}")


if __name__ == "__main__":
    typer.run(main)
