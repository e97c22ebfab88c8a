"""The decider: from a report to a decision, with the state of each cell between the two."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, TypeVar

from structlog.typing import FilteringBoundLogger

from oran.allocation import Allocation
from oran.intent import Intent
from oran.report import CellReport
from xapp.decision.pipeline import Case, Fallback, Outcome, Pipeline, Rows
from xapp.service.cells import Cell, Cells, Freshness, Key
from xapp.service.decision import EDIT_NAMES, Decision, Made
from xapp.service.metrics import Metrics
from xapp.service.slices import SliceSet, SliceSets, carried_over


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the service half takes the time from.

    Attributes:
        wall_ms: milliseconds since 1970-01-01 UTC.
        monotonic_ns: nanoseconds of a clock that is never set back.
    """

    wall_ms: Callable[[], int]
    monotonic_ns: Callable[[], int]


class _Admitted:
    """A report that a decision is to be made on.

    Args:
        case: the report, and what else the decision depends on.
        cell: whose it is; not among the cells yet where it is new.
        slices: the report's.
        since_ns: see `Decider.decide`.
        now_ms: when it was taken up, wall clock.
        new: whether the cell is.
    """

    __slots__ = ("case", "cell", "new", "now_ms", "since_ns", "slices")

    def __init__(
        self, case: Case, cell: Cell, slices: SliceSet, since_ns: int, now_ms: int, *, new: bool
    ) -> None:
        self.case = case
        self.cell = cell
        self.slices = slices
        self.since_ns = since_ns
        self.now_ms = now_ms
        self.new = new


Changed = Callable[[Key, Cell | None], None]
"""Told of a cell that was decided on, or with None of one that was forgotten."""


