"""What the chart renders is what Kubernetes takes: schemas, names, labels, references, security."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from tests.helm.chart import CHART, ROOT, SETS, Document, Helm, Manifests, containers, values_of
from tests.helm.network import selects
from tests.helm.operator_types import SCHEMAS

VERSIONS = ("1.28", "1.31", "1.36")
COMPONENT = "app.kubernetes.io/component"
DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
BEHIND = {"e2": "xapp", "core": "emulator"}
"""Components that are a Service alone, by the pods it selects."""

LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


def test_versions_are_the_projects() -> None:
    about = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert about["version"] == about["appVersion"] == project["version"]


def test_images_are_the_ones_of_compose(rendered: dict[str, Manifests]) -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    names = {"xapp": "xapp", "emulator": "e2sim", "redis": "redis"}
    pods = rendered["emulator"].pods()
    for component, service in names.items():
        (container,) = containers([pods[component]])
        wanted = services[service]["image"].replace("${SLICEPILOT_VERSION:-0.1.0}", "0.1.0")
        assert container["image"] == wanted


def test_lint_is_clean(helm: Helm) -> None:
    for name in SETS:
        helm.run("lint", "--strict", str(CHART), "--values", str(values_of(name)))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", SETS)
def test_documents_validate(name: str, version: str, rendered: dict[str, Manifests]) -> None:
    for document in rendered[name]:
        if document["kind"] in SCHEMAS:
            jsonschema.validate(document, SCHEMAS[document["kind"]])
        else:
            # The version used is returned: an older schema may stand in for one that is missing.
            assert kubernetes_validate.validate(document, version, strict=True) == version


def test_the_strict_schemas_refuse(rendered: dict[str, Manifests]) -> None:
    """The check above can fail: a misspelt field and a wrong type are refused."""
    deployment = rendered["default"].one("Deployment")
    misspelt = {**deployment, "spec": {**deployment["spec"], "replica": 1}}
    wrong = {**deployment, "spec": {**deployment["spec"], "replicas": "one"}}
    for bad in (misspelt, wrong):
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(bad, VERSIONS[0], strict=True)


def test_sets_cover_every_template(rendered: dict[str, Manifests]) -> None:
    seen = {d["kind"] for m in rendered.values() for d in m}
    wanted = {
        "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Ingress", "NetworkPolicy", "Pod",
        "PodDisruptionBudget", "PrometheusRule", "Secret", "Service", "ServiceAccount",
        "ServiceMonitor", "StatefulSet",
    }  # fmt: skip
    assert seen == wanted


def _check_names(manifests: Manifests) -> None:
    names = [(d["kind"], d["metadata"]["name"]) for d in manifests]
    assert len(names) == len(set(names))
    for document in manifests:
        name = document["metadata"]["name"]
        limit = 52 if document["kind"] == "StatefulSet" else 63
        assert len(name) <= limit
        assert DNS_LABEL.fullmatch(name)
        for value in document["metadata"]["labels"].values():
            assert LABEL_VALUE.fullmatch(value)


def test_names_and_labels(manifests: Manifests) -> None:
    _check_names(manifests)


def test_names_fit_with_the_longest_release(helm: Helm) -> None:
    """53 characters are helm's limit; a cut must not end with a dash."""
    production = values_of("production")
    for release in ("r" * 53, "a" * 39 + "-" + "b" * 13):
        _check_names(helm.template(production, {"emulator": {"enabled": True}}, release=release))


def test_names_can_be_chosen(helm: Helm) -> None:
    manifests = helm.template({"fullnameOverride": "ric", "nameOverride": "pilot"})
    assert manifests.one("Service")["metadata"]["name"] == "ric"
    assert manifests.one("StatefulSet", "redis")["metadata"]["name"] == "ric-redis"
    assert manifests.pods()["xapp"]["metadata"]["labels"]["app.kubernetes.io/name"] == "pilot"
    same = helm.template(release="slicepilot-lab").one("Service")
    assert same["metadata"]["name"] == "slicepilot-lab"


def component_of(document: Document) -> str:
    """The component whose pods a document is about."""
    label: str = document["metadata"]["labels"][COMPONENT]
    return BEHIND.get(label, label)


