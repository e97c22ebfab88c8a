"""A learner that nobody here wrote trains on the flat environment as it is."""

import gymnasium
import numpy as np
from stable_baselines3 import PPO
from stable_baselines3.common.env_checker import check_env


def test_stable_baselines_trains() -> None:
    env = gymnasium.make("trainer.gym:slicepilot/SlicingFlat-v0", periods=40)
    check_env(env.unwrapped, warn=False)
    model = PPO("MlpPolicy", env, n_steps=128, batch_size=64, n_epochs=4, seed=1, device="cpu")
    before = [p.detach().clone() for p in model.policy.parameters()]
    model.learn(384)
    assert model.num_timesteps == 384
    moved = [
        float((a - b).detach().abs().max())
        for a, b in zip(model.policy.parameters(), before, strict=True)
    ]
    assert max(moved) > 0.0
    assert np.isfinite(moved).all()
    episodes = [e["l"] for e in model.ep_info_buffer or ()]
    assert episodes == [40] * 9  # 384 periods are 9 episodes and a part
    seen, _ = env.reset(seed=0)
    action, _ = model.predict(seen, deterministic=True)
    assert env.action_space.contains(action)
    env.close()
