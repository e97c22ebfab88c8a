"""What the chart hands to the programs is what they accept: flags, environment and file."""

import base64
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import typer
import yaml

import e2sim.cli
import xapp.cli
from e2sim.core.server import CoreAddress
from e2sim.scenario import BUNDLED, load_scenario
from oran.e2.transport.address import Address
from oran.intent import DEFAULT_INTENTS
from tests.helm.chart import ROOT, SETS, Document, Helm, Manifests, values_of
from tests.helm.generate import LISTEN
from xapp.e2.settings import E2Settings
from xapp.settings import Settings, load
from xapp.store.backend import EMBEDDED

MOUNT = "/etc/slicepilot/settings/xapp.yaml"
IMAGE_ENVIRONMENT = {"XAPP_HOST": "0.0.0.0", "XAPP_PORT": "8080"}
"""What the image of the xApp sets by itself."""

THEIR_URL = "rediss://ric:secret@redis.example.org:6380/2"
"""What a Secret of the user's holds, in the value set `external`."""


def secrets(manifests: Manifests) -> dict[tuple[str, str], str]:
    """Values of Secrets by name and key."""
    found = {("redis-credentials", "uri"): THEIR_URL}
    for d in manifests:
        if d["kind"] == "Secret":
            name = d["metadata"]["name"]
            found |= {(name, k): v for k, v in d.get("stringData", {}).items()}
            found |= {(name, k): base64.b64decode(v).decode() for k, v in d.get("data", {}).items()}
    return found


def environment(container: Document, manifests: Manifests) -> dict[str, str]:
    """The environment that the manifest gives to a container."""
    found = {}
    for entry in container.get("env", ()):
        if "value" in entry:
            found[entry["name"]] = entry["value"]
        else:
            ref = entry["valueFrom"]["secretKeyRef"]
            found[entry["name"]] = secrets(manifests)[ref["name"], ref["key"]]
    return found


def parsed(command: list[str], arguments: list[str]) -> dict[str, Any]:
    """Parameters as the program's own parser reads them, environment included."""
    programs = {"xapp": xapp.cli.app, "e2sim": e2sim.cli.app}
    group = typer.main.get_command(programs[command[0]])
    subcommand = group.get_command(None, command[1])  # type: ignore[attr-defined]
    context = subcommand.make_context(command[1], list(arguments))
    found: dict[str, Any] = context.params
    return found


def load_as_in_the_pod(manifests: Manifests, folder: Path) -> Settings:
    """The settings that the xApp reads in the pod of these manifests."""
    (container,) = manifests.pods()["xapp"]["spec"]["containers"]
    (mount,) = [m for m in container["volumeMounts"] if m["name"] == "settings"]
    assert MOUNT.startswith(mount["mountPath"] + "/")
    for name, text in manifests.one("ConfigMap")["data"].items():
        (folder / name).write_text(text, "utf-8")
    flags = parsed(container["command"], container["args"])
    assert str(flags["config"]) == MOUNT
    given = {k: flags[k] for k in ("host", "port", "store", "bundle")}
    variables = IMAGE_ENVIRONMENT | environment(container, manifests)
    return load(given, variables, folder / Path(MOUNT).name)


def test_the_image_sets_what_is_assumed() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8").rpartition("AS xapp")[2]
    for name, value in IMAGE_ENVIRONMENT.items():
        assert f"{name}={value}" in text
    assert "/opt/slicepilot/healthcheck.py" in (ROOT / "Dockerfile").read_text("utf-8")


def test_the_emulators_image_has_its_start_and_a_folder_to_write_kernels_to(
    rendered: dict[str, Manifests],
) -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8").partition("AS e2sim\n")[2].partition("FROM")[0]
    assert 'ENTRYPOINT ["/opt/slicepilot/e2sim.sh"]' in text
    folder = text.partition("NUMBA_CACHE_DIR=")[2].split()[0]
    spec = rendered["emulator"].pods()["emulator"]["spec"]
    (name,) = (m["name"] for m in spec["containers"][0]["volumeMounts"] if m["mountPath"] == folder)
    (volume,) = (v for v in spec["volumes"] if v["name"] == name)
    assert "emptyDir" in volume


@pytest.mark.parametrize("name", SETS)
def test_settings_are_accepted(name: str, rendered: dict[str, Manifests], tmp_path: Path) -> None:
    settings = load_as_in_the_pod(rendered[name], tmp_path)
    (container,) = rendered[name].pods()["xapp"]["spec"]["containers"]
    opened = {p["name"]: (p["protocol"], p["containerPort"]) for p in container["ports"]}
    assert opened.pop("http") == ("TCP", settings.port)
    if settings.e2.listen is not None:
        listen = Address.parse(settings.e2.listen)
        assert opened.pop("e2") == (listen.scheme.upper(), listen.port)
    assert opened == {}
    assert settings.host == "0.0.0.0"
    given = yaml.safe_load(values_of(name).read_text("utf-8")).get("settings", {})
    if name == "core":
        service = rendered[name].one("Service", "core")
        (port,) = service["spec"]["ports"]
        assert settings.core.url == f"http://{service['metadata']['name']}:{port['port']}"
        given["core"]["url"] = settings.core.url
    for key, value in given.items():
        assert Settings(**{key: value}).model_dump()[key] == settings.model_dump()[key]
    assert (settings.e2.listen is not None) == (name == "e2")
    if name != "external":
        assert tuple(i.to_intent() for i in settings.intents) == DEFAULT_INTENTS


