"""A round: the reports that wait in one turn of the event loop, decided on together.

One step is taken for all of them before the next one, which costs a fifth less than all steps for
each: a step that follows itself finds its code and its tables in the processor's caches. A report
that comes alone is a round of its own, at once.
"""

from collections.abc import Callable, Sequence
from typing import Final

from oran.report import CellReport
from xapp.e2.cell import ServedCell
from xapp.e2.reports import Waiting
from xapp.service.decider import Decider
from xapp.service.decision import Made

MOST: Final = 16
"""Reports of one round: so many are decided on before the next one is read, so that the controls of
the first ones do not wait for all that has arrived."""

Later = Callable[[Callable[[], None]], None]
"""Has a function called once what had arrived is handed out."""


class Round:
    """Gathers indications of all nodes, and decides on them.

    Decisions and their order within each cell are those of deciding on each as it comes; only the
    order among cells may differ. A report that is refused, or that something goes wrong with, costs
    no other one its decision.

    Args:
        decider: decides.
        later: closes a round that is not full.
    """

    def __init__(self, decider: Decider, later: Later) -> None:
        self._decider = decider
        self._later = later
        self._wall_ms = decider.clock.wall_ms
        self._waiting: list[Waiting] = []

    def add(self, waiting: Waiting) -> None:
        """Take an indication of a cell that is served."""
        self._waiting.append(waiting)
        if len(self._waiting) >= MOST:
            self.close()
        elif len(self._waiting) == 1:
            self._later(self.close)

    def close(self) -> None:
        """Decide on everything that waits."""
        left, self._waiting = self._waiting, []
        if len(left) == 1:
            self._decide_alone(left[0])
            return
        while left:
            wave, left = _parted(left)
            self._decide(wave)

    def _decide_alone(self, waiting: Waiting) -> None:
        reports = waiting.reports
        report = reports.read(waiting, self._wall_ms())
        if report is None:
            return
        try:
            made = self._decider.make(report, waiting.since_ns)
        except Exception as error:
            reports.undecided(waiting.cell, error)
            return
        verdict = reports.judge(waiting.cell, report, waiting.now)
        if verdict is not None:
            reports.carry_out(waiting, made, verdict)

    def _decide(self, wave: Sequence[Waiting]) -> None:
        now_ms = self._wall_ms()
        read = [(w, w.reports.read(w, now_ms)) for w in wave]
        given = [(w, report) for w, report in read if report is not None]
        found = self._decider.make_all([(report, w.since_ns) for w, report in given])
        decided: list[tuple[Waiting, CellReport, Made]] = []
        for (waiting, report), made in zip(given, found, strict=True):
            if isinstance(made, Exception):
                waiting.reports.undecided(waiting.cell, made)
            else:
                decided.append((waiting, report, made))
        judged = [(w, made, w.reports.judge(w.cell, report, w.now)) for w, report, made in decided]
        for waiting, made, verdict in judged:
            if verdict is not None:
                waiting.reports.carry_out(waiting, made, verdict)


def _parted(left: list[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """The first indication of each cell, and the others."""
    first: dict[ServedCell, Waiting] = {}
    others = [w for w in left if first.setdefault(w.cell, w) is not w]
    return (list(first.values()), others) if others else (left, others)
