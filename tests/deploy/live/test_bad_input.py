import json
import re
import socket
from collections.abc import Generator
from typing import Any

import pytest

from tests.deploy.live.container import get, logs, once, running
from tests.deploy.live.engine import docker, inspect, wait_for
from tests.deploy.live.stack import Stack

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1500), pytest.mark.usefixtures("images")]

SETTINGS = 2
FAILURE = 1

XAPP = [
    ("XAPP_PRT=8080", SETTINGS, "environment: XAPP_PRT: unknown key"),
    ("XAPP_PORT=eighty", SETTINGS, "environment: XAPP_PORT: "),
    ("XAPP_PORT=65536", SETTINGS, "environment: XAPP_PORT: "),
    ("XAPP_LOG__LEVEL=loud", SETTINGS, "environment: XAPP_LOG__LEVEL: "),
    ("XAPP_SHIELD__URLLC_FLOR=3", SETTINGS, "environment: XAPP_SHIELD__URLLC_FLOR: unknown key"),
    ("XAPP_INTENTS=eMBB", SETTINGS, "environment: XAPP_INTENTS: not JSON"),
    ("XAPP_E2__LISTEN=http://0.0.0.0", SETTINGS, "environment: XAPP_E2__LISTEN: "),
    ("XAPP_E2__LISTEN=tcp://192.0.2.1", FAILURE, "cannot listen on tcp://192.0.2.1:36421"),
    ("XAPP_STORE=mysql://db", SETTINGS, "environment: XAPP_STORE: "),
    ("XAPP_CONFIG=/nowhere.yaml", SETTINGS, "/nowhere.yaml: No such file or directory"),
    ("XAPP_BUNDLE=/nowhere.bundle", FAILURE, "/nowhere.bundle: No such file or directory"),
    ("XAPP_BUNDLE=/etc/passwd", FAILURE, "/etc/passwd: not a readable zip file"),
    ("XAPP_HOST=192.0.2.1", FAILURE, "cannot listen on 192.0.2.1 port 8080"),
]


@pytest.mark.parametrize(("variable", "code", "reason"), XAPP, ids=[v for v, *_ in XAPP])
def test_xapp_names_a_wrong_setting_in_one_line(variable: str, code: int, reason: str) -> None:
    ended, printed = once("xapp", f"--env={variable}")
    assert ended == code, printed
    (line,) = printed.splitlines()
    assert line.startswith("xapp: ")
    assert reason in line


E2SIM = [
    ("E2SIM_CELS=3", "environment: E2SIM_CELS unknown; known are E2SIM_CELLS, "),
    ("E2SIM_CELLS=many", "E2SIM_CELLS"),
    ("E2SIM_SPEED=-1", "E2SIM_SPEED"),
    ("E2SIM_SCENARIO=rush_hour", "rush_hour"),
    ("E2SIM_TARGET=xapp:8080", "xapp:8080"),
    ("E2SIM_RIC=http://xapp:36421", "http://xapp:36421"),
]


@pytest.mark.parametrize(("variable", "reason"), E2SIM, ids=[v for v, _ in E2SIM])
def test_e2sim_names_a_wrong_setting(variable: str, reason: str) -> None:
    ended, printed = once("e2sim", f"--env={variable}")
    assert ended in {SETTINGS, FAILURE}, printed
    assert reason in printed.splitlines()[-1]
    assert "Traceback" not in printed


def test_xapp_names_a_taken_port() -> None:
    with running("xapp") as first:
        wait_for("ready", lambda: any('"ready"' in line for line in logs(first)), 60)
        ended, printed = once("xapp", f"--network=container:{first}")
    assert ended == FAILURE
    assert printed.splitlines() == [
        "xapp: cannot listen on 0.0.0.0 port 8080: Address already in use"
    ]


@pytest.fixture
def network(engine: None) -> Generator[str]:
    name = "slicepilot-ci-bad-input"
    docker("network", "create", name)
    yield name
    docker("network", "rm", name)


def _serving_without_store(container: str) -> dict[str, Any]:
    """The store's part of /readyz, once the xApp serves; it must say so once in the log."""
    wait_for("ready", lambda: any('"ready"' in line for line in logs(container)), 60)
    document = json.loads(get(container, "/readyz"))
    assert document["status"] == "ready"
    told = [line for line in logs(container) if '"event": "store"' in line]
    assert len(told) == 1, "told once, not at every try"
    store: dict[str, Any] = document["store"]
    assert store["detail"] in json.loads(told[0])["detail"]
    return store


def test_xapp_serves_without_a_reachable_redis() -> None:
    with running("xapp", "--env=XAPP_STORE=redis://:secret@nowhere.invalid:6379/0") as container:
        store = _serving_without_store(container)
        assert not any("secret" in line for line in logs(container))
    assert store["status"] == "degraded"
    assert "redis://nowhere.invalid:6379/0 cannot be reached" in store["detail"]


def test_xapp_serves_beside_a_redis_that_wants_a_password(network: str) -> None:
    redis = ("--name=slicepilot-ci-redis", f"--network={network}", "--user=999")
    start = ("--dir", "/tmp", "--requirepass", "sesame")
    with running("redis:7-bookworm", *redis, command=start):
        refused = (f"--network={network}", "--env=XAPP_STORE=redis://slicepilot-ci-redis")
        with running("xapp", *refused) as container:
            store = _serving_without_store(container)
            assert store["status"] == "degraded"
            assert "refuses the credentials" in store["detail"]
        wrong = "--env=XAPP_STORE=redis://:simsalabim@slicepilot-ci-redis"
        with running("xapp", f"--network={network}", wrong) as container:
            assert "refuses the credentials" in _serving_without_store(container)["detail"]
        right = "--env=XAPP_STORE=redis://:sesame@slicepilot-ci-redis"
        with running("xapp", f"--network={network}", right) as container:
            wait_for("ready", lambda: any('"ready"' in line for line in logs(container)), 60)
            assert json.loads(get(container, "/readyz"))["store"]["status"] == "ok"


def test_compose_gives_up_on_a_wrong_setting_and_shows_the_reason(
    images: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = {"XAPP_STORE": "mysql://db"}
    stack = Stack(tmp_path_factory.mktemp("wrong"), settings, "slicepilot-ci-wrong")
    try:
        printed = stack.compose("up", "--detach", "--no-build", "xapp", "e2sim", check=False)
        assert "is unhealthy" in printed or "exited (2)" in printed
        container = stack.compose("ps", "--all", "--quiet", "xapp").split()[-1]
        wait_for("given up", lambda: inspect(container)["State"]["Status"] == "exited", 60)
        assert inspect(container)["State"]["ExitCode"] == SETTINGS
        lines = logs(container)
        assert len(lines) == 1 + inspect(container)["RestartCount"] <= 6
        assert set(lines) == {lines[0]}
        assert "XAPP_STORE" in lines[0]
    finally:
        stack.close()
    assert stack.left() == []


def test_compose_names_a_taken_port(
    images: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        settings = {"SLICEPILOT_PORT": port}
        stack = Stack(tmp_path_factory.mktemp("taken"), settings, "slicepilot-ci-taken")
        try:
            printed = stack.compose("up", "--detach", "--no-build", "xapp", check=False)
        finally:
            stack.close()
    assert port in printed
    assert re.search("already (in use|allocated)", printed)
    assert stack.left() == []
