"""The rules: feasible on any observation, and each does what its name says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oran.batch import ADMISSION, DEDICATED, MAX, MCS_BACKOFF, MIN, AllocationBatch
from oran.intent import Intent, Sla
from oran.snssai import Snssai
from xapp.decision import heuristics
from xapp.decision.heuristics import DEFAULT_RULE, RuleParameters, priority_base
from xapp.decision.observation import FEATURES, Observation
from xapp.decision.targets import Targets


def _observation(demand: list[list[float]], present: list[list[bool]] | None = None) -> Observation:
    asked = np.array(demand)
    here = np.ones(asked.shape, np.bool_) if present is None else np.array(present)
    return Observation(np.zeros((*asked.shape, FEATURES), np.float32), here, asked * here)


def _targets(*slices: tuple[int, float]) -> Targets:
    return Targets.of([Intent(Snssai(s, i), Sla(), w) for i, (s, w) in enumerate(slices)])


def _shares(allocation: AllocationBatch) -> NDArray[np.int64]:
    shares: NDArray[np.int64] = allocation.slices[..., MIN]
    return shares


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.floats(0.01, 100), st.floats(0, 1e6), st.booleans()),
        min_size=1,
        max_size=16,
    ),
    st.integers(0, 1000),
)
def test_every_rule_is_feasible(slices: list[tuple[int, float, float, bool]], turn: int) -> None:
    present = [[True, *(here for *_, here in slices[1:])]]
    seen = _observation([[d for _, _, d, _ in slices]], present)
    base = priority_base(seen, _targets(*((s, w) for s, w, _, _ in slices)), DEFAULT_RULE)
    np.testing.assert_allclose(base.share.sum(axis=1), 1.0)
    assert (base.share[seen.present] > 0).all()
    names = tuple(Snssai(0, i) for i in range(len(slices)))
    for allocation in (
        heuristics.priority(base, seen.present),
        heuristics.static_equal(seen.present),
        heuristics.static_shared(seen.present),
        heuristics.demand_proportional(seen),
        heuristics.round_robin(seen.present, turn),
        heuristics.unsliced(seen.present),
    ):
        allocation.one(0, names).check()
        assert not allocation.slices[~seen.present].any()
        assert (allocation.slices[..., ADMISSION][seen.present] == 100).all()


def test_the_priority_rule_serves_by_weight_until_the_carrier_is_full() -> None:
    rule = RuleParameters(1.0, 1.5, 0.0, 2.0)
    seen = _observation([[0.8, 0.4, 0.9]])
    base = priority_base(seen, _targets((1, 2.0), (2, 3.0), (3, 1.0)), rule)
    # URLLC asks 1.5 * 0.4 + 0.01 and is first; eMBB gets the 0.39 that is left; nothing but the
    # least weight, 0.01, for mMTC. All over their sum, 1.01.
    np.testing.assert_allclose(base.share, np.array([[0.39, 0.61, 0.01]]) / 1.01)
    np.testing.assert_allclose(base.mcs_backoff, [[0.0, 2.0, 0.0]])


def test_equal_weights_are_served_in_the_order_of_places() -> None:
    base = priority_base(
        _observation([[0.9, 0.9]]), _targets((1, 1.0), (1, 1.0)), RuleParameters(1.0, 1.0, 0.0, 0.0)
    )
    assert base.share[0, 0] > base.share[0, 1]


def test_spare_capacity_is_shared_in_proportion() -> None:
    base = priority_base(
        _observation([[0.29, 0.09]]), _targets((1, 1.0), (3, 9.0)), RuleParameters(1.0, 1.0, 0.0)
    )
    np.testing.assert_allclose(base.share, [[0.75, 0.25]])


def test_equal_parts() -> None:
    present = np.array([[True, True, True], [True, False, True]])
    hard, shared = heuristics.static_equal(present), heuristics.static_shared(present)
    assert _shares(hard).tolist() == [[34, 33, 33], [50, 0, 50]]
    assert (hard.slices[..., DEDICATED] == hard.slices[..., MAX]).all()
    assert (_shares(shared) == _shares(hard)).all()
    assert shared.slices[..., MAX].tolist() == [[100, 100, 100], [100, 0, 100]]
    assert not shared.slices[..., DEDICATED].any()


def test_demand_proportional_follows_demand() -> None:
    allocation = heuristics.demand_proportional(_observation([[0.29, 0.09, 0.59]]))
    assert _shares(allocation).tolist() == [[30, 10, 60]]
    assert not allocation.slices[..., MCS_BACKOFF].any()


def test_round_robin_takes_turns_among_those_present() -> None:
    present = np.array([[True, False, True]])
    turns = [_shares(heuristics.round_robin(present, t)).tolist()[0] for t in range(3)]
    assert turns == [[100, 0, 0], [0, 0, 100], [100, 0, 0]]
