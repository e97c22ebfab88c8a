"""Small bundles for tests: a fixed random network, written down as ONNX nodes."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS
from xapp.decision.heuristics import RuleParameters
from xapp.decision.manifest import GOLDEN_NAME, GRAPHS, MANIFEST_NAME, Manifest, schema_hash
from xapp.decision.observation import FEATURES

Arrays = Mapping[str, NDArray[Any]]


def weights(seed: int = 1) -> Arrays:
    rng = np.random.default_rng(seed)
    scale = 1.0 / np.sqrt(FEATURES)
    return {
        "w": (scale * rng.standard_normal((FEATURES, len(SLICE_ACTIONS)))).astype(np.float32),
        "v": (scale * rng.standard_normal((FEATURES, len(CELL_ACTIONS)))).astype(np.float32),
    }


def graph(w: Arrays, *, outputs: tuple[str, str] = ("slices", "cell")) -> bytes:
    """slices = observation @ w; cell = sum over present slices of observation, @ v."""
    constants = [numpy_helper.from_array(array, name) for name, array in w.items()]
    constants.append(numpy_helper.from_array(np.array([2], np.int64), "last"))
    constants.append(numpy_helper.from_array(np.array([1], np.int64), "middle"))
    nodes = [
        helper.make_node("MatMul", ["observation", "w"], [outputs[0]]),
        helper.make_node("Cast", ["present"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["mask3"]),
        helper.make_node("Mul", ["observation", "mask3"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "middle"], ["pooled"], keepdims=0),
        helper.make_node("MatMul", ["pooled", "v"], [outputs[1]]),
    ]
    values = helper.make_tensor_value_info
    real = TensorProto.FLOAT
    return _model(
        nodes,
        [
            values("observation", real, ["N", "S", FEATURES]),
            values("present", TensorProto.BOOL, ["N", "S"]),
        ],
        [
            values(outputs[0], real, ["N", "S", len(SLICE_ACTIONS)]),
            values(outputs[1], real, ["N", len(CELL_ACTIONS)]),
        ],
        constants,
    )


def cell_graph(w: Arrays) -> bytes:
    """The same for one cell, all of whose places hold a slice."""
    constants = [numpy_helper.from_array(array, name) for name, array in w.items()]
    constants.append(numpy_helper.from_array(np.array([0], np.int64), "first"))
    nodes = [
        helper.make_node("MatMul", ["observation", "w"], ["slices"]),
        helper.make_node("ReduceSum", ["observation", "first"], ["pooled"], keepdims=1),
        helper.make_node("MatMul", ["pooled", "v"], ["cell"]),
    ]
    values = helper.make_tensor_value_info
    real = TensorProto.FLOAT
    return _model(
        nodes,
        [values("observation", real, ["S", FEATURES])],
        [values("slices", real, ["S", len(SLICE_ACTIONS)]), values("cell", real, [1, 1])],
        constants,
    )


def _model(nodes: Any, inputs: Any, outputs: Any, constants: Any) -> bytes:
    made = helper.make_graph(nodes, "policy", inputs, outputs, constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def golden(w: Arrays, cells: int = 8, slices: int = 5, seed: int = 2) -> dict[str, NDArray[Any]]:
    rng = np.random.default_rng(seed)
    present = np.arange(slices) < rng.integers(1, slices + 1, (cells, 1))
    observation = rng.random((cells, slices, FEATURES)).astype(np.float32) * present[..., None]
    return {
        "observation": observation,
        "present": present,
        "slices": observation @ w["w"],
        "cell": observation.sum(axis=1) @ w["v"],
    }


def npz(arrays: Arrays) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the flag for an array
    return out.getvalue()


def pack(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def manifest(members: Mapping[str, bytes], **changed: Any) -> Manifest:
    fields: dict[str, Any] = {
        "name": "test",
        "created": "2026-01-01T00:00:00Z",
        "period_ms": 100,
        "rule": RuleParameters(),
        "tolerance": dict.fromkeys(GRAPHS, 1e-4),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
        "training": {"seed": 1},
        "evaluation": {},
        "schema": schema_hash(),
    }
    return Manifest(**(fields | changed))


def members(seed: int = 1) -> dict[str, bytes]:
    """The members of a good bundle but the manifest; fp32 and int8 are the same graph."""
    w = weights(seed)
    graphs = dict.fromkeys(GRAPHS.values(), graph(w)) | {GRAPHS["cell"]: cell_graph(w)}
    return {**graphs, GOLDEN_NAME: npz(golden(w))}


def bundle(change: Callable[[dict[str, bytes]], None] | None = None, **fields: Any) -> bytes:
    """A bundle; `change` may alter members before they are digested."""
    parts = members()
    if change is not None:
        change(parts)
    return pack({MANIFEST_NAME: manifest(parts, **fields).to_bytes(), **parts})
