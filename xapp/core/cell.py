"""One driven cell: order of its reports, decisions on them, and what became of those."""

from dataclasses import dataclass, replace

import numpy as np

from oran.core.allocation import CoreAllocation
from oran.core.batch import CoreAllocationBatch
from oran.core.report import CoreReport
from oran.core.topology import Topology
from oran.snssai import Snssai
from xapp.core.batch import batch_of
from xapp.core.effect import CoreVerdict, Effect
from xapp.core.refusal import Refused, ReportRefusedError
from xapp.decision.core_pipeline import CoreDecision, CorePipeline, CoreState
from xapp.decision.core_shield import CoreEdit

Edits = tuple[tuple[CoreEdit, ...], ...]
"""Reasons for which the shield changed each slice in the last decision."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on a report.

    Attributes:
        allocation: what to put in force.
        changed: whether it is to be put: another one than before, or one with a site that did not
            show when it was asked for and still pays (`Effect.again`).
        edits: reasons, by slice.
        moves: slices that are asked to move.
        settled: verdicts of the report on earlier wishes.
    """

    allocation: CoreAllocation
    changed: bool
    edits: Edits
    moves: int
    settled: tuple[CoreVerdict, ...]


class CoreCell:
    """State of one cell; `now` is in seconds of a clock that never goes back.

    Args:
        index: the cell's number in the API.
        topology: of its core.
        in_force: its allocation at first.
        pipeline: decides.
        stale_s: a report that no newer one follows for so long is stale.
        migration_ms: longest time that a UPF may take to arrive.
        now: the time.

    Attributes:
        report: the last report decided on; None before.
        heard: when it came, or the cell was made.
        in_force: the allocation that the API acknowledged last.
        edits: of the last decision.
        effect: the sites asked for, and what became of that.
        refused: reports refused.
        reason: why the last of them.
        stale: whether the last report only repeats for longer than it may be used.
        strikes: reports in a row that were none, or not of this cell's course.
        unverified: whether the allocation in force was not read back yet.
    """

    def __init__(
        self,
        index: int,
        topology: Topology,
        in_force: CoreAllocation,
        pipeline: CorePipeline,
        *,
        stale_s: float,
        migration_ms: int,
        now: float,
    ) -> None:
        self.index = index
        self.snssais: tuple[Snssai, ...] = tuple(s.snssai for s in in_force.slices)
        self.in_force = in_force
        self.report: CoreReport | None = None
        self.heard = now
        self.edits: Edits = tuple(() for _ in in_force.slices)
        self.effect = Effect([s.site for s in in_force.slices], migration_ms)
        self.refused = 0
        self.reason = ""
        self.stale = False
        self.strikes = 0
        self.unverified = False
        self._topology = topology
        self._pipeline = pipeline
        self._stale_s = stale_s
        self._state = CoreState.begin(CoreAllocationBatch.of(in_force, topology))
        self._next: CoreDecision | None = None

    def check_order(self, report: CoreReport, now: float) -> None:
        """Raise `ReportRefusedError` where the report is not newer than the last one."""
        last = self.report
        if last is None or _stamp(report) > _stamp(last):
            return
        if _stamp(report) < _stamp(last):
            raise ReportRefusedError(
                Refused.OUT_OF_ORDER,
                f"start_ms: {report.start_ms} is before {last.start_ms}, that of the last report",
            )
        silent = now - self.heard
        if silent <= self._stale_s:
            raise ReportRefusedError(Refused.REPEATED, f"sequence: {report.sequence} once more")
        self.stale = True
        # Reports in a row are what a rule remembers, and this is none.
        self._state = CoreState(
            self._state.asked, np.zeros_like(self._state.memory), self._state.stayed_ms
        )
        raise ReportRefusedError(
            Refused.STALE, f"sequence: {report.sequence} is the last one for {silent:.1f} s"
        )

    def refuse(self, error: ReportRefusedError) -> None:
        """A report got no decision."""
        self.refused += 1
        self.reason = str(error)
        if error.reason not in (Refused.REPEATED, Refused.STALE, Refused.NOT_YET):
            self.strikes += 1

    def decide(self, report: CoreReport, now: float) -> Decided:
        """The decision on a report that is newer than the last one."""
        last, batch = self.report, batch_of(report, self._topology)
        elapsed = report.period_ms if last is None else report.start_ms - last.start_ms
        settled = self.effect.seen(report)
        made = self._pipeline.decide(self._topology, batch, self._state, max(elapsed, 1))
        self.report, self.heard, self.stale, self.strikes = report, now, False, 0
        allocation = made.state.asked.one(0, self._topology, self.snssais)
        self.edits = tuple(
            tuple(e for e in CoreEdit if marks[e]) for marks in made.edits[0].tolist()
        )
        differs = _same(allocation) != _same(self.in_force)
        again = np.array(
            self.effect.again([s.site for s in allocation.slices], report, put=differs)
        )
        moves, stayed = made.moves | again, np.where(again, 0, made.state.stayed_ms)
        self._next = replace(made, state=replace(made.state, stayed_ms=stayed), moves=moves)
        changed = differs or bool(again.any())
        if not changed:
            self._state = self._next.state
        return Decided(allocation, changed, self.edits, int(moves.sum()), tuple(settled))

    def acknowledged(self, allocation: CoreAllocation) -> None:
        """The API has the allocation of the last decision."""
        assert self._next is not None
        assert self.report is not None
        self._state = self._next.state
        self.in_force, self.unverified = allocation, True
        at_ms = self.report.start_ms + self.report.period_ms
        self.effect.asked([s.site for s in allocation.slices], at_ms)

    def read_back(self, found: CoreAllocation) -> CoreVerdict | None:
        """What the API says is in force now; a verdict on what was put, once for each."""
        if _same(found) == _same(self.in_force):
            if not self.unverified:
                return None
            self.unverified = False
            return CoreVerdict.EFFECTIVE
        self.unverified = False
        self.in_force = found
        asked = CoreAllocationBatch.of(found, self._topology)
        self._state = CoreState(asked, self._state.memory, self._state.stayed_ms)
        return CoreVerdict.OVERRIDDEN


def _stamp(report: CoreReport) -> tuple[int, int]:
    return report.start_ms, report.sequence


def _same(allocation: CoreAllocation) -> list[tuple[Snssai, str, dict[str, int]]]:
    """What two allocations have to share; paths without packets and their order do not count."""
    return [(s.snssai, s.site, {n: p for n, p in s.split if p}) for s in allocation.slices]
