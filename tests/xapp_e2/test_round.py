"""Rounds: what is decided together is what would be decided on each report as it comes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.e2 import e2ap
from oran.measurements import SLICE_COLUMN, SLICE_MEASUREMENTS
from oran.report import CellReport, SliceReport
from tests.strategies import values
from tests.xapp_e2.node import ScriptedNode, functions, gnb
from tests.xapp_e2.rig import Pair, World
from xapp.decision.policy import PolicyError
from xapp.e2 import round as round_module
from xapp.service.refusal import Reason

NODES = (2, 1, 1)
"""Cells of each node."""

CELLS = tuple((node, cell) for node, cells in enumerate(NODES) for cell in range(cells))


class Moody:
    """A policy that depends on all it sees, and fails now and then."""

    def act(self, features: Sequence[float], slices: int) -> tuple[Sequence[float], float]:
        mood = math.fsum(features) * 1e3 % 10.0
        if mood < 1.0:
            raise PolicyError("no answer")
        if mood < 2.0:
            raise ZeroDivisionError("a flaw")
        if mood < 3.0:
            return [math.nan] * (4 * slices), 0.0
        return [math.sin(mood * (i + 1)) for i in range(4 * slices)], mood - 5.0


@dataclass(frozen=True)
class Sent:
    """An indication that a node sends: of which cell, and what is wrong with it."""

    cell: int
    seed: int
    flaw: str


class Play:
    """The nodes, their sessions, and what they send in each period."""

    def __init__(self, max_cells: int, *, held: bool) -> None:
        self.world = World(max_cells=max_cells, policy=Moody())
        self.pairs = [
            Pair(self.world, ScriptedNode(gnb(i + 1), functions(cells))).set_up()
            for i, cells in enumerate(NODES)
        ]
        self.packets: list[list[bytes]] = []
        if held:
            self.world.held = []

    def period(self, sent: Sequence[Sent]) -> None:
        """Everything arrives before any answer is taken."""
        self.world.time.ms += 100
        for one in sent:
            pair, packet = self._packet(one)
            pair.deliver(packet)
        self.world.turn()
        # A channel has one control under way: nothing is lost where the order of cells is.
        self.packets.append(sorted(p for pair in self.pairs for p in pair.to_node))
        for pair in self.pairs:
            pair.settle()
            pair.pass_ms(0)

    def _packet(self, sent: Sent) -> tuple[Pair, bytes]:
        node, cell = CELLS[sent.cell]
        pair = self.pairs[node]
        report = _drawn(pair.report(cell), sent)
        message: Any = pair.node.indication(pair.node.of_cell(report.cell), report)
        if sent.flaw == "cut short":
            message = replace(message, message=message.message[:-3])
        return pair, pair.node.connection.send(message, self.world.time.s)

    def outcome(self) -> Any:
        """All that can be told apart afterwards."""
        cells = [
            (c.key, c.in_force, c.last, c.made and c.made.outcome, c.report, c.periods)
            for c in sorted(self.world.cells.all(), key=lambda c: c.key)
        ]
        served = [
            (c.place.name, c.reports, c.rejected, c.reason, c.verdict, c.trust.lost)
            for pair in self.pairs
            for c in pair.session.cells
        ]
        return repr((cells, served)), dict(_samples(self.world)), self.packets


def _drawn(report: CellReport, sent: Sent) -> CellReport:
    rng = np.random.default_rng(sent.seed)
    slices = tuple(
        SliceReport(s.snssai, values(SLICE_MEASUREMENTS, rng, 0.1)) for s in report.slices
    )
    if sent.flaw == "out of range":
        row = list(slices[0].values)
        row[SLICE_COLUMN["RRU.PrbUsedDl"]] = 1e4
        slices = (replace(slices[0], values=tuple(row)), *slices[1:])
    start = report.start_ms - (5_000 if sent.flaw == "stale" else 0)
    return replace(report, slices=slices, start_ms=start)


def _samples(world: World) -> Iterator[tuple[Any, float]]:
    for family in world.registry.collect():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                yield (sample.name, *sorted(sample.labels.items())), sample.value


sent = st.builds(
    Sent,
    st.integers(0, len(CELLS) - 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["", "", "", "", "stale", "cut short", "out of range"]),
)


@settings(max_examples=60, deadline=None)
@given(
    periods=st.lists(st.lists(sent, max_size=9), min_size=1, max_size=4),
    most=st.sampled_from([2, 3, 16]),
)
def test_a_round_decides_what_each_report_alone_would(periods: list[list[Sent]], most: int) -> None:
    single, together = Play(64, held=False), Play(64, held=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(round_module, "MOST", most)
        for period in periods:
            single.period(period)
            together.period(period)
    assert together.outcome() == single.outcome()
    assert not together.world.given_up


def test_rounds_are_held_until_the_turn_and_end_when_full() -> None:
    play = Play(64, held=True)
    play.world.time.ms += 100
    decided = [
        play.world.value("e2_indications_total", outcome="decided") for _ in _arrivals(play, 17)
    ]
    assert decided == [0.0] * 15 + [16.0] * 2
    play.world.turn()
    assert play.world.value("e2_indications_total", outcome="decided") == 17


def _arrivals(play: Play, count: int) -> Iterator[int]:
    """Reports with the numbers of `Moody`'s good days, all of one cell, in order."""
    for i in range(count):
        pair, packet = play._packet(Sent(0, 7, ""))
        pair.deliver(packet)
        yield i


def test_reports_of_a_cell_are_decided_on_in_their_order() -> None:
    play = Play(64, held=True)
    play.period([Sent(0, 1, ""), Sent(1, 1, ""), Sent(0, 2, ""), Sent(1, 2, "")])
    for cell in play.world.cells.all():
        assert cell.last[1] == 1


def test_new_cells_of_a_round_take_no_more_than_the_places_there_are() -> None:
    play = Play(2, held=True)
    play.period([Sent(i, 7, "") for i in range(4)])
    play.period([Sent(i, 8, "") for i in range(4)])
    assert len(play.world.cells) == 2
    assert play.world.value("e2_indications_total", outcome="decided") == 4
    assert play.world.value("refusals_total", reason=Reason.CELLS_FULL.value) == 4


@pytest.mark.parametrize("step", ["judge", "actuate"])
def test_a_flaw_in_carrying_out_ends_one_association(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(64, held=True)
    play.period([Sent(i, 7, "") for i in range(4)])

    def fail(*args: object) -> None:
        raise ZeroDivisionError

    broken = play.pairs[1].session
    target: Any = broken.cells[0].effect if step == "judge" else broken._controls
    monkeypatch.setattr(target, step, fail)
    before = play.world.value("e2_indications_total", outcome="decided")
    play.period([Sent(i, 8, "") for i in range(4)])
    assert [type(e) for e in play.world.given_up] == [ZeroDivisionError]
    assert play.world.value("e2_indications_total", outcome="decided") == before + 3


def test_what_the_node_says_else_comes_after_its_reports() -> None:
    """A reset finds the report before it decided on."""
    play = Play(64, held=True)
    play.world.time.ms += 100
    pair, packet = play._packet(Sent(2, 7, ""))
    pair.deliver(packet)
    assert pair.cell().reports == 0
    reset = e2ap.ResetRequest(
        pair.node.connection.new_transaction_id(), e2ap.CauseMisc.OM_INTERVENTION
    )
    pair.deliver(pair.node.connection.send(reset, play.world.time.s))
    assert pair.cell().reports == 1
    assert play.world.value("refusals_total", reason=Reason.INTERNAL.value) == 0
