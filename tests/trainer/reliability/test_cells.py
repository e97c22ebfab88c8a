"""Cells of the twin that branch: they share the past and nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from e2sim.network import Network
from e2sim.network.branch import branch_keys
from e2sim.network.fine import FineNetwork
from e2sim.network.urgency import oldest_age, pressure
from e2sim.scenario import Scenario, load_scenario
from oran.batch import ADMISSION, MAX, MIN, SLICE_FIELDS, AllocationBatch
from oran.snssai import Snssai
from trainer.cli import commands
from trainer.controllers import Remembering, controller
from trainer.reliability.cells import Cells
from trainer.reliability.splitting import Window
from trainer.reliability.study import Study, deal, run, with_deadline

URLLC = Snssai.parse("2-000001")


def seeds(count: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    return np.arange(count).astype(np.uint64)


def allocation(scenario: Scenario, cells: int) -> AllocationBatch:
    rows = np.zeros((cells, len(scenario.slices), SLICE_FIELDS), np.int64)
    rows[..., MIN], rows[..., MAX], rows[..., ADMISSION] = 30, 100, 90
    rows[::2, :, MIN] = 20
    return AllocationBatch(rows, np.zeros(cells, np.int64))


@pytest.mark.parametrize(("name", "part_ms"), [("mixed", 1), ("factory", 5), ("overload", 100)])
def test_parts_are_what_a_step_plays_at_once(name: str, part_ms: int) -> None:
    scenario = load_scenario(name)
    whole = Network(scenario, seeds(5))
    parted = FineNetwork(scenario, seeds(5), part_ms=part_ms)
    asked = allocation(scenario, 5)
    for _ in range(6):
        expected = whole.step(asked)
        parted.open(asked)
        for _ in range(parted.parts):
            parted.advance()
        told = parted.close()
        np.testing.assert_array_equal(told.slices, expected.slices)
        np.testing.assert_array_equal(told.cell, expected.cell)
        np.testing.assert_array_equal(parted.detail().energy_j, whole.detail().energy_j)
        np.testing.assert_array_equal(parted.users().active_slots, whole.users().active_slots)


def branched(keys: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> FineNetwork:
    """Cell 0 copied to places 1 and 2, with two keys, after half a period."""
    scenario = load_scenario("mixed")
    network = FineNetwork(scenario, seeds(4))
    asked = allocation(scenario, 4)
    network.step(asked)
    network.open(asked)
    for _ in range(50):
        network.advance()
    network.branch(np.array([0, 0]), np.array([1, 2]), keys)
    return network


def test_branches_share_their_past_and_nothing_of_their_future() -> None:
    network = branched(branch_keys(np.uint64(9), 1, 2))
    users, slices = network.state.users, network.state.slices
    for field in ("snr", "base_rate", "tail", "base", "sent", "due", "expiry"):
        np.testing.assert_array_equal(users[field][1], users[field][0])
    for field in ("dedicated", "minimum", "turn"):
        np.testing.assert_array_equal(slices[field][2], slices[field][0])
    for field in ("stream", "flows", "luck"):
        known = users[field][:3, :30]
        assert len(np.unique(known)) == known.size
    assert len(np.unique(network.state.words[:3, 0])) == 3 * network.state.words[0, 0].size
    before = network.state.users["tail"][:3].copy()
    for _ in range(50):
        network.advance()
    grown = network.state.users["tail"][:3] - before
    sinr = network.state.radio[:3]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert (grown[a] != grown[b]).sum() > 10
        assert (sinr[a] != sinr[b]).mean() > 0.3
    network.close()


def test_the_same_key_repeats_a_branch() -> None:
    key = branch_keys(np.uint64(9), 1, 2)
    twice = branched(key[[0, 0]])
    again = branched(key)
    for network in (twice, again):
        for _ in range(50):
            network.advance()
    np.testing.assert_array_equal(twice.state.users["tail"][1], twice.state.users["tail"][2])
    np.testing.assert_array_equal(twice.state.taps[1], twice.state.taps[2])
    np.testing.assert_array_equal(twice.state.users["volume"][1], again.state.users["volume"][1])
    # The others never notice.
    np.testing.assert_array_equal(twice.state.taps[[0, 3]], again.state.taps[[0, 3]])
    keys = np.concatenate([branch_keys(np.uint64(s), n, 50) for s in range(9) for n in range(9)])
    assert len(np.unique(keys)) == keys.size


def test_new_randomness_has_the_old_distribution() -> None:
    """Cells that branch off themselves every 5 ms lose and finish as many packets as others."""
    scenario = with_deadline(load_scenario("mixed"), URLLC, 4)
    cells, asked = 48, allocation(scenario, 48)
    ordinary, renewed = (FineNetwork(scenario, seeds(cells), part_ms=5) for _ in range(2))
    sums = np.zeros((2, 5, cells))
    for period in range(30):
        ordinary.step(asked)
        renewed.open(asked)
        for part in range(renewed.parts):
            renewed.advance()
            renewed.renew(branch_keys(np.uint64(1), 100 * period + part, cells))
        renewed.close()
        for i, network in enumerate((ordinary, renewed)):
            k = network.state.tallies[:, 1]
            values = (
                k["delivered_sdus"], k["late_sdus"], k["nacks"], k["blocks"], k["offered_bytes"]
            )  # fmt: skip
            sums[i] += np.array(values)
    # The same places and loads: cells are pairs.
    for a, b in zip(*sums, strict=True):
        difference = b - a
        assert abs(difference.mean()) < 4.0 * difference.std(ddof=1) / np.sqrt(cells)
        assert abs(difference.mean()) < 0.2 * a.mean()


def test_urgency_is_that_of_the_oldest_packet() -> None:
    scenario = load_scenario("overload")
    network = FineNetwork(scenario, seeds(8))
    network.step(allocation(scenario, 8))
    age, worse = (f(network.plan, network.state, 1) for f in (oldest_age, pressure))
    users = network.state.users[:, 10:20]
    rings, now = network.state.rings, network.state.cells["now"]
    for c in range(8):
        ages = [
            now[c] - rings[c, u["ring"] + u["head"]]["slot"] for u in users[c] if u["length"] > 0
        ]
        assert age[c] == pytest.approx(max(ages, default=0) / 20)
    assert (worse >= age).all()
    assert ((age >= 0.0) & (age <= 1.0)).all()


def test_what_cannot_be_played_is_refused() -> None:
    mixed = load_scenario("mixed")
    with pytest.raises(ValueError, match="part_ms: 7 does not divide"):
        FineNetwork(mixed, seeds(1), part_ms=7)
    coupled = replace(mixed, interference=replace(mixed.interference, coupled_cells=3))
    with pytest.raises(ValueError, match="coupled_cells"):
        FineNetwork(coupled, seeds(3))
    with pytest.raises(ValueError, match="only downlinks"):
        FineNetwork(load_scenario("uplink"), seeds(1))
    network = FineNetwork(mixed, seeds(3))
    for sources, targets in (([0], [0]), ([0, 1], [2, 2]), ([0, 1], [1, 2])):
        with pytest.raises(ValueError, match="targets: need different cells"):
            network.branch(np.array(sources), np.array(targets), seeds(len(targets)))
    with pytest.raises(ValueError, match="slice 7-000001: scenario mixed has 1-000001"):
        with_deadline(mixed, Snssai.parse("7-000001"), 10)
    with pytest.raises(ValueError, match="deadline_ms: 0"):
        with_deadline(mixed, URLLC, 0)
    study = Study(scenario=mixed, who=controller("rule"), snssai=URLLC, seeds=seeds(6))
    with pytest.raises(ValueError, match="6 cells are not dealt evenly to 16"):
        deal(study)
    with pytest.raises(ValueError, match="128 is no multiple of a replication's 6 cells"):
        deal(replace(study, same_cells=True))


def test_a_controller_s_memory_and_allocation_go_with_the_copy() -> None:
    rule = controller("drift-plus-penalty")
    cells = Cells(load_scenario("mixed"), rule, URLLC, seeds(6), noise=1, warmup=5)
    cells.advance()
    cells.branch(np.array([0]), np.array([5]))
    held = cells._environment.allocation
    np.testing.assert_array_equal(held.slices[5], held.slices[0])
    assert isinstance(cells._propose, Remembering)
    memory = cells._propose._memory
    assert len(np.unique(memory[:5], axis=0)) > 1
    np.testing.assert_array_equal(memory[5], memory[0])


def small(**changes: object) -> Study:
    study = Study(
        scenario=with_deadline(load_scenario("night"), URLLC, 6),
        who=controller("rule"),
        snssai=URLLC,
        seeds=np.array([3], np.uint64),
        same_cells=True,
        walkers=64,
        replications=6,
        window=Window(60, 140),
        warmup=6,
    )
    return replace(study, **changes)  # type: ignore[arg-type]


def test_splitting_agrees_with_plain_simulation_on_the_twin() -> None:
    plain = run(small(split=False, replications=8), lambda *_: None).reliability
    found = run(small(), lambda *_: None)
    split = found.reliability
    assert found.levels
    assert found.cell_slots == 6 * 64 * 2 * (600 + 200)
    assert found.pilot_cell_slots % (64 * 2 * 800) == 0
    assert plain.low is not None
    assert plain.high is not None
    assert split.low is not None
    assert split.high is not None
    assert 3e-4 < plain.probability < 3e-2
    assert plain.low < split.high
    assert split.low < plain.high
    assert split.losses > 3 * plain.losses


def test_a_study_repeats_itself() -> None:
    one, two, other = (
        run(small(replications=2, walkers=16, warmup=2, noise=n), lambda *_: None).reliability
        for n in (1, 1, 2)
    )
    assert one == two
    assert one.probability != other.probability


def test_the_command_prints_the_packets_beside_the_claim(tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    arguments = (
        "reliability --scenario night --slice 2-000001 --deadline-ms 4 --seeds 0:16 --warmup 4 "
        f"--replications 4 --walkers 16 --lead 20 --parts 60 --json {out}"
    )
    done = CliRunner().invoke(commands, arguments.split())
    assert done.exit_code == 0, done.output
    document = json.loads(out.read_text())
    told = document["reliability"]
    assert f"packets simulated: {told['packets']:,.0f} in 4 replications" in done.output
    assert f"late or dropped: {told['probability']:.3g}" in done.output
    assert document["purpose"] == "evaluation"
    refused = CliRunner().invoke(commands, [*arguments.split(), "--importance", "luck"])
    assert isinstance(refused.exception, ValueError)
