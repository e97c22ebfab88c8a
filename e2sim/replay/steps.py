"""Steps of recorded users, as a trace has them: bytes and CQI at even intervals.

TRACTOR: a step is a row of one UE. ColO-RAN: a step is a message, the users of a slice as one that
has their mean rate. Neither recorder knows what was offered; what was delivered stands for it,
`tx_brate` over the step: in TRACTOR acknowledged transport blocks, headers included. Where the
recorded cell was full, the offered bytes were more, or earlier.

Rows are neighbours while less than one and a half steps apart; then a new stretch begins.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from e2sim.replay.period import PERIOD_MS, RecordedCell
from e2sim.replay.tractor import TractorCell
from e2sim.replay.tractor_rows import UeRow, ue_rows
from oran.snssai import Snssai

COLORAN_MS: Final = 1_000
"""Messages are so far apart, and what one samples (250 ms) is taken for all of it."""

_LOWEST_CQI: Final = 1.0


class Step(NamedTuple):
    """One step of one user.

    Attributes:
        time_ms: its end by the recorder's clock.
        snssai: the user's slice.
        delivered_bytes: within the step.
        cqi: mean CQI, 1..15, or None where none was reported.
    """

    time_ms: int
    snssai: Snssai
    delivered_bytes: float
    cqi: float | None


@dataclass(slots=True)
class Stretch:
    """Steps of one user and slice without a gap, in order."""

    steps: list[Step] = field(default_factory=list)

    def cqi(self) -> tuple[list[float], int] | None:
        """A CQI a step, and how many of them the recording lacks; None where it lacks all.

        A lacking one is the one before, or before the first the first.
        """
        known = [s.cqi for s in self.steps if s.cqi is not None]
        if not known:
            return None
        held, made = known[0], []
        for step in self.steps:
            held = held if step.cqi is None else step.cqi
            made.append(held)
        return made, len(made) - len(known)


def step_ms_of(cell: RecordedCell) -> int:
    """Length of the steps of a recorded cell, ms."""
    return PERIOD_MS if isinstance(cell, TractorCell) else COLORAN_MS


def stretches(cell: RecordedCell) -> Iterator[Stretch]:
    """All stretches of a cell, user by user; reads the cell to its end."""
    if isinstance(cell, TractorCell):
        for file in cell.files:
            yield from split(map(_of_row, ue_rows(*file)), PERIOD_MS)
        return
    by_slice: dict[Snssai, list[Step]] = {}
    for period in cell.periods():
        period.count_used()
        for part in period.slices:
            delivered = part["DRB.UEThpDl"] * COLORAN_MS / 8.0
            step = Step(period.recorded_ms, part.snssai, delivered, None)
            by_slice.setdefault(part.snssai, []).append(step)
    for steps in by_slice.values():
        yield from split(steps, COLORAN_MS)


def split(steps: Iterable[Step], step_ms: int) -> Iterator[Stretch]:
    """Steps of one user, cut where a gap begins or its slice changes."""
    made = Stretch()
    for step in steps:
        if made.steps:
            last = made.steps[-1]
            apart = 2 * (step.time_ms - last.time_ms) >= 3 * step_ms
            if apart or step.snssai != last.snssai:
                yield made
                made = Stretch()
        made.steps.append(step)
    if made.steps:
        yield made


def _of_row(row: UeRow) -> Step:
    row.tally.used += 1
    cqi = row.cqi if row.cqi >= _LOWEST_CQI else None
    return Step(row.time_ms, row.snssai, row.rate_mbps * PERIOD_MS * 125.0, cqi)
