"""One container of an image under test, as hardened as in compose and in the chart."""

from collections.abc import Generator
from contextlib import contextmanager

from tests.deploy.live.engine import docker, image

HARDENED = (
    "--read-only",
    "--tmpfs=/tmp",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges:true",
    "--label=slicepilot-ci",
)


def once(target: str, *options: str, command: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run a program to its end: the exit code, and what it printed."""
    done = docker("run", "--rm", *HARDENED, *options, image(target), *command, check=False)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def running(target: str, *options: str, command: tuple[str, ...] = ()) -> Generator[str]:
    """A program that runs meanwhile: the container's id."""
    name = target if ":" in target else image(target)
    made = docker("run", "--detach", *HARDENED, *options, name, *command).stdout.strip()
    try:
        yield made
    finally:
        docker("rm", "--force", "--volumes", made)


def logs(container: str) -> list[str]:
    """Lines that a container printed."""
    done = docker("logs", container)
    return (done.stdout + done.stderr).splitlines()


def get(container: str, path: str) -> str:
    """The body that the xApp in a container answers, asked from inside."""
    code = (
        "import sys, urllib.request as u; "
        f"print(u.urlopen('http://127.0.0.1:8080{path}', timeout=5).read().decode())"
    )
    return docker("exec", container, "python", "-c", code).stdout
