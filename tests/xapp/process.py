"""The command `xapp` as a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.xapp.redis_server import free_port

START_S = 60.0


@dataclass
class Served:
    """A running `xapp serve`."""

    process: "subprocess.Popen[str]"
    url: str
    port: int

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Exit status and standard error."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err


def xapp(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    clean = {k: v for k, v in os.environ.items() if not k.startswith("XAPP_")}
    return subprocess.Popen(
        [sys.executable, "-m", "xapp.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean | environment,
    )


def finished(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit status, output and errors of a command that ends by itself."""
    with xapp(*arguments, **environment) as process:
        out, err = process.communicate(timeout=START_S)
    return process.returncode, out, err


@contextmanager
def serving_process(*arguments: str, **environment: str) -> Iterator[Served]:
    port = free_port()
    with xapp("serve", "--port", str(port), *arguments, **environment) as process:
        served = Served(process, f"http://127.0.0.1:{port}", port)
        try:
            _wait(served)
            yield served
        finally:
            if process.poll() is None:
                process.kill()


def _wait(served: Served) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert served.process.poll() is None, served.process.communicate()
        try:
            if httpx.get(f"{served.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("not ready in time")
