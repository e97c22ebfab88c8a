"""A run's directory: its configuration, its log and the states of its network."""

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import torch

from trainer.checkpoint import Checkpoint
from trainer.config import TrainingConfig, config_from_document
from trainer.policy import ActorCritic

CONFIG: Final = "config.json"
LOG: Final = "log.jsonl"
CHECKPOINT: Final = "checkpoint.pt"
SOFTWARE: Final = ("slicepilot", "torch", "numpy", "numba", "onnx", "onnxruntime")


class RunError(ValueError):
    """A run's directory cannot be used; the message says which file, and why."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state of a run's network.

    Attributes:
        network: in the state saved.
        progress: the log's entry of the iteration after which it was saved.
    """

    network: ActorCritic
    progress: Mapping[str, Any]


class Run:
    """A run's directory, to write to (`create`) or to read from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cpu_before = 0.0

    @classmethod
    def create(cls, folder: Path, config: TrainingConfig) -> "Run":
        """A new directory with the configuration in it.

        Raises:
            RunError: the directory holds a run already.
        """
        if (folder / CONFIG).exists():
            raise RunError(f"{folder}: holds a run already; choose another --out")
        folder.mkdir(parents=True, exist_ok=True)
        document = {"config": config.to_document(), "software": software()}
        (folder / CONFIG).write_text(json.dumps(document, indent=1) + "\n")
        return cls(folder)

    def log(self, entry: Mapping[str, Any]) -> None:
        """Append a line to the log, with the processor time spent so far, on all cores."""
        with (self.folder / LOG).open("a") as log:
            log.write(json.dumps({**entry, "cpu_seconds": self._cpu_seconds()}) + "\n")

    def save(self, network: ActorCritic, progress: Mapping[str, Any]) -> None:
        """Write a snapshot: whole or not at all."""
        done = {**progress, "cpu_seconds": self._cpu_seconds()}
        state = {"network": network.state_dict(), "progress": done}
        _write(self.folder / f"snapshot-{progress['iteration']:06d}.pt", state)

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint in place of the one before: whole or not at all."""
        state = {"checkpoint": checkpoint.state(), "cpu_seconds": self._cpu_seconds()}
        _write(self.folder / CHECKPOINT, state)

    def resume(self) -> Checkpoint:
        """The last checkpoint; what the run wrote after it is taken away, to be written again.

        Raises:
            RunError: there is none, it is damaged, or the log has lost lines of before it.
        """
        path = self.folder / CHECKPOINT
        try:
            state = torch.load(path, weights_only=True)
            found = Checkpoint.of(state["checkpoint"])
        except (OSError, EOFError, KeyError, RuntimeError, ValueError, UnpicklingError) as error:
            raise RunError(f"{path}: not a checkpoint to resume from: {error}") from error
        self._cpu_before = state["cpu_seconds"] - time.process_time()
        last = found.entry["iteration"]
        lines = self._lines(last)
        kept = self.folder / f"{LOG}.part"
        kept.write_text("".join(f"{line}\n" for line in lines))
        kept.replace(self.folder / LOG)
        for snapshot in self.snapshots():
            number = int(snapshot.stem.removeprefix("snapshot-"))
            if number > last:
                snapshot.unlink()
            elif number == last:
                # An interrupted run may have saved it half-way through the iteration after it.
                progress = {**found.entry, "cpu_seconds": state["cpu_seconds"]}
                _write(snapshot, {"network": dict(found.network), "progress": progress})
        return found

    def _lines(self, count: int) -> list[str]:
        """The log's first `count` lines."""
        path = self.folder / LOG
        try:
            lines = path.read_text().splitlines()[:count]
        except (OSError, UnicodeDecodeError) as error:
            raise RunError(f"{path}: not a log to resume: {error}") from error
        if len(lines) < count:
            raise RunError(
                f"{path}: {len(lines)} lines, the checkpoint is of iteration {count}, "
                "which needs as many"
            )
        return lines

    def _cpu_seconds(self) -> float:
        return self._cpu_before + time.process_time()

    def document(self) -> dict[str, Any]:
        """What `create` wrote: configuration and software.

        Raises:
            RunError: there is no run.
        """
        path = self.folder / CONFIG
        try:
            document: dict[str, Any] = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise RunError(f"{path}: not a run's configuration: {error}") from error
        return document

    def config(self) -> TrainingConfig:
        """The configuration of the run."""
        return config_from_document(self.document()["config"])

    def entries(self) -> list[dict[str, Any]]:
        """The log's lines."""
        with (self.folder / LOG).open() as log:
            return [json.loads(line) for line in log]

    def snapshots(self) -> list[Path]:
        """The snapshots, oldest first."""
        return sorted(self.folder.glob("snapshot-*.pt"))

    def snapshot(self, path: Path | None = None) -> Snapshot:
        """One snapshot, the last by default.

        Raises:
            RunError: there is none.
        """
        config = self.config()
        if path is None:
            every = self.snapshots()
            if not every:
                raise RunError(f"{self.folder}: holds no snapshot")
            path = every[-1]
        state = torch.load(path, weights_only=True)
        network = ActorCritic(config.width, config.spread)
        network.load_state_dict(state["network"])
        return Snapshot(network.eval(), state["progress"])


def _write(path: Path, state: Mapping[str, Any]) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def software() -> dict[str, str]:
    """Versions of what results depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in SOFTWARE}}