def _selected(manifests: Manifests, selector: dict[str, Any]) -> list[str]:
    return [
        c for c, pod in manifests.pods().items() if selects(selector, pod["metadata"]["labels"])
    ]


def test_selectors_match_their_own_pods_alone(manifests: Manifests) -> None:
    for document in manifests:
        spec = document.get("spec", {})
        own = [component_of(document)]
        if document["kind"] in ("Deployment", "StatefulSet", "PodDisruptionBudget"):
            assert _selected(manifests, spec["selector"]) == own
        elif document["kind"] == "NetworkPolicy":
            assert _selected(manifests, spec["podSelector"]) == own
        elif document["kind"] == "Service":
            assert _selected(manifests, {"matchLabels": spec["selector"]}) == own
        for constraint in _pod_spec(document).get("topologySpreadConstraints", ()):
            assert _selected(manifests, constraint["labelSelector"]) == own


def _pod_spec(document: Document) -> dict[str, Any]:
    spec: dict[str, Any] = document.get("spec", {}).get("template", {}).get("spec", {})
    return spec


def test_services_reach_a_port_of_their_pods(manifests: Manifests) -> None:
    for service in [d for d in manifests if d["kind"] == "Service"]:
        pod = manifests.pods()[component_of(service)]
        opened = {p["name"]: p for c in containers([pod]) for p in c["ports"]}
        for port in service["spec"]["ports"]:
            assert port["protocol"] == opened[port["targetPort"]]["protocol"]
            assert port["protocol"] == "TCP" or service in manifests.of("Service", "e2")


def test_references_hold(manifests: Manifests) -> None:
    """Whatever one document names of the release is in the release."""
    names = {(d["kind"], d["metadata"]["name"]) for d in manifests}
    for reference in _references(manifests):
        assert reference in names
    for ingress in manifests.of("Ingress"):
        (service,) = manifests.of("Service")
        ports = {p["name"] for p in service["spec"]["ports"]}
        for rule in ingress["spec"]["rules"]:
            backends = [p["backend"]["service"] for p in rule["http"]["paths"]]
            assert {b["name"] for b in backends} == {service["metadata"]["name"]}
            assert {b["port"]["name"] for b in backends} <= ports
    for scaler in manifests.of("HorizontalPodAutoscaler"):
        deployment = manifests.one("Deployment")
        assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
        assert "replicas" not in deployment["spec"]


def _references(manifests: Manifests) -> Iterator[tuple[str, str]]:
    """ConfigMaps, Secrets and accounts that pods name, but for those that the user brings."""
    theirs = {"default", "redis-credentials", "trained-policy"}
    for pod in manifests.pods().values():
        spec = pod["spec"]
        found = [("ServiceAccount", spec["serviceAccountName"])]
        found += [
            ("ConfigMap", v["configMap"]["name"])
            for v in spec.get("volumes", ())
            if "configMap" in v
        ]
        for c in containers([pod]):
            refs = [e["valueFrom"]["secretKeyRef"] for e in c.get("env", ()) if "valueFrom" in e]
            for ref in refs:
                found.append(("Secret", ref["name"]))
                for secret in manifests:
                    if secret["kind"] == "Secret" and secret["metadata"]["name"] == ref["name"]:
                        assert ref["key"] in secret["stringData"]
        yield from (f for f in found if f[1] not in theirs)


def test_volumes_are_declared_and_used(manifests: Manifests) -> None:
    for document in manifests:
        spec = document["spec"] if document["kind"] == "Pod" else _pod_spec(document)
        claims = document.get("spec", {}).get("volumeClaimTemplates", ())
        declared = [v["name"] for v in spec.get("volumes", ())]
        declared += [c["metadata"]["name"] for c in claims]
        mounted = {m["name"] for c in spec.get("containers", ()) for m in c.get("volumeMounts", ())}
        assert sorted(declared) == sorted(mounted)


