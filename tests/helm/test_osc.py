"""The O-RAN SC descriptor: its form, its controls, and the command that makes settings of them."""

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from oran.intent import DEFAULT_INTENTS
from tests.helm.chart import ROOT
from xapp.settings import ConfigurationError, Settings, load

FOLDER = ROOT / "deploy" / "osc"
CONFIG: dict[str, Any] = json.loads((FOLDER / "config.json").read_text("utf-8"))
CONTROLS: dict[str, Any] = json.loads((FOLDER / "schema.json").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def _closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


TEXT = {"type": "string", "minLength": 1}
PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
SECONDS = {"type": "integer", "minimum": 1}
PROBE = _closed(
    httpGet=_closed(path={"type": "string", "pattern": "^/"}, port=PORT),
    initialDelaySeconds=SECONDS,
    periodSeconds=SECONDS,
)
DESCRIPTOR = _closed(
    name={"type": "string", "pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$"},
    version={"type": "string", "pattern": r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$"},
    containers={
        "type": "array",
        "minItems": 1,
        "items": _closed(
            name=TEXT,
            image=_closed(
                registry={"type": "string", "pattern": r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?$"},
                name=TEXT,
                tag=TEXT,
            ),
            command={"type": "array", "items": TEXT, "minItems": 1},
            args={"type": "array", "items": TEXT, "minItems": 1},
        ),
    },
    livenessProbe=PROBE,
    readinessProbe=PROBE,
    messaging=_closed(
        ports={
            "type": "array",
            "items": _closed(name=TEXT, container=TEXT, port=PORT, description=TEXT),
        }
    ),
    controls={"type": "object"},
)
"""What the onboarder's guide ("xApp descriptor") allows, as far as this descriptor uses it."""


def test_the_form() -> None:
    jsonschema.validate(CONFIG, DESCRIPTOR)
    assert CONFIG["version"] == CONFIG["containers"][0]["image"]["tag"] == PROJECT["version"]
    assert CONFIG["name"] == PROJECT["name"]


def test_ports_agree() -> None:
    (port,) = CONFIG["messaging"]["ports"]
    assert port["container"] == CONFIG["containers"][0]["name"]
    # The onboarder makes a Service of the port of this name.
    assert port["name"] == "http"
    probes = (CONFIG["livenessProbe"], CONFIG["readinessProbe"])
    assert {p["httpGet"]["port"] for p in probes} == {port["port"]}
    assert CONFIG["controls"]["port"] == port["port"]
    assert CONFIG["controls"]["host"] == "0.0.0.0"


def test_nothing_that_the_onboarder_would_alter() -> None:
    """It pastes the descriptor into a template: no braces of one, no backslash, no double quote.

    In a list it puts commas after elements that differ from the last one.
    """
    for container in CONFIG["containers"]:
        for words in (container["command"], container["args"]):
            assert words.count(words[-1]) == 1
            assert not any(mark in w for w in words for mark in ("{{", "}}", "\\", '"'))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("surprise", 1),
        ("port", "http"),
        ("intents", [{"snssai": "1-000001", "sla": {"latency_ms": 5}}]),
        ("log", {"level": "loud"}),
    ],
)
def test_controls_are_checked_when_onboarded(key: str, value: Any) -> None:
    jsonschema.Draft7Validator.check_schema(CONTROLS)
    jsonschema.validate(CONFIG["controls"], CONTROLS, cls=jsonschema.Draft7Validator)
    bad = {**CONFIG["controls"], key: value}
    assert not jsonschema.Draft7Validator(CONTROLS).is_valid(bad)


def started(folder: Path, descriptor: dict[str, Any]) -> Settings:
    """Run the container's command with a stand-in for `xapp`; the settings it would have read."""
    program = folder / "bin" / "xapp"
    program.parent.mkdir()
    settings_file, seen = folder / "xapp.yaml", folder / "seen"
    program.write_text(f'#!/bin/sh\n{{ echo "$@"; env; }} > {seen}\n')
    program.chmod(0o755)
    (folder / "config-file.json").write_text(json.dumps(descriptor), "utf-8")
    (container,) = descriptor["containers"]
    (script,) = container["args"]
    assert script.count("/tmp/xapp.yaml") == 2
    subprocess.run(
        [*container["command"], script.replace("/tmp/xapp.yaml", str(settings_file))],
        env={
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "XAPP_DESCRIPTOR_PATH": str(folder),
            "XAPP_HOST": "127.0.0.1",
            "XAPP_FRAMEWORK_SERVICE_HOST": "10.0.0.1",
        },
        check=True,
    )
    arguments, *environment = seen.read_text("utf-8").splitlines()
    assert arguments == f"serve --config {settings_file}"
    return load({}, dict(line.split("=", 1) for line in environment), settings_file)


def test_the_command_makes_settings_of_the_controls(tmp_path: Path) -> None:
    """In spite of variables of the platform's that the xApp would refuse."""
    settings = started(tmp_path, CONFIG)
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)
    assert settings.store == CONFIG["controls"]["store"]
    assert tuple(i.to_intent() for i in settings.intents) == DEFAULT_INTENTS


def test_a_control_that_no_schema_caught_is_refused_at_the_start(tmp_path: Path) -> None:
    controls = {**CONFIG["controls"], "shield": {"urllc_floor": 99}}
    with pytest.raises(ConfigurationError, match="urllc_floor"):
        started(tmp_path, {**CONFIG, "controls": controls})
