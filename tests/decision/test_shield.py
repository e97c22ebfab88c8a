"""The shield: every result is in the allowed set, and what was allowed is left alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.batch import ADMISSION, DEDICATED, MAX, MIN, AllocationBatch
from oran.intent import Intent, Sla
from oran.snssai import Snssai
from tests.strategies import random_allocation
from xapp.decision.shield import Edit, Limits, project
from xapp.decision.targets import URLLC, Targets

limits_drawn = st.builds(
    Limits,
    st.integers(1, 100),
    st.integers(0, 50),
    st.integers(0, 100),
    st.integers(1, 9),
    st.integers(-9, 0),
)


def _targets(ssts: list[int]) -> Targets:
    return Targets.of([Intent(Snssai(sst, i), Sla(), 1.0) for i, sst in enumerate(ssts)])


def _violations(
    allocation: AllocationBatch,
    previous: AllocationBatch,
    ssts: list[int],
    present: list[bool],
    limits: Limits,
) -> list[str]:
    """What is wrong with one cell's allocation, in plain Python, straight from the definition."""
    wrong = []
    rows, before = allocation.slices[0].tolist(), previous.slices[0].tolist()
    urllc = sum(p and sst == URLLC for sst, p in zip(ssts, present, strict=True))
    floor = min(limits.urllc_floor, 100 // urllc) if urllc else 0
    if sum(row[MIN] for row in rows) > 100:
        wrong.append("sum")
    lifted = any(
        row[MIN] > old[MIN] + limits.max_share_step or row[MIN] == floor
        for row, old, sst in zip(rows, before, ssts, strict=True)
        if sst == URLLC
    )
    for i, (row, old) in enumerate(zip(rows, before, strict=True)):
        if not present[i]:
            if any(row):
                wrong.append(f"{i}: allocated to an empty place")
            continue
        if not 0 <= row[DEDICATED] <= row[MIN] <= row[MAX] <= 100:
            wrong.append(f"{i}: order")
        if ssts[i] == URLLC and (row[MIN] < floor or row[ADMISSION] != 100):
            wrong.append(f"{i}: urllc")
        if row[ADMISSION] < limits.admission_floor:
            wrong.append(f"{i}: admission")
        # The floor goes before the step: only where it was needed may a step be longer.
        if abs(row[MIN] - old[MIN]) > limits.max_share_step and not lifted:
            wrong.append(f"{i}: step")
    power, was = allocation.tx_power_offset_db[0], previous.tx_power_offset_db[0]
    if power < limits.power_floor_db or (
        abs(power - was) > limits.max_power_step_db and power != limits.power_floor_db
    ):
        wrong.append("power")
    return wrong


@given(
    st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=16),
    limits_drawn,
    st.booleans(),
    st.integers(0, 2**32),
)
def test_whatever_is_proposed_the_result_is_allowed(
    places: list[tuple[int, bool]], limits: Limits, feasible: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    ssts, present = [sst for sst, _ in places], [True] + [here for _, here in places[1:]]
    mask = np.array([present])
    proposal = random_allocation(rng, 1, len(ssts), feasible=feasible)
    previous = random_allocation(rng, 1, len(ssts), feasible=True)
    for batch in (proposal, previous):
        batch.slices[~mask] = 0
    targets = _targets(ssts)
    shielded = project(proposal, previous, targets, mask, limits)
    assert not _violations(shielded.allocation, previous, ssts, present, limits)

    changed = (shielded.allocation.slices != proposal.slices).any() or (
        shielded.allocation.tx_power_offset_db != proposal.tx_power_offset_db
    ).any()
    assert bool(changed) <= bool(shielded.edits.any()), "an edit that nobody counted"

    if not _violations(proposal, previous, ssts, present, limits):
        again = project(proposal, previous, targets, mask, Limits(100, *_rest(limits)))
        assert not again.edits.any(), "an allowed proposal was changed"


def _rest(limits: Limits) -> tuple[int, int, int, int]:
    return (
        limits.urllc_floor,
        limits.admission_floor,
        limits.max_power_step_db,
        limits.power_floor_db,
    )


@given(st.integers(0, 2**32), limits_drawn)
def test_cells_are_shielded_apart(seed: int, limits: Limits) -> None:
    rng = np.random.default_rng(seed)
    proposal = random_allocation(rng, 12, 3, feasible=False)
    previous = random_allocation(rng, 12, 3, feasible=True)
    mask = np.ones((12, 3), np.bool_)
    targets = _targets([1, 2, 3])
    together = project(proposal, previous, targets, mask, limits)
    for n in range(12):
        alone = project(
            AllocationBatch(proposal.slices[n : n + 1], proposal.tx_power_offset_db[n : n + 1]),
            AllocationBatch(previous.slices[n : n + 1], previous.tx_power_offset_db[n : n + 1]),
            targets,
            mask[:1],
            limits,
        )
        assert (alone.allocation.slices[0] == together.allocation.slices[n]).all()
        assert (alone.edits[0] == together.edits[n]).all()


def test_reasons_by_hand() -> None:
    mask = np.ones((1, 2), np.bool_)
    targets = _targets([1, 2])
    previous = AllocationBatch(
        np.array([[[0, 50, 100, 0, 100], [0, 50, 100, 0, 100]]]), np.zeros(1, np.int64)
    )
    proposal = AllocationBatch(np.array([[[0, 98, 98, 0, 10], [30, 2, 2, 0, 90]]]), np.array([-9]))
    limits = Limits(max_share_step=48, urllc_floor=10, admission_floor=40)
    shielded = project(proposal, previous, targets, mask, limits)
    # The step is just allowed; the floor takes 8 points from the other slice.
    assert shielded.allocation.slices[0].tolist() == [[0, 90, 98, 0, 40], [10, 10, 10, 0, 100]]
    assert shielded.allocation.tx_power_offset_db.tolist() == [-3]
    by_reason = dict(zip(Edit, shielded.edits[0].tolist(), strict=True))
    assert by_reason == {
        Edit.SHARE_STEP: 0,
        Edit.URLLC_FLOOR: 2,
        Edit.SHARE_ORDER: 1,
        Edit.ADMISSION_FLOOR: 2,
        Edit.POWER: 1,
    }


def test_a_far_target_is_reached_in_steps() -> None:
    mask, targets = np.ones((1, 2), np.bool_), _targets([1, 3])
    goal = AllocationBatch(
        np.array([[[0, 95, 100, 0, 100], [0, 5, 100, 0, 100]]]), np.zeros(1, np.int64)
    )
    now = AllocationBatch(
        np.array([[[0, 20, 100, 0, 100], [0, 80, 100, 0, 100]]]), np.zeros(1, np.int64)
    )
    path = [20]
    for _ in range(4):
        now = project(goal, now, targets, mask, Limits(max_share_step=30)).allocation
        path.append(int(now.slices[0, 0, MIN]))
    assert path == [20, 50, 80, 95, 95]
    assert all(abs(b - a) <= 30 for a, b in pairwise(path))


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_share_step", 0), ("urllc_floor", 51), ("admission_floor", -1), ("power_floor_db", 1)],
)
def test_limits_out_of_range_are_refused(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=field):
        Limits(**{field: value})
