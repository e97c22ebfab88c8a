"""Policies as ONNX graphs, evaluated by ONNX Runtime on one CPU thread."""

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
import onnxruntime as ort

from oran.report import MAX_SLICES
from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS
from xapp.decision.manifest import BundleError
from xapp.decision.observation import FEATURES
from xapp.decision.policy import PolicyError

_OUTPUTS: Final = {
    "slices": ("tensor(float)", len(SLICE_ACTIONS)),
    "cell": ("tensor(float)", len(CELL_ACTIONS)),
}
_OBSERVATION: Final = {"observation": ("tensor(float)", FEATURES)}
_MASKED: Final = _OBSERVATION | {"present": ("tensor(bool)", None)}
_RANKS: Final = {"observation": 3, "present": 2, "slices": 3, "cell": 2}
_CELL_RANKS: Final = {"observation": 2, "slices": 2, "cell": 2}


class _Bound:
    """Buffers for one cell with S slices, bound to the session once."""

    def __init__(self, session: ort.InferenceSession, slices: int, *, masked: bool) -> None:
        cells = (1,) if masked else ()
        self.observation = np.zeros((*cells, slices, FEATURES), np.float32)
        self.present = np.ones((1, slices), np.bool_)
        self.slices = np.zeros((*cells, slices, len(SLICE_ACTIONS)), np.float32)
        self.cell = np.zeros((1, len(CELL_ACTIONS)), np.float32)
        self.features = self.observation.data.cast("B")
        # Three times as fast as assigning a list to an array.
        self.pack = struct.Struct(f"{self.observation.size}f").pack_into
        self.actions = self.slices.reshape(-1)
        self.power = self.cell.reshape(-1)
        self.binding = session.io_binding()
        # Bound by address: the arrays must live as long as the binding, so both live here.
        for name in _MASKED if masked else _OBSERVATION:
            array = getattr(self, name)
            self.binding.bind_input(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        for name in _OUTPUTS:
            array = getattr(self, name)
            self.binding.bind_output(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)


class OnnxPolicy:
    """A policy (`xapp.decision.policy.Policy`) whose function is an ONNX graph.

    Not for use from several threads: one cell's buffers are shared between calls.

    Raises:
        BundleError: the graph cannot be loaded, or has other inputs or outputs than a bundle's.
    """

    def __init__(self, model: bytes) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's exceptions share no narrower public base
            raise BundleError(f"the runtime refuses the graph: {error}") from error
        masked = len(self._session.get_inputs()) > 1
        _check_interface(self._session, masked=masked)
        self._run = self._session.run_with_iobinding
        self._bound = {s: _Bound(self._session, s, masked=masked) for s in range(1, MAX_SLICES + 1)}

    def act(self, features: Sequence[float], slices: int) -> tuple[Sequence[float], float]:
        """See `xapp.decision.policy.Policy.act`."""
        bound = self._bound[slices]
        try:
            bound.pack(bound.features, 0, *features)
            self._run(bound.binding)
        except Exception as error:  # as above
            raise PolicyError(f"the graph failed: {error}") from error
        return bound.actions.tolist(), bound.power.item()


def _check_interface(session: ort.InferenceSession, *, masked: bool) -> None:
    ranks = _RANKS if masked else _CELL_RANKS
    for kind, found, needed in (
        ("input", session.get_inputs(), _MASKED if masked else _OBSERVATION),
        ("output", session.get_outputs(), _OUTPUTS),
    ):
        if {v.name for v in found} != set(needed):
            raise BundleError(
                f"the graph's {kind}s are {', '.join(v.name for v in found)}; "
                f"needs {', '.join(needed)}"
            )
        for value in found:
            dtype, last = needed[value.name]
            fits = value.type == dtype and len(value.shape) == ranks[value.name]
            # A free dimension has a name instead of a number.
            if fits and last is not None and value.shape[-1] != last:
                fits = isinstance(value.shape[-1], str)
            if not fits:
                raise BundleError(
                    f"{kind} {value.name}: {value.type} {value.shape}, needs {dtype} of rank "
                    f"{ranks[value.name]}" + (f" with {last} columns" if last else "")
                )
