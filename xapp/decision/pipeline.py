"""The pipeline of a decision: observation, policy, allocation, shield, with a ladder below it.

Any rung that fails hands over to the next: the active policy, the tuned rule, a static
reservation. The next decision starts from the top again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from math import isnan
from typing import Final, NamedTuple

import numpy as np

from oran.allocation import Allocation, SliceAllocation
from oran.batch import SLICE_FIELDS
from oran.measurements import CELL_COLUMN, CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import CellReport
from oran.snssai import Snssai
from xapp.decision.action import SLICE_ACTIONS
from xapp.decision.heuristics import DEFAULT_RULE, RuleParameters, static_shared
from xapp.decision.observation import FEATURES
from xapp.decision.policy import Policy, PolicyError
from xapp.decision.scalar.act import allocate_cell
from xapp.decision.scalar.observe import fill_slice, observe_slice, slice_demand
from xapp.decision.scalar.rule import priority_cell
from xapp.decision.scalar.shield import shield_cell, shield_power
from xapp.decision.scalar.sla import slice_satisfaction
from xapp.decision.shield import Edit, Limits
from xapp.decision.targets import Targets

_PRBS: Final = CELL_COLUMN["RRU.PrbAvailDl"]
_LOAD: Final = CELL_COLUMN["RRU.PrbTotDl"]
_MISSING_PRBS: Final = CELL_MEASUREMENTS[_PRBS].missing
_MISSING_LOAD: Final = CELL_MEASUREMENTS[_LOAD].missing
_M: Final = len(SLICE_MEASUREMENTS)
_REASONS: Final = len(Edit)


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


class Rows(NamedTuple):
    """An allocation as plain numbers: what the pipeline reads and writes.

    Attributes:
        slices: one row a slice, with the columns of `oran.batch`.
        tx_power_offset_db: dB.
    """

    slices: Sequence[list[int]]
    tx_power_offset_db: int = 0

    @classmethod
    def of(cls, allocation: Allocation) -> "Rows":
        """The rows of an allocation."""
        return cls(
            [
                [s.dedicated_prb_ratio, s.min_prb_ratio, s.max_prb_ratio, s.mcs_backoff,
                 s.admission_ratio]
                for s in allocation.slices
            ],
            allocation.tx_power_offset_db,
        )  # fmt: skip

    def allocation(self, snssais: Sequence[Snssai]) -> Allocation:
        """The allocation of these slices, in the order of the rows."""
        named = zip(snssais, self.slices, strict=True)
        return Allocation(tuple(SliceAllocation(s, *r) for s, r in named), self.tx_power_offset_db)


@lru_cache
def _reserved(slices: int) -> tuple[tuple[int, ...], ...]:
    rows = static_shared(np.ones((1, slices), np.bool_)).slices[0].tolist()
    return tuple(tuple(row) for row in rows)


def reservation(slices: int) -> Rows:
    """The static reservation: what a node runs before any control, and the ladder's last rung."""
    return Rows([list(row) for row in _reserved(slices)])


class Outcome(NamedTuple):
    """A decision on one report.

    Attributes:
        allocation: what to apply in the next period.
        edits: fields changed by the shield, by `Edit`.
        satisfaction: SLA satisfaction of each slice in the period reported, NaN where unknown.
        rung: who decided.
        fallback: why not the policy.
        detail: the failing rung's message, empty without a failure.
    """

    allocation: Rows
    edits: Sequence[int]
    satisfaction: Sequence[float]
    rung: Rung
    fallback: Fallback
    detail: str = ""


