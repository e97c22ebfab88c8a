"""The Docker engine, through its command line."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[3]
TAG: Final = "ci"
"""Version of the images under test, so that a user's own stay as they are."""


def image(target: str) -> str:
    """The name of an image under test."""
    return f"slicepilot/{target}:{TAG}"


def docker(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 120.0,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run one command.

    Raises:
        AssertionError: it failed, and `check` is set; with what it printed.
    """
    done = subprocess.run(
        ["docker", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(
            f"docker {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
    return done


def build(target: str, *options: str) -> None:
    """Build an image under test from the working tree."""
    arguments = ("--target", target, "--tag", image(target), "--build-arg", "REVISION=ci")
    docker("build", *arguments, *options, ".", timeout_s=1200.0)


def inspect(name: str) -> dict[str, Any]:
    """What the engine knows of an image or a container."""
    found: dict[str, Any] = json.loads(docker("inspect", name).stdout)[0]
    return found


def wait_for(what: str, ask: Callable[[], object], timeout_s: float, every_s: float = 0.5) -> float:
    """Ask until the answer is true; the seconds it took.

    Raises:
        AssertionError: it was not in time; with the last answer.
    """
    start = time.monotonic()
    while not (answer := ask()):
        if time.monotonic() - start > timeout_s:
            raise AssertionError(f"{what}: not within {timeout_s:g} s; the last answer: {answer!r}")
        time.sleep(every_s)
    return time.monotonic() - start
