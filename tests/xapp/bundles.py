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
    made = helper.make_graph(
        nodes,
        "policy",
        [
            helper.make_tensor_value_info("observation", TensorProto.FLOAT, ["N", "S", FEATURES]),
            helper.make_tensor_value_info("present", TensorProto.BOOL, ["N", "S"]),
        ],
        [
            helper.make_tensor_value_info(
                outputs[0], TensorProto.FLOAT, ["N", "S", len(SLICE_ACTIONS)]
            ),
            helper.make_tensor_value_info(outputs[1], TensorProto.FLOAT, ["N", len(CELL_ACTIONS)]),
        ],
        constants,
    )
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
        "tolerance": {"fp32": 1e-4, "int8": 1e-4},
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
        "training": {"seed": 1},
        "evaluation": {},
        "schema": schema_hash(),
    }
    return Manifest(**(fields | changed))


def members(seed: int = 1) -> dict[str, bytes]:
    """The members of a good bundle but the manifest; both graphs are the same one."""
    w = weights(seed)
    return {**dict.fromkeys(GRAPHS.values(), graph(w)), GOLDEN_NAME: npz(golden(w))}


def bundle(change: Callable[[dict[str, bytes]], None] | None = None, **fields: Any) -> bytes:
    """A bundle; `change` may alter members before they are digested."""
    parts = members()
    if change is not None:
        change(parts)
    return pack({MANIFEST_NAME: manifest(parts, **fields).to_bytes(), **parts})
