"""The pipeline of a decision: observation, policy, allocation, shield, with a ladder below it.

Any rung that fails hands over to the next: the active policy, the tuned rule, a static
reservation. The next decision starts from the top again.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch, ReportBatch
from oran.report import Health
from xapp.decision.action import to_allocation
from xapp.decision.heuristics import (
    DEFAULT_RULE,
    RuleParameters,
    priority,
    priority_base,
    static_shared,
)
from xapp.decision.observation import observe
from xapp.decision.policy import Policy, PolicyError
from xapp.decision.shield import Limits, project
from xapp.decision.sla import satisfaction
from xapp.decision.targets import Targets


class Rung(Enum):
    """Who made a decision, from the top of the ladder down."""

    POLICY = "policy"
    RULE = "rule"
    STATIC = "static"


class Fallback(Enum):
    """Why a decision was not made by the policy."""

    NONE = "none"
    NO_POLICY = "no_policy"
    POLICY_FAILED = "policy_failed"
    ACTION_NOT_FINITE = "action_not_finite"
    NODE_FAILED = "node_failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision for a batch of cells.

    Attributes:
        allocation: what to apply in the next period.
        edits: int64 [N, len(Edit)], fields changed by the shield, by reason.
        satisfaction: float64 [N, S], SLA satisfaction in the period reported.
        rung: who decided.
        fallback: why not the policy.
        detail: the failing rung's message, empty without a failure.
    """

    allocation: AllocationBatch
    edits: NDArray[np.int64]
    satisfaction: NDArray[np.float64]
    rung: Rung
    fallback: Fallback
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything a decision depends on but the report, the intents and the allocation in force.

    Attributes:
        policy: the active policy, or None to decide by the rule.
        limits: the shield's bounds.
        rule: parameters of the rule under the policy, those of its training.
    """

    policy: Policy | None
    limits: Limits
    rule: RuleParameters = DEFAULT_RULE

    def decide(
        self,
        batch: ReportBatch,
        targets: Targets,
        previous: AllocationBatch,
        health: Health,
    ) -> Outcome:
        """Decide for every cell of the batch; never raises on valid input."""
        met = satisfaction(batch, targets)
        if health.gnb == "failed":
            # A node that says it failed reports numbers nobody should learn or act from.
            proposal = static_shared(batch.present)
            rung, why, detail = Rung.STATIC, Fallback.NODE_FAILED, ""
        else:
            proposal, rung, why, detail = self._propose(batch, targets, previous)
        shielded = project(proposal, previous, targets, batch.present, self.limits)
        return Outcome(shielded.allocation, shielded.edits, met, rung, why, detail)

    def _propose(
        self, batch: ReportBatch, targets: Targets, previous: AllocationBatch
    ) -> tuple[AllocationBatch, Rung, Fallback, str]:
        seen = observe(batch, targets, previous)
        base = priority_base(seen, targets, self.rule)
        if self.policy is None:
            return priority(base, seen.present), Rung.RULE, Fallback.NO_POLICY, ""
        try:
            action = self.policy.act(seen.slices, seen.present)
        except PolicyError as error:
            why, detail = Fallback.POLICY_FAILED, str(error)
        else:
            try:
                return to_allocation(action, base, seen.present), Rung.POLICY, Fallback.NONE, ""
            except ValueError as error:
                why, detail = Fallback.ACTION_NOT_FINITE, str(error)
        return priority(base, seen.present), Rung.RULE, why, detail
