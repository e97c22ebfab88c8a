"""The rules with parameters: feasible in any situation, alike alone and in a batch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from oran.batch import ADMISSION, MAX, MCS_BACKOFF, MIN, AllocationBatch, ReportBatch
from oran.intent import Intent
from oran.measurements import CELL_MEASUREMENTS, SLICE_COLUMN, SLICE_MEASUREMENTS
from oran.report import CellReport
from oran.snssai import Snssai
from tests.strategies import reports
from xapp.decision.batch import Batch
from xapp.decision.constant import Constant
from xapp.decision.heuristics import proportional_fair, static_shared
from xapp.decision.observation import FEATURES, Observation
from xapp.decision.rules import (
    LEAST,
    DriftPlusPenalty,
    MaxWeight,
    Rule,
    UrllcFirst,
    served_in_order,
)
from xapp.decision.scalar.rule import priority_cell
from xapp.decision.situation import Situation
from xapp.decision.targets import TargetsBatch

PLAIN = Batch.compiled(lambda f: f)
RULES: tuple[Rule, ...] = (
    UrllcFirst(),
    UrllcFirst(0.5, 8.0, 0.5, 1.0, 6.0),
    MaxWeight(),
    DriftPlusPenalty(),
    DriftPlusPenalty(utility=0.01, urllc_drift=1000.0),
    Constant(0.3, 0.5, 0.2, 2.4),
)


def served(report: CellReport, intents: tuple[Intent, ...], turn: int = 0) -> Situation:
    """The situation that one report makes, as in service."""
    batch, targets = ReportBatch.of(report), TargetsBatch.of(intents)
    seen = PLAIN.observe(batch, targets, static_shared(batch.present))
    return Situation(batch, seen, targets, PLAIN.satisfaction(batch, targets), turn)


@settings(deadline=None)
@given(reports())
def test_every_rule_can_stand_behind_a_policy(drawn: tuple[CellReport, tuple[Intent, ...]]) -> None:
    """On any valid report, whatever it lacks: feasible, whole, and nobody is refused admission."""
    report, intents = drawn
    situation = served(report, intents)
    for rule in RULES:
        memory = np.zeros(situation.present.shape)
        for _ in range(3):
            allocation, memory = rule.decide(situation, memory)
            allocation.one(0, tuple(s.snssai for s in report.slices)).check()
            assert allocation.slices[..., MIN].sum() == 100
            assert (allocation.slices[..., ADMISSION] == 100).all()
            assert (allocation.slices[..., MAX] == 100).all()
            assert np.isfinite(memory).all()


def situation(
    demand: NDArray[np.float64],
    sst: list[int],
    weight: list[float],
    satisfaction: float | list[float] = 1.0,
    **measured: NDArray[np.float64],
) -> Situation:
    n, s = demand.shape
    slices = np.full((n, s, len(SLICE_MEASUREMENTS)), np.nan)
    for name, values in measured.items():
        slices[..., SLICE_COLUMN[name.replace("_", ".")]] = values
    present = np.ones((n, s), np.bool_)
    none = np.full((1, s), np.nan)
    return Situation(
        ReportBatch(100, np.full((n, len(CELL_MEASUREMENTS)), np.nan), slices, present),
        Observation(np.zeros((n, s, FEATURES), np.float32), present, demand),
        TargetsBatch(np.array([sst]), np.array([weight]), none, none, none),
        np.broadcast_to(np.asarray(satisfaction, np.float64), (n, s)),
    )


def test_a_cell_is_decided_alike_alone_and_in_a_batch() -> None:
    rng = np.random.default_rng(4)
    n, s = 12, 4
    whole = situation(
        rng.exponential(0.5, (n, s)), [1, 2, 3, 2], [1.0, 2.0, 0.5, 0.1],
        DRB_PdcpSduVolumeDL=rng.uniform(0.0, 1e4, (n, s)),
    )  # fmt: skip
    for rule in RULES:
        memory = rng.exponential(1.0, (n, s))
        together, kept = rule.decide(whole, memory)
        for i in range(n):
            rows = slice(i, i + 1)
            alone, own = rule.decide(whole.at(rows, whole.targets), memory[rows])
            np.testing.assert_array_equal(alone.slices, together.slices[rows])
            np.testing.assert_array_equal(own, kept[rows])


def test_empty_places_get_nothing() -> None:
    present = np.array([[True, True, False]])
    share = served_in_order(np.array([[0.2, 0.2, 0.9]]), np.array([[1.0, 2.0, 3.0]]), present)
    assert share.tolist() == [[0.5, 0.5, 0.0]]


@given(
    st.lists(
        st.tuples(st.floats(0, 1e3), st.integers(1, 10_000).map(lambda n: n / 100), st.booleans()),
        min_size=1,
        max_size=16,
    ),
)
def test_urllc_then_the_order_of_weights_is_the_priority_rule(
    slices: list[tuple[float, float, bool]],
) -> None:
    demand, weight, urllc = [list(column) for column in zip(*slices, strict=True)]
    count = len(slices)
    share = [0.0] * count
    priority_cell(demand, weight, urllc, 1.3, 1.3, 0.0, 0.0, [0.0] * count, share, [0.0] * count)
    ask = np.array([[d * 1.3 + LEAST for d in demand]])
    key = np.array([weight]) + 1000.0 * np.array([urllc])
    got = served_in_order(ask, key, np.ones((1, count), np.bool_))
    np.testing.assert_allclose(got[0], share, rtol=1e-9)


def shares(allocation: AllocationBatch) -> list[int]:
    got: list[int] = allocation.slices[0, :, MIN].tolist()
    return got


NONE = np.zeros((1, 3))


def test_urllc_goes_before_heavier_weights() -> None:
    rule = UrllcFirst(1.0, 2.0, 0.05, 0.0, 1.6)
    crowded = situation(np.array([[0.9, 0.3, 0.4]]), [1, 2, 3], [50.0, 0.1, 9.0])
    allocation, memory = rule.decide(crowded, NONE)
    # URLLC asks 2 * 0.3 + 0.06 and gets it; eMBB gets the 0.34 left of its 0.91; mMTC the least.
    assert shares(allocation) == [34, 65, 1]
    assert allocation.slices[0, :, MCS_BACKOFF].tolist() == [0, 2, 0]
    assert memory.tolist() == [[0.9, 0.3, 0.4]]


def test_the_peak_of_urllc_fades() -> None:
    rule = UrllcFirst(1.0, 1.0, 0.0, 0.5, 0.0)
    _, memory = rule.decide(situation(np.array([[0.0, 0.8, 0.0]]), [1, 2, 3], [1.0] * 3), NONE)
    calm = situation(np.array([[0.39, 0.09, 0.09]]), [1, 2, 3], [1.0] * 3)
    allocation, memory = rule.decide(calm, memory)
    assert memory[0, 1] == pytest.approx(0.4)
    # 0.4 + 0.01 asked by URLLC, 0.4 by eMBB and 0.1 by mMTC: all fit, over their sum 0.91.
    assert shares(allocation) == [44, 45, 11]
    _, memory = rule.decide(calm, memory)
    assert memory[0, 1] == pytest.approx(0.2)


def test_max_weight_serves_where_weight_backlog_and_rate_are_greatest() -> None:
    rule = MaxWeight(1.0, 1.0, 4.0, 3.0)
    volume = np.array([[900.0, 400.0, 400.0]])
    demand = np.array([[0.9, 0.8, 0.1]])
    # weight * backlog * rate: 900 * 1000, 4 * 400 * 500 and 400 * 4000. So mMTC is served first
    # (0.11), eMBB next (0.89 of 0.91); URLLC has the least.
    seen = situation(demand, [1, 2, 3], [1.0] * 3, DRB_PdcpSduVolumeDL=volume)
    allocation, _ = rule.decide(seen, NONE)
    assert shares(allocation) == [88, 1, 11]
    # What waits counts as what comes: 50,000 byte for each of two users are 800 kbit.
    queued = situation(
        demand, [1, 2, 3], [1.0] * 3, DRB_PdcpSduVolumeDL=volume,
        DRB_BufferSize_Qos=np.array([[0.0, 50_000.0, 0.0]]),
        RRC_ConnMean=np.array([[2.0, 2.0, 2.0]]),
    )  # fmt: skip
    allocation, _ = rule.decide(queued, NONE)
    assert shares(allocation) == [8, 81, 11]


def test_virtual_queues_turn_the_order_round_and_drain() -> None:
    rule = DriftPlusPenalty(1.0, 1.0, 0.0, utility=1.0, urllc_drift=1.0, tolerance=0.1)
    demand = np.array([[0.59, 0.59, 0.09]])
    met = situation(demand, [1, 2, 3], [3.0, 1.0, 0.01])
    allocation, queue = rule.decide(met, NONE)
    assert not queue.any()
    assert shares(allocation) == [59, 40, 1]
    short = situation(demand, [1, 2, 3], [3.0, 1.0, 0.01], [1.0, 0.2, np.nan])
    for turn in range(4):
        allocation, queue = rule.decide(short, queue)
        assert queue[0].tolist() == pytest.approx([0.0, 0.7 * (turn + 1), 0.0])
        assert (shares(allocation)[1] > shares(allocation)[0]) == (1.0 + queue[0, 1] > 3.0)
    assert shares(allocation)[1] > shares(allocation)[0]
    for _ in range(28):
        allocation, queue = rule.decide(met, queue)
    assert not queue.any()
    assert shares(allocation)[0] > shares(allocation)[1]


def test_urllc_queues_grow_faster() -> None:
    rule = DriftPlusPenalty(urllc_drift=10.0, tolerance=0.5)
    seen = situation(np.full((1, 3), 0.1), [1, 2, 3], [1.0] * 3, 0.4)
    _, queue = rule.decide(seen, NONE)
    assert queue[0].tolist() == pytest.approx([0.1, 5.5, 0.1])


def test_proportional_fair_gives_every_user_the_same() -> None:
    users = np.array([[29.99, 9.99, 59.99], [np.nan, 1.0, 2.0]])
    seen = situation(np.zeros((2, 3)), [1, 2, 3], [1.0] * 3, RRC_ConnMean=users)
    allocation = proportional_fair(seen.reports)
    assert allocation.slices[..., MIN].tolist() == [[30, 10, 60], [25, 25, 50]]
    assert (allocation.slices[..., MAX] == 100).all()
    allocation.one(0, (Snssai(1), Snssai(2), Snssai(3))).check()


def test_the_constant_looks_at_types_only() -> None:
    seen = situation(np.array([[9.0, 0.0, 0.0, 1.0]]), [1, 2, 3, 9], [1.0] * 4)
    allocation, memory = Constant(1.0, 2.0, 1.0, 3.4).decide(seen, np.zeros((1, 4)))
    assert shares(allocation) == [20, 40, 20, 20]
    assert allocation.slices[0, :, MCS_BACKOFF].tolist() == [0, 3, 0, 0]
    assert not memory.any()
