"""The policy and its critic: one network over the set of a cell's slices, in torch.

Equivariant to the order of slices and independent of empty places: every slice goes through the
same layers, and sees the others only through a mean over the slices that are present (deep sets,
Zaheer et al., 2017).
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS, Action
from xapp.decision.observation import FEATURES

SLICE_OUTPUTS: Final = len(SLICE_ACTIONS)
CELL_OUTPUTS: Final = len(CELL_ACTIONS)

STD_FLOOR: Final = 0.02
"""Least standard deviation by which an input is divided; inputs lie in [0, 1] but for ratios."""


class Outputs(NamedTuple):
    """What the network says of N cells with S slice places.

    Attributes:
        slices: [N, S, SLICE_OUTPUTS], means of the raw slice actions.
        cell: [N, CELL_OUTPUTS], means of the raw cell actions.
        value: [N], the critic's estimate of the discounted mean of rewards, (1 - gamma) times their
            discounted sum.
    """

    slices: Tensor
    cell: Tensor
    value: Tensor


@dataclass(frozen=True, slots=True)
class InitialSpread:
    """Standard deviations of exploration at the start, by raw action."""

    share: float = 0.5
    cap: float = 1.0
    mcs_backoff: float = 0.2
    admission: float = 1.0
    tx_power: float = 1.0


class ActorCritic(nn.Module):
    """Shared trunk, heads for the slice actions, the cell actions and the value.

    The heads start at zero: the first policy is the rule.
    """

    mean: Tensor
    std: Tensor
    count: Tensor

    def __init__(self, width: int, spread: InitialSpread) -> None:
        super().__init__()
        self.encode = nn.Linear(FEATURES, width)
        self.mix = nn.Linear(width, width)
        self.context = nn.Linear(width, width, bias=False)
        self.head = nn.Linear(width, SLICE_OUTPUTS + CELL_OUTPUTS)
        self.critic_encode = nn.Linear(FEATURES, width)
        self.critic_mix = nn.Linear(width, width)
        self.critic_head = nn.Linear(width, 1)
        for head in (self.head, self.critic_head):
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
        slices = (spread.share, spread.cap, spread.mcs_backoff, spread.admission)
        self.log_std_slices = nn.Parameter(torch.tensor(slices).log())
        self.log_std_cell = nn.Parameter(torch.tensor((spread.tx_power,)).log())
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("std", torch.ones(FEATURES))
        self.register_buffer("count", torch.zeros((), dtype=torch.float64))

    def forward(self, observation: Tensor, present: Tensor) -> Outputs:
        """Outputs for observations [N, S, FEATURES] with slices where `present` [N, S]."""
        weight = present.to(observation.dtype)
        pool = (weight / weight.sum(1, keepdim=True)).unsqueeze(1)  # [N, 1, S]
        x = (observation - self.mean) / self.std
        h = torch.relu(self.encode(x))
        z = torch.relu(self.mix(h) + self.context(pool @ h))
        out = self.head(z)
        cell = (pool @ out[..., SLICE_OUTPUTS:]).squeeze(1)
        g = pool @ torch.relu(self.critic_encode(x))
        value = self.critic_head(torch.relu(self.critic_mix(g))).flatten()
        return Outputs(out[..., :SLICE_OUTPUTS], cell, value)

    def absorb(self, observation: Tensor, present: Tensor) -> None:
        """Merge observations into the normaliser's running moments (Chan et al., 1979)."""
        rows = observation[present].double()
        fresh = float(len(rows))
        total = float(self.count) + fresh
        mean, var = rows.mean(0), rows.var(0, correction=0)
        old_mean, old_var = self.mean.double(), self.std.double() ** 2
        part = fresh / total
        shift = mean - old_mean
        merged = old_mean + part * shift
        spread = (1 - part) * old_var + part * var + part * (1 - part) * shift**2
        self.mean.copy_(merged)
        self.std.copy_(spread.sqrt().clamp_min(STD_FLOOR))
        self.count.fill_(total)

    def spread(self) -> dict[str, float]:
        """Standard deviation of exploration, by raw action."""
        logs = torch.cat((self.log_std_slices, self.log_std_cell)).detach()
        return dict(zip((*SLICE_ACTIONS, *CELL_ACTIONS), logs.exp().tolist(), strict=True))

    def log_probability(self, out: Outputs, taken: "Taken", present: Tensor) -> Tensor:
        """Log density [N] of the actions taken; empty slice places count nothing."""
        slices = _gaussian(taken.slices, out.slices, self.log_std_slices).sum(-1)
        cell = _gaussian(taken.cell, out.cell, self.log_std_cell).sum(-1)
        return (slices * present).sum(1) + cell

    def sample(self, out: Outputs, generator: torch.Generator) -> "Taken":
        """Actions drawn around the means."""
        noise_slices = torch.randn(out.slices.shape, generator=generator)
        noise_cell = torch.randn(out.cell.shape, generator=generator)
        return Taken(
            out.slices + noise_slices * self.log_std_slices.exp(),
            out.cell + noise_cell * self.log_std_cell.exp(),
        )


class Taken(NamedTuple):
    """Raw actions that were taken: slices [N, S, SLICE_OUTPUTS] and cell [N, CELL_OUTPUTS]."""

    slices: Tensor
    cell: Tensor

    def action(self) -> Action:
        """As the decision core takes them."""
        return Action(self.slices.numpy(), self.cell.numpy())


_LOG_ROOT_TWO_PI: Final = 0.9189385332046727


def _gaussian(x: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    z = (x - mean) * (-log_std).exp()
    return -0.5 * z * z - log_std - _LOG_ROOT_TWO_PI


class Policy(Protocol):
    """A policy over batches; `xapp.decision.policy.Policy` is the same for one cell."""

    def act(self, observation: NDArray[np.float32], present: NDArray[np.bool_]) -> Action:
        """Raw outputs for N cells with S slice places.

        Args:
            observation: [N, S, FEATURES], zeros at empty slice places.
            present: [N, S].
        """


class TorchPolicy:
    """The means of a network as a `Policy`: deterministic, no exploration."""

    def __init__(self, network: ActorCritic) -> None:
        self._network = network

    def act(self, observation: NDArray[np.float32], present: NDArray[np.bool_]) -> Action:
        """Raw outputs for N cells; see the protocol."""
        with torch.inference_mode():
            out = self._network(torch.from_numpy(observation), torch.from_numpy(present))
        return Action(out.slices.numpy(), out.cell.numpy())
