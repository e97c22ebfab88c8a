"""The core rules in closed loop with the core; `pytest -s` prints the table of docs/core.md."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from e2sim.core.network import CoreNetwork
from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.topology import Topology
from tests.e2sim.cores import EDGE
from xapp.decision.core_rules import (
    BalancedSplit,
    CoreMemory,
    CoreRule,
    HystereticSite,
    LeastDelay,
    NearestSite,
)

CELLS, PERIODS, WARM = 32, 150, 50


@dataclass(frozen=True)
class Kept:
    """What the scenario begins with, for ever."""

    first: CoreAllocationBatch

    def decide(
        self, topology: Topology, report: CoreReportBatch, memory: CoreMemory
    ) -> tuple[CoreAllocationBatch, CoreMemory]:
        return self.first, memory


@dataclass(frozen=True)
class Course:
    """Means over cells: delay [S] ms, loss [S], cost a second, migrations a minute and cell."""

    delay_ms: np.ndarray[Any, Any]
    loss: np.ndarray[Any, Any]
    cost: float
    migrations: float


def play(rule: CoreRule | None) -> Course:
    core = CoreNetwork(EDGE, np.arange(CELLS, dtype=np.uint64))
    asked, memory = core.first(), np.zeros((CELLS, 3), np.int64)
    rule = rule or Kept(asked)
    rng = np.random.default_rng(1)
    waited, delivered, lost, cost, moved = np.zeros(3), np.zeros(3), np.zeros(3), 0.0, 0
    for period in range(WARM + PERIODS):
        swing = rng.gamma(2.0, 0.5, (CELLS, 3, 1))
        mean = np.array([[300.0, 440e3], [500.0, 125e3], [250.0, 90e3]])
        report = core.step(asked, swing * mean)
        asked, memory = rule.decide(core.topology, report, memory)
        if period < WARM:
            continue
        d = core.detail()
        packets = d.delivered[..., 0]
        waited += (np.nan_to_num(d.core_ms + d.transport_ms) * packets).sum(axis=0)
        delivered += packets.sum(axis=0)
        lost += d.lost[..., 0].sum(axis=(0, 1, 3)) + d.lost_waiting_for_upf[..., 0].sum(axis=0)
        cost += d.cost.sum()
        moved += d.migrations.sum()
    seconds = CELLS * PERIODS * EDGE.period_ms / 1e3
    return Course(
        waited / delivered, lost / (lost + delivered), cost / seconds, moved / seconds * 60.0
    )


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    rules: dict[str, CoreRule | None] = {
        "kept": None,
        "nearest": NearestSite(),
        "balanced": BalancedSplit(),
        "least delay": LeastDelay(),
        "hysteretic": HystereticSite(),
    }
    made = {name: play(rule) for name, rule in rules.items()}
    for name, c in made.items():
        delays = " | ".join(f"{x:.2f}" for x in c.delay_ms)
        losses = " | ".join(f"{x:.2%}" for x in c.loss)
        print(f"| {name} | {delays} | {losses} | {c.cost:.3f} | {c.migrations:.1f} |")
    return made


def test_each_rule_does_what_it_is_for(courses: dict[str, Course]) -> None:
    kept, nearest = courses["kept"], courses["nearest"]
    least, hysteretic = courses["least delay"], courses["hysteretic"]
    # eMBB begins at the centre, mMTC in the region: the edge is nearer, and costs more.
    assert (nearest.delay_ms[[0, 2]] < kept.delay_ms[[0, 2]]).all()
    assert nearest.cost > kept.cost
    assert nearest.migrations == kept.migrations == 0.0
    # Who follows the reports waits less and loses less than who does not.
    assert (least.delay_ms < nearest.delay_ms).all()
    assert (least.loss < nearest.loss).all()
    # Patience halves the moves, and gives back some of that.
    assert 0.0 < hysteretic.migrations < 0.6 * least.migrations
    assert (least.delay_ms < hysteretic.delay_ms).all()
    assert (hysteretic.delay_ms < nearest.delay_ms).all()
    # Dividing packets over paths loses fewer of those that have two.
    assert courses["balanced"].loss[[0, 2]].sum() < kept.loss[[0, 2]].sum()
