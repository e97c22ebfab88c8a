"""Resuming: a run that was cut off ends as one that was not, to the bit."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.trainer.fake import FakeNetwork
from tests.trainer.test_cli import invoke
from tests.trainer.test_train import Memory, ticks
from trainer import cli
from trainer.checkpoint import CheckpointError
from trainer.config import TrainingConfig
from trainer.ppo import PpoConfig
from trainer.run import CHECKPOINT, LOG, Run, RunError
from trainer.train import train
from trainer.twin import MakeTwin

CONFIG = TrainingConfig(
    cells=24, shards=3, copies=2, width=16, iterations=9, life=4, horizon=5,
    ppo=PpoConfig(epochs=1, minibatches=2),
)  # fmt: skip
KINDS: list[MakeTwin] = [FakeNetwork, partial(FakeNetwork, slices=2)]
TIMES = {"seconds", "rollout_seconds", "update_seconds", "cpu_seconds"}


def timeless(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in e.items() if k not in TIMES} for e in entries]


def assert_equal_networks(one: torch.nn.Module, other: torch.nn.Module) -> None:
    for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_every_checkpoint_leads_to_the_same_end(tmp_path: Path) -> None:
    whole = Memory()
    final = train(CONFIG, KINDS, whole, ticks(), threads=1, checkpoint_seconds=0.0)
    assert [c.entry["iteration"] for c in whole.checkpoints] == list(range(1, 10))
    for kept in whole.checkpoints[1::3]:
        run = Run.create(tmp_path / str(kept.entry["iteration"]), CONFIG)
        for entry in whole.entries[: kept.entry["iteration"]]:
            run.log(entry)
        run.checkpoint(kept)  # through the file and back
        rest = Memory()
        network = train(CONFIG, KINDS, rest, ticks(), threads=2, resume=run.resume())
        assert_equal_networks(network, final)
        assert timeless(rest.entries) == timeless(whole.entries[kept.entry["iteration"] :])


def test_time_goes_on_where_it_stood() -> None:
    config = replace(CONFIG, iterations=0, minutes=40 / 60)
    journal = Memory()
    train(config, KINDS, journal, ticks(), threads=1, checkpoint_seconds=9.0)
    kept = journal.checkpoints[1]
    gaps = np.diff([c.entry["seconds"] for c in journal.checkpoints[:-1]])
    assert (gaps >= 9.0).all()
    assert (gaps <= 9.0 + 4.0).all()  # the interval and one iteration of this clock
    rest = Memory()
    train(config, KINDS, rest, ticks(), threads=1, resume=kept)
    assert rest.entries[0]["seconds"] > kept.entry["seconds"]
    assert rest.entries[-1]["seconds"] >= 40.0
    assert rest.entries[0]["iteration"] == kept.entry["iteration"] + 1


def test_another_twin_is_refused() -> None:
    journal = Memory()
    train(CONFIG, KINDS, journal, ticks(), threads=1, checkpoint_seconds=0.0)

    class Shifted(FakeNetwork):
        def step(self, allocation: Any) -> Any:
            report = super().step(allocation)
            report.slices[0, 0, 0] += 1.0
            return report

    with pytest.raises(CheckpointError, match="the twin or the scenario is not the one"):
        train(CONFIG, [Shifted], Memory(), ticks(), threads=1, resume=journal.checkpoints[0])


def test_what_a_run_wrote_after_its_checkpoint_is_taken_away(tmp_path: Path) -> None:
    journal = Memory()
    network = train(CONFIG, KINDS, journal, ticks(), threads=1, checkpoint_seconds=0.0)
    run = Run.create(tmp_path, CONFIG)
    with pytest.raises(RunError, match="not a checkpoint to resume from"):
        run.resume()
    for entry in journal.entries[:6]:
        run.log(entry)
        run.save(network, entry)
    with (tmp_path / LOG).open("a") as log:
        log.write('{"iteration": 7, "torn')
    run.checkpoint(journal.checkpoints[3])
    assert run.resume().entry == journal.checkpoints[3].entry
    assert [e["iteration"] for e in run.entries()] == [1, 2, 3, 4]
    assert [p.stem[-1] for p in run.snapshots()] == ["1", "2", "3", "4"]
    # What an interrupt saved under the checkpoint's number is the checkpoint's again.
    kept, wanted = run.snapshot().network.state_dict(), journal.checkpoints[3].network
    assert all(torch.equal(kept[name], wanted[name]) for name in wanted)
    whole = (tmp_path / LOG).read_text()
    (tmp_path / LOG).write_text("".join(whole.splitlines(keepends=True)[:3]))
    with pytest.raises(RunError, match=r"log\.jsonl: 3 lines, the checkpoint is of iteration 4"):
        run.resume()
    (tmp_path / LOG).unlink()
    with pytest.raises(RunError, match=r"log\.jsonl: not a log to resume"):
        run.resume()
    data = (tmp_path / CHECKPOINT).read_bytes()
    for damaged in (data[:-1000], data[: len(data) // 2], b""):
        (tmp_path / CHECKPOINT).write_bytes(damaged)
        with pytest.raises(RunError, match="not a checkpoint to resume from"):
            run.resume()


PROGRAM = """
import time
from functools import partial
from tests.trainer.fake import FakeNetwork
from trainer import cli

class Stuck(FakeNetwork):
    def step(self, allocation):
        if self.steps > 28:  # in the sixth iteration
            time.sleep(1000.0)
        return super().step(allocation)

cli._kinds = lambda config: [Stuck, partial(Stuck, slices=2)]
cli.app()
"""


def test_a_killed_run_loses_no_more_than_it_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "small.toml"
    config.write_text(
        "cells = 24\nshards = 3\ncopies = 2\nwidth = 16\niterations = 9\nlife = 4\nhorizon = 5\n"
        "[ppo]\nepochs = 1\nminibatches = 2\n"
    )
    folder = tmp_path / "run"
    begin = ("train", "--config", str(config), "--checkpoint-seconds", "0", "--out", str(folder))

    killed = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *begin],
        env={**os.environ, "PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
    )
    log = folder / LOG
    while not (log.exists() and len(log.read_text().splitlines()) >= 3):
        assert killed.poll() is None
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    reached = len(log.read_text().splitlines())
    kept = torch.load(folder / CHECKPOINT, weights_only=True)["checkpoint"]["entry"]["iteration"]
    assert reached - 1 <= kept <= 5

    monkeypatch.setattr(cli, "_kinds", lambda config: KINDS)
    with pytest.raises(ValueError, match="--resume: the run has its own configuration"):
        invoke("train", "--resume", "--seed", "3", "--out", folder)
    invoke("train", "--resume", "--out", folder)
    run, whole = Run(folder), Memory()
    assert run.config() == CONFIG
    assert_equal_networks(run.snapshot().network, train(CONFIG, KINDS, whole, ticks(), threads=1))
    assert timeless(run.entries()) == timeless(whole.entries)
    spent = [e["cpu_seconds"] for e in run.entries()]
    assert spent == sorted(spent)