def test_pods_meet_the_restricted_standard(manifests: Manifests) -> None:
    """Pod Security Standards, "restricted", and beyond it a read-only root and no token."""
    for pod in manifests.pods().values():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"].get("runAsUser") != 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        allowed = {"name", "configMap", "emptyDir", "persistentVolumeClaim"}
        assert all(v.keys() <= allowed for v in spec.get("volumes", ()))
        for c in containers([pod]):
            assert c["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in c["resources"]["limits"]
            assert "cpu" not in c["resources"]["limits"]
    assert all(a["automountServiceAccountToken"] is False for a in manifests.of("ServiceAccount"))


def test_a_new_version_of_the_chart_alone_restarts_nothing(helm: Helm, tmp_path: Any) -> None:
    newer = tmp_path / "slicepilot"
    shutil.copytree(CHART, newer)
    about = (newer / "Chart.yaml").read_text()
    (newer / "Chart.yaml").write_text(re.sub(r"(?m)^version: .*$", "version: 99.0.0", about))
    values = values_of("emulator")
    before, after = helm.template(values).pods(), helm.template(values, chart=newer).pods()
    for component in ("xapp", "redis", "emulator"):
        assert before[component] == after[component]


def test_settings_roll_the_pod(helm: Helm) -> None:
    debug = {"settings": {"log": {"level": "debug"}}}
    templates = [
        m.one("Deployment")["spec"]["template"]["metadata"]["annotations"]["checksum/settings"]
        for m in (helm.template(), helm.template(), helm.template(debug))
    ]
    assert templates[0] == templates[1] != templates[2]


def test_one_replica_is_stopped_before_the_next_and_several_are_not(
    rendered: dict[str, Manifests],
) -> None:
    strategies = {n: m.one("Deployment")["spec"]["strategy"] for n, m in rendered.items()}
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    assert strategies.pop("production") == rolling
    assert all(s == {"type": "Recreate"} for s in strategies.values())


def test_clients_stay_with_a_replica(manifests: Manifests) -> None:
    for service in (manifests.one("Service"), *manifests.of("Service", "e2")):
        assert service["spec"]["sessionAffinity"] == "ClientIP"


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
@pytest.mark.parametrize(
    ("listen", "opened"),
    [
        ("tcp://0.0.0.0", ("TCP", 36421)),
        ("tcp://[::]:38000", ("TCP", 38000)),
        ("sctp://[::]", ("SCTP", 36421)),
    ],
)
def test_the_e2_port_is_open_where_the_xapp_listens(
    listen: str, opened: tuple[str, int], kind: str, helm: Helm
) -> None:
    service = {"type": kind, "nodePort": 30421, "externalTrafficPolicy": "Cluster"}
    manifests = helm.template({"settings": {"e2": {"listen": listen}}, "e2Service": service})
    (container,) = containers([manifests.pods()["xapp"]])
    ports = {p["name"]: (p["protocol"], p["containerPort"]) for p in container["ports"]}
    assert ports == {"http": ("TCP", 8080), "e2": opened}
    document = manifests.one("Service", "e2")
    assert document["spec"]["type"] == kind
    assert document["spec"]["externalTrafficPolicy"] == "Cluster"
    (port,) = document["spec"]["ports"]
    assert (port["protocol"], port["port"], port["nodePort"]) == (opened[0], 36421, 30421)
    for version in VERSIONS:
        for d in manifests:
            assert kubernetes_validate.validate(d, version, strict=True) == version
    assert manifests.one("Service")["spec"]["type"] == "ClusterIP"


def test_there_is_no_e2_port_unless_the_xapp_listens(rendered: dict[str, Manifests]) -> None:
    for name in set(SETS) - {"e2"}:
        assert not rendered[name].of("Service", "e2")
        (container,) = containers([rendered[name].pods()["xapp"]])
        assert [p["name"] for p in container["ports"]] == ["http"]


def test_the_chart_works_as_a_dependency(helm: Helm, tmp_path: Any) -> None:
    """Helm hands `global` down to it, which the closed schema must let in."""
    parent = tmp_path / "parent"
    (parent / "charts").mkdir(parents=True)
    (parent / "charts" / "slicepilot").symlink_to(CHART)
    (parent / "Chart.yaml").write_text("apiVersion: v2\nname: parent\nversion: 1.0.0\n")
    (parent / "values.yaml").write_text("global: {site: north}\nslicepilot: {replicas: 0}\n")
    manifests = helm.template(chart=parent)
    assert manifests.one("Deployment")["spec"]["replicas"] == 0
