"""What a policy is to the decision core."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xapp.decision.action import Action


class Policy(Protocol):
    """A trained policy: deterministic, equivariant to the order of slices."""

    def act(self, observation: NDArray[np.float32], present: NDArray[np.bool_]) -> Action:
        """Raw outputs for N cells.

        Args:
            observation: [N, S, FEATURES], zeros at empty slice places.
            present: [N, S].

        Raises:
            PolicyError: the policy cannot answer.
        """


class PolicyError(RuntimeError):
    """A policy could not answer; the message says why."""
