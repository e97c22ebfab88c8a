"""PPO's arithmetic against numbers worked out by hand, and its update against autograd."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.policy import ActorCritic, InitialSpread, Taken
from trainer.ppo import (
    Experience,
    PpoConfig,
    against_group,
    clipped_loss,
    generalised_advantage,
    update,
)
from xapp.decision.observation import FEATURES


def test_generalised_advantage_by_hand() -> None:
    # One cell, three periods, gamma 0.5, lambda 0.5.
    reward = np.array([[1.0], [2.0], [3.0]])
    value = np.array([[4.0], [2.0], [6.0]])
    last = np.array([8.0])
    # errors: 1 + 1 - 4 = -2;  2 + 3 - 2 = 3;  3 + 4 - 6 = 1
    # advantages from the end: 1;  3 + 0.25 = 3.25;  -2 + 0.25 * 3.25 = -1.1875
    got = generalised_advantage(reward, value, last, 0.5, 0.5)
    assert got.tolist() == [[-1.1875], [3.25], [1.0]]


@given(st.integers(1, 12), st.floats(0.0, 1.0), st.integers(0, 2**32 - 1))
def test_lambda_one_is_the_discounted_return_less_the_value(
    periods: int, gamma: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    reward, value = rng.normal(size=(2, periods, 3))
    last = rng.normal(size=3)
    got = generalised_advantage(reward, value, last, gamma, 1.0)
    for t in range(periods):
        future = sum(gamma**k * reward[t + k] for k in range(periods - t))
        np.testing.assert_allclose(
            got[t], future + gamma ** (periods - t) * last - value[t], atol=1e-9
        )


def test_group_baseline_by_hand() -> None:
    advantage = np.array([[1.0, 3.0, 10.0, 20.0]])
    assert against_group(advantage, 2).tolist() == [[-1.0, 1.0, -5.0, 5.0]]
    assert against_group(advantage, 1) is advantage
    with pytest.raises(ValueError, match="3 does not divide 4 cells"):
        against_group(advantage, 3)


def test_clipped_loss_by_hand() -> None:
    ratio = torch.tensor([0.5, 0.5, 1.5, 1.5, 1.1])
    advantage = torch.tensor([1.0, -1.0, 1.0, -1.0, 2.0])
    # pessimistic of r A and clip(r) A: 0.5, -0.8, 1.2, -1.5, 2.2; their mean is 0.32
    assert float(clipped_loss(ratio, advantage, 0.2)) == pytest.approx(-0.32)


def test_clipping_stops_the_gradient_only_where_the_change_went_too_far_already() -> None:
    ratio = torch.tensor([1.5, 1.5, 0.5, 0.5], requires_grad=True)
    torch.autograd.backward(clipped_loss(ratio, torch.tensor([1.0, -1.0, 1.0, -1.0]), 0.2))
    assert ratio.grad is not None
    assert ratio.grad.tolist() == [0.0, 0.25, -0.25, 0.0]


def test_an_update_makes_what_did_better_than_expected_more_likely() -> None:
    torch.manual_seed(3)
    network = ActorCritic(16, InitialSpread())
    observation = torch.rand(4, 8, 3, FEATURES)
    present = torch.ones(4, 8, 3, dtype=torch.bool)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        out = network(observation.flatten(0, 1), present.flatten(0, 1))
        taken = network.sample(out, generator)
        before = network.log_probability(out, taken, present.flatten(0, 1))
    shares = taken.slices[..., 0].mean(1)
    advantage = shares.sign()  # more share was better than expected
    experience = Experience(
        observation,
        present,
        Taken(taken.slices.reshape(4, 8, 3, -1), taken.cell.reshape(4, 8, -1)),
        before.reshape(4, 8),
        advantage.reshape(4, 8),
        torch.zeros(4, 8),
    )
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    statistics = update(network, optimiser, experience, PpoConfig(epochs=10), generator)
    with torch.no_grad():
        after = network(observation.flatten(0, 1), present.flatten(0, 1)).slices[..., 0]
    assert float(after.mean()) > 0.01
    assert statistics.kl > 0.0
