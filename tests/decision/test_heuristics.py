"""The rules: feasible on any observation, and each does what its name says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oran.batch import ADMISSION, DEDICATED, MAX, MIN, AllocationBatch
from oran.snssai import Snssai
from xapp.decision import heuristics
from xapp.decision.heuristics import RuleParameters
from xapp.decision.observation import FEATURES, Observation
from xapp.decision.pipeline import reservation
from xapp.decision.scalar.rule import priority_cell


def _observation(demand: list[list[float]], present: list[list[bool]] | None = None) -> Observation:
    asked = np.array(demand)
    here = np.ones(asked.shape, np.bool_) if present is None else np.array(present)
    return Observation(np.zeros((*asked.shape, FEATURES), np.float32), here, asked * here)


def _shares(allocation: AllocationBatch) -> NDArray[np.int64]:
    shares: NDArray[np.int64] = allocation.slices[..., MIN]
    return shares


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.booleans()), min_size=1, max_size=16),
    st.integers(0, 1000),
)
def test_every_rule_is_feasible(slices: list[tuple[float, bool]], turn: int) -> None:
    present = [[True, *(here for _, here in slices[1:])]]
    seen = _observation([[d for d, _ in slices]], present)
    names = tuple(Snssai(0, i) for i in range(len(slices)))
    for allocation in (
        heuristics.static_equal(seen.present),
        heuristics.static_shared(seen.present),
        heuristics.demand_proportional(seen),
        heuristics.round_robin(seen.present, turn),
        heuristics.unsliced(seen.present),
    ):
        allocation.one(0, names).check()
        assert not allocation.slices[~seen.present].any()
        assert (allocation.slices[..., ADMISSION][seen.present] == 100).all()


def _priority(
    slices: list[tuple[float, float, bool]], rule: RuleParameters
) -> tuple[list[float], list[float]]:
    """Shares and MCS backoff for slices given by demand, weight and whether they are URLLC."""
    count = len(slices)
    share, backoff = [0.0] * count, [0.0] * count
    priority_cell(
        [d for d, _, _ in slices], [w for _, w, _ in slices], [u for _, _, u in slices],
        rule.headroom, rule.urllc_headroom, rule.urllc_reserve, rule.urllc_mcs_backoff,
        [0.0] * count, share, backoff,
    )  # fmt: skip
    return share, backoff


@given(
    st.lists(
        st.tuples(st.floats(0, 1e6), st.floats(0.01, 100), st.booleans()), min_size=1, max_size=16
    )
)
def test_priority_shares_sum_to_one_and_leave_nobody_without(
    slices: list[tuple[float, float, bool]],
) -> None:
    share, _ = _priority(slices, heuristics.DEFAULT_RULE)
    assert sum(share) == pytest.approx(1.0)
    assert min(share) > 0.0


def test_the_priority_rule_serves_by_weight_until_the_carrier_is_full() -> None:
    rule = RuleParameters(1.0, 1.5, 0.0, 2.0)
    share, backoff = _priority([(0.8, 2.0, False), (0.4, 3.0, True), (0.9, 1.0, False)], rule)
    # URLLC asks 1.5 * 0.4 + 0.01 and is first; eMBB gets the 0.39 that is left; nothing but the
    # least weight, 0.01, for mMTC. All over their sum, 1.01.
    assert share == pytest.approx([0.39 / 1.01, 0.61 / 1.01, 0.01 / 1.01])
    assert backoff == [0.0, 2.0, 0.0]


def test_urllc_goes_before_heavier_weights() -> None:
    rule = RuleParameters(1.0, 1.0, 0.0, 0.0)
    share, _ = _priority([(0.9, 50.0, False), (0.69, 0.1, True), (0.9, 9.0, False)], rule)
    # URLLC gets the 0.70 it asks for, eMBB the 0.30 that is left, mMTC the least.
    assert share == pytest.approx([0.30 / 1.01, 0.70 / 1.01, 0.01 / 1.01])


def test_the_reserve_of_urllc_is_added_to_what_it_asks() -> None:
    share, _ = _priority([(0.0, 1.0, True), (0.0, 1.0, False)], RuleParameters(urllc_reserve=0.03))
    assert share == pytest.approx([0.8, 0.2])


def test_equal_weights_are_served_in_the_order_of_places() -> None:
    share, _ = _priority([(0.9, 1.0, False), (0.9, 1.0, False)], RuleParameters(1.0))
    assert share[0] > share[1]


def test_spare_capacity_is_shared_in_proportion() -> None:
    share, _ = _priority([(0.29, 1.0, False), (0.09, 9.0, False)], RuleParameters(1.0))
    assert share == pytest.approx([0.75, 0.25])


def test_equal_parts() -> None:
    present = np.array([[True, True, True], [True, False, True]])
    hard, shared = heuristics.static_equal(present), heuristics.static_shared(present)
    assert _shares(hard).tolist() == [[34, 33, 33], [50, 0, 50]]
    assert (hard.slices[..., DEDICATED] == hard.slices[..., MAX]).all()
    assert (_shares(shared) == _shares(hard)).all()
    assert shared.slices[..., MAX].tolist() == [[100, 100, 100], [100, 0, 100]]
    assert not shared.slices[..., DEDICATED].any()


def test_a_reservation_is_the_callers_own() -> None:
    first = reservation(3)
    assert [row[MIN] for row in first.slices] == [34, 33, 33]
    first.slices[0][MIN] = 0
    assert reservation(3).slices[0][MIN] == 34


def test_demand_proportional_follows_demand() -> None:
    allocation = heuristics.demand_proportional(_observation([[0.29, 0.09, 0.59]]))
    assert _shares(allocation).tolist() == [[30, 10, 60]]


def test_round_robin_takes_turns_among_those_present() -> None:
    present = np.array([[True, False, True]])
    turns = [_shares(heuristics.round_robin(present, t)).tolist()[0] for t in range(3)]
    assert turns == [[100, 0, 0], [0, 0, 100], [100, 0, 0]]
