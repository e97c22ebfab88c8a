"""Evaluation: the same noise for all, and intervals that mean what they say."""

import math

import numpy as np
import pytest

from oran.snssai import Snssai
from tests.trainer.fake import FakeNetwork
from trainer.controllers import ControllerError, controller
from trainer.domain import default_circumstances
from trainer.evaluate import Trial, compare, run_trial
from trainer.kpi import Tally, slice_names
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
    for i in range(120):
        found = estimate(rng.exponential(size=60), seed=i)
        assert found is not None
        assert found.low < found.mean < found.high
        covered += found.low <= 1.0 <= found.high
    assert 0.88 <= covered / 120 <= 0.99


def test_cells_without_a_value_are_left_out() -> None:
    assert estimate(np.full(3, np.nan)) is None
    found = estimate(np.array([2.0, math.nan, 2.0]))
    assert found is not None
    assert (found.mean, found.low, found.high, found.cells) == (2.0, 2.0, 2.0, 2)


def test_slices_of_a_type_that_comes_twice_are_told_apart() -> None:
    slices = [Snssai(1, 1), Snssai(2, 1), Snssai(1, 2), Snssai(9)]
    assert slice_names(slices) == ["eMBB-1", "URLLC", "eMBB-2", "SST9"]


def test_the_interquartile_mean_is_that_of_the_middle_half() -> None:
    found = estimate(np.array([-90.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 700.0]))
    assert found is not None
    assert found.iqm == 3.5
    assert found.iqm_low < 3.5 < found.iqm_high
    assert found.iqm_high - found.iqm_low < found.high - found.low


def test_a_label_tells_two_of_a_kind_apart() -> None:
    who = [controller("urllc-first"), controller("mine=urllc-first"), controller("b=unsliced")]
    assert [w.name for w in who] == ["urllc-first", "mine", "b"]
    found = compare(TRIAL, FakeNetwork, who[:2], 1)
    assert found["differences"]["mine - urllc-first"]["objective"]["mean"] == 0.0
    with pytest.raises(ValueError, match="a name comes twice in b, b"):
        compare(TRIAL, FakeNetwork, [who[2], who[2]], 1)


def test_bits_lost_or_late_are_told() -> None:
    kpis = run_trial(TRIAL, FakeNetwork, controller("demand"), 1)
    # The fake network's packets have 100 byte each, and half of those lost are late, rounded down.
    np.testing.assert_allclose(kpis["URLLC.bit_loss"], kpis["URLLC.loss"], rtol=1e-12)
    assert (kpis["URLLC.late"] <= kpis["URLLC.loss"] / 2).all()
    assert (kpis["URLLC.late"] > kpis["URLLC.loss"] / 4).all()
    assert (kpis["URLLC.lost"] > 0.0).all()


@pytest.mark.parametrize("text", ["x=", "x=statics", "statics", "policy:", "constant", "rules:x"])
def test_unknown_controllers_are_refused(text: str) -> None:
    with pytest.raises(ControllerError, match="is not a controller; known are static"):
        controller(text)
