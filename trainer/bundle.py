"""Bundles as files: written from a network, read back through ONNX Runtime.

The layout is that of `xapp.decision.manifest`.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from trainer.graph import cell_graph, policy_graph
from trainer.policy import CELL_OUTPUTS, SLICE_OUTPUTS, ActorCritic, TorchPolicy
from xapp.decision.action import Action
from xapp.decision.heuristics import RuleParameters
from xapp.decision.manifest import (
    GOLDEN_NAME,
    GRAPHS,
    MANIFEST_NAME,
    BundleError,
    Manifest,
    schema_hash,
)
from xapp.decision.policy import PolicyError

TOLERANCE: Final = {"fp32": 1e-4, "int8": 0.1, "cell": 1e-4}
"""Largest absolute difference of a raw output from the network's: the raw output of a share is
near the logarithm of its change, so that 0.1 is a tenth of the share."""

MAX_BYTES: Final = 1_000_000
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
# Members carry the earliest time that ZIP knows, so that the same content gives the same bytes.


class ExportError(ValueError):
    """A bundle is not written; the message says what disagrees, and by how much."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Inputs and the network's answers; shapes as in `trainer.policy.Policy`."""

    observation: NDArray[np.float32]
    present: NDArray[np.bool_]
    answer: Action

    def to_bytes(self) -> bytes:
        """The member `golden.npz`."""
        arrays = {
            "observation": self.observation,
            "present": self.present,
            "slices": self.answer.slices,
            "cell": self.answer.cell,
        }
        return _zipped({f"{name}.npy": _npy(value) for name, value in arrays.items()})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Golden":
        """The inverse of `to_bytes`."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            answer = Action(arrays["slices"], arrays["cell"])
            return cls(arrays["observation"], arrays["present"], answer)


class OnnxPolicy:
    """A graph as a `trainer.policy.Policy`, for evaluation; the xApp has its own."""

    def __init__(self, graph: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self._masked = len(self._session.get_inputs()) > 1

    def act(self, observation: NDArray[np.float32], present: NDArray[np.bool_]) -> Action:
        """Raw outputs for N cells; see the protocol."""
        if not self._masked:
            return self._act_by_cell(observation, present)
        return Action(*self._run({"observation": observation, "present": present}))

    def _act_by_cell(self, observation: NDArray[np.float32], present: NDArray[np.bool_]) -> Action:
        action = Action(
            np.zeros((*present.shape, SLICE_OUTPUTS), np.float32),
            np.zeros((len(present), CELL_OUTPUTS), np.float32),
        )
        for i, at in enumerate(present):
            slices, cell = self._run({"observation": observation[i, at]})
            action.slices[i, at], action.cell[i] = slices, cell[0]
        return action

    def _run(self, inputs: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[np.float32]]:
        try:
            found: Sequence[NDArray[np.float32]] = self._session.run(["slices", "cell"], inputs)
        except Exception as error:  # the runtime's exceptions have no common base of their own
            raise PolicyError(f"ONNX Runtime: {error}") from error
        return found


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was read: its manifest and its graphs, by name."""

    manifest: Manifest
    graphs: Mapping[str, bytes]

    def policy(self, graph: str) -> OnnxPolicy:
        """One of the graphs, ready to act."""
        return OnnxPolicy(self.graphs[graph])


def policy_graphs(network: ActorCritic) -> dict[str, bytes]:
    """The graphs of a network, by name of `GRAPHS`."""
    return {
        "fp32": policy_graph(network, int8=False),
        "int8": policy_graph(network, int8=True),
        "cell": cell_graph(network),
    }


def disagreement(graph: bytes, golden: Golden) -> float:
    """Largest absolute difference of a graph's answers from the golden ones, over real slices."""
    action = OnnxPolicy(graph).act(golden.observation, golden.present)
    slices = np.abs(action.slices - golden.answer.slices)[golden.present]
    cell = np.abs(action.cell - golden.answer.cell)
    return float(np.max([slices.max(), cell.max()]))  # NaN, where there is one


def write_bundle(
    network: ActorCritic,
    golden_inputs: tuple[NDArray[np.float32], NDArray[np.bool_]],
    *,
    name: str,
    created: str,
    period_ms: int,
    rule: RuleParameters,
    training: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    graphs: Mapping[str, bytes] | None = None,
) -> bytes:
    """The bundle of a network: the same arguments give the same bytes.

    Args:
        network: the policy.
        golden_inputs: observations [N, S, FEATURES] and present [N, S] on which graphs must agree.
        name, created, period_ms, rule, training, evaluation: see `Manifest`.
        graphs: other graphs than those made from the network, by name of `GRAPHS`.

    Raises:
        ExportError: a graph's answers differ from the network's by more than `TOLERANCE`, or the
            bundle is larger than `MAX_BYTES`.
    """
    observation, present = golden_inputs
    golden = Golden(observation, present, TorchPolicy(network).act(observation, present))
    made = graphs or policy_graphs(network)
    for kind, graph in made.items():
        worst = disagreement(graph, golden)
        if not worst <= TOLERANCE[kind]:
            raise ExportError(
                f"{GRAPHS[kind]}: differs from the network by {worst:g}, above {TOLERANCE[kind]:g}"
            )
    members = {GRAPHS[kind]: graph for kind, graph in made.items()}
    members[GOLDEN_NAME] = golden.to_bytes()
    manifest = Manifest(
        name=name,
        created=created,
        period_ms=period_ms,
        rule=rule,
        tolerance=dict(TOLERANCE),
        sha256={member: hashlib.sha256(data).hexdigest() for member, data in members.items()},
        training=training,
        evaluation=evaluation,
        schema=schema_hash(),
    )
    data = _zipped({MANIFEST_NAME: manifest.to_bytes(), **members})
    if len(data) > MAX_BYTES:
        raise ExportError(f"the bundle has {len(data)} bytes, more than {MAX_BYTES}")
    return data


def read_bundle(data: bytes) -> Bundle:
    """A bundle from its bytes, with every digest and all graphs' golden answers checked.

    Raises:
        BundleError: it is none, or it is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise BundleError(f"not a bundle: {error}") from error
    if MANIFEST_NAME not in members:
        raise BundleError(f"{MANIFEST_NAME}: absent")
    manifest = Manifest.from_bytes(members.pop(MANIFEST_NAME))
    for member, digest in manifest.sha256.items():
        if hashlib.sha256(members.get(member, b"")).hexdigest() != digest:
            raise BundleError(f"{member}: absent, or its SHA-256 is not the manifest's")
    golden = Golden.from_bytes(members[GOLDEN_NAME])
    graphs = {kind: members[member] for kind, member in GRAPHS.items()}
    for kind, graph in graphs.items():
        if not (worst := disagreement(graph, golden)) <= manifest.tolerance[kind]:
            raise BundleError(f"{GRAPHS[kind]}: differs from its golden answers by {worst:g}")
    return Bundle(manifest, graphs)


def _zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # the same bytes on every system
            archive.writestr(info, data)
    return out.getvalue()


def _npy(array: NDArray[Any]) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, np.ascontiguousarray(array), allow_pickle=False)
    return out.getvalue()
