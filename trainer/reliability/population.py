"""What is split: a population of walkers, each a Markov process that loses something at times."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts:
    """What ended in one step, float64 [N] each.

    Attributes:
        finished: packets delivered or lost.
        lost: those of them late or dropped.
    """

    finished: F64
    lost: F64


class Population(Protocol):
    """N walkers that move independently of each other."""

    @property
    def walkers(self) -> int:
        """Their number, N."""

    def advance(self) -> Counts:
        """Move every walker on by a step."""

    def importance(self) -> F64:
        """How near each walker is to a loss, float64 [N]; any function of its present state.

        It decides how well an estimate converges, not what it converges to.
        """

    def branch(self, sources: I64, targets: I64) -> None:
        """Walkers at `targets` become copies of those at `sources`, with a future of their own.

        Both are int64 [K]; no walker is in both, and none twice in `targets`.
        """
