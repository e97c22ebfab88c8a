"""The pipeline: who decides, why, and that a failing rung costs no decision."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given

from oran.batch import MIN
from oran.intent import DEFAULT_INTENTS, Intent
from oran.report import CellReport, Health, SliceReport
from tests.strategies import reports
from xapp.decision.observation import FEATURES
from xapp.decision.pipeline import Fallback, Outcome, Pipeline, Rung, reservation
from xapp.decision.policy import PolicyError
from xapp.decision.shield import Edit, Limits
from xapp.decision.targets import Targets

TARGETS = Targets.of(DEFAULT_INTENTS)
LOOSE = Limits(100, 0, 0, 9, -9)


def _report(health: Health) -> CellReport:
    slices = tuple(
        SliceReport.of(
            i.snssai,
            {
                "DRB.PdcpSduVolumeDL": 500,
                "DRB.RlcSduTransmittedVolumeDL": 400,
                "DRB.BufferSize.Qos": 20_000 if n == 0 else 0,
                "RRU.PrbUsedDl": 20.0,
                "RRC.ConnMean": 5.0,
            },
        )
        for n, i in enumerate(DEFAULT_INTENTS)
    )
    cell = CellReport.cell_values({"RRU.PrbAvailDl": 106})
    return CellReport("n", "c", 0, 0, 100, cell, slices, health)


class Fixed:
    """A policy that answers the same always, or raises."""

    def __init__(self, value: float, error: Exception | None = None, power: float = 0.0) -> None:
        self.value, self.error, self.power = value, error, power

    def act(self, features: Sequence[float], slices: int) -> tuple[Sequence[float], float]:
        assert len(features) == slices * FEATURES
        if self.error:
            raise self.error
        return [self.value, *[0.0] * (4 * slices - 1)], self.power


def _decide(
    policy: Fixed | None, *, health: Health | None = None, limits: Limits = LOOSE
) -> Outcome:
    report = _report(health or Health())
    return Pipeline(policy, limits).decide(report, TARGETS, reservation(3))


def test_the_policy_decides_and_matters() -> None:
    neutral, eager = _decide(Fixed(0.0)), _decide(Fixed(1.0))
    assert (neutral.rung, neutral.fallback, neutral.detail) == (Rung.POLICY, Fallback.NONE, "")
    assert eager.allocation.slices[0][MIN] > neutral.allocation.slices[0][MIN]
    assert neutral.allocation == _decide(None).allocation


@pytest.mark.parametrize(
    ("policy", "why", "detail"),
    [
        (None, Fallback.NO_POLICY, ""),
        (Fixed(0.0, PolicyError("graph refused")), Fallback.POLICY_FAILED, "graph refused"),
        (Fixed(math.nan), Fallback.ACTION_NOT_FINITE, "the policy's output is not finite"),
    ],
)
def test_the_rule_steps_in(policy: Fixed | None, why: Fallback, detail: str) -> None:
    outcome = _decide(policy)
    assert (outcome.rung, outcome.fallback, outcome.detail) == (Rung.RULE, why, detail)
    assert outcome.allocation == _decide(Fixed(0.0)).allocation


def test_a_failed_node_gets_the_static_reservation() -> None:
    outcome = _decide(Fixed(1.0), health=Health(gnb="failed"))
    assert (outcome.rung, outcome.fallback) == (Rung.STATIC, Fallback.NODE_FAILED)
    assert outcome.allocation == reservation(3)


def test_every_rung_is_shielded() -> None:
    tight = Limits(max_share_step=1)
    for policy in (Fixed(2.0), None):
        outcome = _decide(policy, limits=tight)
        moved = [
            abs(row[MIN] - old[MIN])
            for row, old in zip(outcome.allocation.slices, reservation(3).slices, strict=True)
        ]
        assert max(moved) <= 1
        assert outcome.edits[Edit.SHARE_STEP] > 0


def test_power_is_shielded_and_counted() -> None:
    outcome = _decide(Fixed(0.0, power=99.0), limits=Limits(max_power_step_db=2))
    assert outcome.allocation.tx_power_offset_db == -2
    assert outcome.edits[Edit.POWER] == 1


def test_programming_errors_are_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        _decide(Fixed(0.0, ZeroDivisionError()))


@given(reports())
def test_any_valid_report_gets_a_feasible_decision(
    drawn: tuple[CellReport, tuple[Intent, ...]],
) -> None:
    report, intents = drawn
    count = len(intents)
    for policy in (None, Fixed(0.5)):
        outcome = Pipeline(policy, Limits()).decide(report, Targets.of(intents), reservation(count))
        outcome.allocation.allocation([i.snssai for i in intents]).check()
        assert len(outcome.satisfaction) == count
