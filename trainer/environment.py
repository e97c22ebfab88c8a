"""The environment: cells of the twin seen and acted upon exactly as the xApp does.

Observation, rule, action mapping and shield are the functions of `xapp.decision` that serve.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch, ReportBatch
from trainer.core import DECISION
from trainer.domain import Circumstances, spliced
from trainer.fleet import Fleet
from trainer.objective import Prices, Score, score
from xapp.decision.action import Action, Base
from xapp.decision.heuristics import RuleParameters
from xapp.decision.observation import Observation
from xapp.decision.shield import Limits


@dataclass(frozen=True, slots=True)
class Regime:
    """What is the same for all cells and periods: the rule under the policy, shield and prices."""

    rule: RuleParameters
    limits: Limits
    prices: Prices


class Environment:
    """N cells that wait for a decision; `observation` is what it is to be made on."""

    def __init__(self, fleet: Fleet, circumstances: Circumstances, regime: Regime) -> None:
        self._fleet = fleet
        self._regime = regime
        self._circumstances = circumstances
        self.allocation, self.report = fleet.begin()
        self._see()

    def step(self, action: Action) -> Score:
        """Run one period under an action; the score is that of the period."""
        return self.apply(DECISION.allocate(action, self.base, self.observation.present))

    def apply(self, proposal: AllocationBatch, *, shielded: bool = True) -> Score:
        """Run one period under a proposal; the shield sees it first, but for references."""
        targets = self._circumstances.targets
        present = self.observation.present
        self.allocation = (
            DECISION.project(
                proposal, self.allocation, targets, present, self._regime.limits
            ).allocation
            if shielded
            else proposal
        )
        self.report = self._fleet.step(self.allocation)
        self._see()
        return score(self.report, targets, self._regime.prices)

    def packets(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """SDUs finished, and those of them dropped or late, in the last period, [N, S] each."""
        return self._fleet.packets()

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
        self._circumstances = self._circumstances.spliced(rows, circumstances)
        self._see()

    def heard(self) -> ReportBatch:
        """The report without the measurements that the cells' nodes do not make."""
        c = self._circumstances
        return ReportBatch(
            self.report.period_ms,
            np.where(c.silent_cell, np.nan, self.report.cell),
            np.where(c.silent_slices, np.nan, self.report.slices),
            self.report.present,
        )

    def _see(self) -> None:
        targets = self._circumstances.targets
        self.observation: Observation = DECISION.observe(self.heard(), targets, self.allocation)
        self.base: Base = DECISION.base(self.observation, targets, self._regime.rule)
