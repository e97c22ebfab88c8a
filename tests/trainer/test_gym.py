"""The environments: Gymnasium's own checks, and the same lives as in the trainer, bit for bit."""

import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from oran.batch import AllocationBatch
from oran.snssai import Snssai
from tests.trainer.fake import FakeNetwork
from tests.trainer.replica import report_of, through_the_service
from trainer.core import DECISION
from trainer.domain import Domain, default_intents, draw_circumstances
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.gym import FlatSlicingEnv, Setting, SlicingEnv, SlicingVectorEnv
from trainer.gym.spaces import BOUND
from trainer.objective import Prices
from trainer.seeds import SEED_RANGES, SeedError
from xapp.decision.action import Action, Base
from xapp.decision.heuristics import DEFAULT_RULE
from xapp.decision.observation import FEATURES
from xapp.decision.pipeline import Pipeline, observe, reservation
from xapp.decision.shield import Limits
from xapp.decision.targets import Targets

VARIED = Domain(default_share=0.0, silent_share=0.5)
FAKE = Setting(twin=FakeNetwork, periods=5, domain=VARIED)


@pytest.mark.parametrize("name", ["slicepilot/Slicing-v0", "slicepilot/SlicingFlat-v0"])
def test_gymnasium_finds_no_fault(name: str) -> None:
    env = gymnasium.make(f"trainer.gym:{name}", periods=20, disable_env_checker=True)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check_env(env.unwrapped)
    # Ratios of counts, and the raw outputs of a policy, have no upper end, and 1 is a policy's
    # usual spread, not its bound: that is meant.
    meant = ("infinity", "we recommend using a symmetric and normalized space")
    assert [str(w.message) for w in said if not any(m in str(w.message) for m in meant)] == []
    env.close()
    env.close()


def random_actions(env: SlicingVectorEnv, rng: np.random.Generator) -> dict[str, Any]:
    slices, cell = (env.action_space[k].shape for k in ("slices", "cell"))  # type: ignore[index]
    return {
        "slices": rng.normal(size=slices).astype(np.float32),
        "cell": rng.normal(scale=4.0, size=cell).astype(np.float32),
    }


def assert_same(one: Any, other: Any, at: str = "") -> None:
    assert type(one) is type(other), at
    if isinstance(one, dict):
        assert one.keys() == other.keys(), at
        for key in one:
            assert_same(one[key], other[key], f"{at}.{key}")
    elif one is not None and one.dtype == object:
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            assert_same(a, b, f"{at}[{i}]")
    elif one is not None:
        assert one.dtype == other.dtype, at
        np.testing.assert_array_equal(one, other, at)


@pytest.mark.parametrize("setting", [FAKE, Setting(periods=4)])
def test_many_cells_live_as_one_by_one(setting: Setting) -> None:
    """Rewards, observations, infos and what follows a truncation, as Gymnasium itself batches."""
    many = SlicingVectorEnv(3, setting, shards=3, threads=2)
    ones = SyncVectorEnv([lambda: SlicingEnv(setting)] * 3, autoreset_mode=AutoresetMode.SAME_STEP)
    assert many.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert many.observation_space == ones.observation_space
    assert many.action_space == ones.action_space
    rng = np.random.default_rng(1)
    for reset in ({"seed": 7}, {}, {"seed": [3, None, 1]}):
        for got, want in zip(many.reset(**reset), ones.reset(**reset), strict=True):
            assert_same(got, want)
        for step in range(2 * setting.periods + 2):
            action = random_actions(many, rng)
            for got, want in zip(many.step(action), ones.step(action), strict=True):
                assert_same(got, want, f"step {step}")
    many.close()
    ones.close()


def test_a_cell_is_that_of_the_trainer() -> None:
    """Observation, reward and allocation of the environment that trains, from the same seed."""
    env = SlicingEnv(domain=VARIED, periods=30)
    seen, info = env.reset(seed=11)
    generator = np.random.default_rng(11)
    assert generator.integers(1 << 32, 1 << 63, dtype=np.uint64) == info["seed"]
    slices = (Snssai(1, 1), Snssai(2, 1), Snssai(3, 1))
    circumstances = draw_circumstances(VARIED, slices, 3, 1, 1, generator)
    twin = env.setting.make_twin()
    rng = np.random.default_rng(0)
    with Fleet([twin], np.array([info["seed"]]), 1, 1) as fleet:
        regime = Regime(DEFAULT_RULE, Limits(), Prices())
        trained = Environment(fleet, circumstances, regime)
        for step in range(30):
            assert seen.tobytes() == trained.observation.slices[0].tobytes()
            action = Action(
                rng.normal(size=(1, 3, 4)).astype(np.float32),
                rng.normal(scale=4.0, size=(1, 1)).astype(np.float32),
            )
            score = trained.step(action)
            seen, reward, terminated, truncated, info = env.step(
                {"slices": action.slices[0], "cell": action.cell[0]}
            )
            assert reward == score.objective[0] == info["objective"]
            assert info["URLLC"]["share"] == trained.allocation.slices[0, 1, 1] / 100.0
            finished = trained.finished()
            lost = finished.lost_bits[0, 1] / max(finished.bits[0, 1], 1.0)
            assert info["URLLC"].get("bit_loss", 0.0) == lost
            assert (terminated, truncated) == (False, step == 29)
    with pytest.raises(RuntimeError, match="the episode is over"):
        env.step({"slices": action.slices[0], "cell": action.cell[0]})
    env.close()


