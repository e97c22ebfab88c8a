"""The environment: cells of the twin seen and acted upon exactly as the xApp does.

Observation, rule, action mapping and shield are the functions of `xapp.decision` that serve.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch, ReportBatch
from trainer.core import DECISION
from trainer.domain import Circumstances, spliced
from trainer.fleet import Finished, Fleet, Past
from trainer.objective import Prices, Score, score
from trainer.told import failed, in_range, joined_reports, refused, rows_of
from xapp.decision.action import Action, Base
from xapp.decision.heuristics import RuleParameters, static_shared
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

    Decisions are made on what the cells tell, `told`; scores and KPIs on what was measured,
    `report`. The two differ where a scenario's faults falsify reports.

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
        self.allocation, self.told = fleet.begin() if past is None else fleet.relive(past)
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
        """What the cells tell of a period that has been played."""
        self.told = report
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
        before, behind = slice(0, rows.start), slice(rows.stop, None)
        self.told = joined_reports([rows_of(self.told, before), report, rows_of(self.told, behind)])
        self.circumstances = self.circumstances.spliced(rows, circumstances)
        self._see()

    def heard(self) -> ReportBatch:
        """The report told, without the measurements that the cells' nodes do not make.

        Values outside the catalogue's ranges are missing: the xApp would refuse the report, and
        nothing is decided on it.
        """
        c, told = self.circumstances, self.told
        silent_cell, silent_slices = c.silent_cell, c.silent_slices
        if told.health is not None:
            cell, slices = in_range(told)
            silent_cell, silent_slices = silent_cell | ~cell, silent_slices | ~slices
        return replace(
            told,
            cell=np.where(silent_cell, np.nan, told.cell),
            slices=np.where(silent_slices, np.nan, told.slices),
        )

    def _shielded(self, proposal: AllocationBatch) -> AllocationBatch:
        """The proposal as the xApp lets it pass; no decision where it would refuse the report."""
        if self.told.health is None:
            return self._projected(proposal)
        down, kept = failed(self.told), refused(self.told)
        at_rest, before = static_shared(self.observation.present), self.allocation
        asked = _chosen(down, at_rest, proposal)
        return _chosen(kept, before, self._projected(asked))

    def _projected(self, proposal: AllocationBatch) -> AllocationBatch:
        return DECISION.project(
            proposal,
            self.allocation,
            self.circumstances.targets,
            self.observation.present,
            self._regime.limits,
        ).allocation

    def _see(self) -> None:
        self.report: ReportBatch = self._fleet.measured(self.told)
        targets = self.circumstances.targets
        self.observation: Observation = DECISION.observe(self.heard(), targets, self.allocation)
        self.base: Base = DECISION.base(self.observation, targets, self._regime.rule)


def _chosen(
    which: NDArray[np.bool_], one: AllocationBatch, other: AllocationBatch
) -> AllocationBatch:
    """Cells of `one` where `which` [N] is set, of `other` elsewhere."""
    return AllocationBatch(
        np.where(which[:, None, None], one.slices, other.slices),
        np.where(which, one.tx_power_offset_db, other.tx_power_offset_db),
    )
