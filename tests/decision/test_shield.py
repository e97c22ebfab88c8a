"""The shield: every result is in the allowed set, and what was allowed is left alone."""

import copy
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.batch import ADMISSION, DEDICATED, MAX, MIN
from tests.strategies import random_rows
from xapp.decision.pipeline import Rows
from xapp.decision.scalar.shield import shield_cell, shield_power
from xapp.decision.shield import Edit, Limits

limits_drawn = st.builds(
    Limits,
    st.integers(1, 100),
    st.integers(0, 50),
    st.integers(0, 100),
    st.integers(1, 9),
    st.integers(-9, 0),
)


def _shield(
    proposal: Rows, previous: Rows, urllc: list[bool], limits: Limits
) -> tuple[list[list[int]], list[int]]:
    rows, edits = copy.deepcopy(list(proposal.slices)), [0] * len(Edit)
    shield_cell(
        rows, previous.slices, urllc, limits.max_share_step, limits.urllc_floor,
        limits.admission_floor, edits,
    )  # fmt: skip
    return rows, edits


def _violations(
    rows: list[list[int]], previous: Rows, urllc: list[bool], limits: Limits
) -> list[str]:
    """What is wrong with an allocation, straight from the definition of the allowed set."""
    wrong = []
    floor = min(limits.urllc_floor, 100 // sum(urllc)) if any(urllc) else 0
    if sum(row[MIN] for row in rows) > 100:
        wrong.append("sum")
    # The floor goes before the step: a step may be longer only where the floor stood in its way.
    at_floor = any(
        critical and row[MIN] == floor for row, critical in zip(rows, urllc, strict=True)
    )
    for i, (row, old) in enumerate(zip(rows, previous.slices, strict=True)):
        if not 0 <= row[DEDICATED] <= row[MIN] <= row[MAX] <= 100:
            wrong.append(f"{i}: order")
        if urllc[i] and (row[MIN] < floor or row[ADMISSION] != 100):
            wrong.append(f"{i}: urllc")
        if row[ADMISSION] < limits.admission_floor:
            wrong.append(f"{i}: admission")
        if abs(row[MIN] - old[MIN]) > limits.max_share_step and not at_floor:
            wrong.append(f"{i}: step")
    return wrong


@given(
    st.lists(st.booleans(), min_size=1, max_size=16),
    limits_drawn,
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_whatever_is_proposed_the_result_is_allowed(
    urllc: list[bool], limits: Limits, feasible: bool, rng: random.Random
) -> None:
    proposal = random_rows(rng, len(urllc), feasible=feasible)
    previous = random_rows(rng, len(urllc), feasible=True)
    rows, edits = _shield(proposal, previous, urllc, limits)
    assert not _violations(rows, previous, urllc, limits)
    assert (rows != list(proposal.slices)) <= any(edits), "an edit that nobody counted"


@given(
    st.lists(st.booleans(), min_size=1, max_size=16),
    limits_drawn,
    st.randoms(use_true_random=False),
)
def test_what_is_allowed_is_left_alone(
    urllc: list[bool], limits: Limits, rng: random.Random
) -> None:
    previous = random_rows(rng, len(urllc), feasible=True)
    once, _ = _shield(random_rows(rng, len(urllc), feasible=True), previous, urllc, limits)
    again, edits = _shield(Rows(once), Rows(once), urllc, limits)
    assert again == once
    assert not any(edits)


def test_reasons_by_hand() -> None:
    previous = Rows([[0, 50, 100, 0, 100], [0, 50, 100, 0, 100]])
    proposal = Rows([[0, 98, 98, 0, 10], [30, 2, 2, 0, 90]])
    limits = Limits(max_share_step=48, urllc_floor=10, admission_floor=40)
    rows, edits = _shield(proposal, previous, [False, True], limits)
    # The step is just allowed; the floor takes 8 points from the other slice.
    assert rows == [[0, 90, 98, 0, 40], [10, 10, 10, 0, 100]]
    assert dict(zip(Edit, edits, strict=True)) == {
        Edit.SHARE_SUM: 0,
        Edit.SHARE_STEP: 0,
        Edit.URLLC_FLOOR: 2,
        Edit.SHARE_ORDER: 1,
        Edit.ADMISSION_FLOOR: 2,
        Edit.POWER: 0,
    }


@pytest.mark.parametrize("floor", [0, 1, 10, 50])
def test_the_floor_is_sharp(floor: int) -> None:
    limits = Limits(max_share_step=100, urllc_floor=floor)
    for share in range(101):
        held = Rows([[0, share, 100, 0, 100], [0, 100 - share, 100, 0, 100]])
        rows, edits = _shield(held, held, [True, False], limits)
        kept = max(share, floor)
        assert [row[MIN] for row in rows] == [kept, 100 - kept]
        assert edits[Edit.URLLC_FLOOR] == (2 if share < floor else 0)


def test_a_sum_above_100_is_brought_down_in_proportion() -> None:
    previous = Rows([[0, 50, 100, 0, 100], [0, 50, 100, 0, 100]])
    rows, edits = _shield(
        Rows([[0, 90, 100, 0, 100], [0, 60, 60, 0, 100]]), previous, [False, False], Limits()
    )
    assert [row[MIN] for row in rows] == [60, 40]
    assert edits[Edit.SHARE_SUM] == 2


def test_a_far_target_is_reached_in_steps() -> None:
    goal = Rows([[0, 95, 100, 0, 100], [0, 5, 100, 0, 100]])
    now = Rows([[0, 20, 100, 0, 100], [0, 80, 100, 0, 100]])
    path = [20]
    for _ in range(4):
        rows, _ = _shield(goal, now, [False, False], Limits(max_share_step=30))
        now = Rows(rows)
        path.append(rows[0][MIN])
    assert path == [20, 50, 80, 95, 95]


@pytest.mark.parametrize(
    ("asked", "now", "allowed"),
    [(-9, 0, -3), (0, -9, -6), (-2, -3, -2), (-9, -5, -6), (0, 0, 0), (0, -2, 0)],
)
def test_power_moves_in_steps_above_its_floor(asked: int, now: int, allowed: int) -> None:
    assert shield_power(asked, now, 3, -6) == allowed


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_share_step", 0), ("urllc_floor", 51), ("admission_floor", -1), ("power_floor_db", 1)],
)
def test_limits_out_of_range_are_refused(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=field):
        Limits(**{field: value})
