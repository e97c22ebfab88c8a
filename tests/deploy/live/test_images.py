import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.live.container import get, logs, once, running
from tests.deploy.live.engine import ROOT, docker, image, inspect, wait_for

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1500), pytest.mark.usefixtures("images")]

PROGRAMS = ("xapp", "e2sim")


def test_hadolint_finds_nothing() -> None:
    linter = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if linter is None and not os.environ.get("CI"):
        pytest.skip("needs hadolint")
    assert linter is not None
    done = subprocess.run(
        [linter, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("program", PROGRAMS)
def test_image_says_what_it_is_and_runs_as_nobody(program: str) -> None:
    config = inspect(image(program))["Config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"][0].removesuffix(".sh").rsplit("/")[-1] == program
    assert config["Healthcheck"]["Test"][:1] == ["CMD"]
    labels = {k.removeprefix("org.opencontainers.image."): v for k, v in config["Labels"].items()}
    assert labels["revision"] == "ci"
    assert labels["licenses"] == "Apache-2.0"
    assert {"title", "description", "version", "vendor", "base.name"} <= set(labels)


def test_xapp_image_is_at_most_350_mb() -> None:
    size = inspect(image("xapp"))["Size"]
    print(f"xapp {size / 1e6:.0f} MB, e2sim {inspect(image('e2sim'))['Size'] / 1e6:.0f} MB")
    assert size <= 350e6


@pytest.mark.parametrize("program", PROGRAMS)
def test_packages_are_those_of_the_constraints_and_no_more(program: str) -> None:
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.name: d.version for d in m.distributions()}))"
    )
    _, printed = once(program, "--entrypoint=python", command=("-c", code))
    found = {k.lower().replace("_", "-"): v for k, v in json.loads(printed).items()}
    pins = (ROOT / "constraints.txt").read_text("utf-8").split()
    allowed = dict(pin.lower().replace("_", "-").split("==") for pin in pins)
    assert found.pop("slicepilot") == "0.1.0"
    assert {k: v for k, v in found.items() if allowed.get(k) != v} == {}
    foreign = {"xapp": {"numba", "torch"}, "e2sim": {"torch", "onnxruntime", "fastapi", "redis"}}
    assert not foreign[program] & set(found)


@pytest.mark.parametrize("user", ["10001", "54321:54321"])
def test_xapp_serves_from_a_read_only_system_as_any_user(user: str) -> None:
    with running("xapp", f"--user={user}") as container:
        seconds = wait_for(
            "healthy", lambda: inspect(container)["State"]["Health"]["Status"] == "healthy", 60
        )
        started = json.loads(get(container, "/readyz"))
        print(f"xapp: healthy after {seconds:.1f} s, {started['bundle']} ({started['graph']})")
        assert docker("exec", container, "python", "-m", "xapp.cli", "--help").returncode == 0
        before = time.monotonic()
        docker("stop", container)
        assert time.monotonic() - before < 9.0, "killed, not stopped"
        assert inspect(container)["State"]["ExitCode"] == 0
        assert [json.loads(line)["event"] for line in logs(container)][-1] == "stopped"


@pytest.mark.parametrize("options", [(), ("--user=54321:54321", "--tmpfs=/var/cache/numba")])
def test_e2sim_runs_from_a_read_only_system(options: tuple[str, ...]) -> None:
    # An empty cache is filled with the kernels of the image, whoever owns it.
    arguments = ("run", "--target", "-", "--limit", "3", "--speed", "0", "--cells", "2")
    code, printed = once("e2sim", *options, command=arguments)
    assert code == 0, printed
    reports = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert len(reports) == 6
    assert {r["cell"] for r in reports} == {"cell-0", "cell-1"}


def test_e2sim_is_unhealthy_without_an_xapp() -> None:
    with running("e2sim", "--env=E2SIM_TARGET=http://127.0.0.1:9") as container:
        probe = ("python", "-I", "-S", "/opt/slicepilot/healthcheck.py", "e2sim")
        done = docker("exec", container, *probe, check=False)
    assert (done.returncode, done.stdout) == (1, "no connection to http://127.0.0.1:9\n")