def test_large_and_zero_numbers_keep_their_kind(
    rendered: dict[str, Manifests], tmp_path: Path
) -> None:
    """3000000 must not become 3e+06, nor 0 be left out."""
    settings = load_as_in_the_pod(rendered["external"], tmp_path)
    assert settings.max_report_age_ms == 3_000_000
    assert settings.max_body_bytes == 16_777_216
    assert settings.max_skew_ahead_ms == 0
    assert settings.shield.power_floor_db == 0
    assert settings.intents[1].sla.drop_rate == 1e-7
    assert str(settings.bundle) == "/etc/slicepilot/bundle/coloran.bundle"


def test_each_kind_of_store(rendered: dict[str, Manifests], tmp_path: Path) -> None:
    stores = {n: load_as_in_the_pod(rendered[n], tmp_path).store for n in SETS}
    assert stores["embedded"] == EMBEDDED
    assert stores["external"] == THEIR_URL
    for name in ("default", "production", "emulator"):
        parts = urlsplit(stores[name])
        service = rendered[name].one("Service", "redis")
        assert parts.hostname == service["metadata"]["name"]
        assert [parts.port] == [p["port"] for p in service["spec"]["ports"]]
        passwords = secrets(rendered[name])[service["metadata"]["name"], "password"]
        assert unquote(str(parts.password)) == passwords
    given = yaml.safe_load(values_of("emulator").read_text("utf-8"))["redis"]["password"]
    assert unquote(str(urlsplit(stores["emulator"]).password)) == given
    assert len(unquote(str(urlsplit(stores["default"]).password))) == 32


def test_an_external_url_is_kept_in_a_secret(helm: Helm, tmp_path: Path) -> None:
    url = "redis://:p%40ss@redis.example.org/1"
    manifests = helm.template({"store": {"kind": "external", "external": {"url": url}}})
    assert load_as_in_the_pod(manifests, tmp_path).store == url
    assert all(url not in str(d) for d in manifests if d["kind"] != "Secret")
    assert not manifests.of("StatefulSet", "redis")


def test_the_flag_for_the_address_beats_the_image(helm: Helm, tmp_path: Path) -> None:
    assert load_as_in_the_pod(helm.template({"host": "::"}), tmp_path).host == "::"


def test_the_emulator_understands_its_environment(
    rendered: dict[str, Manifests], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifests = rendered["emulator"]
    (container,) = manifests.pods()["emulator"]["spec"]["containers"]
    for name, value in environment(container, manifests).items():
        monkeypatch.setenv(name, value)
    assert "command" not in container, "the image's own start takes its compiled kernels"
    found = parsed(["e2sim", *container["args"]], [])
    values = yaml.safe_load(values_of("emulator").read_text("utf-8"))["emulator"]
    assert {k: found[k] for k in ("scenario", "cells", "speed")} == {
        k: values[k] for k in ("scenario", "cells", "speed")
    }
    service = manifests.one("Service")
    port = service["spec"]["ports"][0]["port"]
    assert found["target"] == f"http://{service['metadata']['name']}:{port}"
    assert found["ric"] is None


def test_the_emulator_serves_the_core_where_the_service_leads(
    rendered: dict[str, Manifests], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifests = rendered["core"]
    (container,) = manifests.pods()["emulator"]["spec"]["containers"]
    for name, value in environment(container, manifests).items():
        monkeypatch.setenv(name, value)
    found = CoreAddress.parse(parsed(["e2sim", *container["args"]], [])["core"])
    (port,) = container["ports"]
    assert (found.host, found.port) == ("0.0.0.0", port["containerPort"])
    played = environment(container, manifests)["E2SIM_SCENARIO"]
    cored = {n for n in BUNDLED if load_scenario(n).core is not None}
    guard = (ROOT / "helm/slicepilot/templates/_guards.tpl").read_text("utf-8")
    assert played in cored
    assert f"(list {' '.join(json.dumps(n) for n in BUNDLED if n in cored)})" in guard


def test_the_emulator_finds_the_e2_service(
    rendered: dict[str, Manifests], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    manifests = rendered["e2"]
    (container,) = manifests.pods()["emulator"]["spec"]["containers"]
    for name, value in environment(container, manifests).items():
        monkeypatch.setenv(name, value)
    found = Address.parse(parsed(["e2sim", *container["args"]], [])["ric"])
    service = manifests.one("Service", "e2")
    (port,) = service["spec"]["ports"]
    assert (found.host, found.port) == (service["metadata"]["name"], port["port"])
    settings = load_as_in_the_pod(manifests, tmp_path)
    assert found.scheme == Address.parse(str(settings.e2.listen)).scheme


@pytest.mark.parametrize("listen", [
    "sctp://0.0.0.0", "tcp://[::]:1", "tcp://10.0.0.7:65535", "sctp://[2001:db8::7]:36422",
    "sctp://e2.example:36421",
])  # fmt: skip
def test_addresses_that_the_schema_takes_are_the_xapps(listen: str) -> None:
    assert re.fullmatch(LISTEN, listen)
    assert Settings(e2=E2Settings(listen=listen)).e2.listen == listen
