"""The manifest of a policy bundle: what the policy was made for, from what, and how it did.

A bundle is one zip file, written by the trainer and read by the xApp, with the members

- `manifest.json`: this manifest;
- `policy.fp32.onnx`, `policy.int8.onnx`: the same policy twice, normalisation inside the graph;
  inputs `observation` float32 [N, S, FEATURES] and `present` bool [N, S], outputs `slices` float32
  [N, S, len(SLICE_ACTIONS)] and `cell` float32 [N, len(CELL_ACTIONS)], N and S free;
- `policy.cell.onnx`: the same once more, fp32, for one cell all of whose places hold a slice, in
  half as many nodes: what a graph costs for one cell is the number of its nodes; input
  `observation` float32 [S, FEATURES], outputs `slices` float32 [S, len(SLICE_ACTIONS)] and `cell`
  float32 [1, len(CELL_ACTIONS)];
- `golden.npz`: arrays `observation`, `present`, `slices`, `cell`: inputs and the answers of the
  policy that was trained, which all graphs must reproduce within the manifest's tolerances.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS
from xapp.decision.heuristics import RuleParameters
from xapp.decision.observation import OBSERVATION
from xapp.decision.scalar.act import OPEN, SHARE_BOUND

FORMAT: Final = 2
MANIFEST_NAME: Final = "manifest.json"
GRAPHS: Final = {
    "fp32": "policy.fp32.onnx",
    "int8": "policy.int8.onnx",
    "cell": "policy.cell.onnx",
}
GOLDEN_NAME: Final = "golden.npz"


def schema_hash() -> str:
    """SHA-256 of all that must be the same in training and in serving, as 64 hex digits."""
    schema = {
        "observation": [[f.name, f.meaning, f.low, f.high] for f in OBSERVATION],
        "slice_actions": SLICE_ACTIONS,
        "cell_actions": CELL_ACTIONS,
        "bounds": [SHARE_BOUND, OPEN, MAX_MCS_BACKOFF, *TX_POWER_OFFSET_DB],
    }
    text = json.dumps(schema, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class BundleError(ValueError):
    """A bundle cannot be used; the message says which member or field, and why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself.

    Attributes:
        name: the policy's name, for people.
        created: ISO 8601 time of export, UTC.
        period_ms: decision period the policy was trained at.
        rule: parameters of the rule to which its actions are residuals.
        tolerance: largest absolute difference from the golden answers, by graph.
        sha256: digest of each other member, by member name.
        training: configuration, seeds, compute and software versions.
        evaluation: objective and KPIs with intervals, against baselines.
        schema: `schema_hash()` at export.
        format: version of this layout.
    """

    name: str
    created: str
    period_ms: int
    rule: RuleParameters
    tolerance: Mapping[str, float]
    sha256: Mapping[str, str]
    training: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    schema: str
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        """The member `manifest.json`."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=False).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The inverse of `to_bytes`, with every field checked for presence and type.

        Raises:
            BundleError: not JSON, a field is absent, unknown or of another type, or the format or
                schema is not the one this program serves.
        """
        try:
            document = json.loads(data)
        except ValueError as error:
            raise BundleError(f"{MANIFEST_NAME}: not JSON: {error}") from error
        if not isinstance(document, dict):
            raise BundleError(f"{MANIFEST_NAME}: needs an object, got {type(document).__name__}")
        if document.get("format") != FORMAT:
            raise BundleError(
                f"{MANIFEST_NAME}: format {document.get('format')!r}, this program reads {FORMAT}"
            )
        _check_fields(document)
        if document["schema"] != schema_hash():
            raise BundleError(
                f"{MANIFEST_NAME}: schema {document['schema'][:12]} differs from this program's "
                f"{schema_hash()[:12]}: train or export the policy again with this version"
            )
        try:
            document["rule"] = RuleParameters(**document["rule"])
        except (TypeError, ValueError) as error:
            raise BundleError(f"{MANIFEST_NAME}: rule: {error}") from error
        return cls(**document)


_TYPES: Final[dict[str, type]] = {
    "name": str,
    "created": str,
    "period_ms": int,
    "rule": dict,
    "tolerance": dict,
    "sha256": dict,
    "training": dict,
    "evaluation": dict,
    "schema": str,
    "format": int,
}


def _check_fields(document: Mapping[str, Any]) -> None:
    if wrong := set(document) ^ set(_TYPES):
        raise BundleError(f"{MANIFEST_NAME}: absent or unknown fields: {', '.join(sorted(wrong))}")
    for name, kind in _TYPES.items():
        if type(document[name]) is not kind:
            raise BundleError(
                f"{MANIFEST_NAME}: {name}: needs {kind.__name__}, got "
                f"{type(document[name]).__name__}"
            )
    if absent := {*GRAPHS.values(), GOLDEN_NAME} - set(document["sha256"]):
        raise BundleError(f"{MANIFEST_NAME}: sha256: no digest of {', '.join(sorted(absent))}")
    for graph in GRAPHS:
        if not isinstance(document["tolerance"].get(graph), float):
            raise BundleError(f"{MANIFEST_NAME}: tolerance.{graph}: needs a number")