class Decider:
    """Decides on reports, one or several at a time; not for use from several threads.

    Args:
        pipeline: the decision core.
        bundle: identity of the policy bundle in it.
        intents: the operator's intents; a report may carry these slices only.
        cells: where the state of each cell is kept.
        freshness: bounds on a report's age.
        metrics: what is counted.
        clock: the time.
        mark: prefix of decision identities, one a process.
        log: where new cells and changes of the rung are told.
        changed: told of each cell decided on, and of each one forgotten.
    """

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        bundle: str,
        intents: Iterable[Intent],
        cells: Cells,
        freshness: Freshness,
        metrics: Metrics,
        clock: Clock,
        mark: str,
        log: FilteringBoundLogger,
        changed: Changed,
    ) -> None:
        self.cells = cells
        self.metrics = metrics
        self.clock = clock
        self.slice_sets = SliceSets(intents)
        self._pipeline = pipeline
        self._bundle = bundle
        self._freshness = freshness
        self._mark = mark
        self._log = log
        self._changed = changed
        self._count = 0

    def decide(self, report: CellReport, since_ns: int) -> Decision:
        """The decision on one report, which becomes the allocation in force in its cell.

        Args:
            report: within the ranges of the catalogue.
            since_ns: monotonic time at which the report was there, the start of the latency.

        Raises:
            Refusal: a slice stands twice or has no intent; the report is stale, repeated or from
                the future; or there is no place for another cell.
        """
        return self.make(report, since_ns).decision

    def make(self, report: CellReport, since_ns: int) -> Made:
        """As `decide`, without the wire form."""
        admitted = self._admit(report, since_ns, self.clock.wall_ms())
        case = admitted.case
        outcome = self._pipeline.decide(case.report, case.targets, case.previous)
        return self._record(admitted, outcome)

    def make_all(self, reports: Sequence[tuple[CellReport, int]]) -> list[Made | Exception]:
        """As `make` of each, but one step of all of them after the other.

        Args:
            reports: with the time since when each is there.

        Returns:
            Decisions, and what `make` would have raised where there is none.
        """
        keys = {(report.node, report.cell) for report, _ in reports}
        if len(keys) < len(reports) or any(self.cells.get(key) is None for key in keys):
            # One after the other: a decision is the next one's ground in its cell, and a new cell
            # may take another one's place.
            return [_attempt(self.make, report, since_ns) for report, since_ns in reports]
        now_ms = self.clock.wall_ms()
        admitted = [_attempt(self._admit, report, since, now_ms) for report, since in reports]
        cases = [a.case for a in admitted if isinstance(a, _Admitted)]
        outcomes = iter(self._pipeline.decide_all(cases))
        return [self._recorded(a, outcomes) for a in admitted]

    def _recorded(
        self, admitted: _Admitted | Exception, outcomes: Iterator[Outcome | Exception]
    ) -> Made | Exception:
        if isinstance(admitted, Exception):
            return admitted
        outcome = next(outcomes)
        return (
            outcome if isinstance(outcome, Exception) else _attempt(self._record, admitted, outcome)
        )

    def _admit(self, report: CellReport, since_ns: int, now_ms: int) -> _Admitted:
        """What a decision on a report is made on; raises `Refusal` where there is to be none."""
        key = (report.node, report.cell)
        known = self.cells.get(key)
        slices = self._slices_of(report, known)
        self._freshness.check(report, now_ms)
        if known is not None:
            known.check_order(report)
        cell = known or self._new_cell(key, slices, now_ms)
        previous = carried_over(cell.in_force, cell.snssais, slices)
        case = Case(report, slices.targets, previous)
        return _Admitted(case, cell, slices, since_ns, now_ms, new=known is None)

    def _record(self, admitted: _Admitted, outcome: Outcome) -> Made:
        """The decision, taken into force."""
        report, cell, slices = admitted.case.report, admitted.cell, admitted.slices
        self._count += 1
        latency_us = (self.clock.monotonic_ns() - admitted.since_ns) / 1000
        made = Made(
            self._mark, self._count, self._bundle, report, slices.names, outcome, latency_us
        )
        before, cell.made = cell.made, made
        cell.slices, cell.snssais, cell.in_force = slices, slices.snssais, outcome.allocation
        cell.last, cell.seen_ms = (report.start_ms, report.sequence), admitted.now_ms
        cell.report = report
        if admitted.new:
            self.cells.add(cell)
        self._log_change(before, made)
        self._count_decision(cell, made)
        self._changed(cell.key, cell)
        return made

    def _slices_of(self, report: CellReport, known: Cell | None) -> SliceSet:
        snssais = tuple([s.snssai for s in report.slices])
        if known is not None and known.slices is not None and known.slices.snssais == snssais:
            return known.slices
        return self.slice_sets.get(snssais)

    def clock_was_set(self, key: Key) -> None:
        """A node's clock was set: its cell's next report is taken, whatever its time says."""
        cell = self.cells.get(key)
        if cell is not None:
            cell.last = (-1, -1)

    def restore(
        self, key: Key, allocation: Allocation, last: tuple[int, int], seen_ms: int
    ) -> bool:
        """Take up a cell's state from before a restart; False where the cell reported since.

        Raises:
            Refusal: there is no place for another cell.
        """
        if self.cells.get(key) is not None:
            return False
        self.cells.make_room(seen_ms)
        snssais = tuple(s.snssai for s in allocation.slices)
        self.cells.add(Cell(key, snssais, Rows.of(allocation), last, seen_ms))
        return True

    def _new_cell(self, key: Key, slices: SliceSet, now_ms: int) -> Cell:
        forgotten = self.cells.make_room(now_ms)
        if forgotten is not None:
            self._log.info("cell forgotten", node=forgotten[0], cell=forgotten[1])
            self._changed(forgotten, None)
        self._log.info("new cell", node=key[0], cell=key[1], slices=slices.names)
        return Cell(key, slices.snssais, slices.at_rest, (-1, -1), now_ms)

    def _count_decision(self, cell: Cell, made: Made) -> None:
        metrics, outcome = self.metrics, made.outcome
        metrics.decisions[outcome.rung].inc()
        metrics.latency.observe(made.latency_us * 1e-6)
        if outcome.fallback is not Fallback.NONE:
            metrics.fallbacks[outcome.fallback].inc()
        if any(outcome.edits):
            for name, count in zip(EDIT_NAMES, outcome.edits, strict=True):
                if count:
                    metrics.edits[name].inc(count)
        periods, violations = cell.periods, cell.violations
        for name, degree in zip(made.names, outcome.satisfaction, strict=True):
            if not isnan(degree):
                periods[name] = periods.get(name, 0) + 1
                violations[name] = violations.get(name, 0) + (degree < 1.0)

    def _log_change(self, before: Made | None, now: Made) -> None:
        """One line when a cell changes the rung, not one a decision."""
        outcome = now.outcome
        if before is not None:
            earlier = before.outcome
            if earlier.rung is outcome.rung and earlier.fallback is outcome.fallback:
                return
        self._log.info(
            "rung", node=now.report.node, cell=now.report.cell, rung=outcome.rung.value,
            fallback=outcome.fallback.value, detail=outcome.detail,
        )  # fmt: skip


_Made = TypeVar("_Made")


def _attempt(step: Callable[..., _Made], *arguments: Any) -> _Made | Exception:
    """What a step gives, or what it raises."""
    try:
        return step(*arguments)
    except Exception as error:
        return error
