"""The player: takes the cells of a recording to a target, several at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from e2sim.link.answer import Answer, Link, Loss, Target, Unanswered
from e2sim.link.outcomes import Outcomes
from e2sim.replay.pace import Pace
from e2sim.replay.period import PERIOD_MS, RecordedCell, RecordedPeriod
from e2sim.replay.recording import Recording
from e2sim.stop import Stop

RETRY_S: Final = 0.05
"""Least pause before a report is tried again."""

_SEQUENCES: Final = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a recording is played.

    Attributes:
        speed: recorded seconds per second, of each cell; 0 is as fast as answers come.
        limit: most reports to send; 0 is all.
        cells_at_once: most cells in flight; one cell's reports are strictly in order.
        longest_gap_s: a longer gap in the recording is shortened to this, recorded seconds.
        patience_s: how long a report is tried again while no usable answer comes. When the
            target is unreachable for as long, the replay ends.
    """

    speed: float = 1.0
    limit: int = 0
    cells_at_once: int = 4
    longest_gap_s: float = 5.0
    patience_s: float = 30.0


@dataclass(slots=True)
class Stamp:
    """Sequence number and start of the last report of one cell."""

    sequence: int = -1
    start_ms: int = 0


@dataclass(slots=True)
class Played:
    """What a replay did.

    Attributes:
        outcomes: what became of the reports.
        cells: cells of which a report was due.
        retries: further tries of reports without a usable answer.
        shortened: gaps that were shortened.
        removed_ms: recorded time that was taken out of them.
        recorded_ms: recorded time played, summed over cells.
        busy_s: time it took, summed over cells.
        wall_s: time it took from beginning to end.
    """

    outcomes: Outcomes = field(default_factory=Outcomes)
    cells: int = 0
    retries: int = 0
    shortened: int = 0
    removed_ms: int = 0
    recorded_ms: int = 0
    busy_s: float = 0.0
    wall_s: float = 0.0


class Player:
    """Plays one recording once.

    Args:
        recording: what to play.
        target: where reports go.
        settings: how.
        clock_ms: milliseconds since 1970-01-01 UTC; stamps the reports.
        timer: seconds, monotonic; keeps the pace.
        stop: ends the replay between two reports.
    """

    def __init__(
        self,
        recording: Recording,
        target: Target,
        settings: Settings,
        *,
        clock_ms: Callable[[], float],
        timer: Callable[[], float],
        stop: Stop,
    ) -> None:
        self.played = Played()
        self._recording = recording
        self._target = target
        self._settings = settings
        self._clock_ms = clock_ms
        self._timer = timer
        self._stop = stop
        self._begun = 0
        self._taking = asyncio.Lock()
        # A recording may come back to a cell; its reports stay in order all the same.
        self._playing: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stamps: defaultdict[tuple[str, str], Stamp] = defaultdict(Stamp)

    async def play(self) -> Played:
        """Play until the recording ends or a stop is requested."""
        started = self._timer()
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._settings.cells_at_once):
                workers.create_task(self._work())
        self.played.wall_s = self._timer() - started
        return self.played

    async def _work(self) -> None:
        while not self._stop.requested:
            async with self._taking:
                # Unpacking a folder takes a while; answers to other cells come meanwhile.
                cell = await asyncio.to_thread(next, self._recording.cells, None)
            if cell is None:
                return
            try:
                async with self._playing[cell.node, cell.cell]:
                    await self._play_cell(cell)
            finally:
                cell.close()

    async def _play_cell(self, cell: RecordedCell) -> None:
        settings = self._settings
        pace = Pace(settings.speed, round(settings.longest_gap_s * 1e3))
        link = self._target.open_link()
        started = self._timer()
        try:
            for period in cell.periods():
                await self._stop.pause(started + pace.due_s(period.recorded_ms) - self._timer())
                if not self._may_send():
                    break
                self.played.outcomes.add(await self._deliver(link, cell, period))
                period.count_used()
        finally:
            link.close()
        self._add(pace, self._timer() - started)

    async def _deliver(self, link: Link, cell: RecordedCell, period: RecordedPeriod) -> Answer:
        """Hand over one report, again where no usable answer came, newly stamped."""
        stamp = self._stamps[cell.node, cell.cell]
        stamp.sequence = (stamp.sequence + 1) % _SEQUENCES
        give_up = self._timer() + self._settings.patience_s
        while True:
            # The clock may be set back; the order of the stamps must not be.
            stamp.start_ms = max(stamp.start_ms, int(self._clock_ms()) - PERIOD_MS)
            report = period.report(cell.node, cell.cell, stamp.sequence, stamp.start_ms)
            answer = await link.exchange(report)
            if not isinstance(answer, Unanswered) or answer.loss is Loss.MALFORMED:
                return answer
            if self._stop.requested:
                return answer
            if self._timer() >= give_up:
                if answer.loss is Loss.UNREACHABLE:
                    self._stop.request(f"{self._target.name} stayed unreachable")
                return answer
            self.played.retries += 1
            await self._stop.pause(max(RETRY_S, self._target.retry_in_s()))

    def _may_send(self) -> bool:
        if self._settings.limit and self._begun == self._settings.limit:
            self._stop.request("limit")
        if self._stop.requested:
            return False
        self._begun += 1
        return True

    def _add(self, pace: Pace, busy_s: float) -> None:
        played = self.played
        played.cells += 1
        played.shortened += pace.shortened
        played.removed_ms += pace.removed_ms
        played.recorded_ms += pace.played_ms
        played.busy_s += busy_s
