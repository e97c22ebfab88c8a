"""From a core report to the allocation of the next period: a rule, and the shield behind it.

Pure: what is remembered between two reports is an argument and a result.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.topology import Topology
from xapp.decision.core_rules import CoreMemory, CoreRule
from xapp.decision.core_shield import CoreLimits, core_shield


@dataclass(frozen=True, slots=True)
class CoreState:
    """What N cells remember of S slices between two reports.

    Attributes:
        asked: the allocation asked for last.
        memory: the rule's.
        stayed_ms: int64 [N, S], ms of the core's time since each slice was last asked to move, as
            of the last report.
    """

    asked: CoreAllocationBatch
    memory: CoreMemory
    stayed_ms: NDArray[np.int64]

    @classmethod
    def begin(cls, asked: CoreAllocationBatch) -> Self:
        """The state at first: each UPF counts as having moved just now."""
        zeros = np.zeros(asked.site.shape, np.int64)
        return cls(asked, zeros, zeros)


@dataclass(frozen=True, slots=True)
class CoreDecision:
    """A decision for N cells.

    Attributes:
        state: what to remember; `state.asked` is the allocation decided.
        edits: bool [N, S, len(CoreEdit)], slices that the shield changed, by reason.
        moves: bool [N, S], slices that are asked to move by this decision.
    """

    state: CoreState
    edits: NDArray[np.bool_]
    moves: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CorePipeline:
    """A rule under a shield.

    Attributes:
        rule: proposes.
        limits: bounds of the shield.
    """

    rule: CoreRule
    limits: CoreLimits

    def decide(
        self, topology: Topology, report: CoreReportBatch, state: CoreState, elapsed_ms: int
    ) -> CoreDecision:
        """The decision on a report.

        Args:
            topology: of the core.
            report: the last one.
            state: as of the report before it.
            elapsed_ms: time between the two in ms of the core, > 0.
        """
        proposed, memory = self.rule.decide(topology, report, state.memory)
        stayed = state.stayed_ms + elapsed_ms
        let = core_shield(topology, report, proposed, state.asked, stayed, self.limits)
        site = let.allocation.site
        moves = (site != state.asked.site) & (site != report.upf_site)
        return CoreDecision(CoreState(let.allocation, memory, let.stayed_ms), let.edits, moves)
