import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer

import e2sim.cli
from e2sim.core.server import CoreAddress
from oran.e2.transport.address import Address
from tests.deploy.files import ROOT, document
from xapp.settings import load

SERVICES = {"xapp", "e2sim", "redis", "prometheus", "alertmanager", "grafana"}


def _settings() -> dict[str, str]:
    """Variables of `.env`, those in comments included."""
    text = (ROOT / ".env").read_text("utf-8")
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", text, re.M))


def _active() -> dict[str, str]:
    text = (ROOT / ".env").read_text("utf-8")
    return dict(re.findall(r"^([A-Z][A-Z0-9_]*)=(.*)$", text, re.M))


def shown_for(program: str, variables: dict[str, str]) -> dict[str, str]:
    """Those of the variables that are a program's."""
    return {k: v for k, v in variables.items() if k.startswith(f"{program.upper()}_")}


def test_every_service_is_hardened_and_says_whether_it_is_healthy() -> None:
    services = document("docker-compose.yml")["services"]
    assert set(services) == SERVICES
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["restart"] == "on-failure:5", name
        assert "healthcheck" in service or "build" in service, name
        for port in service.get("ports", ()):
            assert port.startswith("${SLICEPILOT_BIND:-127.0.0.1}:"), name


def test_every_variable_is_documented_with_the_default_in_use() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    used = dict(re.findall(r"\$\{([A-Z0-9_]+):-([^{}]*)\}", text))
    active = _active()
    assert {k: v for k, v in used.items() if k != "XAPP_STORE"} == {k: active[k] for k in used}
    assert set(active) == set(used)
    assert "XAPP_STORE" in _settings()


def test_xapp_takes_every_setting_that_env_shows() -> None:
    shown = shown_for("xapp", _settings())
    assert len(shown) >= 3
    assert load({}, shown).max_report_age_ms == 2000


def test_the_loop_over_e2_that_env_shows_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends of it name one address; the shell's variables reach them, too."""
    shown, services = _settings(), document("docker-compose.yml")["services"]
    listen = Address.parse(str(load({}, shown_for("xapp", shown)).e2.listen))
    for name, value in shown_for("e2sim", shown).items():
        monkeypatch.setenv(name, value)
    group: Any = typer.main.get_command(e2sim.cli.app)
    ric = Address.parse(group.commands["run"].make_context("run", []).params["ric"])
    assert (ric.scheme, ric.host, ric.port) == (listen.scheme, "xapp", listen.port)
    assert listen.host == "0.0.0.0"
    for service, name in (("xapp", "XAPP_E2__LISTEN"), ("e2sim", "E2SIM_RIC")):
        environment = services[service]["environment"]
        assert name in environment
        assert environment[name] is None, "handed on, and not set where it is not"
        assert name not in _active(), "HTTP is the default"


def test_the_core_that_env_shows_is_where_the_xapp_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, services = _settings(), document("docker-compose.yml")["services"]
    made = load({}, shown_for("xapp", shown)).core.options()
    assert made is not None
    url = urlsplit(made.url)
    serves = CoreAddress.parse(shown["E2SIM_CORE"])
    assert (url.hostname, url.port, serves.host) == ("e2sim", serves.port, "0.0.0.0")
    for service, name in (("xapp", "XAPP_CORE__URL"), ("e2sim", "E2SIM_CORE")):
        environment = services[service]["environment"]
        assert name in environment
        assert environment[name] is None
        assert name not in _active(), "off is the default"


@pytest.mark.parametrize("path", ["prometheus.yml", "alertmanager.yml", "slicepilot.yml"])
def test_mounted_files_exist(path: str) -> None:
    assert list((ROOT / "deploy").rglob(path))
    for service in document("docker-compose.yml")["services"].values():
        for volume in service.get("volumes", ()):
            source = re.sub(r"^\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
            assert not source.startswith("./") or (ROOT / source).exists(), volume


def test_nothing_sends_usage_data() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    stages = {stage.split()[2]: stage for stage in re.split(r"(?m)^FROM ", dockerfile)[1:]}
    for stage in ("builder", "runtime"):
        assert "ORT_DISABLE_TELEMETRY=1" in stages[stage]
    assert re.search(r"(?m)^export ORT_DISABLE_TELEMETRY = 1$", (ROOT / "Makefile").read_text())
    grafana = document("docker-compose.yml")["services"]["grafana"]["environment"]
    assert grafana["GF_ANALYTICS_REPORTING_ENABLED"] == "false"


def test_prometheus_scrapes_under_the_name_that_rules_and_dashboards_select() -> None:
    jobs = [
        j["job_name"] for j in document("deploy", "prometheus", "prometheus.yml")["scrape_configs"]
    ]
    assert "slicepilot-xapp" in jobs
