"""Tuning finds what the fake network's URLLC slice needs, and keeps to its seeds."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.trainer.fake import URLLC_NEED, FakeNetwork
from trainer.constant import Constant, constant_allocation
from trainer.objective import Prices
from trainer.seeds import SEED_RANGES
from trainer.tune import CONSTANT_SPACE, RULE_SPACE, TuneConfig, Tuner
from trainer.tuned import TunedError, read_constant, read_rule, write_tuned
from xapp.decision.heuristics import RuleParameters

CONFIG = TuneConfig(generations=5, candidates=16, cells=8, warmup=2, periods=15)


def tuner(config: TuneConfig = CONFIG, used: list[int] | None = None) -> Tuner:
    def make(seeds: NDArray[np.uint64]) -> FakeNetwork:
        if used is not None:
            used.extend(seeds.tolist())
        return FakeNetwork(seeds)

    notes: list[dict[str, Any]] = []
    return Tuner(config, make, Prices(), itertools.count().__next__, notes.append, threads=1)


def test_the_rule_learns_that_urllc_needs_more_than_its_volume() -> None:
    used: list[int] = []
    found = tuner(used=used).tune(RULE_SPACE)
    # Headroom alone, or a reserve in its place, must cover three times what is measured.
    typical = 0.25 * 0.3
    assert found.urllc_headroom * typical + found.urllc_reserve > 0.9 * URLLC_NEED * typical
    assert all(s in SEED_RANGES["tuning"] for s in used)


def test_the_constant_is_tuned_the_same_way() -> None:
    found = tuner().tune(CONSTANT_SPACE)
    assert found.embb > 0.0
    assert found.urllc > 0.5 * found.embb


def test_time_ends_the_search() -> None:
    notes: list[dict[str, Any]] = []
    config = TuneConfig(minutes=4 / 60, candidates=4, cells=2, warmup=1, periods=2)
    clock = itertools.count().__next__
    Tuner(config, FakeNetwork, Prices(), clock, notes.append, threads=1).tune(RULE_SPACE)
    assert 1 <= len(notes) <= 4


def test_a_constant_is_a_feasible_allocation() -> None:
    sst = np.array([[1, 2, 3, 9]])
    present = np.array([[True, True, True, False]])
    made = constant_allocation(Constant(1.0, 2.0, 1.0, 3.4), sst, present)
    assert made.slices[0, :, 1].tolist() == [25, 50, 25, 0]
    assert made.slices[0, :, 3].tolist() == [0, 3, 0, 0]


def test_files_read_back(tmp_path: Path) -> None:
    rule, constant = RuleParameters(1.0, 2.0, 0.3, 4.0), Constant(1.0, 2.0, 3.0, 4.0)
    write_tuned(tmp_path / "rule.json", rule, {"minutes": 2})
    write_tuned(tmp_path / "constant.json", constant, {})
    assert read_rule(tmp_path / "rule.json") == rule
    assert read_constant(tmp_path / "constant.json") == constant
    with pytest.raises(TunedError, match="holds no tuned rule"):
        read_rule(tmp_path / "constant.json")
