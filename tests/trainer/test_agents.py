"""The multi-agent environment: three agents, one cell with its core, one reward."""

import math
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from pettingzoo.test import parallel_api_test

from e2sim.core.joint import EndToEnd
from e2sim.core.network import CoreNetwork
from e2sim.scenario import load_scenario
from oran.batch import ADMISSION, DEDICATED, MAX, MIN, SLICE_FIELDS, AllocationBatch
from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.measurements import CORE_SLICE_COLUMN, CORE_SLICE_MEASUREMENTS
from trainer.gym.agents import AGENTS, CORE, GUIDANCE, ORCHESTRATOR, RAN, Guidance
from trainer.gym.agents.coreview import core_allocation, shown
from trainer.gym.agents.guidance import MAX_FLOOR
from trainer.gym.agents.parallel import PerAgent, SlicingParallelEnv
from trainer.gym.agents.reward import CorePrices, joint_score
from trainer.gym.agents.twin import JointTwin
from trainer.objective import Score
from xapp.decision.action import whole_percent
from xapp.decision.targets import TargetsBatch

TOPOLOGY = CoreNetwork(load_scenario("edge"), np.zeros(1, np.uint64)).topology
RAW = st.floats(-20.0, 20.0, width=32)


def at_rest(env: SlicingParallelEnv) -> PerAgent:
    return {a: np.zeros(env.action_space(a).shape, np.float32) for a in env.agents}


def sampled(env: SlicingParallelEnv) -> PerAgent:
    return {a: env.action_space(a).sample() for a in env.agents}


