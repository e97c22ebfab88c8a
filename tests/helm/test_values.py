"""values.yaml, its closed schema, and the values that are refused, by schema and by real helm."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from e2sim.scenario import BUNDLED, load_scenario
from tests.helm.chart import CHART, ROOT, SETS, Helm, HelmError, values_of
from tests.helm.generate import SCHEMA, VALUES, derived, description, leaves

Values = dict[str, Any]

DEFAULTS: Values = yaml.safe_load(VALUES.read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))

MAPS_OF_STRINGS = ("labels", "selectorLabels", "annotations")
"""Definitions whose keys are free: they are the user's own names."""


def nested(path: str, value: Any) -> Values:
    """`value` at a dotted path."""
    for step in reversed(path.split(".")):
        value = {step: value}
    found: Values = value
    return found


def merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> Values:
    """`high` above `low`, as helm merges values."""
    result = copy.deepcopy(dict(low))
    for key, value in high.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


def accepted(values: Mapping[str, Any]) -> bool:
    """Whether the schema takes these values above the defaults."""
    return bool(VALIDATOR.is_valid(merged(DEFAULTS, values)))


def test_derived_files_are_up_to_date() -> None:
    """Settings in both schemas, and the README's table: `python -m tests.helm.generate`."""
    for name, text in derived().items():
        assert (ROOT / name).read_text("utf-8") == text, name


def test_the_schema_is_a_schema_and_takes_the_value_sets() -> None:
    jsonschema.Draft202012Validator.check_schema(VALIDATOR.schema)
    VALIDATOR.validate(DEFAULTS)
    for name in SETS:
        VALIDATOR.validate(merged(DEFAULTS, yaml.safe_load(values_of(name).read_text("utf-8"))))


