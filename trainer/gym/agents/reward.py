"""The reward all agents share: the radio's objective, less what the core costs and spoils.

    reward = objective - loss * core_loss - delay * lateness - cost * core_cost

- `objective`: that of the cell (`trainer.objective`), whose delays are the radio's;
- `core_loss`: share of packets lost in UPF and transport, mean of the slices weighted with the
  intents' weights; a slice without packets counts 0;
- `lateness`: 1 - target / delay of slices whose end-to-end mean delay is above the intent's target,
  weighted mean in the same way;
- `core_cost`: price of placement, work and migrations, as the scenario puts it.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.core.joint import EndToEnd
from oran.core.batch import CoreReportBatch
from oran.core.measurements import CORE_SLICE_COLUMN
from trainer.objective import Score
from xapp.decision.targets import TargetsBatch

_LOSS: Final = CORE_SLICE_COLUMN["CORE.PktLossRateDl"]
_COST: Final = CORE_SLICE_COLUMN["CORE.Cost"]


@dataclass(frozen=True, slots=True)
class CorePrices:
    """What the reward takes off for the core, 0 or more.

    Attributes:
        loss: for all packets lost.
        delay: for delays far above all targets.
        cost: for a cost of 1 in a period.
    """

    loss: float = 2.0
    delay: float = 0.5
    cost: float = 0.1

    def __post_init__(self) -> None:
        for f in fields(self):
            if not getattr(self, f.name) >= 0.0:
                raise ValueError(f"{f.name}: {getattr(self, f.name)!r} is not a price of 0 or more")


@dataclass(frozen=True, slots=True)
class JointScore:
    """The reward of one cell in one period and its parts, see above."""

    reward: float
    objective: float
    core_loss: float
    lateness: float
    core_cost: float


def joint_score(
    score: Score,
    core: CoreReportBatch,
    end_to_end: EndToEnd,
    targets: TargetsBatch,
    prices: CorePrices,
) -> JointScore:
    """The reward of the one cell."""
    weight = targets.weight[0] / targets.weight[0].sum()
    lost = np.nan_to_num(core.slices[0, :, _LOSS]) * 1e-6
    cost = float(np.nan_to_num(core.slices[0, :, _COST]).sum()) * 1e-3
    core_loss = float(weight @ lost)
    lateness = float(weight @ _late(end_to_end.delay_ms[0], targets.delay_ms[0]))
    objective = float(score.objective[0])
    reward = objective - prices.loss * core_loss - prices.delay * lateness - prices.cost * cost
    return JointScore(reward, objective, core_loss, lateness, cost)


def _late(delay_ms: NDArray[np.float64], target_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    late = delay_ms > target_ms  # never where either is NaN
    return np.where(late, 1.0 - target_ms / np.where(late, delay_ms, 1.0), 0.0)
