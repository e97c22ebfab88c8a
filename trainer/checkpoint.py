"""Checkpoints: everything that training goes on from, as plain numbers.

The twins' own state is not in it. A cell's course depends on its seed and its allocations alone, so
those are kept, and the cells live through them again; a digest of the last report proves that they
came to the same place.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from oran.batch import ReportBatch
from trainer.domain import Circumstances
from trainer.fleet import Past
from xapp.decision.targets import TargetsBatch

_TARGETS: Final = tuple(f.name for f in fields(TargetsBatch) if f.init)


class CheckpointError(ValueError):
    """Training cannot go on from a checkpoint; the message says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state of training, between two iterations.

    Attributes:
        entry: the log's entry of the last iteration.
        network, optimiser: their `state_dict`.
        generator: state of the torch generator of exploration and minibatches.
        rng: state of the numpy generator of seeds and circumstances.
        past: of the fleet.
        circumstances: of its cells.
        report: `digest` of the last period's report.
    """

    entry: Mapping[str, Any]
    network: Mapping[str, Any]
    optimiser: dict[str, Any]
    generator: torch.Tensor
    rng: Mapping[str, Any]
    past: Past
    circumstances: Circumstances
    report: str

    def state(self) -> dict[str, Any]:
        """As `torch.save` takes it, with nothing in it that `weights_only` would refuse."""
        c = self.circumstances
        return {
            "entry": dict(self.entry),
            "network": dict(self.network),
            "optimiser": self.optimiser,
            "generator": self.generator,
            "rng": json.dumps(self.rng),
            "seeds": torch.from_numpy(self.past.seeds.view(np.int64)),
            "played": [(_small(slices), _small(power)) for slices, power in self.past.played],
            "targets": {name: _tensor(getattr(c.targets, name)) for name in _TARGETS},
            "silent_slices": _tensor(c.silent_slices),
            "silent_cell": _tensor(c.silent_cell),
            "report": self.report,
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "Checkpoint":
        """The inverse of `state`."""
        played = tuple(
            (slices.numpy().astype(np.int64), power.numpy().astype(np.int64))
            for slices, power in state["played"]
        )
        return cls(
            state["entry"],
            state["network"],
            state["optimiser"],
            state["generator"],
            json.loads(state["rng"]),
            Past(state["seeds"].numpy().view(np.uint64), played),
            Circumstances(
                TargetsBatch(**{name: t.numpy() for name, t in state["targets"].items()}),
                state["silent_slices"].numpy(),
                state["silent_cell"].numpy(),
            ),
            state["report"],
        )


def digest(report: ReportBatch) -> str:
    """SHA-256 of a report's numbers."""
    return hashlib.sha256(report.cell.tobytes() + report.slices.tobytes()).hexdigest()


def _small(values: NDArray[np.int64]) -> torch.Tensor:
    # Percents, MCS indices and decibels: a byte each.
    return torch.from_numpy(values.astype(np.int8))


def _tensor(values: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))
