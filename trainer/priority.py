"""The priority rule that serves below a policy, as a rule to tune and to compare."""

from dataclasses import dataclass

from oran.batch import AllocationBatch
from trainer.core import DECISION
from xapp.decision.action import at_rest
from xapp.decision.heuristics import RuleParameters
from xapp.decision.rules import Memory
from xapp.decision.situation import Situation


@dataclass(frozen=True, slots=True)
class Priority:
    """`xapp.decision.scalar.rule` under given parameters."""

    parameters: RuleParameters

    def decide(self, s: Situation, memory: Memory) -> tuple[AllocationBatch, Memory]:
        """As `xapp.decision.rules.Rule`; nothing is remembered."""
        base = DECISION.base(s.observation, s.targets, self.parameters)
        return DECISION.allocate(at_rest(s.present), base, s.present), memory
