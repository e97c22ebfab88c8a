"""Progress of a training run on a terminal."""

from collections.abc import Mapping
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from trainer.checkpoint import Checkpoint
from trainer.policy import ActorCritic
from trainer.run import Run


class TrainingProgress:
    """A journal that writes to a run's directory and shows a bar with the latest figures."""

    def __init__(self, run: Run, console: Console) -> None:
        self._run = run
        self._progress = Progress(
            BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"), console=console
        )
        self._task = self._progress.add_task("compiling the twin", total=1.0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def log(self, entry: Mapping[str, Any]) -> None:
        """See `trainer.train.Journal`."""
        self._run.log(entry)
        speed = entry["periods"] / entry["seconds"]
        self._progress.update(
            self._task,
            completed=entry["progress"],
            description=(
                f"objective {entry['objective']:.4f}  satisfaction {entry['satisfaction']:.4f}  "
                f"URLLC loss {entry['urllc_loss']:.2e}  {speed:,.0f} periods/s"
            ),
        )

    def save(self, network: ActorCritic, progress: Mapping[str, Any]) -> None:
        """See `trainer.train.Journal`."""
        self._run.save(network, progress)

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        """See `trainer.train.Journal`."""
        self._run.checkpoint(checkpoint)
