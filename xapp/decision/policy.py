"""What a policy is to the pipeline."""

from collections.abc import Sequence
from typing import Protocol


class Policy(Protocol):
    """A trained policy: deterministic, equivariant to the order of slices."""

    def act(self, features: Sequence[float], slices: int) -> tuple[Sequence[float], float]:
        """Raw outputs for one cell.

        Args:
            features: the observation, `FEATURES` numbers a slice, one slice after another.
            slices: number of slices.

        Returns:
            `SLICE_ACTIONS` of each slice, one slice after another, and the cell's raw output; they
            stay as they are when the policy is asked again.

        Raises:
            PolicyError: the policy cannot answer.
        """


class PolicyError(RuntimeError):
    """A policy could not answer; the message says why."""