def test_pettingzoo_finds_nothing_to_object_to() -> None:
    env = SlicingParallelEnv(periods=12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parallel_api_test(env, num_cycles=30)
    env.close()


def test_a_reset_leaves_the_cores_of_other_cells_under_their_allocations() -> None:
    twin = JointTwin(load_scenario("edge"), np.arange(3).astype(np.uint64))
    first = twin.allocation
    site = (first.site + 1) % len(twin.topology.sites)
    chosen = np.array([[p.site for p in twin.topology.paths].index(s) for s in twin.topology.sites])
    split = np.zeros_like(first.split)
    np.put_along_axis(split, chosen[site][..., None], 100, axis=2)
    twin.allocation = CoreAllocationBatch(site, split)
    which = np.array([False, True, False])
    twin.reset(which)
    np.testing.assert_array_equal(twin.allocation.site[which], first.site[which])
    np.testing.assert_array_equal(twin.allocation.split[which], first.split[which])
    np.testing.assert_array_equal(twin.allocation.site[~which], site[~which])
    np.testing.assert_array_equal(twin.allocation.split[~which], split[~which])
    twin.reset()
    np.testing.assert_array_equal(twin.allocation.site, first.site)


def test_agents_at_rest_are_the_rule_in_a_radio_that_knows_no_core() -> None:
    """The radio under three agents is bit for bit that of one agent with the same outputs."""
    together = SlicingParallelEnv(periods=8)
    alone = gymnasium.make("trainer.gym:slicepilot/SlicingFlat-v0", scenario="edge", periods=8)
    seen, infos = together.reset(seed=5)
    lone, info = alone.reset(seed=5)
    assert infos[RAN]["seed"] == info["seed"]
    while together.agents:
        assert np.array_equal(seen[RAN][: len(lone)], lone)
        seen, rewards, _, _, parts = together.step(at_rest(together))
        lone, objective, *_ = alone.step(np.zeros(alone.action_space.shape or (), np.float32))
        assert parts[RAN]["objective"] == objective
        assert rewards[RAN] == rewards[CORE] == rewards[ORCHESTRATOR] <= float(objective)
    together.close()
    alone.close()


def test_an_episode_repeats_itself_and_what_is_seen_is_within_its_space() -> None:
    courses = []
    for _ in range(2):
        env = SlicingParallelEnv(periods=10, guidance_periods=4)
        for agent in AGENTS:
            env.action_space(agent).seed(7)
        seen, _ = env.reset(seed=3)
        course: list[Any] = []
        acted = []
        while env.agents:
            for agent in AGENTS:
                assert env.observation_space(agent).contains(seen[agent])
            assert np.array_equal(env.state(), seen[ORCHESTRATOR])
            seen, rewards, _, truncated, infos = env.step(sampled(env))
            acted.append(infos[ORCHESTRATOR]["acted"])
            course.append((rewards, [seen[a].tobytes() for a in AGENTS]))
        assert acted == [True, False, False, False] * 2 + [True, False]
        assert all(truncated.values())
        with pytest.raises(RuntimeError, match="call reset"):
            env.step({})
        courses.append(course)
        env.close()
    assert courses[0] == courses[1]


def test_guidance_is_seen_by_both_and_binds_the_ran_agent() -> None:
    env = SlicingParallelEnv(periods=4)
    env.reset(seed=1)
    raw = np.zeros((3, len(GUIDANCE)), np.float32)
    raw[0] = 0.0, -0.3, 0.0, 1.0, 0.0
    raw[1] = 5.0, 0.0, 2.0, 0.0, -2.0
    seen, *_ = env.step(at_rest(env) | {ORCHESTRATOR: raw.ravel()})
    values = Guidance.of(raw).values
    told = values.astype(np.float32).ravel()
    assert np.array_equal(seen[RAN][-len(told) :], told)
    assert np.array_equal(seen[CORE][-len(told) :], told)
    allocation = env._cells.environment.allocation.slices[0]
    assert allocation[0, ADMISSION] == round(100.0 * values[0, 1]) == 71
    assert allocation[1, MIN] >= math.floor(100.0 * values[1, 0]) == 16
    env.close()


@given(arrays(np.float32, (4, len(GUIDANCE)), elements=RAW), st.data())
def test_bound_proposals_are_feasible_and_keep_floors(
    raw: NDArray[np.float32], data: st.DataObject
) -> None:
    guidance = Guidance.of(raw)
    floor, budget = guidance.values[:, 0], guidance.values[:, 1]
    assert floor.min() >= 0.0
    assert floor.sum() <= MAX_FLOOR + 1e-12
    weights = data.draw(arrays(np.float64, 4, elements=st.floats(0.01, 1.0)))
    rows = np.zeros((1, 4, SLICE_FIELDS), np.int64)
    rows[0, :, MIN] = whole_percent((weights / weights.sum())[None])[0]
    rows[0, :, MAX] = np.maximum(rows[0, :, MIN], data.draw(st.integers(0, 100)))
    rows[0, :, DEDICATED] = rows[0, :, MIN] // 2
    rows[0, :, ADMISSION] = data.draw(st.integers(0, 100))
    bound = guidance.bind(AllocationBatch(rows, np.zeros(1, np.int64))).slices[0]
    assert bound[:, MIN].sum() == 100
    assert (bound[:, MIN] > 100.0 * floor - 1.0).all()
    assert (bound[:, DEDICATED] <= bound[:, MIN]).all()
    assert (bound[:, MIN] <= bound[:, MAX]).all()
    assert (bound[:, MAX] <= 100).all()
    assert (bound[:, ADMISSION] <= rows[0, :, ADMISSION]).all()
    assert (bound[:, ADMISSION] <= 100.0 * budget + 0.5).all()
    neutral = Guidance.neutral(4).bind(AllocationBatch(rows, np.zeros(1, np.int64)))
    assert np.array_equal(neutral.slices, rows)


@given(st.data())
def test_core_outputs_mean_feasible_allocations(data: st.DataObject) -> None:
    k, p = len(TOPOLOGY.sites), len(TOPOLOGY.paths)
    raw = data.draw(arrays(np.float32, (3, k + p), elements=RAW))
    present = np.array(data.draw(st.lists(st.integers(0, k - 1), min_size=3, max_size=3)))
    made = core_allocation(raw, present, TOPOLOGY)
    made.one(0, TOPOLOGY, tuple(s.snssai for s in load_scenario("edge").slices)).check(TOPOLOGY)
    at_rest = core_allocation(np.zeros((3, k + p)), present, TOPOLOGY)
    assert np.array_equal(at_rest.site[0], present)
    for s, site in enumerate(present):
        ways = [TOPOLOGY.sites.index(path.site) == site for path in TOPOLOGY.paths]
        assert np.ptp(at_rest.split[0, s][ways]) <= 1


def test_the_core_agent_moves_a_slice_where_its_output_is_larger_by_more_than_staying() -> None:
    k, p = len(TOPOLOGY.sites), len(TOPOLOGY.paths)
    raw = np.zeros((1, k + p))
    raw[0, 1] = 0.99
    assert core_allocation(raw, np.array([0]), TOPOLOGY).site.item() == 0
    raw[0, 1] = 1.01
    assert core_allocation(raw, np.array([0]), TOPOLOGY).site.item() == 1


def test_measurements_are_shown_in_order_within_0_and_1() -> None:
    row = np.array([[m.low for m in CORE_SLICE_MEASUREMENTS]])
    top = np.array([[m.high for m in CORE_SLICE_MEASUREMENTS]])
    unknown = np.full_like(row, np.nan)
    least, middle, most = (
        shown(values, CORE_SLICE_MEASUREMENTS) for values in (row, row + 0.001 * (top - row), top)
    )
    assert ((least >= 0.0) & (least < middle) & (middle < most) & (most <= 1.0)).all()
    assert np.isfinite(shown(unknown, CORE_SLICE_MEASUREMENTS)).all()


def test_the_reward_by_hand() -> None:
    slices = np.full((1, 2, len(CORE_SLICE_MEASUREMENTS)), np.nan)
    slices[0, :, CORE_SLICE_COLUMN["CORE.PktLossRateDl"]] = 10_000.0, np.nan
    slices[0, :, CORE_SLICE_COLUMN["CORE.Cost"]] = 500.0, 1500.0
    none = np.zeros((1, 1))
    core = CoreReportBatch(
        100, np.zeros((1, 1, 3)), np.zeros((1, 1, 3)), slices,
        none.astype(np.int64), none.astype(np.int64), np.zeros((1, 2), np.int64),
        np.zeros((1, 2), np.bool_),
    )  # fmt: skip
    unknown = np.full((1, 2), np.nan)
    delays = EndToEnd(np.array([[20.0, np.nan]]), unknown, unknown, unknown, unknown)
    targets = TargetsBatch(
        np.array([[2, 1]]), np.array([[3.0, 1.0]]), unknown, np.array([[5.0, 5.0]]), unknown
    )
    one = np.array([0.9])
    score = Score(one, one, one, one, one, np.ones((1, 2)))
    found = joint_score(score, core, delays, targets, CorePrices(loss=2.0, delay=0.5, cost=0.1))
    assert found.core_loss == pytest.approx(0.75 * 0.01)
    assert found.lateness == pytest.approx(0.75 * (1.0 - 5.0 / 20.0))
    assert found.core_cost == pytest.approx(2.0)
    assert found.reward == pytest.approx(0.9 - 2.0 * 0.0075 - 0.5 * 0.5625 - 0.1 * 2.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({RAN: None}, "ran is absent"),
        ({CORE: np.zeros(3, np.float32)}, r"actions\['core'\]: shape \(3,\), needs"),
        ({ORCHESTRATOR: np.nan}, r"actions\['orchestrator'\]: not finite"),
        ({RAN: np.inf}, r"actions\['ran'\]: not finite"),
    ],
)
def test_outputs_that_are_none_are_refused(change: dict[str, Any], message: str) -> None:
    env = SlicingParallelEnv(periods=2)
    env.reset(seed=0)
    actions = at_rest(env)
    for agent, value in change.items():
        if value is None:
            del actions[agent]
        elif np.ndim(value):
            actions[agent] = value
        else:
            actions[agent][1] = value
    with pytest.raises(ValueError, match=message):
        env.step(actions)
    env.close()


def test_settings_without_a_core_are_refused() -> None:
    with pytest.raises(ValueError, match="core: the scenario has none"):
        SlicingParallelEnv(scenario="mixed")
    with pytest.raises(ValueError, match="guidance_periods: 0 is below 1"):
        SlicingParallelEnv(guidance_periods=0)
    with pytest.raises(ValueError, match=r"loss: -1\.0 is not a price"):
        SlicingParallelEnv(prices=CorePrices(loss=-1.0))
