"""The compose project under test: its own name, ports and images."""

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from deploy.dashboards.live import Prometheus
from tests.deploy.live.engine import ROOT, TAG, docker

PROJECT: Final = "slicepilot-ci"
SERVICES: Final = ("xapp", "e2sim", "redis", "prometheus", "alertmanager")
"""All but Grafana, whose image is 0.5 GB and shows what Prometheus is asked directly here."""

_HOOK: Final = """
import http.server, sys
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(body.decode(), flush=True)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *arguments): pass
http.server.HTTPServer(("", 9095), Hook).serve_forever()
"""

_ERASE: Final = "\x1b[2K"
# Compose erases its terminal's line before each line of a log, terminal or not.

_TEMPLATES: Final = Path("/usr/share/prometheus/alertmanager")
# Debian's Alertmanager reads its templates from here; upstream's has them inside.


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Stack:
    """`docker compose` on the repository's file, with a receiver of alerts beside it.

    Args:
        folder: for the files that only this run needs.
        settings: variables that win over `.env`.
        project: name of the project.
    """

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, project: str = PROJECT
    ) -> None:
        self.project = project
        self.ports = {name: _free_port() for name in ("SLICEPILOT", "PROMETHEUS", "ALERTMANAGER")}
        self._override = folder / "override.yml"
        self._override.write_text(yaml.safe_dump(_override()), "utf-8")
        alertmanager = folder / "alertmanager.yml"
        alertmanager.write_text(yaml.safe_dump(_with_hook()), "utf-8")
        folder.chmod(0o755)  # the containers' users read from it
        self._environment = {
            **os.environ,
            "SLICEPILOT_VERSION": TAG,
            "ALERTMANAGER_CONFIG": str(alertmanager),
            **{f"{name}_PORT": str(port) for name, port in self.ports.items()},
            **(settings or {}),
        }
        self.xapp = httpx.Client(base_url=f"http://127.0.0.1:{self.ports['SLICEPILOT']}")
        self.prometheus = Prometheus(f"http://127.0.0.1:{self.ports['PROMETHEUS']}")

    def compose(
        self, *arguments: str, settings: Mapping[str, str] | None = None, check: bool = True
    ) -> str:
        """Run one compose command, with more settings; what it printed on both streams."""
        files = ("-f", str(ROOT / "docker-compose.yml"), "-f", str(self._override))
        done = docker(
            "compose", "-p", self.project, *files, *arguments,
            environment={**self._environment, **(settings or {})}, timeout_s=300.0, check=check,
        )  # fmt: skip
        return done.stdout + done.stderr

    def logs(self, service: str) -> list[str]:
        """Lines that a service printed."""
        text = self.compose("logs", "--no-log-prefix", "--no-color", service)
        return [line.removeprefix(_ERASE) for line in text.splitlines()]

    def ready(self) -> dict[str, Any]:
        """The document of `/readyz`; empty while the xApp does not answer."""
        try:
            document: dict[str, Any] = self.xapp.get("/readyz").json()
        except httpx.TransportError:
            return {}
        return document

    def decisions(self) -> float:
        """Decisions made so far; 0 while the xApp does not answer."""
        try:
            text = self.xapp.get("/metrics").text
        except httpx.TransportError:
            return 0.0
        rows = (line for line in text.splitlines() if line.startswith("slicepilot_decisions_total"))
        return sum(float(row.rsplit(" ", 1)[1]) for row in rows)

    def alerted(self) -> set[tuple[str, str]]:
        """Name and status of every alert that the receiver was sent."""
        found = set()
        for line in filter(None, self.logs("webhook")):
            for alert in json.loads(line)["alerts"]:
                found.add((alert["labels"]["alertname"], alert["status"]))
        return found

    def close(self) -> None:
        """Take everything down, and close connections."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5", check=False)
        self.xapp.close()
        self.prometheus.close()

    def left(self) -> list[str]:
        """Containers, volumes and networks of the project that exist."""
        label = f"label=com.docker.compose.project={self.project}"
        kinds = (("container", "--all"), ("volume",), ("network",))
        found = [docker(kind[0], "ls", *kind[1:], "--quiet", "--filter", label) for kind in kinds]
        return [line for done in found for line in done.stdout.split()]


def _with_hook() -> dict[str, Any]:
    """The shipped configuration, with an address to send alerts to."""
    path = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    (receiver,) = document["receivers"]
    receiver["webhook_configs"] = [{"url": "http://webhook:9095/", "send_resolved": True}]
    return document


def _override() -> dict[str, Any]:
    webhook = {
        "image": f"slicepilot/xapp:{TAG}",
        "entrypoint": ["python", "-c", _HOOK],
        "healthcheck": {"disable": True},
        "read_only": True,
    }
    templates = [f"{_TEMPLATES}:{_TEMPLATES}:ro"] if _TEMPLATES.is_dir() else []
    return {"services": {"webhook": webhook, "alertmanager": {"volumes": templates}}}
