"""Evaluation: the same noise for all, and intervals that mean what they say."""

import math

import numpy as np
import pytest

from tests.trainer.fake import FakeNetwork
from trainer.controllers import ControllerError, controller
from trainer.domain import default_circumstances
from trainer.evaluate import Trial, compare, run_trial, slice_names
from trainer.kpi import Tally
from trainer.statistics import estimate
from trainer.table import comparison_table

SEEDS = np.arange(8, dtype=np.uint64)
TRIAL = Trial(SEEDS, default_circumstances(FakeNetwork(SEEDS).snssais, 8), warmup=3, periods=10)


def test_a_controller_against_itself_differs_by_nothing() -> None:
    found = compare(TRIAL, FakeNetwork, [controller("unsliced"), controller("static-shared")], 2)
    again = run_trial(TRIAL, FakeNetwork, controller("static-shared"), 1)
    assert found["controllers"]["static-shared"]["objective"]["mean"] == again["objective"].mean()
    difference = found["differences"]["static-shared - unsliced"]
    assert set(difference) <= set(found["controllers"]["unsliced"])
    assert difference["objective"]["low"] > 0.0
    assert comparison_table(found).row_count == 3


def test_warm_up_periods_are_not_counted() -> None:
    made: list[FakeNetwork] = []

    def make(seeds: np.typing.NDArray[np.uint64]) -> FakeNetwork:
        made.append(FakeNetwork(seeds))
        return made[-1]

    run_trial(TRIAL, make, controller("static"), 1)
    assert made[0].steps == 1 + 3 + 10


def test_a_tally_weighs_and_skips() -> None:
    tally = Tally()
    tally.add("x", np.array([1.0, np.nan, np.nan]), np.array([1.0, 5.0, 1.0]))
    tally.add("x", np.array([4.0, 2.0, np.nan]), np.array([2.0, 0.0, 1.0]))
    mean = tally.means()["x"]
    assert mean[0] == 3.0
    assert np.isnan(mean[1:]).all()


def test_an_interval_covers_the_truth_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for i in range(200):
        found = estimate(rng.exponential(size=60), seed=i)
        assert found is not None
        assert found.low < found.mean < found.high
        covered += found.low <= 1.0 <= found.high
    assert 0.88 <= covered / 200 <= 0.99


def test_cells_without_a_value_are_left_out() -> None:
    assert estimate(np.full(3, np.nan)) is None
    found = estimate(np.array([2.0, math.nan, 2.0]))
    assert found is not None
    assert (found.mean, found.low, found.high, found.cells) == (2.0, 2.0, 2.0, 2)


def test_slices_of_a_type_that_comes_twice_are_told_apart() -> None:
    assert slice_names([(1, 1), (2, 1), (1, 2), (9, None)]) == ["eMBB-1", "URLLC", "eMBB-2", "SST9"]


@pytest.mark.parametrize("text", ["statics", "policy:", "constant", "rules:x"])
def test_unknown_controllers_are_refused(text: str) -> None:
    with pytest.raises(ControllerError, match="is not a controller; known are static"):
        controller(text)
