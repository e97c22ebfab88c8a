"""The objective: what training, tuning and evaluation all mean by "better".

For a cell and a period,

    objective = satisfaction - loss_price * urllc_loss - blocked_price * blocked
                - power_price * power

- `satisfaction`: mean of the slices' SLA satisfaction (`xapp.decision.sla`), weighted with the
  intents' weights; a slice of which nothing with a target was measured counts as met;
- `urllc_loss`: share of URLLC packets dropped or late. Satisfaction of a slice is 1 / 10 when a
  hundredth of its packets is lost, and hardly less when half is: without this price a policy gains
  by giving up periods that are lost already;
- `blocked`: share of flows that asked for admission and were refused, mean of the slices with
  the same weights. At a price of 1, refusing a flow costs as much as serving it without meeting
  any target; without a price a policy gains by serving few users well;
- `power`: mean power over the period, in units of `POWER_UNIT_W`.

Every part is always reported on its own.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import ReportBatch
from oran.measurements import CELL_COLUMN, SLICE_COLUMN
from trainer.core import DECISION
from xapp.decision.targets import URLLC, TargetsBatch

POWER_UNIT_W: Final = 100.0
"""A micro site draws 112 to 145 W (Auer et al., 2011, table 2)."""

_DROP: Final = SLICE_COLUMN["DRB.RlcPacketDropRateDl"]
_ASKED: Final = SLICE_COLUMN["DRB.EstabAtt"]
_ADMITTED: Final = SLICE_COLUMN["DRB.EstabSucc"]
_POWER: Final = CELL_COLUMN["PEE.AvgPower"]


@dataclass(frozen=True, slots=True)
class Prices:
    """What the objective takes off, in satisfaction a unit.

    Attributes:
        urllc_loss: for all URLLC packets lost.
        blocked: for all flows refused of all slices.
        power: for each `POWER_UNIT_W`.
    """

    urllc_loss: float = 2.0
    blocked: float = 1.0
    power: float = 0.05

    def __post_init__(self) -> None:
        for f in fields(self):
            if not getattr(self, f.name) >= 0.0:
                raise ValueError(f"{f.name}: {getattr(self, f.name)!r} is not a price of 0 or more")


@dataclass(frozen=True, slots=True)
class Score:
    """The objective of N cells in one period and its parts.

    Attributes:
        objective: float64 [N].
        satisfaction: float64 [N], 0..1.
        urllc_loss: float64 [N], 0..1; 0 where no URLLC packet was finished.
        blocked: float64 [N], 0..1; a slice where no flow asked counts 0.
        power: float64 [N], in units of `POWER_UNIT_W`.
        slice_satisfaction: float64 [N, S], 0..1; NaN where idle, and at an empty slice place.
    """

    objective: NDArray[np.float64]
    satisfaction: NDArray[np.float64]
    urllc_loss: NDArray[np.float64]
    blocked: NDArray[np.float64]
    power: NDArray[np.float64]
    slice_satisfaction: NDArray[np.float64]


def score(report: ReportBatch, targets: TargetsBatch, prices: Prices) -> Score:
    """The objective of the period reported; the report must be the node's full one."""
    present = report.present
    met = DECISION.satisfaction(report, targets)
    weight = targets.weight * present
    mean = (weight * np.where(np.isnan(met), 1.0, met)).sum(axis=1) / weight.sum(axis=1)
    urllc = (targets.sst == URLLC) & present
    drop = np.where(urllc, np.nan_to_num(report.slices[..., _DROP]) * 1e-6, 0.0)
    loss = drop.sum(axis=1) / np.maximum(urllc.sum(axis=1), 1)
    asked = np.nan_to_num(report.slices[..., _ASKED])
    refused = asked - np.nan_to_num(report.slices[..., _ADMITTED])
    blocked = (weight * (refused / np.maximum(asked, 1.0))).sum(axis=1) / weight.sum(axis=1)
    power = np.nan_to_num(report.cell[:, _POWER]) / POWER_UNIT_W
    total = mean - prices.urllc_loss * loss - prices.blocked * blocked - prices.power * power
    return Score(total, mean, loss, blocked, power, met)
