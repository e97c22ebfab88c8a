"""The situation: all that a rule may look at when it decides for N cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oran.batch import ReportBatch
from xapp.decision.observation import Observation
from xapp.decision.targets import TargetsBatch


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of N cells with S slice places when their next period is decided.

    One report is the case N = 1, so that what is compared in training can stand behind a policy
    in service.

    Attributes:
        reports: the last period, as heard: NaN where not measured.
        observation: of the same.
        targets: of the intents, with N rows or one for all cells.
        satisfaction: float64 [N, S], of each slice in that period, 0..1; NaN where unknown.
        turn: number of the period, from 0.
    """

    reports: ReportBatch
    observation: Observation
    targets: TargetsBatch
    satisfaction: NDArray[np.float64]
    turn: int = 0

    @property
    def present(self) -> NDArray[np.bool_]:
        """bool [N, S]."""
        return self.observation.present

    def at(self, rows: slice, targets: TargetsBatch) -> "Situation":
        """That of some of the cells; `targets` are theirs."""
        r, o = self.reports, self.observation
        return Situation(
            ReportBatch(r.period_ms, r.cell[rows], r.slices[rows], r.present[rows]),
            Observation(o.slices[rows], o.present[rows], o.demand[rows]),
            targets,
            self.satisfaction[rows],
            self.turn,
        )
