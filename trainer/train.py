"""Training: rollouts and updates until the time is up, from top to bottom."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.checkpoint import Checkpoint, CheckpointError, digest
from trainer.config import TrainingConfig
from trainer.domain import Circumstances, draw_circumstances, joined
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.policy import ActorCritic, Taken
from trainer.ppo import Experience, against_group, generalised_advantage, update
from trainer.seeds import draw_training_seeds
from trainer.twin import MakeTwin

SCORE_PARTS = ("objective", "satisfaction", "urllc_loss", "blocked", "power")
"""Parts of the objective that a training log carries as means over the rollout."""


class Journal(Protocol):
    """What a training run writes."""

    def log(self, entry: Mapping[str, Any]) -> None:
        """One line an iteration."""

    def save(self, network: ActorCritic, progress: Mapping[str, Any]) -> None:
        """The network as it is now; the last one is the run's result."""

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        """All that training can go on from, in place of the one before."""


class Learner:
    """What learns, and the generators it draws from; their states make a checkpoint."""

    def __init__(self, config: TrainingConfig) -> None:
        self.generator = torch.Generator().manual_seed(config.seed)
        torch.manual_seed(config.seed)
        self.rng = np.random.default_rng(config.seed)
        self.network = ActorCritic(config.width, config.spread)
        self.optimiser = torch.optim.Adam(
            self.network.parameters(), lr=config.learning_rate, eps=1e-5
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint."""
        self.network.load_state_dict(checkpoint.network)
        self.optimiser.load_state_dict(checkpoint.optimiser)
        self.generator.set_state(checkpoint.generator)
        self.rng.bit_generator.state = checkpoint.rng

    def checkpoint(
        self, entry: Mapping[str, Any], fleet: Fleet, environment: Environment
    ) -> Checkpoint:
        """The state now, after the iteration of `entry`."""
        return Checkpoint(
            dict(entry),
            deepcopy(self.network.state_dict()),
            deepcopy(self.optimiser.state_dict()),
            self.generator.get_state(),
            self.rng.bit_generator.state,
            fleet.past(),
            environment.circumstances,
            digest(environment.report),
        )


def train(
    config: TrainingConfig,
    kinds: Sequence[MakeTwin],
    journal: Journal,
    clock: Callable[[], float],
    *,
    threads: int = 2,
    snapshots: int = 12,
    checkpoint_seconds: float = 30.0,
    resume: Checkpoint | None = None,
) -> ActorCritic:
    """Train a policy; returns the network, of which the journal has the last state too.

    Args:
        config: what to train.
        kinds: what the shards' cells are made by, in turn.
        journal: where the log and the snapshots go. An interrupt (Ctrl-C) ends training and saves
            the network as it is.
        clock: seconds, monotonic; time is measured from the first rollout.
        threads: in which shards are stepped.
        snapshots: how many states to save on the way.
        checkpoint_seconds: time between checkpoints, and so the most that a killed run loses; an
            iteration is always whole.
        resume: where to go on; the result is that of a run without an interruption.

    Raises:
        CheckpointError: the twins do not come to where the checkpoint has them.
    """
    learner = Learner(config)
    network = learner.network
    seeds = _seeds(learner.rng, config.cells // config.copies, config.copies)
    if resume is not None:
        learner.restore(resume)
        seeds = resume.past.seeds
    with Fleet(kinds, seeds, config.shards, threads, remember=True) as fleet:
        environment = _environment(fleet, config, learner.rng, resume)
        entry: dict[str, Any] = {"iteration": 0, "periods": 0, "seconds": 0.0, "progress": 0.0}
        if resume is None:
            network.absorb(*_tensors(environment))
            journal.save(network, entry)
        else:
            entry = dict(resume.entry)
        kept = clock()
        start = kept - entry["seconds"]
        try:
            while entry["progress"] < 1.0:
                progress = entry["progress"]
                rate = config.learning_rate * (1 - progress * (1 - config.final_learning_rate))
                learner.optimiser.param_groups[0]["lr"] = rate
                _renew(environment, fleet, config, entry["iteration"], learner.rng)
                began = clock()
                experience, parts = rollout(environment, network, config, learner.generator)
                rolled = clock()
                statistics = update(
                    network, learner.optimiser, experience, config.ppo, learner.generator
                )
                network.absorb(experience.observation, experience.present)
                ended = clock()
                entry = {
                    **_times(config, entry["iteration"] + 1, start, began, rolled, ended),
                    "learning_rate": rate,
                    **parts,
                    **asdict(statistics),
                    "std": network.spread(),
                }
                journal.log(entry)
                if int(progress * snapshots) < int(entry["progress"] * snapshots):
                    journal.save(network, entry)
                if ended - kept >= checkpoint_seconds or entry["progress"] >= 1.0:
                    journal.checkpoint(learner.checkpoint(entry, fleet, environment))
                    kept = ended
        except KeyboardInterrupt:
            journal.save(network, entry)
    return network


def _environment(
    fleet: Fleet, config: TrainingConfig, rng: np.random.Generator, resume: Checkpoint | None
) -> Environment:
    regime = Regime(config.rule, config.limits, config.prices)
    if resume is None:
        drawn = [_circumstances(fleet, shard, config, rng) for shard in range(config.shards)]
        return Environment(fleet, joined(drawn), regime)
    environment = Environment(fleet, resume.circumstances, regime, resume.past)
    if digest(environment.report) != resume.report:
        raise CheckpointError(
            "the cells do not come to where the checkpoint has them: the twin or the scenario is "
            "not the one that the run began with"
        )
    return environment


def _times(config: TrainingConfig, iteration: int, *times: float) -> dict[str, float]:
    start, began, rolled, ended = times
    seconds = ended - start
    progress = (
        iteration / config.iterations
        if config.iterations
        else min(seconds / (60.0 * config.minutes), 1.0)
    )
    return {
        "iteration": iteration,
        "seconds": seconds,
        "progress": progress,
        "periods": iteration * config.horizon * config.cells,
        "rollout_seconds": rolled - began,
        "update_seconds": ended - rolled,
    }


def rollout(
    environment: Environment,
    network: ActorCritic,
    config: TrainingConfig,
    generator: torch.Generator,
) -> tuple[Experience, dict[str, float]]:
    """A rollout of `config.horizon` periods, and the means of the score's parts in it."""
    seen, present, slices, cell, log_probability, values = ([] for _ in range(6))
    scores: list[NDArray[np.float64]] = []
    with torch.no_grad():
        for _ in range(config.horizon):
            observation, here = _tensors(environment)
            out = network(observation, here)
            taken = network.sample(out, generator)
            score = environment.step(taken.action())
            scores.append(np.stack([getattr(score, part) for part in SCORE_PARTS]))
            seen.append(observation)
            present.append(here)
            slices.append(taken.slices)
            cell.append(taken.cell)
            log_probability.append(network.log_probability(out, taken, here))
            values.append(out.value)
        last = network(*_tensors(environment)).value
    stacked = np.stack(scores)  # [T, parts, N]
    value = torch.stack(values).double().numpy()
    ppo = config.ppo
    # The critic learns rewards times (1 - gamma): discounted means, of the rewards' own size.
    reward = stacked[:, 0] * (1.0 - ppo.gamma)
    advantage = generalised_advantage(reward, value, last.double().numpy(), ppo.gamma, ppo.lam)
    experience = Experience(
        torch.stack(seen),
        torch.stack(present),
        Taken(torch.stack(slices), torch.stack(cell)),
        torch.stack(log_probability),
        torch.from_numpy(against_group(advantage, config.copies)).float(),
        torch.from_numpy(advantage + value).float(),
    )
    return experience, dict(zip(SCORE_PARTS, stacked.mean(axis=(0, 2)).tolist(), strict=True))


def _tensors(environment: Environment) -> tuple[torch.Tensor, torch.Tensor]:
    seen = environment.observation
    return torch.from_numpy(seen.slices), torch.from_numpy(seen.present)


def _seeds(rng: np.random.Generator, groups: int, copies: int) -> NDArray[np.uint64]:
    return np.repeat(draw_training_seeds(rng, groups), copies)


def _renew(
    environment: Environment,
    fleet: Fleet,
    config: TrainingConfig,
    iteration: int,
    rng: np.random.Generator,
) -> None:
    """Start the shards anew whose turn it is: each once in `config.life` iterations."""
    for shard in range(config.shards):
        turn = shard * config.life // config.shards
        if iteration and iteration % config.life == turn:
            seeds = _seeds(rng, config.cells // config.shards // config.copies, config.copies)
            environment.renew(shard, seeds, _circumstances(fleet, shard, config, rng))


def _circumstances(
    fleet: Fleet, shard: int, config: TrainingConfig, rng: np.random.Generator
) -> Circumstances:
    groups = config.cells // config.shards // config.copies
    snssais = fleet.snssais(shard)
    return draw_circumstances(config.domain, snssais, fleet.places, groups, config.copies, rng)
