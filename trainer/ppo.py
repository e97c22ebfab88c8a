"""Proximal policy optimisation: the arithmetic, and the update of one batch of experience.

Schulman et al., "Proximal Policy Optimization Algorithms" (2017) and "High-Dimensional Continuous
Control Using Generalized Advantage Estimation" (2016).
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trainer.policy import ActorCritic, Taken


@dataclass(frozen=True, slots=True)
class PpoConfig:
    """Hyperparameters of the update.

    Attributes:
        gamma: discount a period, 0..1.
        lam: lambda of the generalised advantage, 0..1.
        clip: largest relative change of an action's probability that is rewarded.
        epochs: passes over a batch.
        minibatches: parts into which a pass is split.
        value_weight: weight of the critic's loss.
        max_grad_norm: gradients are scaled down to this norm.
    """

    gamma: float = 0.87
    lam: float = 0.9
    clip: float = 0.2
    epochs: int = 4
    minibatches: int = 4
    value_weight: float = 0.5
    max_grad_norm: float = 0.5


@dataclass(frozen=True, slots=True)
class Experience:
    """T periods of N cells, as torch tensors; cells are on the second axis.

    Attributes:
        observation: float32 [T, N, S, FEATURES].
        present: bool [T, N, S].
        taken: raw actions, [T, N, S, .] and [T, N, .].
        log_probability: [T, N], under the policy that acted.
        advantage: [T, N].
        target: [T, N], what the critic should have said.
    """

    observation: Tensor
    present: Tensor
    taken: Taken
    log_probability: Tensor
    advantage: Tensor
    target: Tensor


@dataclass(frozen=True, slots=True)
class UpdateStatistics:
    """Means over an update's minibatches: see `clipped_loss` and `PpoConfig`."""

    policy_loss: float
    value_loss: float
    clipped_share: float
    kl: float


def generalised_advantage(
    reward: NDArray[np.float64],
    value: NDArray[np.float64],
    last_value: NDArray[np.float64],
    gamma: float,
    lam: float,
) -> NDArray[np.float64]:
    """Generalised advantages [T, N] of T periods without an episode's end in them.

    Args:
        reward: [T, N], earned in the period that follows the action.
        value: [T, N], the critic's estimate before the action.
        last_value: [N], the estimate after the last period.
        gamma: discount a period.
        lam: 0 is the one-step error, 1 the whole discounted return.
    """
    advantage = np.zeros_like(reward)
    follow, running = last_value, np.zeros_like(last_value)
    for t in reversed(range(len(reward))):
        error = reward[t] + gamma * follow - value[t]
        running = error + gamma * lam * running
        advantage[t] = running
        follow = value[t]
    return advantage


def against_group(advantage: NDArray[np.float64], copies: int) -> NDArray[np.float64]:
    """Advantages [T, N] less the mean of each group of `copies` neighbouring cells.

    Copies live through the same traffic, fading and interference, so that what remains is due to
    the actions: a baseline as in REINFORCE leave-one-out, scaled by (copies - 1) / copies.

    Raises:
        ValueError: N is not a multiple of `copies`.
    """
    periods, cells = advantage.shape
    if cells % copies:
        raise ValueError(f"copies: {copies} does not divide {cells} cells")
    if copies == 1:
        return advantage
    groups = advantage.reshape(periods, cells // copies, copies)
    better: NDArray[np.float64] = groups - groups.mean(axis=2, keepdims=True)
    return better.reshape(periods, cells)


def clipped_loss(ratio: Tensor, advantage: Tensor, clip: float) -> Tensor:
    """PPO's clipped objective, negated (2017, eq. 7): the mean over all elements."""
    bounded = ratio.clamp(1.0 - clip, 1.0 + clip)
    return -torch.minimum(ratio * advantage, bounded * advantage).mean()


def update(
    network: ActorCritic,
    optimiser: torch.optim.Optimizer,
    experience: Experience,
    config: PpoConfig,
    generator: torch.Generator,
) -> UpdateStatistics:
    """Several epochs of minibatch steps on one batch of experience."""
    flat = [
        t.flatten(0, 1)
        for t in (
            experience.observation,
            experience.present,
            *experience.taken,
            experience.log_probability,
            (experience.advantage - experience.advantage.mean())
            / (experience.advantage.std() + 1e-8),
            experience.target,
        )
    ]
    seen: list[tuple[float, float, float, float]] = []
    for _ in range(config.epochs):
        order = torch.randperm(len(flat[0]), generator=generator)
        for part in order.chunk(config.minibatches):
            seen.append(_step(network, optimiser, [t[part] for t in flat], config))
    return UpdateStatistics(*np.mean(seen, axis=0).tolist())


def _step(
    network: ActorCritic,
    optimiser: torch.optim.Optimizer,
    batch: list[Tensor],
    config: PpoConfig,
) -> tuple[float, float, float, float]:
    observation, present, slices, cell, before, advantage, target = batch
    out = network(observation, present)
    log_ratio = network.log_probability(out, Taken(slices, cell), present) - before
    ratio = log_ratio.exp()
    policy_loss = clipped_loss(ratio, advantage, config.clip)
    value_loss = 0.5 * (out.value - target).square().mean()
    optimiser.zero_grad()
    (policy_loss + config.value_weight * value_loss).backward()
    nn.utils.clip_grad_norm_(network.parameters(), config.max_grad_norm)
    optimiser.step()
    with torch.no_grad():
        clipped = ((ratio - 1.0).abs() > config.clip).double().mean()
        kl = (ratio - 1.0 - log_ratio).mean()  # Schulman's estimator, never negative
    return float(policy_loss.detach()), float(value_loss.detach()), float(clipped), float(kl)