def test_the_observation_is_what_serving_builds_from_the_wire() -> None:
    """The same allocations through the twin, JSON and the service's decoder: the same bits."""
    env = SlicingEnv(periods=20)
    seen, info = env.reset(seed=5)
    network = env.setting.make_twin()(np.array([info["seed"]]))
    targets = Targets.of(default_intents(network.snssais))
    pipeline = Pipeline(None, Limits())
    rest = {"slices": np.zeros((3, 4), np.float32), "cell": np.zeros(1, np.float32)}
    allocation = reservation(3)
    for _ in range(20):
        report = network.step(AllocationBatch.of(allocation.allocation(network.snssais)))
        heard = through_the_service(report_of(report, 0, network.snssais))
        served, _ = observe(heard, targets, allocation)
        assert seen.tobytes() == np.array(served, np.float32).tobytes()
        allocation = pipeline.decide(heard, targets, allocation).allocation
        seen, *_ = env.step(rest)  # zeros are the rule, which decides where there is no policy
    env.close()


def test_staggered_shards_end_in_turn() -> None:
    env = SlicingVectorEnv(6, FAKE, shards=3, stagger=True, periods=6)
    env.reset(seed=1)
    rng = np.random.default_rng(0)
    ended = [env.step(random_actions(env, rng))[3].tolist() for _ in range(12)]
    turns = [[i for i, cells in enumerate(ended) if cells[c]] for c in range(6)]
    assert turns == [[1, 7], [1, 7], [3, 9], [3, 9], [5, 11], [5, 11]]
    env.close()


@pytest.mark.parametrize("purpose", list(SEED_RANGES))
def test_cells_come_from_the_range_of_their_purpose(purpose: str) -> None:
    env = SlicingVectorEnv(50, FAKE, purpose=purpose)
    _, info = env.reset(seed=0)
    assert all(int(s) in SEED_RANGES[purpose] for s in info["seed"])
    env.close()


def test_flat_is_the_same_cell() -> None:
    flat, shaped = FlatSlicingEnv(FAKE), SlicingEnv(FAKE)
    a, b = flat.reset(seed=3)[0], shaped.reset(seed=3)[0]
    rng = np.random.default_rng(2)
    for _ in range(FAKE.periods):
        assert a.tobytes() == b.tobytes()
        raw = rng.uniform(-BOUND, BOUND, 13).astype(np.float32)
        a, one, *_ = flat.step(raw)
        b, other, *_ = shaped.step({"slices": raw[:12].reshape(3, 4), "cell": raw[12:]})
        assert one == other
    flat.close()
    shaped.close()


def test_the_bound_of_flat_outputs_costs_no_allocation() -> None:
    """At the bound, shares, caps, backoff, admission and power are where infinity has them."""
    base = Base(np.array([[0.5, 0.3, 0.2]]), np.array([[0.0, 2.0, 6.0]]))
    present = np.ones((1, 3), np.bool_)
    signs = np.stack(np.meshgrid(*[(-1.0, 1.0)] * 4), axis=-1).reshape(-1, 4)
    rng = np.random.default_rng(0)
    for _ in range(300):
        each = signs[rng.integers(len(signs), size=3)][None]
        cell = rng.choice([-1.0, 1.0], size=(1, 1))
        at, beyond = (
            DECISION.allocate(
                Action((each * far).astype(np.float32), (cell * far).astype(np.float32)),
                base,
                present,
            )
            for far in (BOUND, 1e4)
        )
        np.testing.assert_array_equal(at.slices, beyond.slices)
        assert at.tx_power_offset_db == beyond.tx_power_offset_db


def bad(slices: NDArray[Any], cell: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return {"slices": slices, "cell": cell}


def test_misuse_is_refused() -> None:
    env = SlicingEnv(FAKE)
    rest = bad(np.zeros((3, 4), np.float32), np.zeros(1, np.float32))
    with pytest.raises(RuntimeError, match=r"call reset\(\)"):
        env.step(rest)
    env.reset(seed=0)
    with pytest.raises(ValueError, match=r"action\['slices'\]: shape \(1, 2, 4\), needs \(1, 3, 4"):
        env.step(bad(np.zeros((2, 4)), np.zeros(1)))
    with pytest.raises(ValueError, match="not finite"):
        env.step(bad(np.full((3, 4), np.nan), np.zeros(1)))
    env.close()
    with pytest.raises(SeedError, match="purpose: 'test' is none of evaluation"):
        Setting(purpose="test")
    with pytest.raises(ValueError, match="periods: 0 is below 1"):
        SlicingEnv(periods=0)
    with pytest.raises(TypeError, match="period"):
        SlicingEnv(period=3)
    with pytest.raises(ValueError, match="2 does not divide 3 cells"):
        SlicingVectorEnv(3, FAKE, shards=2)
    many = SlicingVectorEnv(2, FAKE)
    with pytest.raises(ValueError, match="3 seeds for 2 cells"):
        many.reset(seed=[1, 2, 3])
    with pytest.raises(ValueError, match="'reset_mask'"):
        many.reset(options={"reset_mask": np.ones(2, np.bool_)})
    flat = FlatSlicingEnv(FAKE)
    flat.reset(seed=0)
    with pytest.raises(ValueError, match=r"shape \(12,\), needs \(13,\)"):
        flat.step(np.zeros(12, np.float32))
    flat.close()
    many.close()


def test_make_vec_is_the_compiled_batch() -> None:
    env = gymnasium.make_vec("trainer.gym:slicepilot/Slicing-v0", num_envs=4, periods=3, shards=2)
    assert isinstance(env, SlicingVectorEnv)
    seen, _ = env.reset(seed=0)
    assert seen.shape == (4, 3, FEATURES)
    env.close()
