"""Tuning finds what the fake network's URLLC slice needs, and keeps to its seeds."""

import itertools
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from oran.batch import AllocationBatch
from tests.trainer.fake import URLLC_NEED, FakeNetwork
from trainer.controllers import Controller, remembering
from trainer.domain import Domain, default_circumstances
from trainer.evaluate import Trial, compare
from trainer.objective import Prices
from trainer.seeds import SEED_RANGES
from trainer.space import SPACES, Space
from trainer.tune import TuneConfig, Tuner
from trainer.tuned import KINDS, TunedError, read_constant, read_rule, read_tuned, write_tuned
from xapp.decision.constant import Constant, constant_allocation
from xapp.decision.heuristics import RuleParameters
from xapp.decision.rules import Memory, UrllcFirst
from xapp.decision.situation import Situation

CONFIG = TuneConfig(budget=5 * 16 * 8 * 17, candidates=16, cells=8, warmup=2, periods=15)


def tuner(config: TuneConfig = CONFIG, used: list[int] | None = None) -> Tuner:
    def make(seeds: NDArray[np.uint64]) -> FakeNetwork:
        if used is not None:
            used.extend(seeds.tolist())
        return FakeNetwork(seeds)

    notes: list[dict[str, Any]] = []
    return Tuner(config, make, Prices(), itertools.count().__next__, notes.append, threads=1)


def test_the_rule_learns_that_urllc_needs_more_than_its_volume() -> None:
    used: list[int] = []
    found = tuner(used=used).tune(SPACES["rule"])
    # Headroom alone, or a reserve in its place, must cover three times what is measured.
    typical = 0.25 * 0.3
    assert found.urllc_headroom * typical + found.urllc_reserve > 0.9 * URLLC_NEED * typical
    assert all(s in SEED_RANGES["tuning"] for s in used)


def test_the_constant_is_tuned_the_same_way() -> None:
    found = tuner().tune(SPACES["constant"])
    assert found.embb > 0.0
    assert found.urllc > 0.5 * found.embb


def test_time_ends_the_search() -> None:
    notes: list[dict[str, Any]] = []
    config = TuneConfig(minutes=4 / 60, candidates=4, cells=2, warmup=1, periods=2)
    clock = itertools.count().__next__
    Tuner(config, FakeNetwork, Prices(), clock, notes.append, threads=1).tune(SPACES["rule"])
    assert 1 <= len(notes) <= 4


@pytest.mark.parametrize("what", list(SPACES))
def test_every_rule_gets_the_same_budget_and_gains_by_it(what: str) -> None:
    simulated: list[FakeNetwork] = []

    def make(seeds: NDArray[np.uint64]) -> FakeNetwork:
        simulated.append(FakeNetwork(seeds))
        return simulated[-1]

    space, notes = SPACES[what], list[dict[str, Any]]()
    config = replace(CONFIG, budget=3 * CONFIG.generation + 5)
    found = Tuner(config, make, Prices(), lambda: 0.0, notes.append, threads=1).tune(space)
    # A network's first period, before any control, comes on top.
    assert sum(n.cells * (n.steps - 1) for n in simulated) == 3 * CONFIG.generation
    assert notes[-1]["periods"] == 3 * CONFIG.generation
    for name, (low, high) in space.bounds.items():
        assert low <= getattr(found, name) <= high
    seeds = np.arange(16, dtype=np.uint64) + np.uint64(SEED_RANGES["validation"].start)
    snssais = FakeNetwork(seeds).snssais
    trial = Trial(seeds, default_circumstances(snssais, len(seeds)), warmup=3, periods=20)
    middle = space.parameters(np.mean(space.box(), axis=0))
    before, after = (
        Controller(name, lambda _, p=p: remembering(space.rule(p)), shielded=True)  # type: ignore[misc]
        for name, p in (("before", middle), ("after", found))
    )
    gain = compare(trial, FakeNetwork, [before, after], 1)["differences"]["after - before"]
    assert gain["objective"]["mean"] > 0.0


def test_intents_vary_from_cell_to_cell_and_are_the_same_for_all_candidates() -> None:
    seen: list[Situation] = []

    class Watching(UrllcFirst):
        def decide(self, s: Situation, memory: Memory) -> tuple[AllocationBatch, Memory]:
            seen.append(s)
            return super().decide(s, memory)

    config = replace(CONFIG, budget=CONFIG.generation, domain=Domain(default_share=0.0))
    space = Space(UrllcFirst, SPACES["urllc-first"].bounds, lambda p: Watching(**asdict(p)))
    tuner(config).tune(space)
    first = seen[: config.candidates]
    assert len({s.targets.weight.tobytes() for s in first}) == 1
    assert len(np.unique(first[0].targets.weight[:, 0])) == config.cells


def test_a_search_over_decades_is_one_of_logarithms() -> None:
    space = SPACES["max-weight"]
    low, high = space.box()
    middle = space.parameters((low + high) / 2)
    assert middle.urllc_urgency == pytest.approx(10.0)
    assert middle.headroom == pytest.approx(2.25)


def test_a_budget_below_a_generation_is_refused() -> None:
    with pytest.raises(ValueError, match="budget: 100 periods are less than a generation's 2176"):
        replace(CONFIG, budget=100)


def test_a_constant_is_a_feasible_allocation() -> None:
    sst = np.array([[1, 2, 3, 9]])
    present = np.array([[True, True, True, False]])
    made = constant_allocation(Constant(1.0, 2.0, 1.0, 3.4), sst, present)
    assert made.slices[0, :, 1].tolist() == [25, 50, 25, 0]
    assert made.slices[0, :, 3].tolist() == [0, 3, 0, 0]


def test_files_read_back(tmp_path: Path) -> None:
    rule, constant = RuleParameters(1.0, 2.0, 0.3, 4.0), Constant(1.0, 2.0, 3.0, 4.0)
    for name, kind in KINDS.items():
        tuned = kind()
        write_tuned(tmp_path / "any.json", tuned, {})  # type: ignore[arg-type]
        assert read_tuned(tmp_path / "any.json", name) == tuned
    write_tuned(tmp_path / "rule.json", rule, {"minutes": 2})
    write_tuned(tmp_path / "constant.json", constant, {})
    assert read_rule(tmp_path / "rule.json") == rule
    assert read_constant(tmp_path / "constant.json") == constant
    with pytest.raises(TunedError, match="holds no tuned rule"):
        read_rule(tmp_path / "constant.json")
