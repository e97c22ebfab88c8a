"""What the checks share: an engine, and the images under test."""

import fcntl
import os
import shutil
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.live.engine import build, docker, image
from tests.deploy.live.stack import SERVICES, Stack


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker engine with compose; without one the checks fail in CI and are skipped elsewhere."""
    missing = shutil.which("docker") is None or any(
        docker(*command, check=False).returncode
        for command in (("version",), ("compose", "version"))
    )
    if missing:
        reason = "needs a Docker engine and compose v2"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def images(engine: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The images under test, built from the working tree: by the first worker, for all."""
    targets = ("xapp", "e2sim")
    with open(tmp_path_factory.getbasetemp().parent / "images.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with ThreadPoolExecutor() as pool:
            list(pool.map(build, targets))
    return tuple(map(image, targets))


@pytest.fixture(scope="module")
def stack(images: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """The compose project, not started; gone afterwards whatever happened."""
    made = Stack(Path(tmp_path_factory.mktemp("stack")))
    assert made.left() == [], "a former run left something: docker compose -p slicepilot-ci down -v"
    try:
        yield made
    finally:
        made.close()


ALL_SERVICES = (*SERVICES, "webhook")
