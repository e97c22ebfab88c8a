"""The loop: periods in real time, reports out, allocations back into the next period."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from e2sim.link.answer import Answer, Decided, Link, Refused, Target, Unanswered
from e2sim.link.outcomes import Outcomes
from e2sim.node.node import Node
from e2sim.stop import Stop
from oran.report import CellReport


@dataclass(slots=True)
class Run:
    """What a run did.

    Attributes:
        outcomes: what became of the reports.
        periods: periods played.
        applied: allocations put in force.
        kept: cell periods after which the allocation in force was kept, by reason: `late` (the
            answer came after the next period had begun), `busy` (the cell's last report was
            still unanswered, so none was sent), `refused`, or the reason of `Loss`.
        overruns: periods that began after they were due; the pace starts anew from there.
        wall_s: time it took.
    """

    outcomes: Outcomes = field(default_factory=Outcomes)
    periods: int = 0
    applied: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    overruns: int = 0
    wall_s: float = 0.0


class Loop:
    """Plays a node against a target.

    Args:
        node: the cells.
        target: where reports go.
        interval_s: time between periods; 0 is as fast as answers come, in lockstep.
        clock_ms: milliseconds since 1970-01-01 UTC; stamps the reports.
        timer: seconds, monotonic; keeps the pace.
        stop: ends the run between two periods.
    """

    def __init__(
        self,
        node: Node,
        target: Target,
        interval_s: float,
        *,
        clock_ms: Callable[[], float],
        timer: Callable[[], float],
        stop: Stop,
    ) -> None:
        self.run = Run()
        self._node = node
        self._target = target
        self._interval_s = interval_s
        self._clock_ms = clock_ms
        self._timer = timer
        self._stop = stop
        self._links = [target.open_link() for _ in node.cell_ids]
        self._waiting: dict[int, asyncio.Task[Answer]] = {}
        self._late: set[int] = set()

    async def play(self, limit: int) -> Run:
        """Play `limit` periods (0: without end) or until a stop is requested."""
        started = due = self._timer()
        try:
            while not self._stop.requested and (not limit or self.run.periods < limit):
                self._period()
                due = await self._next(due)
                self._collect()
            await self._settle()
            self._collect()
        finally:
            for link in self._links:
                link.close()
            self.run.wall_s = self._timer() - started
        return self.run

    def _period(self) -> None:
        self._late |= self._waiting.keys()
        reports = self._node.play(int(self._clock_ms()))
        self.run.periods += 1
        for cell, (link, report) in enumerate(zip(self._links, reports, strict=True)):
            if cell in self._waiting:
                self.run.kept["busy"] += 1
            else:
                self._waiting[cell] = asyncio.create_task(_exchange(link, report))

    async def _next(self, due: float) -> float:
        """Wait for the next period; returns when it is due."""
        if not self._interval_s:
            await self._settle()
            # A target that is down must not let the twin run ahead of the pace of answers.
            await self._stop.pause(self._target.retry_in_s())
            return due
        due += self._interval_s
        left = due - self._timer()
        if left < 0.0:
            self.run.overruns += 1
            due -= left
        await self._stop.pause(left)
        return due

    async def _settle(self) -> None:
        if self._waiting:
            await asyncio.wait(self._waiting.values())

    def _collect(self) -> None:
        """Put in force what came in time; count the rest."""
        for cell in [c for c, task in self._waiting.items() if task.done()]:
            answer = self._waiting.pop(cell).result()
            self.run.outcomes.add(answer)
            late = cell in self._late
            self._late.discard(cell)
            match answer:
                case Decided(allocation) if not late:
                    self._node.apply(cell, allocation)
                    self.run.applied += 1
                case Decided():
                    self.run.kept["late"] += 1
                case Refused():
                    self.run.kept["refused"] += 1
                case Unanswered(loss):
                    self.run.kept[loss] += 1


async def _exchange(link: Link, report: CellReport) -> Answer:
    return await link.exchange(report)
