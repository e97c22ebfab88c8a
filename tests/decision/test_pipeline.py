"""The pipeline: who decides, why, and that a failing rung costs no decision."""

import numpy as np
import pytest
from numpy.typing import NDArray

from oran.batch import MIN, AllocationBatch, ReportBatch
from oran.intent import DEFAULT_INTENTS
from oran.report import CellReport, Health, SliceReport
from xapp.decision.action import Action
from xapp.decision.heuristics import priority, priority_base, static_shared
from xapp.decision.observation import observe
from xapp.decision.pipeline import Fallback, Outcome, Pipeline, Rung
from xapp.decision.policy import PolicyError
from xapp.decision.shield import Edit, Limits
from xapp.decision.targets import Targets

TARGETS = Targets.of(DEFAULT_INTENTS)
LOOSE = Limits(100, 0, 0, 9, -9)


def _batch(backlog: float = 20_000.0) -> ReportBatch:
    slices = tuple(
        SliceReport.of(
            i.snssai,
            {
                "DRB.PdcpSduVolumeDL": 500,
                "DRB.RlcSduTransmittedVolumeDL": 400,
                "DRB.BufferSize.Qos": backlog if n == 0 else 0.0,
                "RRU.PrbUsedDl": 20.0,
                "RRC.ConnMean": 5.0,
            },
        )
        for n, i in enumerate(DEFAULT_INTENTS)
    )
    cell = CellReport.cell_values({"RRU.PrbAvailDl": 106})
    return ReportBatch.of(CellReport("n", "c", 0, 0, 100, cell, slices))


class Fixed:
    """A policy that answers the same always, or raises."""

    def __init__(self, value: float, error: Exception | None = None) -> None:
        self.value, self.error = value, error

    def act(self, observation: NDArray[np.float32], present: NDArray[np.bool_]) -> Action:
        if self.error:
            raise self.error
        n, s = present.shape
        raw = np.zeros((n, s, 4), np.float32)
        raw[:, 0, 0] = self.value
        return Action(raw, np.zeros((n, 1), np.float32))


def _decide(
    policy: Fixed | None, *, health: Health | None = None, limits: Limits = LOOSE
) -> Outcome:
    batch = _batch()
    previous = static_shared(batch.present)
    return Pipeline(policy, limits).decide(batch, TARGETS, previous, health or Health())


def _rule() -> AllocationBatch:
    batch = _batch()
    seen = observe(batch, TARGETS, static_shared(batch.present))
    return priority(priority_base(seen, TARGETS, Pipeline(None, LOOSE).rule), seen.present)


def test_the_policy_decides_and_matters() -> None:
    neutral, eager = _decide(Fixed(0.0)), _decide(Fixed(1.0))
    assert (neutral.rung, neutral.fallback, neutral.detail) == (Rung.POLICY, Fallback.NONE, "")
    assert eager.allocation.slices[0, 0, MIN] > neutral.allocation.slices[0, 0, MIN]
    assert (neutral.allocation.slices == _rule().slices).all()


@pytest.mark.parametrize(
    ("policy", "why", "detail"),
    [
        (None, Fallback.NO_POLICY, ""),
        (Fixed(0.0, PolicyError("graph refused")), Fallback.POLICY_FAILED, "graph refused"),
        (Fixed(np.nan), Fallback.ACTION_NOT_FINITE, "the policy's output is not finite"),
    ],
)
def test_the_rule_steps_in(policy: Fixed | None, why: Fallback, detail: str) -> None:
    outcome = _decide(policy)
    assert (outcome.rung, outcome.fallback, outcome.detail) == (Rung.RULE, why, detail)
    assert (outcome.allocation.slices == _rule().slices).all()


def test_a_failed_node_gets_the_static_reservation() -> None:
    outcome = _decide(Fixed(1.0), health=Health(gnb="failed"))
    assert (outcome.rung, outcome.fallback) == (Rung.STATIC, Fallback.NODE_FAILED)
    assert outcome.allocation.slices[0, :, MIN].tolist() == [34, 33, 33]


def test_every_rung_is_shielded() -> None:
    tight = Limits(max_share_step=1)
    for policy, health in ((Fixed(2.0), Health()), (None, Health())):
        outcome = _decide(policy, health=health, limits=tight)
        moved = np.abs(outcome.allocation.slices[0, :, MIN] - [34, 33, 33])
        assert moved.max() <= 1
        assert outcome.edits[0, Edit.SHARE_STEP] > 0


def test_programming_errors_are_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        _decide(Fixed(0.0, ZeroDivisionError()))
