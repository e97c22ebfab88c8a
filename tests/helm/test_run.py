"""The rendered pods, run as processes on this machine: what the chart says is what works.

Commands, arguments, environment, files and probes are the manifests' own. Only what a cluster
provides is put in its place: mount paths, ports, and names of services.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helm.chart import Document, Helm, Manifests, values_of
from tests.helm.test_settings import environment
from tests.xapp.bundles import bundle

BUNDLE = {"bundle": {"configMap": "trained-policy", "file": "small.bundle"}}
SETTINGS = {"settings": {"log": {"format": "console"}, "max_cells": 7}}
PATIENCE_S = 60.0
START = {"emulator": ["e2sim"]}
"""Where the image has a start of its own: the program that it ends in."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def wait_for(what: str, true: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, f"no {what} within {patience_s:g} s"
        time.sleep(0.05)


@dataclass
class Place:
    """This machine in the cluster's place.

    Attributes:
        manifests: the rendered chart.
        folder: where volumes are.
        replaced: text of the manifests, and what stands for it here.
    """

    manifests: Manifests
    folder: Path
    replaced: dict[str, str]

    def here(self, text: str) -> str:
        """`text` of a manifest, for this machine."""
        for there, here in self.replaced.items():
            text = text.replace(there, here)
        return text

    def container(self, component: str) -> Document:
        """The container of a component's pod."""
        (container,) = self.manifests.pods()[component]["spec"]["containers"]
        found: Document = container
        return found

    def variables(self, component: str) -> dict[str, str]:
        """Its environment: the pod's, and what an image has."""
        programs = Path(sys.executable).parent
        given = environment(self.container(component), self.manifests)
        return {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            **{k: self.here(v) for k, v in given.items()},
        }

    @contextmanager
    def running(self, component: str) -> Iterator[subprocess.Popen[str]]:
        """The container's process, ended by the signal that Kubernetes sends."""
        container = self.container(component)
        command = container.get("command") or START[component]
        words = [self.here(w) for w in [*command, *container.get("args", ())]]
        with open(self.folder / f"{component}.log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                words, env=self.variables(component), stdout=log, stderr=log, text=True
            )
            try:
                yield process
                process.terminate()
                assert process.wait(20) == 0, self.log(component)
            finally:
                process.kill()
                process.wait()

    def log(self, component: str) -> str:
        """What its process wrote."""
        return (self.folder / f"{component}.log").read_text("utf-8")

    def probe(self, component: str, probe: str) -> bool:
        """Whether a probe of the container succeeds now."""
        container = self.container(component)
        if "exec" in container[probe]:
            words = [self.here(w) for w in container[probe]["exec"]["command"]]
            done = subprocess.run(
                words, env=self.variables(component), capture_output=True, check=False
            )
            return done.returncode == 0
        get = container[probe]["httpGet"]
        (port,) = [p["containerPort"] for p in container["ports"] if p["name"] == get["port"]]
        try:
            return httpx.get(self.here(f"http://xapp:{port}{get['path']}")).status_code == 200
        except httpx.TransportError:
            return False


def needs_redis() -> None:
    if shutil.which("redis-server") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs redis-server")
        pytest.skip("no redis-server")


def place_of(manifests: Manifests, folder: Path) -> Place:
    """Volumes filled, ports chosen."""
    for volume in ("settings", "bundle", "data"):
        (folder / volume).mkdir()
    for name, text in manifests.one("ConfigMap")["data"].items():
        mounted = text.replace("/etc/slicepilot/bundle", str(folder / "bundle"))
        (folder / "settings" / name).write_text(mounted, "utf-8")
    (folder / "bundle" / "small.bundle").write_bytes(bundle())
    http, redis = str(free_port()), str(free_port())
    replaced = {
        "/etc/slicepilot/settings": str(folder / "settings"),
        "--dir /data": f"--dir {folder / 'data'}",
        "--port 6379": f"--port {redis}",
        "redis-cli ping": f"redis-cli -p {redis} ping",
        "@west-slicepilot-redis:6379": f"@127.0.0.1:{redis}",
        "http://west-slicepilot:8080": f"http://127.0.0.1:{http}",
        "http://xapp:8080": f"http://127.0.0.1:{http}",
        "8080": http,
    }
    return Place(manifests, folder, replaced)


def ready(place: Place) -> dict[str, Any]:
    """The xApp's own account of its readiness."""
    document: dict[str, Any] = httpx.get(place.here("http://xapp:8080/readyz")).json()
    return document


