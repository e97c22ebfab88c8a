"""The closed loop on one machine: xApp and emulator as child processes, and the live view."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import httpx
from rich.console import Console

from xapp.console.children import Child, ChildError
from xapp.console.frame import UnreachableError
from xapp.console.watch import watch
from xapp.service.listener import listen

READY_S: Final = 60.0
"""How long the xApp may take to be ready; a busy machine takes its time to import libraries."""

_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Play:
    """What the emulator plays.

    Attributes:
        scenario: name or file of a scenario.
        trace: recording to replay instead.
        speed: times real time.
        seed: of the scenario's random numbers.
    """

    scenario: str
    trace: Path | None
    speed: float
    seed: int

    def command(self, program: str, url: str, core: str | None) -> list[str]:
        """The emulator's command line; `core` is HOST:PORT of its core control API, if any."""
        if self.trace is not None:
            what = ["replay", str(self.trace)]
        else:
            what = ["run", "--scenario", self.scenario, "--seed", str(self.seed)]
            what += [] if core is None else ["--core", core]
        return [program, *what, "--target", url, "--speed", f"{self.speed:g}"]


def demo(
    play: Play, port: int, bundle: Path | None, seconds: float | None, console: Console
) -> int:
    """Run until interrupted, for `seconds`, or until the emulator ends; its exit status then.

    Raises:
        ChildError: a program is missing or ended early; the message has its last line.
        ListenError: the port is taken.
    """
    # Whoever holds the port would answer in our xApp's place.
    listen(_HOST, port).close()
    url = f"http://{_HOST}:{port}"
    emulator_program = _program("e2sim")
    serve = [_program("xapp"), "serve", "--host", _HOST, "--port", str(port)]
    serve += ["--store", "embedded://", "--log-level", "warning", "--log-format", "console"]
    serve += [] if bundle is None else ["--bundle", str(bundle)]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    children: list[Child] = []
    with tempfile.TemporaryDirectory(prefix="slicepilot-") as folder:
        try:
            core = _free_address() if _has_core(play, emulator_program) else None
            driven = {} if core is None else {"XAPP_CORE__URL": f"http://{core}"}
            xapp = Child("xapp serve", serve, Path(folder, "xapp.log"), driven)
            command = play.command(emulator_program, url, core)
            emulator = Child("e2sim", command, Path(folder, "e2sim.log"))
            children += (emulator, xapp)
            xapp.start()
            _wait_ready(xapp, url)
            emulator.start()
            watch(
                url,
                console,
                seconds,
                alive=lambda: _both_run(xapp, emulator),
                waiting=lambda: f"no report yet; {emulator.last_words()}",
            )
            if emulator.status is not None:
                console.print(emulator.words(), markup=False, highlight=False)
                return emulator.status
        except UnreachableError as error:
            raise ChildError(f"{xapp.name}: {error}") from error
        except KeyboardInterrupt:
            console.print("stopping", highlight=False)
        finally:
            _stop(children)
    return 0


def _both_run(xapp: Child, emulator: Child) -> bool:
    if xapp.status is not None:
        raise ChildError(f"{xapp.name} ended with {xapp.status}: {xapp.last_words()}")
    return emulator.status is None


def _stop(children: Sequence[Child]) -> None:
    """Stop all, undisturbed: an impatient second Ctrl-C must not leave one behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.stop()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _program(name: str) -> str:
    """A console script of this installation.

    Raises:
        ChildError: it is not installed.
    """
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise ChildError(f"{name}: not installed beside {sys.executable}")
    return found


def _has_core(play: Play, emulator: str) -> bool:
    """Whether the emulator plays a core behind the cells; only the emulator knows its scenarios.

    Raises:
        ChildError: it does not know the scenario either.
    """
    if play.trace is not None:
        return False
    asked = subprocess.run(  # noqa: S603  # a program of this installation
        [emulator, "scenario", play.scenario], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        words = asked.stderr.strip().rpartition("\n")[2]
        raise ChildError(words or f"e2sim scenario ended with {asked.returncode}")
    return bool(json.loads(asked.stdout)["core"])


def _free_address() -> str:
    """Of this host, free a moment ago; who takes it meanwhile is told of by the emulator."""
    with listen(_HOST, 0) as sock:
        return f"{_HOST}:{sock.getsockname()[1]}"


def _wait_ready(xapp: Child, url: str) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if xapp.wait(0.1) is not None:
            raise ChildError(xapp.last_words())
        try:
            if httpx.get(f"{url}/readyz", timeout=1.0).is_success:
                return
        except httpx.TransportError:
            continue
    raise ChildError(f"{xapp.name} is not ready after {READY_S:g} s: {xapp.last_words()}")
