"""What NetworkPolicies let through, by the rules of the Kubernetes documentation.

A reference for tests: a few pods and addresses, no optimisation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Policy = Mapping[str, Any]
Port = tuple[str, int]
"""Protocol and number."""


@dataclass(frozen=True)
class Endpoint:
    """A pod, or with `ip` an address outside of the cluster.

    Attributes:
        name: for people.
        namespace: of the pod; policies of the same namespace apply to it.
        labels: of the pod.
        ip: the address outside.
    """

    name: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ip: str = ""


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects; an empty one selects everything."""
    if any(labels.get(k) != v for k, v in selector.get("matchLabels", {}).items()):
        return False
    for e in selector.get("matchExpressions", ()):
        value, values = labels.get(e["key"]), e.get("values", ())
        holds = {
            "In": value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not holds[e["operator"]]:
            return False
    return True


def _peer_matches(peer: Mapping[str, Any], home: str, other: Endpoint) -> bool:
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        inside = bool(other.ip) and ip_address(other.ip) in ip_network(block["cidr"])
        excepted = any(
            inside and ip_address(other.ip) in ip_network(e) for e in block.get("except", ())
        )
        return inside and not excepted
    if other.ip:
        return False
    if "namespaceSelector" in peer:
        names = {"kubernetes.io/metadata.name": other.namespace}
        if not selects(peer["namespaceSelector"], names):
            return False
    elif other.namespace != home:
        return False
    return selects(peer.get("podSelector", {}), other.labels)


def _lets(
    policies: Iterable[Policy], direction: str, mine: Endpoint, other: Endpoint, port: Port
) -> bool:
    """Whether the policies of one end let a connection pass in one direction."""
    rules: list[Mapping[str, Any]] = []
    isolated = False
    for policy in policies:
        spec, home = policy["spec"], policy["metadata"]["namespace"]
        if mine.namespace != home or not selects(spec["podSelector"], mine.labels):
            continue
        if direction in spec["policyTypes"]:
            isolated = True
            rules += spec.get(direction.lower()) or ()
    side = "from" if direction == "Ingress" else "to"
    return not isolated or any(
        # Neither peers nor ports given: no limit.
        (not r.get(side) or any(_peer_matches(p, mine.namespace, other) for p in r[side]))
        and (
            not r.get("ports")
            or any((p.get("protocol", "TCP"), p["port"]) == port for p in r["ports"])
        )
        for r in rules
    )


def flows(
    policies: Sequence[Policy], ends: Sequence[Endpoint], ports: Sequence[Port]
) -> set[tuple[str, str, Port]]:
    """Every connection that is let through: from, to, port. Addresses outside let all pass."""
    return {
        (a.name, b.name, port)
        for a in ends
        for b in ends
        for port in ports
        if a is not b
        and (a.ip or _lets(policies, "Egress", a, b, port))
        and (b.ip or _lets(policies, "Ingress", b, a, port))
    }
