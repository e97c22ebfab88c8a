"""Training: how fast policies learn, beside the bare twin of the same run under one allocation."""

import statistics
import time
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch

from e2sim.network import Network
from e2sim.scenario import load_scenario
from trainer.checkpoint import Checkpoint
from trainer.config import TrainingConfig
from trainer.fleet import Fleet
from trainer.policy import ActorCritic
from trainer.train import train
from trainer.twin import MakeTwin
from xapp.decision.heuristics import static_shared

CONFIG: Final = TrainingConfig(cells=256, shards=4, iterations=7)
THREADS: Final = 2

KEYS: Final[dict[str, str]] = {
    "training_periods_per_s": "periods simulated, observed, decided, shielded, scored and learned",
    "environment_periods_per_s": "the same without the updates",
    "update_share": "the updates' share of the training time",
    "bare_twin_periods_per_s": "control: the twin alone, as many cells under one allocation",
    "environment_over_bare_twin": "time of an environment's period over that of the bare twin",
}


class _Times:
    """A journal that keeps the time only."""

    def __init__(self) -> None:
        self.rollout: list[float] = []
        self.update: list[float] = []

    def log(self, entry: Mapping[str, Any]) -> None:
        self.rollout.append(entry["rollout_seconds"])
        self.update.append(entry["update_seconds"])

    def save(self, network: ActorCritic, progress: Mapping[str, Any]) -> None:
        pass

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        pass


def run() -> dict[str, float]:
    """Medians over iterations; the first, which warms up, is left out."""
    scenario = load_scenario(CONFIG.scenario)

    def make(seeds: np.typing.NDArray[np.uint64]) -> Network:
        return Network(scenario, seeds)

    torch.set_num_threads(1)
    times = _Times()
    train(CONFIG, [make], times, time.perf_counter, threads=THREADS, snapshots=1)
    rollout, update = (statistics.median(t[1:]) for t in (times.rollout, times.update))
    bare = statistics.median(_bare(make))
    periods = CONFIG.cells * CONFIG.horizon
    return {
        "training_periods_per_s": periods / (rollout + update),
        "environment_periods_per_s": periods / rollout,
        "update_share": update / (rollout + update),
        "bare_twin_periods_per_s": periods / bare,
        "environment_over_bare_twin": rollout / bare,
    }


def _bare(make: MakeTwin) -> list[float]:
    """Seconds of each rollout's length of periods, after one that warms up."""
    seeds = np.arange(CONFIG.cells, dtype=np.uint64)
    seconds = []
    with Fleet([make], seeds, CONFIG.shards, THREADS) as fleet:
        allocation = static_shared(np.ones((CONFIG.cells, fleet.places), np.bool_))
        for _ in range(CONFIG.iterations):
            began = time.perf_counter()
            for _ in range(CONFIG.horizon):
                fleet.step(allocation)
            seconds.append(time.perf_counter() - began)
    return seconds[1:]


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:32} {value:12.2f}  {KEYS[key]}")
