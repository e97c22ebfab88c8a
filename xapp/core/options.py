"""What a core driver depends on."""

from dataclasses import dataclass

from xapp.decision.core_pipeline import CorePipeline
from xapp.decision.core_rules import CoreRule
from xapp.decision.core_shield import CoreLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreOptions:
    """What a core driver depends on; `xapp.core.settings.CoreSettings` says what is usual.

    Attributes:
        url: of the API, without a path.
        rule: the rule's name.
        made: the rule.
        limits: bounds of the shield.
        period_s: time between two looks at a cell's report.
        timeout_s: longest wait for an answer.
        stale_s: a report that no newer one follows for so long is stale.
        migration_ms: longest time that a UPF may take to arrive, ms of the core.
        max_cells: most cells that are driven.
    """

    url: str
    rule: str
    made: CoreRule
    limits: CoreLimits
    period_s: float
    timeout_s: float
    stale_s: float
    migration_ms: int
    max_cells: int

    @property
    def pipeline(self) -> CorePipeline:
        """Rule and shield."""
        return CorePipeline(self.made, self.limits)
