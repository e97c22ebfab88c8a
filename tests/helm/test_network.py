"""The NetworkPolicies let exactly the program's own connections through."""

from typing import Any

import pytest

from tests.helm.chart import NAMESPACE, Helm, Manifests, containers, values_of
from tests.helm.network import Endpoint, flows

HTTP = ("TCP", 8080)
REDIS = ("TCP", 6379)
TLS_REDIS = ("TCP", 6380)
DNS = (("TCP", 53), ("UDP", 53))
E2 = ("SCTP", 36422)
CORE = ("TCP", 8081)
PORTS = (HTTP, CORE, REDIS, TLS_REDIS, *DNS, E2, ("TCP", 36422), ("UDP", 8080), ("TCP", 443))

OTHERS = (
    Endpoint("neighbour", NAMESPACE, {"app": "kpimon"}),
    Endpoint("e2term", "ricplt", {"app": "ricplt-e2term-alpha"}),
    Endpoint("a1mediator", "ricplt", {"app": "ricplt-a1mediator"}),
    Endpoint("prometheus", "monitoring", {"app.kubernetes.io/name": "prometheus"}),
    Endpoint("controller", "ingress-nginx", {"app.kubernetes.io/name": "ingress-nginx"}),
    Endpoint("resolver", "kube-system", {"k8s-app": "kube-dns"}),
    # Another release of this chart, in the same namespace.
    Endpoint(
        "east",
        NAMESPACE,
        {"app.kubernetes.io/name": "slicepilot", "app.kubernetes.io/instance": "east"},
    ),
    Endpoint("their-redis", ip="10.20.3.4"),
    Endpoint("gnb", ip="192.0.2.9"),
    Endpoint("internet", ip="198.51.100.7"),
)

IN_NAMESPACE = {("neighbour", "xapp", HTTP), ("east", "xapp", HTTP)}
CALLS = {"test": {("test", "xapp", HTTP)}, "emulator": {("emulator", "xapp", HTTP)}}
BUNDLED = {("xapp", "redis", REDIS)}


def resolves(*components: str) -> set[tuple[str, str, tuple[str, int]]]:
    return {(c, "resolver", p) for c in components for p in DNS}


WANTED = {
    "default": IN_NAMESPACE | CALLS["test"] | BUNDLED | resolves("xapp", "test"),
    "external": IN_NAMESPACE
    | CALLS["test"]
    | {("xapp", "their-redis", TLS_REDIS)}
    | resolves("xapp", "test"),
    "production": {("e2term", "xapp", HTTP), ("prometheus", "xapp", HTTP)}
    | {("controller", "xapp", HTTP)}
    | CALLS["test"]
    | BUNDLED
    | resolves("xapp", "test"),
    "emulator": IN_NAMESPACE
    | CALLS["test"]
    | CALLS["emulator"]
    | BUNDLED
    | resolves("xapp", "test", "emulator"),
    "e2": IN_NAMESPACE
    | CALLS["test"]
    | {("emulator", "xapp", E2), ("gnb", "xapp", E2)}
    | BUNDLED
    | resolves("xapp", "test", "emulator"),
    "core": IN_NAMESPACE
    | CALLS["test"]
    | CALLS["emulator"]
    | {("xapp", "emulator", CORE)}
    | BUNDLED
    | resolves("xapp", "test", "emulator"),
}


def connections(manifests: Manifests) -> set[tuple[str, str, tuple[str, int]]]:
    """What is let through, to or from a pod of the chart."""
    policies = [
        {**d, "metadata": {**d["metadata"], "namespace": NAMESPACE}}
        for d in manifests
        if d["kind"] == "NetworkPolicy"
    ]
    pods = {c: p["metadata"]["labels"] for c, p in manifests.pods().items()}
    ours = [Endpoint(c, NAMESPACE, labels) for c, labels in pods.items()]
    seen = flows(policies, [*ours, *OTHERS], PORTS)
    return {f for f in seen if f[0] in pods or f[1] in pods}


@pytest.mark.parametrize("name", WANTED)
def test_policies_admit_exactly_the_ports_used(name: str, rendered: dict[str, Manifests]) -> None:
    assert connections(rendered[name]) == WANTED[name]


def test_without_clients_only_the_charts_own_pods_come_in(helm: Helm) -> None:
    manifests = helm.template(values_of("emulator"), {"networkPolicy": {"clients": []}})
    assert connections(manifests) == WANTED["emulator"] - IN_NAMESPACE


def test_nodes_are_pods_of_the_namespace_unless_named(helm: Helm) -> None:
    listening = {"settings": {"e2": {"listen": "sctp://0.0.0.0:36422"}}}
    everybody = {(f, t, E2) for f, t, p in WANTED["default"] if t == "xapp" and p == HTTP}
    assert connections(helm.template(listening)) == WANTED["default"] | everybody - {
        ("test", "xapp", E2)
    }
    nobody: dict[str, Any] = {"networkPolicy": {"e2Nodes": []}}
    assert connections(helm.template(listening, nobody)) == WANTED["default"]


def test_every_pod_is_isolated_in_both_directions(rendered: dict[str, Manifests]) -> None:
    for name in WANTED:
        policies = [d for d in rendered[name] if d["kind"] == "NetworkPolicy"]
        components = [p["metadata"]["labels"]["app.kubernetes.io/component"] for p in policies]
        assert sorted(components) == sorted(rendered[name].pods())
        assert all(p["spec"]["policyTypes"] == ["Ingress", "Egress"] for p in policies)


def test_policies_name_the_ports_that_containers_open(rendered: dict[str, Manifests]) -> None:
    for name in WANTED:
        for component, pod in rendered[name].pods().items():
            (policy,) = rendered[name].of("NetworkPolicy", component)
            opened = {
                (p["protocol"], p["containerPort"])
                for c in containers([pod])
                for p in c.get("ports", ())
            }
            admitted = {
                (p["protocol"], p["port"]) for r in policy["spec"]["ingress"] for p in r["ports"]
            }
            assert admitted == opened


def test_the_least_set_has_no_policy(rendered: dict[str, Manifests]) -> None:
    assert "NetworkPolicy" not in rendered["embedded"].kinds()


def test_an_embedded_store_needs_no_connection_out(helm: Helm) -> None:
    manifests = helm.template({"store": {"kind": "embedded"}})
    assert manifests.one("NetworkPolicy")["spec"]["egress"] == []


def test_a_core_elsewhere_is_reached_at_its_port(helm: Helm) -> None:
    least: dict[str, Any] = {"store": {"kind": "embedded"}}
    there = {"core": [{"ipBlock": {"cidr": "198.51.100.0/24"}}]}
    for url, port in (("http://core.example:8081", CORE), ("https://core.example/", ("TCP", 443))):
        values = least | {"settings": {"core": {"url": url}}, "networkPolicy": there}
        out = {f for f in connections(helm.template(values)) if f[0] == "xapp"}
        assert out == {("xapp", "internet", port)} | resolves("xapp")
