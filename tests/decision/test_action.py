"""The action mapping: rest is the rule, any finite output is feasible, others are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oran.batch import ADMISSION, MAX, MCS_BACKOFF, MIN
from oran.snssai import Snssai
from xapp.decision.action import Action, Base, to_allocation, whole_percent
from xapp.decision.heuristics import priority


@given(st.integers(0, 2**32), st.integers(1, 16))
def test_whole_percent_sums_to_100_and_is_off_by_less_than_one(seed: int, slices: int) -> None:
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(slices, 0.3), 50)
    whole = whole_percent(share)
    assert (whole.sum(axis=1) == 100).all()
    assert (np.abs(whole - 100 * share) < 1 + 1e-9).all()


def test_whole_percent_breaks_ties_by_place() -> None:
    assert whole_percent(np.full((1, 3), 1 / 3)).tolist() == [[34, 33, 33]]
    assert whole_percent(np.array([[0.005, 0.995]])).tolist() == [[1, 99]]


def _base(rng: np.random.Generator, present: NDArray[np.bool_]) -> Base:
    weight = rng.gamma(0.5, size=present.shape) * present + 1e-6 * present
    share = weight / weight.sum(axis=1, keepdims=True)
    return Base(share, rng.uniform(0, 6, present.shape) * present)


@given(st.integers(0, 2**32), st.integers(1, 16), st.sampled_from([0.1, 3.0, 1e4, 3e38]))
def test_any_finite_output_gives_a_feasible_allocation(seed: int, slices: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    present = rng.random((20, slices)) < 0.8
    present[:, 0] = True
    raw = np.clip(rng.standard_normal((20, slices, 4)) * size, -3e38, 3e38).astype(np.float32)
    cell = np.clip(rng.standard_normal((20, 1)) * size, -3e38, 3e38).astype(np.float32)
    out = to_allocation(Action(raw, cell), _base(rng, present), present)
    for n in range(20):
        out.one(n, tuple(Snssai(i) for i in range(slices))).check()
    assert not out.slices[~present].any()
    assert (out.slices[..., MIN].sum(axis=1) == 100).all()


@given(st.integers(0, 2**32), st.integers(1, 16))
def test_zeros_give_the_rule(seed: int, slices: int) -> None:
    rng = np.random.default_rng(seed)
    present = np.ones((10, slices), np.bool_)
    base = _base(rng, present)
    rest = Action(np.zeros((10, slices, 4), np.float32), np.zeros((10, 1), np.float32))
    out, rule = to_allocation(rest, base, present), priority(base, present)
    assert (out.slices == rule.slices).all()
    assert not out.tx_power_offset_db.any()


def test_each_output_moves_its_own_field_in_its_direction() -> None:
    present = np.ones((1, 2), np.bool_)
    base = Base(np.array([[0.5, 0.5]]), np.array([[2.0, 2.0]]))

    def play(index: int, value: float) -> NDArray[np.int64]:
        raw = np.zeros((1, 2, 4), np.float32)
        raw[0, 0, index] = value
        still = np.zeros((1, 1), np.float32)
        slices: NDArray[np.int64] = to_allocation(Action(raw, still), base, present).slices[0]
        return slices

    rest = play(0, 0.0)
    assert play(0, 1.0)[0, MIN] > rest[0, MIN] > play(0, -1.0)[0, MIN]
    assert play(1, -6.0)[0, MAX] == 75  # halfway between min 50 and 100
    assert play(2, 0.3)[0, MCS_BACKOFF] == 4  # 2 + 6 tanh(0.3) = 3.75
    assert play(2, -9.0)[0, MCS_BACKOFF] == 0
    assert play(3, -6.0)[0, ADMISSION] == 50
    for index in range(1, 4):
        assert (play(index, -6.0)[1] == rest[1]).all()
    low = to_allocation(
        Action(np.zeros((1, 2, 4), np.float32), np.full((1, 1), 6.0, np.float32)), base, present
    )
    assert low.tx_power_offset_db.tolist() == [-4]  # rint(-9 / 2), half to even


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["slices", "cell"])
def test_non_finite_outputs_are_refused(bad: float, where: str) -> None:
    present = np.ones((1, 2), np.bool_)
    action = Action(np.zeros((1, 2, 4), np.float32), np.zeros((1, 1), np.float32))
    getattr(action, where).flat[0] = bad
    with pytest.raises(ValueError, match="not finite"):
        to_allocation(action, Base(np.array([[0.5, 0.5]]), np.zeros((1, 2))), present)