def smoke(place: Place, *, patience: bool = True) -> tuple[int, str]:
    """Exit code and output of `helm test`."""
    container = place.container("test")
    script, url = container["args"]
    if not patience:
        assert script.count("READY_WITHIN_S = 30.0") == 1
        script = script.replace("READY_WITHIN_S = 30.0", "READY_WITHIN_S = 0.0")
    done = subprocess.run(
        [*container["command"], script, place.here(url)],
        env=place.variables("test"),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_xapp_with_the_bundled_redis(helm: Helm, tmp_path: Path) -> None:
    """Also with a password of every kind of character, and with settings out of the values."""
    needs_redis()
    place = place_of(helm.template(values_of("emulator"), BUNDLE, SETTINGS), tmp_path)
    assert not any(place.probe("xapp", p) for p in ("readinessProbe", "livenessProbe"))
    assert smoke(place, patience=False)[0] == 1
    with ExitStack() as stack:
        stack.enter_context(place.running("redis"))
        wait_for("Redis", lambda: place.probe("redis", "readinessProbe"))
        stack.enter_context(place.running("xapp"))
        wait_for("xApp", lambda: place.probe("xapp", "startupProbe"))
        wait_for("readiness", lambda: place.probe("xapp", "readinessProbe"))
        assert place.probe("xapp", "livenessProbe")
        store = ready(place)["store"]
        assert (store["status"], store["durable"]) == ("ok", True)
        code, output = smoke(place)
        assert code == 0, output
        assert output.count("ok ") == len(output.splitlines()) == 5
        # The server asks for the password.
        wrong = {**place.variables("redis"), "REDIS_PASSWORD": "another"}
        (command,) = {
            tuple(place.container("redis")[p]["exec"]["command"])
            for p in ("startupProbe", "readinessProbe", "livenessProbe")
        }
        words = [place.here(w) for w in command]
        assert subprocess.run(words, env=wrong, capture_output=True, check=False).returncode


def test_the_least_set(helm: Helm, tmp_path: Path) -> None:
    monitored = {"monitoring": {"serviceMonitor": {"enabled": True}}}
    place = place_of(helm.template(values_of("embedded"), BUNDLE, monitored), tmp_path)
    (endpoint,) = place.manifests.one("ServiceMonitor")["spec"]["endpoints"]
    with place.running("xapp"):
        wait_for("xApp", lambda: place.probe("xapp", "readinessProbe"))
        assert ready(place)["store"]["durable"] is False
        assert smoke(place)[0] == 0
        scraped = httpx.get(place.here("http://xapp:8080" + endpoint["path"]))
        assert scraped.status_code == 200
        assert "slicepilot_store_up" in scraped.text


def test_settings_that_only_the_xapp_can_refuse_end_in_one_line(helm: Helm, tmp_path: Path) -> None:
    wrong = {"settings": {"shield": {"urllc_floor": 99}}}
    place = place_of(helm.template(values_of("embedded"), BUNDLE, wrong), tmp_path)
    container = place.container("xapp")
    done = subprocess.run(
        [place.here(w) for w in [*container["command"], *container["args"]]],
        env=place.variables("xapp"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    (line,) = (done.stdout + done.stderr).splitlines()
    assert "urllc_floor" in line


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_loop_with_the_emulator(helm: Helm, tmp_path: Path) -> None:
    """The emulator's pod reports on all its cells, and the xApp decides."""
    needs_redis()
    place = place_of(helm.template(values_of("emulator"), BUNDLE), tmp_path)
    with ExitStack() as stack:
        for component in ("redis", "xapp", "emulator"):
            stack.enter_context(place.running(component))
        wait_for("xApp", lambda: place.probe("xapp", "readinessProbe"))

        def cells() -> list[dict[str, Any]]:
            document = httpx.get(place.here("http://xapp:8080/v1/slices")).json()
            found: list[dict[str, Any]] = document["cells"]
            return found

        # Half a minute on an idle machine where the kernels are still to be compiled.
        wait_for("report of every cell", lambda: len(cells()) == 4, 5 * PATIENCE_S)
        wait_for("decision in every cell", lambda: all(c["rung"] for c in cells()))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_loop_over_e2(helm: Helm, tmp_path: Path) -> None:
    """The emulator's pod connects to the E2 Service, and acknowledges controls."""
    needs_redis()
    here = f"tcp://127.0.0.1:{free_port()}"
    listening = {"settings": {"e2": {"listen": here}}, "e2Service": {"type": "NodePort"}}
    place = place_of(helm.template(values_of("e2"), BUNDLE, listening), tmp_path)
    place.replaced["tcp://west-slicepilot-e2:36421"] = here

    def acknowledged() -> bool:
        text = httpx.get(place.here("http://xapp:8080/metrics")).text
        answer = r'slicepilot_e2_control_answers_total{model="rc",outcome="acknowledged"} (\S+)'
        return [float(n) for n in re.findall(answer, text)] > [0.0]

    with ExitStack() as stack:
        for component in ("redis", "xapp"):
            stack.enter_context(place.running(component))
        wait_for("xApp", lambda: place.probe("xapp", "readinessProbe"))
        stack.enter_context(place.running("emulator"))
        wait_for("control", acknowledged, 5 * PATIENCE_S)