def _objects(node: Any, path: str = "") -> Iterator[tuple[str, Values]]:
    """Every schema that describes an object, with its place."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from _objects(item, f"{path}[{i}]")
    if isinstance(node, dict):
        if node.get("type") == "object" or ("properties" in node and "type" in node):
            yield path, node
        for key, item in node.items():
            yield from _objects(item, f"{path}.{key}")


def test_every_object_of_the_schema_is_closed() -> None:
    open_ones = set()
    for path, node in _objects(VALIDATOR.schema):
        if node.get("additionalProperties") is not False:
            open_ones.add(path)
    # `global` belongs to a parent chart; the maps hold strings under names of the user's, the cells
    # under names of nodes.
    cells = ".$defs.settings.properties.e2.properties.cells"
    assert open_ones == {".properties.global", cells, *(f".$defs.{n}" for n in MAPS_OF_STRINGS)}
    for name in MAPS_OF_STRINGS:
        definition = VALIDATOR.schema["$defs"][name]
        assert definition["additionalProperties"]["type"] == "string"


def test_values_and_schema_have_the_same_keys() -> None:
    def check(values: Any, schema: Values) -> None:
        if "properties" not in schema:
            return
        assert values.keys() == schema["properties"].keys() - {"global"}
        for key, value in values.items():
            check(value, schema["properties"][key])

    check(DEFAULTS, VALIDATOR.schema)


def test_every_value_is_described() -> None:
    for key, _ in leaves(DEFAULTS, VALIDATOR.schema):
        assert description(VALIDATOR.schema, key).endswith("."), key


LEAVES = [key for key, _ in leaves(DEFAULTS, VALIDATOR.schema)]
SECTIONS = sorted({"", *(k.rpartition(".")[0] for k in LEAVES)} | {"settings", "resources"})


@pytest.mark.parametrize("section", SECTIONS)
def test_an_unknown_key_is_refused_in_every_section(section: str) -> None:
    path = f"{section}.surprise" if section else "surprise"
    assert not accepted(nested(path, ""))
    assert not accepted(nested(path, {}))


@pytest.mark.parametrize("key", LEAVES)
def test_a_value_of_another_type_is_refused(key: str) -> None:
    assert not accepted(nested(key, 0.5)) or key == "emulator.speed"
    assert not accepted(nested(key, [[0]]))
    assert not accepted(nested(key, {"surprise": {}}))


def test_scenarios_are_the_emulators() -> None:
    known = VALIDATOR.schema["properties"]["emulator"]["properties"]["scenario"]["enum"]
    assert tuple(known) == BUNDLED


def test_the_guard_knows_the_groups_of_coupled_cells() -> None:
    guards = (CHART / "templates" / "_guards.tpl").read_text("utf-8")
    ((pairs),) = re.findall(r"\$group := dict (.*?) \|", guards)
    known = {name: int(cells) for name, cells in re.findall(r'"(\w+)" (\d+)', pairs)}
    groups = {name: load_scenario(name).interference.coupled_cells for name in BUNDLED}
    assert known == {name: cells for name, cells in groups.items() if cells > 1}
    text = description(VALIDATOR.schema, "emulator.cells")
    assert all(f"`{name}` takes whole groups of {cells}" in text for name, cells in known.items())


BY_SCHEMA = [
    ("replicaCount: 2", "replicaCount"),
    ("image: {name: xapp}", "name"),
    ("replicas: -1", "replicas"),
    ("replicas: many", "replicas"),
    ("settings: {port: 9090}", "port"),
    ("settings: {store: redis://elsewhere}", "store"),
    ("settings: {shield: {urlcc_floor: 5}}", "urlcc_floor"),
    ("settings: {log: {level: loud}}", "level"),
    ("settings: {intents: [{snssai: 1-000001}]}", "sla"),
    ("settings: {max_body_bytes: 10}", "max_body_bytes"),
    ("service: {port: 70000}", "port"),
    ("service: {type: ExternalName}", "type"),
    ("ingress: {hosts: ['https://x.example']}", "hosts"),
    ("ingress: {paths: []}", "paths"),
    ("ingress: {tls: [{secretName: x}]}", "tls"),
    ("store: {kind: memcached}", "kind"),
    ("store: {kind: external, external: {url: http://redis}}", "url"),
    ("redis: {maxMemory: lots}", "maxMemory"),
    ("redis: {persistence: {size: 1 GB}}", "size"),
    ("resources: {limits: {cpus: 1}}", "cpus"),
    ("podDisruptionBudget: {maxUnavailable: 0}", "maxUnavailable"),
    ("podLabels: {app.kubernetes.io/component: other}", "/podLabels/app.kubernetes.io"),
    ("podLabels: {team: 'a b'}", "team"),
    ("networkPolicy: {clients: [{ipBlock: {cidr: 10.0.0.1}}]}", "cidr"),
    ("networkPolicy: {clients: [{namespace: ricplt}]}", "clients"),
    ("networkPolicy: {clients: [{}]}", "clients"),
    ("emulator: {cells: 0}", "cells"),
    ("emulator: {scenario: busy}", "scenario"),
    ("monitoring: {serviceMonitor: {interval: fast}}", "interval"),
    ("tolerations: [{key: a, effect: Never}]", "effect"),
    ("fullnameOverride: Upper_Case", "fullnameOverride"),
    ("podSecurity: {runAsUser: 0}", "runAsUser"),
    ("settings: {e2: {listen: 'http://0.0.0.0'}}", "listen"),
    ("settings: {e2: {listen: 'sctp://0.0.0.0:0'}}", "listen"),
    ("settings: {e2: {listen: 'sctp://0.0.0.0:65536'}}", "listen"),
    ("settings: {e2: {listen: 'tcp://::1'}}", "listen"),
    ("settings: {e2: {listen: ''}}", "listen"),
    ("settings: {e2: {periods_ms: 100}}", "periods_ms"),
    ("e2Service: {type: ExternalName}", "type"),
    ("e2Service: {nodePort: 0}", "nodePort"),
    ("e2Service: {protocol: SCTP}", "protocol"),
    ("networkPolicy: {e2Nodes: [{ipBlock: {cidr: 192.0.2.1}}]}", "cidr"),
    ("emulator: {ric: 'sctp://ric'}", "ric"),
    ("emulator: {core: '0.0.0.0:8081'}", "core"),
    ("settings: {core: {rule: best}}", "rule"),
    ("networkPolicy: {core: [{ipBlock: {cidr: 192.0.2.1}}]}", "cidr"),
]


@pytest.mark.parametrize(("values", "named"), BY_SCHEMA, ids=[v for v, _ in BY_SCHEMA])
def test_the_schema_refuses_and_names_the_key(values: str, named: str, helm: Helm) -> None:
    document = yaml.safe_load(values)
    assert not accepted(document)
    with pytest.raises(HelmError, match="don't meet the specifications of the schema") as caught:
        helm.template(document)
    assert named in str(caught.value)


SEVERAL: Values = {"replicas": 2}
BOTH: Values = {"url": "redis://r", "existingSecret": "s"}
EVERYWHERE: Values = {"type": "NodePort", "externalTrafficPolicy": "Cluster"}
E2 = nested("settings.e2.listen", "sctp://0.0.0.0")
PLAYED: Values = {"enabled": True, "scenario": "edge", "core": True}
BY_GUARD = [
    ({"store": {"kind": "external"}}, "store.external.url or store.external.existingSecret"),
    (nested("store", {"kind": "external", "external": BOTH}), "exclude each other"),
    (nested("store.external.url", "redis://r"), "set store.kind to external"),
    ({"redis": {"password": "p", "existingSecret": "s"}}, "exclude each other"),
    ({"bundle": {"configMap": "a", "claim": "b"}}, "exclude each other"),
    (nested("ingress.enabled", True), "ingress.hosts"),
    ({"autoscaling": {"minReplicas": 5, "maxReplicas": 2}}, "above autoscaling.maxReplicas, 2"),
    (merged(SEVERAL, nested("store.kind", "embedded")), "a state of its own"),
    ({"autoscaling": {"enabled": True}, "store": {"kind": "embedded"}}, "a state of its own"),
    (
        merged(SEVERAL, {"ingress": {"enabled": True, "hosts": ["x.example"]}}),
        "ingress.affinityAnnotations",
    ),
    (
        merged(SEVERAL, nested("service", EVERYWHERE)),
        "externalTrafficPolicy",
    ),
    (nested("emulator.ric", True), "set settings.e2.listen"),
    (nested("emulator.core", True), "set emulator.enabled, or leave it"),
    ({"emulator": PLAYED} | nested("settings.core.url", "http://c"), "exclude each other"),
    ({"emulator": {"enabled": True, "core": True}}, "the scenario mixed has no core"),
    (SEVERAL | {"emulator": PLAYED}, "each would drive it"),
    (SEVERAL | nested("settings.core.url", "http://c"), "each would drive it"),
    (nested("emulator", {"scenario": "highway", "cells": 8}), "set a multiple of 7"),
    (nested("e2Service.type", "NodePort"), "takes no E2 nodes"),
    (merged(E2, {"emulator": {"ric": True, "speed": 0}}), "set a speed above 0"),
    (
        merged(SEVERAL | E2, nested("e2Service", EVERYWHERE)),
        "set e2Service.externalTrafficPolicy to Local",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("values", "said"), BY_GUARD, ids=[s for _, s in BY_GUARD])
def test_values_that_contradict_each_other_are_refused(
    values: Values, said: str, helm: Helm
) -> None:
    assert accepted(values)
    with pytest.raises(HelmError) as caught:
        helm.template(values)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", SETS)
def test_notes_say_what_comes_next(name: str, helm: Helm) -> None:
    arguments = ["install", "west", "helm/slicepilot", "--dry-run=client", "--namespace", "ric"]
    text = helm.run(*arguments, "--values", str(values_of(name))).partition("\nNOTES:\n")[2]
    assert "rollout status deployment/west-slicepilot" in text
    assert "helm -n ric test west" in text
    assert "http://west-slicepilot.ric:8080/decide" in text
    assert "<no value>" not in text
    assert "%!" not in text
    assert ("It is lost when the pod restarts" in text) == (name == "embedded")
    assert ("Several replicas" in text) == (name == "production")
    assert ("https://xapp.ric.example.org/decide" in text) == (name == "production")
    assert ("Monitoring is off" in text) == (name != "production")
    assert ("The emulator does so already" in text) == (name in {"emulator", "e2", "core"})
    assert ("sctp://west-slicepilot-e2.ric:36421, from outside" in text) == (name == "e2")
    assert ("does so already, over E2: scenario" in text) == (name == "e2")
    assert ("nodes outside of the cluster need an ipBlock" in text) == (name == "e2")


def test_notes_say_what_several_replicas_mean_to_e2_nodes(helm: Helm) -> None:
    arguments = ["install", "west", "helm/slicepilot", "--dry-run=client", "--set", "replicas=2"]
    listening = ("--set", "settings.e2.listen=tcp://0.0.0.0")
    said = "a new replica gets\nno nodes that are connected already"
    assert said in helm.run(*arguments, *listening)
    assert said not in helm.run(*arguments)
