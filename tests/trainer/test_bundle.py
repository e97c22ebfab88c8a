"""Bundles: what is written reads back; what disagrees is not written; damage is refused."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tests.trainer.fake import FakeNetwork
from tests.trainer.test_policy import NETWORK, inputs
from trainer.bundle import (
    TOLERANCE,
    ExportError,
    Golden,
    policy_graphs,
    read_bundle,
    write_bundle,
)
from trainer.config import TrainingConfig
from trainer.export import export
from trainer.graph import policy_graph
from trainer.policy import ActorCritic, TorchPolicy
from trainer.run import Run
from xapp.decision.heuristics import RuleParameters
from xapp.decision.manifest import GOLDEN_NAME, GRAPHS, MANIFEST_NAME, BundleError

RULE = RuleParameters(1.5, 2.5, 0.1, 2.0)


def bundle(**changes: Any) -> bytes:
    arguments: dict[str, Any] = {
        "name": "test",
        "created": "2026-01-01T00:00:00+00:00",
        "period_ms": 100,
        "rule": RULE,
        "training": {"seed": 1},
        "evaluation": {},
    }
    return write_bundle(NETWORK, inputs(np.random.default_rng(0), 16, 5), **arguments | changes)


def test_a_bundle_reads_back_and_all_graphs_answer_as_the_network() -> None:
    read = read_bundle(bundle())
    assert read.manifest.rule == RULE
    assert read.manifest.period_ms == 100
    observation, present = inputs(np.random.default_rng(7), 100, 4)
    want = TorchPolicy(NETWORK).act(observation, present)
    for kind in GRAPHS:
        got = read.policy(kind).act(observation, present)
        assert np.abs(got.slices - want.slices)[present].max() <= TOLERANCE[kind]
        assert np.abs(got.cell - want.cell).max() <= TOLERANCE[kind]


def test_the_same_policy_gives_the_same_bytes() -> None:
    assert bundle() == bundle()
    assert bundle() != bundle(created="2026-01-02T00:00:00+00:00")


def sabotaged(kind: str) -> bytes:
    """The graph with one bias of one raw output moved."""
    name = "slices_b" if kind == "cell" else "head_b"
    model = onnx.load_from_string(policy_graphs(NETWORK)[kind])
    (bias,) = (t for t in model.graph.initializer if t.name == name)
    value = numpy_helper.to_array(bias).copy()
    value[2] += 2 * TOLERANCE[kind] if kind != "int8" else 4 * TOLERANCE[kind]
    bias.CopyFrom(numpy_helper.from_array(value, name))
    data: bytes = model.SerializeToString()
    return data


@pytest.mark.parametrize("kind", GRAPHS)
def test_export_refuses_a_graph_that_disagrees(kind: str) -> None:
    graphs = policy_graphs(NETWORK) | {kind: sabotaged(kind)}
    with pytest.raises(ExportError, match=f"{GRAPHS[kind]}: differs from the network by"):
        bundle(graphs=graphs)


def test_export_refuses_a_graph_that_answers_nan() -> None:
    model = onnx.load_from_string(policy_graph(NETWORK, int8=False))
    (bias,) = (t for t in model.graph.initializer if t.name == "head_b")
    bias.CopyFrom(numpy_helper.from_array(np.full(5, np.nan, np.float32), "head_b"))
    graphs = policy_graphs(NETWORK) | {"fp32": model.SerializeToString()}
    with pytest.raises(ExportError, match="by nan"):
        bundle(graphs=graphs)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {i.filename: archive.read(i) for i in archive.infolist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("name", [*GRAPHS.values(), GOLDEN_NAME])
def test_a_flipped_bit_and_an_absent_member_are_refused(name: str) -> None:
    parts = members(bundle())
    flipped = bytearray(parts[name])
    flipped[len(flipped) // 2] ^= 1
    with pytest.raises(BundleError, match=name):
        read_bundle(zipped({**parts, name: bytes(flipped)}))
    del parts[name]
    with pytest.raises(BundleError, match=name):
        read_bundle(zipped(parts))


def test_what_is_no_bundle_is_refused() -> None:
    with pytest.raises(BundleError, match="not a bundle"):
        read_bundle(b"PK or not")
    with pytest.raises(BundleError, match=MANIFEST_NAME):
        read_bundle(zipped({"other": b""}))


def test_golden_vectors_read_back() -> None:
    observation, present = inputs(np.random.default_rng(3), 4, 5)
    golden = Golden(observation, present, TorchPolicy(NETWORK).act(observation, present))
    back = Golden.from_bytes(golden.to_bytes())
    assert (back.observation == observation).all()
    assert (back.present == present).all()
    assert (back.answer.slices == golden.answer.slices).all()


def test_a_run_is_exported_reproducibly(tmp_path: Path) -> None:
    config = TrainingConfig(cells=16, shards=1, width=16, rule=RULE)
    run = Run.create(tmp_path, config)
    run.save(ActorCritic(16, config.spread), {"iteration": 1, "periods": 1, "seconds": 1.0})
    make: dict[str, Any] = {"name": "x", "created": "2026-01-01T00:00:00+00:00", "evaluation": {}}
    data = export(run, FakeNetwork, **make)
    assert data == export(run, FakeNetwork, **make)
    manifest = read_bundle(data).manifest
    assert manifest.rule == RULE
    assert manifest.training["config"]["width"] == 16
