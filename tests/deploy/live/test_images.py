import json
import time

import pytest

from tests.deploy.live.container import get, logs, once, running
from tests.deploy.live.engine import ROOT, docker, image, inspect, wait_for

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1500), pytest.mark.usefixtures("images")]

PROGRAMS = ("xapp", "e2sim")


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


def test_xapp_is_compiled_and_its_image_has_no_compiler() -> None:
    code = "import shutil; print(*(shutil.which(name) for name in ('cc', 'gcc')))"
    assert once("xapp", "--entrypoint=python", command=("-c", code)) == (0, "None None\n")
    code = "from xapp.service import build; print(build.labels()['compiled'])"
    assert once("xapp", "--entrypoint=python", command=("-c", code)) == (0, "true\n")
    with running("xapp") as container:
        wait_for("ready", lambda: '"ready"' in "".join(logs(container)), 60)
        ready = [line for line in map(json.loads, logs(container)) if line["event"] == "ready"]
        metrics = get(container, "/metrics")
    assert ready[0]["compiled"] is True
    assert 'slicepilot_build_info{compiled="true",version="0.1.0"} 1.0' in metrics


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


def test_e2sim_compiles_nothing_that_its_image_has() -> None:
    """Not in a pod either, which has a volume of its own, empty, where the kernels are kept."""
    kernels = "find {} -name '*.nb[ci]' | sort | xargs -n 1 basename"
    script = (
        "/opt/slicepilot/e2sim.sh run --target /tmp/r.jsonl --limit 2 --speed 0 >/dev/null 2>&1 && "
        f"{kernels.format('/var/cache/numba')} && echo -- && {kernels.format('/opt/slicepilot')}"
    )
    options = ("--tmpfs=/var/cache/numba", "--entrypoint=sh")
    code, printed = once("e2sim", *options, command=("-c", script))
    assert code == 0, printed
    used, shipped = (part.split() for part in printed.split("--\n"))
    assert len(shipped) >= 4
    assert used == shipped


def test_e2sim_is_unhealthy_without_an_xapp() -> None:
    with running("e2sim", "--env=E2SIM_TARGET=http://127.0.0.1:9") as container:
        probe = ("python", "-I", "-S", "/opt/slicepilot/healthcheck.py", "e2sim")
        done = docker("exec", container, *probe, check=False)
    assert (done.returncode, done.stdout) == (1, "no connection to http://127.0.0.1:9\n")
