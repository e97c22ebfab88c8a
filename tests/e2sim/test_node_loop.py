"""The node and its loop, in virtual time over a twin that keeps what it was told."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.link.answer import Answer, Decided, Loss, Refused, Unanswered
from e2sim.network import Network
from e2sim.node import summary
from e2sim.node.loop import Loop, Run
from e2sim.node.node import Node, equal_shares
from e2sim.scenario import load_scenario
from oran.allocation import Allocation
from oran.batch import MCS_BACKOFF, AllocationBatch, ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import CellReport
from oran.snssai import Snssai
from tests.e2sim.rig import MemoryTarget, VirtualTime, decided, equal

SLICES = (Snssai(1, 1), Snssai(2, 1), Snssai(3, 1))


@dataclass
class RecordingTwin:
    """Reports the period's number everywhere; keeps the allocations it was stepped with."""

    cells: int = 1
    snssais: tuple[Snssai, ...] = SLICES
    period_ms: int = 100
    present: np.ndarray | None = None
    time: VirtualTime | None = None
    step_s: float = 0.0
    given: list[AllocationBatch] = field(default_factory=list)

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        copied = AllocationBatch(allocation.slices.copy(), allocation.tx_power_offset_db.copy())
        self.given.append(copied)
        if self.time is not None:
            self.time.take(self.step_s)
        shape = (self.cells, len(self.snssais))
        present = np.ones(shape, np.bool_) if self.present is None else self.present
        number = float(len(self.given))
        return ReportBatch(
            self.period_ms,
            np.full((self.cells, len(CELL_MEASUREMENTS)), number),
            np.full((*shape, len(SLICE_MEASUREMENTS)), number),
            present,
        )

    def backoffs(self, cell: int = 0) -> list[int]:
        """MCS backoff of the first slice, period by period."""
        return [int(a.slices[cell, 0, MCS_BACKOFF]) for a in self.given]


def play(
    twin: RecordingTwin,
    target: MemoryTarget,
    limit: int,
    interval_s: float = 0.0,
    time: VirtualTime | None = None,
) -> Run:
    async def main() -> Run:
        clock = time if time is not None else VirtualTime()
        loop = Loop(
            Node(twin, "node"),
            target,
            interval_s,
            clock_ms=clock.clock_ms,
            timer=clock.timer,
            stop=clock,
        )
        return await loop.play(limit)

    return asyncio.run(main())


async def numbered(report: CellReport) -> Answer:
    """An allocation that tells which report it answers."""
    return Decided(equal(report, backoff=report.sequence % 7), 1e-3)


@given(st.integers(1, 16))
def test_equal_shares_are_feasible_equal_and_shared(slices: int) -> None:
    allocation = equal_shares(tuple(Snssai(1, i) for i in range(slices)))
    allocation.check()
    (share,) = {s.min_prb_ratio for s in allocation.slices}
    assert 100 - slices < share * slices <= 100
    for s in allocation.slices:
        assert (s.dedicated_prb_ratio, s.max_prb_ratio) == (0, 100)
        assert (s.mcs_backoff, s.admission_ratio) == (0, 100)


def test_reports_carry_the_twins_numbers_and_only_the_slices_present() -> None:
    present = np.array([[True, True, True], [True, False, True]])
    node = Node(RecordingTwin(cells=2, present=present), "node-7")
    first, second = node.play(end_ms=1_700_000_000_100), node.play(end_ms=1_700_000_000_050)
    assert [(r.node, r.cell) for r in first] == [("node-7", "cell-0"), ("node-7", "cell-1")]
    assert [s.snssai for s in first[1].slices] == [SLICES[0], SLICES[2]]
    for number, reports in ((1.0, first), (2.0, second)):
        for r in reports:
            assert set(r.values) == {number}
            assert {v for s in r.slices for v in s.values} == {number}
    # The clock was set back by 50 ms: the order of the stamps is not.
    assert [(r.start_ms, r.sequence) for r in (*first, *second)] == [
        (1_700_000_000_000, 0), (1_700_000_000_000, 0),
        (1_700_000_000_000, 1), (1_700_000_000_000, 1),
    ]  # fmt: skip


def test_an_allocation_is_its_cells_alone_and_must_fit_it() -> None:
    twin = RecordingTwin(cells=3)
    node = Node(twin, "node")
    report = node.play(0)[1]
    node.apply(1, equal(report, backoff=4))
    node.play(0)
    assert [twin.backoffs(c) for c in range(3)] == [[0, 0], [0, 4], [0, 0]]
    assert node.allocation(1) == equal(report, backoff=4)
    with pytest.raises(ValueError, match="not those of the cell"):
        node.apply(1, Allocation(equal(report).slices[::-1]))
    with pytest.raises(ValueError, match=r"outside 0\.\.6"):
        node.apply(1, equal(report, backoff=7))
    assert node.allocation(1) == equal(report, backoff=4)


def test_a_decision_is_in_force_in_the_next_period() -> None:
    for interval_s in (0.0, 0.1):
        twin = RecordingTwin(cells=2)
        run = play(twin, MemoryTarget(numbered), 20, interval_s)
        for cell in range(2):
            assert twin.backoffs(cell) == [0, *(i % 7 for i in range(19))]
        assert (run.periods, run.applied, run.overruns) == (20, 40, 0)
        assert not run.kept


