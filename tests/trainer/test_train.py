"""Training: learns what can be learned, is reproducible, survives an interrupt."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.trainer.fake import FakeNetwork
from trainer.checkpoint import Checkpoint
from trainer.config import TrainingConfig
from trainer.controllers import policy_controller, rule_controller
from trainer.domain import default_circumstances
from trainer.evaluate import Trial, compare
from trainer.policy import ActorCritic, TorchPolicy
from trainer.run import Run, RunError
from trainer.seeds import SEED_RANGES
from trainer.train import train

CONFIG = TrainingConfig(cells=64, shards=2, copies=4, width=32, iterations=40, life=4)


class Memory:
    """A journal that keeps everything, and may interrupt."""

    def __init__(self, interrupt_at: int = 0) -> None:
        self.entries: list[dict[str, Any]] = []
        self.saved: list[dict[str, Any]] = []
        self.checkpoints: list[Checkpoint] = []
        self._interrupt_at = interrupt_at

    def log(self, entry: Mapping[str, Any]) -> None:
        self.entries.append(dict(entry))
        if len(self.entries) == self._interrupt_at:
            raise KeyboardInterrupt

    def save(self, network: ActorCritic, progress: Mapping[str, Any]) -> None:
        self.saved.append(dict(progress))

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        self.checkpoints.append(checkpoint)


def ticks() -> Any:
    return itertools.count().__next__


def test_a_short_training_beats_the_rule_where_the_rule_lacks_something() -> None:
    network = train(CONFIG, [FakeNetwork], Memory(), ticks(), threads=1)
    seeds = np.arange(16, dtype=np.uint64) + np.uint64(SEED_RANGES["validation"].start)
    snssais = FakeNetwork(seeds).snssais
    trial = Trial(seeds, default_circumstances(snssais, len(seeds)), warmup=5, periods=40)
    who = [rule_controller(CONFIG.rule), policy_controller(TorchPolicy(network), CONFIG.rule)]
    found = compare(trial, FakeNetwork, who, threads=1)
    better = found["differences"]["policy - rule"]["objective"]
    assert better["low"] > 0.02
    assert found["differences"]["policy - rule"]["URLLC.loss"]["high"] < 0.0


def test_training_is_reproducible() -> None:
    config = TrainingConfig(cells=16, shards=2, copies=2, width=16, iterations=3, life=2)
    a, b = (train(config, [FakeNetwork], Memory(), ticks(), threads=t) for t in (1, 2))
    for one, other in zip(a.state_dict().values(), b.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_an_interrupt_saves_the_network() -> None:
    journal = Memory(interrupt_at=2)
    train(CONFIG, [FakeNetwork], journal, ticks(), threads=1)
    assert len(journal.entries) == 2
    assert journal.saved[-1]["iteration"] == 2


def test_the_time_is_kept() -> None:
    journal = Memory()
    config = TrainingConfig(cells=16, shards=1, copies=2, width=16, minutes=10 / 60)
    train(config, [FakeNetwork], journal, ticks(), threads=1)  # the clock moves a second a look
    assert journal.entries[-1]["seconds"] >= 10.0
    assert journal.entries[-2]["seconds"] < 10.0
    assert journal.saved[-1] == journal.entries[-1]


def test_a_run_reads_back(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", CONFIG)
    with pytest.raises(RunError, match="holds no snapshot"):
        run.snapshot()
    network = ActorCritic(CONFIG.width, CONFIG.spread)
    run.save(network, {"iteration": 3, "seconds": 2.0})
    run.log({"iteration": 1})
    assert run.config() == CONFIG
    assert run.entries()[0]["iteration"] == 1
    snapshot = run.snapshot()
    assert snapshot.progress["iteration"] == 3
    for one, other in zip(
        network.state_dict().values(), snapshot.network.state_dict().values(), strict=True
    ):
        assert torch.equal(one, other)
    with pytest.raises(RunError, match="holds a run already"):
        Run.create(tmp_path / "run", CONFIG)
    with pytest.raises(RunError, match="not a run's configuration"):
        Run(tmp_path).config()
