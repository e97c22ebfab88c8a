"""Bundles: read back exactly, and refused for any flaw, with the flaw named."""

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xapp import bundles
from tests.xapp.rig import write
from xapp.decision.manifest import GOLDEN_NAME, GRAPHS, MANIFEST_NAME, BundleError
from xapp.decision.observation import FEATURES
from xapp.decision.policy import PolicyError
from xapp.service.bundle import parse_bundle, read_bundle
from xapp.service.onnx_policy import OnnxPolicy
from xapp.service.serving_policy import TimedPolicy, load

FP32, INT8, CELL = GRAPHS["fp32"], GRAPHS["int8"], GRAPHS["cell"]
GOOD = bundles.bundle()


def test_a_good_bundle_is_read_back(bundle_file: Path) -> None:
    found = read_bundle(bundle_file)
    members = bundles.members()
    assert found.manifest == bundles.manifest(members)
    assert found.graphs == {graph: members[name] for graph, name in GRAPHS.items()}
    for name, array in bundles.golden(bundles.weights()).items():
        np.testing.assert_array_equal(getattr(found.golden, name), array)
    assert found.id.startswith("test-")


def golden_with(**changed: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        arrays = bundles.golden(bundles.weights()) | changed
        kept = {k: v for k, v in arrays.items() if v is not None}
        members[GOLDEN_NAME] = bundles.npz(kept)

    return change


def graph_with(
    edit: Callable[[onnx.ModelProto], None], member: str = INT8
) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        model = onnx.load_from_string(members[member])
        edit(model)
        members[member] = model.SerializeToString()

    return change


def _rename(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = model.graph.node[0].output[0] = "other"


def _scale(model: onnx.ModelProto, factor: float) -> None:
    weights = next(t for t in model.graph.initializer if t.name == "w")
    scaled = onnx.numpy_helper.to_array(weights) * np.float32(factor)
    weights.CopyFrom(onnx.numpy_helper.from_array(scaled, "w"))


def _narrow(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = FEATURES + 1


golden = bundles.golden(bundles.weights())

FLAWS: list[tuple[str, bytes]] = [
    ("not a readable zip file", b"not a zip file"),
    ("not a readable zip file", GOOD[: len(GOOD) // 2]),
    ("its members are", bundles.pack({MANIFEST_NAME: b"{}"})),
    ("its members are", bundles.bundle(lambda m: m.update(extra=b"x"))),
    ("its members are", bundles.bundle(lambda m: m.update({"../x": b"x"}))),
    (
        f"{FP32}: its SHA-256",
        bundles.bundle(sha256=dict.fromkeys([*GRAPHS.values(), GOLDEN_NAME], "0")),
    ),
    ("schema", bundles.bundle(schema="0" * 64)),
    ("format", bundles.bundle(format=99)),
    (f"{FP32}: the runtime refuses", bundles.bundle(lambda m: m.update({FP32: b"junk"}))),
    (f"{INT8}: the graph's outputs are", bundles.bundle(graph_with(_rename))),
    (f"{INT8}: differs from the golden", bundles.bundle(graph_with(lambda m: _scale(m, 2.0)))),
    (
        "differs from the golden answers by nan",
        bundles.bundle(graph_with(lambda m: _scale(m, np.nan))),
    ),
    (f"{INT8}: ", bundles.bundle(graph_with(_narrow))),
    (f"{CELL}: the graph's outputs are", bundles.bundle(graph_with(_rename, CELL))),
    (f"{CELL}: differs", bundles.bundle(graph_with(lambda m: _scale(m, 2.0), CELL))),
    (GOLDEN_NAME, bundles.bundle(golden_with(cell=golden["cell"] * np.nan))),
    (GOLDEN_NAME, bundles.bundle(golden_with(cell=golden["cell"][:-1]))),
    (GOLDEN_NAME, bundles.bundle(golden_with(present=golden["present"] & False))),
    (GOLDEN_NAME, bundles.bundle(golden_with(slices=golden["slices"].astype(np.float64)))),
    ("its members are", bundles.bundle(golden_with(slices=None))),
    (
        "allow_pickle",
        bundles.bundle(golden_with(cell=np.array([{"a": 1}] * 8, object)[:, None])),
    ),
    ("differs from the golden", bundles.bundle(golden_with(slices=golden["slices"] + 1.0))),
    ("differs from the golden", bundles.bundle(golden_with(cell=golden["cell"] - 1.0))),
]


@pytest.mark.parametrize(("says", "data"), FLAWS)
def test_a_flawed_bundle_is_refused(says: str, data: bytes, tmp_path: Path) -> None:
    path = write(tmp_path / "flawed.bundle", data)
    with pytest.raises(BundleError) as raised:
        load(path, time.perf_counter_ns)
    assert says in str(raised.value)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_absent_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(BundleError, match=str(path)):
            read_bundle(path)


def test_a_member_that_unpacks_to_too_much_is_refused() -> None:
    bomb = bundles.bundle(lambda m: m.update({FP32: b"\0" * (32 * 2**20 + 1)}))
    assert len(bomb) < 200_000
    with pytest.raises(BundleError, match="33554433 bytes, above"):
        parse_bundle(bomb)


def test_a_member_that_lies_about_its_size_is_refused() -> None:
    out = io.BytesIO()
    members = bundles.members()
    everything = {MANIFEST_NAME: bundles.manifest(members).to_bytes(), **members}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in everything.items():
            archive.writestr(name, data)
        archive.infolist()[1].file_size = 10
    with pytest.raises(BundleError):
        parse_bundle(out.getvalue())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_changes_nothing(at: int, flip: int) -> None:
    data = GOOD[:at] + bytes([GOOD[at] ^ flip]) + GOOD[at + 1 :]
    try:
        found = parse_bundle(data)
    except BundleError:
        return
    # Some bytes of a zip file mean nothing to a reader, such as times of members.
    good = parse_bundle(GOOD)
    assert (found.manifest, found.graphs) == (good.manifest, good.graphs)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 16), st.integers(0, 2**32))
@pytest.mark.parametrize("kind", ["masked", "cell"])
def test_the_served_graph_is_the_network(kind: str, slices: int, seed: int) -> None:
    w = bundles.weights()
    policy = POLICY if kind == "masked" else CELL_POLICY
    x = np.random.default_rng(seed).random((slices, FEATURES), np.float32)
    actions, power = policy.act(x.reshape(-1).tolist(), slices)
    np.testing.assert_allclose(actions, (x @ w["w"]).reshape(-1), atol=1e-5)
    np.testing.assert_allclose(power, (x.sum(axis=0) @ w["v"])[0], atol=1e-5)
    # What was handed out does not change with the next call.
    kept = list(actions)
    policy.act([0.0] * (slices * FEATURES), slices)
    assert list(actions) == kept


POLICY = OnnxPolicy(bundles.graph(bundles.weights()))
CELL_POLICY = OnnxPolicy(bundles.cell_graph(bundles.weights()))


def test_the_fastest_graph_is_served(bundle_file: Path) -> None:
    """On a clock that advances less in the evaluations of one graph than of the others."""
    for place, fast in enumerate(GRAPHS):
        state = {"calls": 0, "now": 0}

        def clock(place: int = place, state: dict[str, int] = state) -> int:
            # Two readings an evaluation; graphs take turns.
            state["now"] += 10 if state["calls"] // 2 % len(GRAPHS) == place else 1000
            state["calls"] += 1
            return state["now"]

        served = load(bundle_file, clock)
        assert served.graph == fast
        assert served.benchmark_us[fast] < max(served.benchmark_us.values())


def test_evaluations_are_timed_even_when_they_fail() -> None:
    seen: list[float] = []
    ticks = iter((0, 5_000, 10_000, 17_000))
    timed = TimedPolicy(POLICY, seen.append, lambda: next(ticks))
    timed.act([0.0] * FEATURES, 1)
    with pytest.raises(PolicyError):
        TimedPolicy(_Broken(), seen.append, lambda: next(ticks)).act([], 1)
    assert seen == pytest.approx([5e-6, 7e-6])


class _Broken:
    def act(self, features: Any, slices: int) -> Any:
        raise PolicyError("broken")
