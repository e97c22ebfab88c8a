"""The manifest: round trip, and every flaw has a message that names it."""

import json
from typing import Any

import pytest

from xapp.decision.heuristics import RuleParameters
from xapp.decision.manifest import GOLDEN_NAME, GRAPHS, BundleError, Manifest, schema_hash


def _manifest() -> Manifest:
    return Manifest(
        name="mixed",
        created="2026-01-01T00:00:00Z",
        period_ms=100,
        rule=RuleParameters(1.5, 2.5, 0.1, 2.0),
        tolerance={"fp32": 1e-4, "int8": 0.2, "cell": 1e-4},
        sha256=dict.fromkeys((*GRAPHS.values(), GOLDEN_NAME), "0" * 64),
        training={"seed": 1},
        evaluation={"objective": [0.9, 0.8, 1.0]},
        schema=schema_hash(),
    )


def test_round_trip() -> None:
    manifest = _manifest()
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 1}, "format 1"),
        ({"schema": "f" * 64}, "schema ffffffffffff differs"),
        ({"name": 3}, "name: needs str"),
        ({"period_ms": 1.5}, "period_ms: needs int"),
        ({"extra": 1}, "extra"),
        ({"rule": {"nonsense": 1.0}}, "rule: .*nonsense"),
        ({"sha256": {}}, "no digest of"),
        ({"tolerance": {"fp32": 1e-4}}, "tolerance.int8"),
    ],
)
def test_flaws_are_named(change: dict[str, Any], message: str) -> None:
    document = json.loads(_manifest().to_bytes()) | change
    with pytest.raises(BundleError, match=message):
        Manifest.from_bytes(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"null"])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json"):
        Manifest.from_bytes(data)


def test_an_absent_field_is_named() -> None:
    document = json.loads(_manifest().to_bytes())
    del document["evaluation"]
    with pytest.raises(BundleError, match="evaluation"):
        Manifest.from_bytes(json.dumps(document).encode())