def test_what_cannot_be_used_keeps_the_allocation_in_force() -> None:
    answers: dict[int, Answer] = {
        1: Refused(409, "urn:stale", "", "", 1e-3),
        2: Unanswered(Loss.TIMEOUT, ""),
        3: Unanswered(Loss.UNREACHABLE, ""),
        5: Unanswered(Loss.MALFORMED, ""),
    }

    async def faulty(report: CellReport) -> Answer:
        return answers.get(report.sequence) or await numbered(report)

    twin = RecordingTwin()
    run = play(twin, MemoryTarget(faulty), 8)
    assert twin.backoffs() == [0, 0, 0, 0, 0, 4, 4, 6]
    assert run.kept == Counter(
        {"refused": 1, Loss.TIMEOUT: 1, Loss.UNREACHABLE: 1, Loss.MALFORMED: 1}
    )
    assert run.outcomes.sent == 8
    assert run.applied == 4


def test_a_late_answer_is_not_applied_and_holds_up_its_own_cell_only() -> None:
    async def main() -> None:
        release = asyncio.Event()

        async def slow(report: CellReport) -> Answer:
            if report.cell == "cell-0" and report.sequence == 2:
                await release.wait()
            return await numbered(report)

        class Releasing(RecordingTwin):
            def step(self, allocation: AllocationBatch) -> ReportBatch:
                if len(self.given) == 5:
                    release.set()
                return super().step(allocation)

        time, twin, target = VirtualTime(), Releasing(cells=2), MemoryTarget(slow)
        loop = Loop(
            Node(twin, "node"), target, 0.1, clock_ms=time.clock_ms, timer=time.timer, stop=time
        )
        run = await loop.play(9)
        # Report 2 is answered in period 5: too late for period 3, and 3 to 5 were never sent.
        assert twin.backoffs(0) == [0, 0, 1, 1, 1, 1, 1, 6, 0]
        assert twin.backoffs(1) == [0, 0, 1, 2, 3, 4, 5, 6, 0]
        assert run.kept == Counter({"busy": 3, "late": 1})
        sent = [r.sequence for r in target.sent if r.cell == "cell-0"]
        assert sent == [0, 1, 2, 6, 7, 8]
        assert run.outcomes.decisions == run.outcomes.sent == 15

    asyncio.run(main())


def test_periods_begin_one_interval_apart_and_end_when_reported() -> None:
    time, target = VirtualTime(), MemoryTarget()
    started = time.clock_ms()
    play(RecordingTwin(time=time, step_s=0.003), target, 50, 0.02, time)
    ends = [r.start_ms + r.period_ms - started for r in target.sent]
    # The stamp is taken as the period is played, 20 ms apart whatever playing it takes.
    assert ends == pytest.approx([20.0 * i for i in range(50)], abs=1.0)


def test_an_overrun_is_counted_and_not_caught_up_with() -> None:
    time, target = VirtualTime(), MemoryTarget()
    twin = RecordingTwin(time=time)

    async def stumbling(report: CellReport) -> Answer:
        twin.step_s = 0.25 if report.sequence == 3 else 0.0
        return await decided(report)

    target.respond = stumbling
    run = play(twin, target, 10, 0.1, time)
    assert run.overruns == 1
    starts = [r.start_ms for r in target.sent]
    steps = [b - a for a, b in pairwise(starts)]
    assert steps == pytest.approx([100] * 4 + [250] + [100] * 4, abs=1)


def test_in_lockstep_the_twin_waits_for_a_target_that_is_down() -> None:
    time = VirtualTime()

    async def gone(report: CellReport) -> Answer:
        return Unanswered(Loss.UNREACHABLE, "refused")

    run = play(RecordingTwin(), MemoryTarget(gone, down_s=0.7), 10, 0.0, time)
    assert run.wall_s == pytest.approx(7.0)
    assert run.kept == Counter({Loss.UNREACHABLE: 10})


def test_a_stop_ends_between_two_periods_and_waits_for_answers() -> None:
    time, target = VirtualTime(), MemoryTarget()

    async def stopping(report: CellReport) -> Answer:
        if report.sequence == 4:
            time.request("SIGTERM")
            await asyncio.sleep(0)
        return await decided(report)

    target.respond = stopping
    run = play(RecordingTwin(), target, 0, 0.1, time)
    assert run.periods == run.outcomes.decisions == 5
    assert target.open_links == 0


def test_the_node_adds_nothing_to_the_twin() -> None:
    """The real twin behind the node gives the reports of the same twin stepped by hand."""
    scenario, seeds = load_scenario("mixed"), np.arange(1, 3, dtype=np.uint64)
    target = MemoryTarget(numbered)

    async def main() -> Run:
        clock = VirtualTime()
        node = Node(Network(scenario, seeds), "node")
        loop = Loop(
            node, target, 0.0, clock_ms=clock.clock_ms, timer=clock.timer, stop=clock
        )  # fmt: skip
        return await loop.play(20)

    run = asyncio.run(main())
    assert run.applied == 40
    twin = Network(scenario, seeds)
    one = AllocationBatch.of(equal_shares(twin.snssais))
    slices = np.repeat(one.slices, 2, axis=0)
    for period in range(20):
        batch = twin.step(AllocationBatch(slices, np.zeros(2, np.int64)))
        slices[:, :, MCS_BACKOFF] = period % 7
        for cell in range(2):
            report = next(
                r for r in target.sent if (r.sequence, r.cell) == (period, f"cell-{cell}")
            )
            again = ReportBatch.of(report)
            np.testing.assert_array_equal(again.cell[0], batch.cell[cell])
            np.testing.assert_array_equal(again.slices[0], batch.slices[cell])
    document = summary.document(
        "mixed", "memory", run=run, cells=2, period_ms=scenario.period_ms, speed=0.0, stopped=""
    )
    assert document["duration"]["emulated_s"] == pytest.approx(20 * scenario.period_ms / 1e3)
    assert summary.table(document).row_count > 3
