"""The environment: cells of the twin seen and acted upon exactly as the xApp does.

Observation, rule, action mapping and shield are the functions of `xapp.decision` that serve.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch, ReportBatch
from trainer.core import DECISION
from trainer.domain import Circumstances, spliced
from trainer.fleet import Finished, Fleet, Past
from trainer.objective import Prices, Score, score
from xapp.decision.action import Action, Base
from xapp.decision.heuristics import RuleParameters
from xapp.decision.observation import Observation
from xapp.decision.shield import Limits
from xapp.decision.situation import Situation


@dataclass(frozen=True, slots=True)
class Regime:
    """What is the same for all cells and periods: the rule under the policy, shield and prices."""

    rule: RuleParameters
    limits: Limits
    prices: Prices


class Environment:
    """N cells that wait for a decision; `observation` is what it is to be made on.

    Args:
        fleet: the cells.
        circumstances: theirs.
        regime: what is the same for all.
        past: what the fleet goes through before, where it does not begin.
    """

    def __init__(
        self,
        fleet: Fleet,
        circumstances: Circumstances,
        regime: Regime,
        past: Past | None = None,
    ) -> None:
        self._fleet = fleet
        self._regime = regime
        self.circumstances = circumstances
        self.allocation, self.report = fleet.begin() if past is None else fleet.relive(past)
        self._see()

    def step(self, action: Action) -> Score:
        """Run one period under an action; the score is that of the period."""
        return self.apply(DECISION.allocate(action, self.base, self.observation.present))

    def apply(self, proposal: AllocationBatch, *, shielded: bool = True) -> Score:
        """Run one period under a proposal; the shield sees it first, but for references."""
        self.receive(self._fleet.step(self.allot(proposal, shielded=shielded)))
        return score(self.report, self.circumstances.targets, self._regime.prices)

    def allot(self, proposal: AllocationBatch, *, shielded: bool = True) -> AllocationBatch:
        """Put a proposal in force, as `apply`, for who plays the period himself."""
        self.allocation = self._shielded(proposal) if shielded else proposal
        return self.allocation

    def receive(self, report: ReportBatch) -> None:
        """The report on a period that has been played."""
        self.report = report
        self._see()

    def foresee(self, proposal: AllocationBatch) -> Score:
        """The score that the next period would have under a proposal, shield and all.

        The cells stay where they are: copies of the twins run the period, on the same noise.
        """
        report = self._fleet.foresee(self._shielded(proposal))
        return score(report, self.circumstances.targets, self._regime.prices)

    def situation(self, turn: int) -> Situation:
        """What a rule may look at; `turn` is the number of the period, from 0."""
        heard, targets = self.heard(), self.circumstances.targets
        met = DECISION.satisfaction(heard, targets)
        return Situation(heard, self.observation, targets, met, turn)

    def finished(self) -> Finished:
        """What ended in the last period."""
        return self._fleet.finished()

    def renew(self, shard: int, seeds: NDArray[np.uint64], circumstances: Circumstances) -> None:
        """Start a shard anew, with other seeds and under other circumstances."""
        rows = self._fleet.rows(shard)
        allocation, report = self._fleet.renew(shard, seeds)
        self.allocation = AllocationBatch(
            spliced(self.allocation.slices, rows, allocation.slices),
            spliced(self.allocation.tx_power_offset_db, rows, allocation.tx_power_offset_db),
        )
        self.report = ReportBatch(
            report.period_ms,
            spliced(self.report.cell, rows, report.cell),
            spliced(self.report.slices, rows, report.slices),
            spliced(self.report.present, rows, report.present),
        )
        self.circumstances = self.circumstances.spliced(rows, circumstances)
        self._see()

    def heard(self) -> ReportBatch:
        """The report without the measurements that the cells' nodes do not make."""
        c = self.circumstances
        return ReportBatch(
            self.report.period_ms,
            np.where(c.silent_cell, np.nan, self.report.cell),
            np.where(c.silent_slices, np.nan, self.report.slices),
            self.report.present,
        )

    def _shielded(self, proposal: AllocationBatch) -> AllocationBatch:
        return DECISION.project(
            proposal,
            self.allocation,
            self.circumstances.targets,
            self.observation.present,
            self._regime.limits,
        ).allocation

    def _see(self) -> None:
        targets = self.circumstances.targets
        self.observation: Observation = DECISION.observe(self.heard(), targets, self.allocation)
        self.base: Base = DECISION.base(self.observation, targets, self._regime.rule)