class Case:
    """A report to be decided on, and how far its decision has come.

    Args:
        report: of a cell.
        targets: the intents, one row a slice of the report, in its order.
        previous: the allocation in force, likewise.

    Attributes:
        features: the policy's input; empty before, and where the node failed.
        share, backoff: the rule's answer.
        raw, power: the policy's; empty where it has none.
        why, detail: why it has none.
        failure: what was raised.
    """

    __slots__ = (
        "backoff", "detail", "failure", "features", "power", "previous", "raw", "report", "share",
        "targets", "why",
    )  # fmt: skip

    def __init__(self, report: CellReport, targets: Targets, previous: Rows) -> None:
        self.report = report
        self.targets = targets
        self.previous = previous
        self.features: list[float] = []
        self.share: list[float] = []
        self.backoff: list[float] = []
        self.raw: Sequence[float] = ()
        self.power = 0.0
        self.why = Fallback.NO_POLICY
        self.detail = ""
        self.failure: Exception | None = None


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

    def decide(self, report: CellReport, targets: Targets, previous: Rows) -> Outcome:
        """Decide on a report; `previous` is the allocation in force. Never raises on valid input.

        `targets` and `previous` have a row for each slice of the report, in its order.
        """
        case = Case(report, targets, previous)
        self._observe(case)
        self._act(case)
        return self._conclude(case)

    def decide_all(self, cases: Sequence[Case]) -> list[Outcome | Exception]:
        """Decide on reports of several cells; the same outcomes as one by one.

        All of them pass one step before any passes the next: a step that follows itself finds its
        code and its tables in the processor's cache. A case that raises has its exception in the
        place of its outcome, and costs no other one its decision.
        """
        for step in (self._observe, self._act):
            for case in cases:
                if case.failure is None:
                    try:
                        step(case)
                    except Exception as error:
                        case.failure = error
        return [self._concluded(case) for case in cases]

    def _observe(self, case: Case) -> None:
        """The first step: what policy and rule see, and the rule's answer."""
        targets = case.targets
        if case.report.health.gnb == "failed":
            return
        case.features, demand = observe(case.report, targets, case.previous)
        count = len(demand)
        share, backoff = [0.0] * count, [0.0] * count
        rule = self.rule
        priority_cell(
            demand, targets.weight, targets.urllc, rule.headroom, rule.urllc_headroom,
            rule.urllc_reserve, rule.urllc_mcs_backoff, [0.0] * count, share, backoff,
        )  # fmt: skip
        case.share, case.backoff = share, backoff

    def _act(self, case: Case) -> None:
        """The second step: the policy's answer."""
        if self.policy is None or not case.features:
            return
        try:
            case.raw, case.power = self.policy.act(case.features, len(case.share))
        except PolicyError as error:
            case.why, case.detail = Fallback.POLICY_FAILED, str(error)

    def _concluded(self, case: Case) -> Outcome | Exception:
        if case.failure is not None:
            return case.failure
        try:
            return self._conclude(case)
        except Exception as error:
            return error

    def _conclude(self, case: Case) -> Outcome:
        """The last step: allocation, shield, and what the report says of the SLA."""
        report, targets, previous = case.report, case.targets, case.previous
        if case.features:
            proposal, rung, why, detail = _proposed(case)
        else:
            # A node that says it failed reports numbers nobody should act on.
            proposal = reservation(len(report.slices))
            rung, why, detail = Rung.STATIC, Fallback.NODE_FAILED, ""
        allocation, edits = self._shielded(proposal, previous, targets)
        met = [
            slice_satisfaction(s.values, row)
            for s, row in zip(report.slices, targets.rows, strict=True)
        ]
        return Outcome(allocation, edits, met, rung, why, detail)

    def _shielded(
        self, proposal: Rows, previous: Rows, targets: Targets
    ) -> tuple[Rows, Sequence[int]]:
        limits, edits = self.limits, [0] * _REASONS
        shield_cell(
            proposal.slices, previous.slices, targets.urllc, limits.max_share_step,
            limits.urllc_floor, limits.admission_floor, edits,
        )  # fmt: skip
        asked = proposal.tx_power_offset_db
        power = shield_power(
            asked, previous.tx_power_offset_db, limits.max_power_step_db, limits.power_floor_db
        )
        if power != asked:
            edits[Edit.POWER] += 1
        return Rows(proposal.slices, power), edits


def _proposed(case: Case) -> tuple[Rows, Rung, Fallback, str]:
    """The policy's allocation, or the rule's where the policy has no answer."""
    share, backoff, why, detail = case.share, case.backoff, case.why, case.detail
    count = len(share)
    out = [[0] * SLICE_FIELDS for _ in share]
    if case.raw:
        try:
            power = allocate_cell(case.raw, case.power, share, backoff, [0.0] * count, out)
        except ValueError as error:
            why, detail = Fallback.ACTION_NOT_FINITE, str(error)
        else:
            return Rows(out, power), Rung.POLICY, Fallback.NONE, ""
    rest = [0.0] * (len(SLICE_ACTIONS) * count)
    power = allocate_cell(rest, 0.0, share, backoff, [0.0] * count, out)
    return Rows(out, power), Rung.RULE, why, detail


def observe(
    report: CellReport, targets: Targets, previous: Rows
) -> tuple[list[float], list[float]]:
    """The observation of a report, `FEATURES` numbers a slice, and each slice's demand."""
    prbs, load, seconds = report.values[_PRBS], report.values[_LOAD], report.period_ms / 1000.0
    if isnan(prbs):
        prbs = _MISSING_PRBS
    if isnan(load):
        load = _MISSING_LOAD
    filled, missing, demand, total = [], [], [], 0.0
    for s in report.slices:
        row = [0.0] * _M
        missing.append(fill_slice(s.values, row))
        filled.append(row)
        needed = slice_demand(s.values, row, prbs, seconds)
        demand.append(needed)
        total += needed
    out = [0.0] * (FEATURES * len(demand))
    for i, row in enumerate(filled):
        observe_slice(
            row, missing[i], demand[i], total, prbs, load, seconds, previous.slices[i],
            previous.tx_power_offset_db, targets.rows[i], out, FEATURES * i,
        )  # fmt: skip
    return out, demand
