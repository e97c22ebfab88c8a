"""The player in virtual time: pace, stamps, order, tries and stops."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.link.answer import Answer, Loss, Refused, Unanswered
from e2sim.replay.census import Census
from e2sim.replay.pace import Pace
from e2sim.replay.period import EMBB, RecordedCell, RecordedPeriod
from e2sim.replay.player import Played, Player, Settings
from e2sim.replay.recording import Recording
from oran.report import CellReport, SliceReport
from tests.e2sim.rig import MemoryTarget, VirtualTime, decided
from tests.e2sim.rows import T0


@dataclass
class HandMade:
    """A cell whose periods lie `steps` apart; its reports tell them by their buffer."""

    cell: str
    steps: list[int]
    node: str = "node"
    census: Census = field(default_factory=Census)
    closed: int = 0

    def periods(self) -> Iterator[RecordedPeriod]:
        tally, time_ms = self.census.open_file(self.cell), T0
        for i, step in enumerate(self.steps):
            time_ms += step
            tally.read += 1
            slices = (SliceReport.of(EMBB, {"DRB.BufferSize.Qos": float(i)}),)
            yield RecordedPeriod(time_ms, slices, ((tally, 1),))

    def close(self) -> None:
        self.closed += 1


def play(
    cells: list[HandMade], target: MemoryTarget, settings: Settings, time: VirtualTime | None = None
) -> Played:
    async def main() -> Played:
        clock = time or VirtualTime()
        census = Census()
        for cell in cells:
            cell.census = census
        made: Iterator[RecordedCell] = iter(cells)
        player = Player(
            Recording("hand-made", "hand-made", made, census),
            target,
            settings,
            clock_ms=clock.clock_ms,
            timer=clock.timer,
            stop=clock,
        )
        return await player.play()

    return asyncio.run(main())


def places(sent: list[CellReport]) -> list[float]:
    return [r.slices[0]["DRB.BufferSize.Qos"] for r in sent]


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=50), st.floats(0.1, 1_000.0))
def test_periods_are_due_as_recorded_over_speed_with_long_gaps_shortened(
    steps: list[int], speed: float
) -> None:
    pace = Pace(speed, longest_gap_ms=5_000)
    time_ms, dues = T0, []
    for step in steps:
        time_ms += step
        dues.append(pace.due_s(time_ms))
    kept = [min(step, 5_000) for step in steps[1:]]
    assert dues[0] == 0.0
    assert [b - a for a, b in pairwise(dues)] == pytest.approx([k / 1e3 / speed for k in kept])
    assert pace.played_ms == sum(kept)
    assert pace.removed_ms == sum(steps[1:]) - sum(kept)
    assert pace.shortened == sum(step > 5_000 for step in steps[1:])


def test_reports_leave_when_due_and_carry_the_time_of_sending() -> None:
    time, target = VirtualTime(), MemoryTarget()
    started = time.clock_ms()

    async def slow(report: CellReport) -> Answer:
        time.take(0.004)
        return await decided(report)

    target.respond = slow
    cell = HandMade("c", [0, 250, 250, 251, 60_000, 249])
    played = play([cell], target, Settings(speed=10.0, cells_at_once=1), time)
    ends = [r.start_ms + r.period_ms - started for r in target.sent]
    assert ends == pytest.approx([0, 25, 50, 75.1, 575.1, 600], abs=1.0)
    assert [r.sequence for r in target.sent] == list(range(6))
    assert places(target.sent) == list(range(6))
    assert (played.recorded_ms, played.shortened, played.removed_ms) == (6_000, 1, 55_000)
    assert played.wall_s == pytest.approx(0.604)
    assert (cell.closed, target.open_links) == (1, 0)


def test_a_target_that_is_too_slow_gets_every_report_in_order() -> None:
    time, target = VirtualTime(), MemoryTarget()

    async def slow(report: CellReport) -> Answer:
        time.take(0.1)
        return await decided(report)

    target.respond = slow
    played = play([HandMade("c", [250] * 40)], target, Settings(speed=10.0), time)
    assert places(target.sent) == list(range(40))
    assert played.wall_s == pytest.approx(4.0)
    assert played.recorded_ms == 39 * 250


def test_speed_zero_waits_for_answers_only() -> None:
    time = VirtualTime()
    play([HandMade("c", [250, 10_000, 250])], MemoryTarget(), Settings(speed=0.0), time)
    assert all(pause <= 0.0 for pause in time.pauses)


def test_cells_share_the_target_but_not_their_order() -> None:
    most, now = 0, 0
    full = asyncio.Event()

    async def yielding(report: CellReport) -> Answer:
        nonlocal most, now
        now += 1
        most = max(most, now)
        if most == 3:
            full.set()
        # Until as many cells play as may, nobody is answered: their readers have threads.
        await asyncio.wait_for(full.wait(), 30.0)
        for _ in range(report.sequence % 3 + 1):
            await asyncio.sleep(0)
        now -= 1
        return await decided(report)

    target = MemoryTarget(yielding)
    # A cell that comes twice, as a folder can in an archive, is still one sequence.
    cells = [HandMade(name, [250] * 30) for name in ("a", "b", "c", "a", "d")]
    played = play(cells, target, Settings(speed=0.0, cells_at_once=3))
    assert played.outcomes.decisions == 150
    assert most == 3
    for name, n in {"a": 60, "b": 30, "c": 30, "d": 30}.items():
        own = [r for r in target.sent if r.cell == name]
        assert [r.sequence for r in own] == list(range(n))
        assert places(own) == [i % 30 for i in range(n)]
        assert all(a.start_ms <= b.start_ms for a, b in pairwise(own))
    assert all(cell.closed == 1 for cell in cells)


def test_stamps_never_go_back_with_the_clock() -> None:
    time, target = VirtualTime(), MemoryTarget()

    async def set_back(report: CellReport) -> Answer:
        time.now_s -= 5.0 if report.sequence == 1 else 0.0
        return await decided(report)

    target.respond = set_back
    play([HandMade("c", [250] * 40)], target, Settings(speed=1.0), time)
    starts = [r.start_ms for r in target.sent]
    assert starts == sorted(starts)
    assert starts[-1] > starts[1]


@pytest.mark.parametrize("loss", [Loss.UNREACHABLE, Loss.CONNECTION_LOST, Loss.TIMEOUT])
def test_a_report_without_an_answer_is_tried_again_newly_stamped(loss: Loss) -> None:
    failures = iter([True, True, False, False, True, False])
    time, target = VirtualTime(), MemoryTarget()

    async def flaky(report: CellReport) -> Answer:
        return Unanswered(loss, "") if next(failures) else await decided(report)

    target.respond = flaky
    played = play([HandMade("c", [250] * 3)], target, Settings(speed=1.0), time)
    assert played.outcomes.decisions == 3
    assert not played.outcomes.unanswered
    assert played.retries == 3
    assert [r.sequence for r in target.sent] == [0, 0, 0, 1, 2, 2]
    assert all(
        a.start_ms < b.start_ms for a, b in pairwise(target.sent) if a.sequence == b.sequence
    )


def test_what_is_refused_or_malformed_is_counted_and_left() -> None:
    answers: Iterator[Answer] = iter(
        [Refused(409, "urn:stale", "", "", 1e-3), Unanswered(Loss.MALFORMED, "no allocation")]
    )

    async def odd(report: CellReport) -> Answer:
        return next(answers, None) or await decided(report)

    played = play([HandMade("c", [250] * 3)], MemoryTarget(odd), Settings(speed=0.0))
    document = played.outcomes.to_document()
    assert document["reports_sent"] == 3
    assert document["decisions"] == 1
    assert document["refused"] == {"409 urn:stale": 1}
    assert document["unanswered"] == {"malformed_answer": 1}
    assert played.retries == 0


def test_patience_ends_the_replay_of_an_unreachable_target_only() -> None:
    async def gone(report: CellReport) -> Answer:
        return Unanswered(Loss.UNREACHABLE, "refused")

    time, cells = VirtualTime(), [HandMade("c", [250] * 9), HandMade("d", [250] * 9)]
    target = MemoryTarget(gone, down_s=0.5)
    settings = Settings(speed=0.0, cells_at_once=1, patience_s=3.0)
    played = play(cells, target, settings, time)
    assert played.outcomes.unanswered == {Loss.UNREACHABLE: 1}
    assert "unreachable" in time.reason
    assert len(target.sent) == 7

    async def mute(report: CellReport) -> Answer:
        time.take(2.0)
        return Unanswered(Loss.TIMEOUT, "")

    time, target = VirtualTime(), MemoryTarget(mute)
    played = play([HandMade("c", [250] * 4)], target, settings, time)
    assert played.outcomes.unanswered == {Loss.TIMEOUT: 4}
    assert not time.reason


def test_the_limit_is_exact_and_rows_beyond_it_are_not_used() -> None:
    cells = [HandMade(name, [250] * 20) for name in "abcdef"]
    target = MemoryTarget()
    played = play(cells, target, Settings(speed=0.0, limit=31, cells_at_once=4))
    assert len(target.sent) == played.outcomes.sent == 31
    rows = cells[0].census.to_document()["rows"]
    assert rows["used"] == 31
    assert rows["read"] == 31 + rows["unused"]
    assert all(cell.closed for cell in cells[:4])


def test_a_stop_ends_between_two_reports() -> None:
    time, target = VirtualTime(), MemoryTarget()

    async def stopping(report: CellReport) -> Answer:
        if report.sequence == 4:
            time.request("SIGTERM")
        return await decided(report)

    target.respond = stopping
    played = play([HandMade("c", [250] * 20)], target, Settings(speed=1.0), time)
    assert played.outcomes.decisions == 5
    assert target.open_links == 0
