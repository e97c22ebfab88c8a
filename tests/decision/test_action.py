"""The action mapping: rest is the rule, any finite output is feasible, others are refused."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.batch import ADMISSION, MAX, MCS_BACKOFF, MIN, SLICE_FIELDS
from oran.snssai import Snssai
from xapp.decision.action import whole_percent
from xapp.decision.pipeline import Rows
from xapp.decision.scalar.act import allocate_cell


def _allocate(raw: list[float], power: float, share: list[float], backoff: list[float]) -> Rows:
    out = [[0] * SLICE_FIELDS for _ in share]
    offset = allocate_cell(raw, power, share, backoff, [0.0] * len(share), out)
    return Rows(out, offset)


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


shares = st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=16).map(
    lambda w: [x / sum(w) for x in w]
)


@given(shares, st.sampled_from([0.1, 3.0, 1e4, 3e38]), st.randoms(use_true_random=False))
def test_any_finite_output_gives_a_feasible_allocation(
    share: list[float], size: float, rng: random.Random
) -> None:
    raw = [rng.uniform(-size, size) for _ in range(4 * len(share))]
    backoff = [rng.uniform(0.0, 6.0) for _ in share]
    rows = _allocate(raw, rng.uniform(-size, size), share, backoff)
    rows.allocation([Snssai(1, i) for i in range(len(share))]).check()
    assert sum(row[MIN] for row in rows.slices) == 100


@given(shares, st.randoms(use_true_random=False))
def test_zeros_give_the_rule(share: list[float], rng: random.Random) -> None:
    backoff = [rng.uniform(0.0, 6.0) for _ in share]
    rows = _allocate([0.0] * (4 * len(share)), 0.0, share, backoff)
    whole = whole_percent(np.array([share]))[0].tolist()
    for row, percent, held in zip(rows.slices, whole, backoff, strict=True):
        # Another order of summation may move a remainder across a tie.
        assert abs(row[MIN] - percent) <= 1
        assert row[MAX] == row[ADMISSION] == 100
        assert row[MCS_BACKOFF] == math.floor(held + 0.5)
    assert rows.tx_power_offset_db == 0


def test_each_output_moves_its_own_field_in_its_direction() -> None:
    def play(index: int, value: float, power: float = 0.0) -> Rows:
        raw = [0.0] * 8
        raw[index] = value
        return _allocate(raw, power, [0.5, 0.5], [2.0, 2.0])

    rest = play(0, 0.0).slices
    assert play(0, 1.0).slices[0][MIN] > rest[0][MIN] > play(0, -1.0).slices[0][MIN]
    # Shares of e and 1: 73.1 and 26.9 %.
    assert [row[MIN] for row in play(0, 2.0 * math.atanh(0.5)).slices] == [73, 27]
    assert play(1, -6.0).slices[0][MAX] == 75  # halfway between min 50 and 100
    assert play(2, 0.3).slices[0][MCS_BACKOFF] == 4  # 2 + 6 tanh(0.3) = 3.75
    assert play(2, -9.0).slices[0][MCS_BACKOFF] == 0
    assert play(3, -6.0).slices[0][ADMISSION] == 50
    for index in range(1, 4):
        assert play(index, -6.0).slices[1] == rest[1]
    assert play(0, 0.0, 6.0).tx_power_offset_db == -5  # halfway to -9 dB, rounded away from 0
    assert play(0, 0.0, 99.0).tx_power_offset_db == -9


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", range(9))
def test_non_finite_outputs_are_refused(bad: float, where: int) -> None:
    raw = [0.0] * 9
    raw[where] = bad
    with pytest.raises(ValueError, match="not finite"):
        _allocate(raw[:8], raw[8], [0.5, 0.5], [0.0, 0.0])
