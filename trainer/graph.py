"""The served graph: the policy written down as ONNX nodes, straight from the network's weights.

Nothing is traced, so that comparing its answers with the network's is a true check. The normaliser
is folded into the first layer: `W (x - mean) / std + b = (W / std) x + (b - W mean / std)`.
"""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from trainer.policy import CELL_OUTPUTS, SLICE_OUTPUTS, ActorCritic
from xapp.decision.observation import FEATURES

OPSET: Final = 17
IR_VERSION: Final = 8
_AXIS: Final = "axis_1"


class _Graph:
    """Nodes and constants as they are added, in order of execution."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: list[str], name: str, **attributes: Any) -> str:
        """Add a node with one output, called `name`."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add a constant, called `name`."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def matmul(self, x: str, weight: NDArray[np.float32], name: str, *, int8: bool) -> str:
        """`x @ weight`, with weight [inputs, outputs]; quantised dynamically where `int8`."""
        if not int8:
            return self.node("MatMul", [x, self.constant(f"{name}_w", weight)], name)
        # Symmetric weights with a scale a column; activations measured at run time, uint8.
        scale = np.maximum(np.abs(weight).max(axis=0) / 127.0, 1e-12).astype(np.float32)
        quantised = np.rint(weight / scale).astype(np.int8)
        q, q_scale, q_zero = f"{name}_x", f"{name}_x_scale", f"{name}_x_zero"
        self.nodes.append(
            helper.make_node("DynamicQuantizeLinear", [x], [q, q_scale, q_zero], name=q)
        )
        weights = self.constant(f"{name}_w", quantised)
        total = self.node("MatMulInteger", [q, weights, q_zero], f"{name}_total")
        real = self.node("Cast", [total], f"{name}_real", to=TensorProto.FLOAT)
        weight_scale = self.constant(f"{name}_w_scale", scale)
        factor = self.node("Mul", [q_scale, weight_scale], f"{name}_scale")
        return self.node("Mul", [real, factor], name)


def policy_graph(network: ActorCritic, *, int8: bool) -> bytes:
    """The ONNX model of the network's means, as `xapp.decision.manifest` describes it.

    With `int8`, the layers within the network are quantised. The first layer stays fp32: its
    inputs have spreads too different for one scale, and it holds a tenth of the weights.
    """
    g = _Graph()
    w = _weights(network)
    weight = g.node("Cast", ["present"], "present_real", to=TensorProto.FLOAT)
    axis = g.constant(_AXIS, np.array([1], np.int64))
    mean_weight = g.node("LpNormalization", [weight], "mean_weight", axis=1, p=1)
    pool = g.node("Unsqueeze", [mean_weight, axis], "pool")  # [N, 1, S]

    x = g.matmul("observation", w["encode"], "encode", int8=False)
    x = g.node("Add", [x, g.constant("encode_b", w["encode_b"])], "encoded")
    h = g.node("Relu", [x], "h")
    context = g.node("MatMul", [pool, h], "pooled")
    context = g.matmul(context, w["context"], "context", int8=int8)
    context = g.node("Add", [context, g.constant("mix_b", w["mix_b"])], "context_b")
    z = g.matmul(h, w["mix"], "mix", int8=int8)
    z = g.node("Relu", [g.node("Add", [z, context], "mixed")], "z")

    out = g.matmul(z, w["head"], "head", int8=int8)
    out = g.node("Add", [out, g.constant("head_b", w["head_b"])], "out")
    split = g.constant("split", np.array([SLICE_OUTPUTS, CELL_OUTPUTS], np.int64))
    g.nodes.append(
        helper.make_node("Split", [out, split], ["slices", "cell_parts"], name="slices", axis=2)
    )
    cell = g.node("MatMul", [pool, "cell_parts"], "cell_pooled")
    g.node("Squeeze", [cell, axis], "cell")
    return _model(g, ("N", "S"), ("N",), masked=True)


def cell_graph(network: ActorCritic) -> bytes:
    """The ONNX model of the same means for one cell, all of whose places hold a slice.

    Affine layers are single nodes, and the mean over slices goes before the cell's head, where it
    is the same: the head is affine.
    """
    g = _Graph()
    w = _weights(network)

    def affine(x: str, layer: str, bias: str, name: str) -> str:
        return g.node("Gemm", [x, g.constant(f"{name}_w", w[layer]), bias], name)

    h = g.node("Relu", [affine("observation", "encode", g.constant("b", w["encode_b"]), "x")], "h")
    pooled = g.node("ReduceMean", [h], "pooled", axes=[0], keepdims=1)
    context = affine(pooled, "context", g.constant("mix_b", w["mix_b"]), "context")
    z = g.node("Relu", [affine(h, "mix", context, "mixed")], "z")
    w["slices"], w["cell"] = np.split(w["head"], [SLICE_OUTPUTS], axis=1)
    slices_b, cell_b = np.split(w["head_b"], [SLICE_OUTPUTS])
    affine(z, "slices", g.constant("slices_b", slices_b), "slices")
    mean = g.node("ReduceMean", [z], "mean", axes=[0], keepdims=1)
    affine(mean, "cell", g.constant("cell_b", cell_b), "cell")
    return _model(g, ("S",), (1,), masked=False)


def _weights(network: ActorCritic) -> dict[str, NDArray[np.float32]]:
    def array(t: Any) -> NDArray[np.float64]:
        return np.asarray(t.detach().double().numpy())

    mean, std = array(network.mean), array(network.std)
    encode = array(network.encode.weight) / std
    folded = {
        "encode": encode.T,
        "encode_b": array(network.encode.bias) - encode @ mean,
        "mix": array(network.mix.weight).T,
        "mix_b": array(network.mix.bias),
        "context": array(network.context.weight).T,
        "head": array(network.head.weight).T,
        "head_b": array(network.head.bias),
    }
    return {name: value.astype(np.float32) for name, value in folded.items()}


Shape = tuple[str | int, ...]


def _model(g: _Graph, places: Shape, cells: Shape, *, masked: bool) -> bytes:
    """The model of a graph; its inputs and outputs have these dimensions before their columns."""

    def value(name: str, kind: int, *shape: str | int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, list(shape))

    real = TensorProto.FLOAT
    mask = [value("present", TensorProto.BOOL, *places)] if masked else []
    graph = helper.make_graph(
        g.nodes,
        "policy",
        [value("observation", real, *places, FEATURES), *mask],
        [
            value("slices", real, *places, SLICE_OUTPUTS),
            value("cell", real, *cells, CELL_OUTPUTS),
        ],
        g.constants,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="slicepilot trainer",
    )
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data
