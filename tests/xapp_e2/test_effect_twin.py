"""The effect check against the twin: a node that does what it is told, and one that does nothing.

Both get the same allocations, drawn at random, under the same traffic and fading.
"""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from e2sim.network.network import Network
from e2sim.scenario.load import load_scenario
from oran.batch import DEDICATED, MAX, MIN, AllocationBatch, ReportBatch
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from xapp.e2.effect import EffectCheck, Trust, Verdict

CELLS, PERIODS, HELD = 4, 200, 5
TOLERANCE, STRIKES = 0.05, 5


def drawn(slices: int) -> list[NDArray[np.int64]]:
    """Allocations of each period: guarantees of 50 to 100 % in all, half of the maxima open."""
    random = np.random.default_rng(1)
    now = np.zeros((CELLS, slices, 5), np.int64)
    now[:, :, MIN], now[:, :, MAX], now[:, :, 4] = 100 // slices, 100, 100
    made = []
    for period in range(PERIODS):
        if period and period % HELD == 0:
            now = now.copy()
            sums = random.uniform(50, 100, (CELLS, 1))
            low = np.floor(random.dirichlet(np.ones(slices), CELLS) * sums).astype(np.int64)
            high = np.minimum(100, low + random.integers(0, 40, low.shape))
            now[:, :, MIN] = low
            now[:, :, MAX] = np.where(random.random(low.shape) < 0.5, 100, high)
        made.append(now)
    return made


def judged(name: str, *, deaf: bool) -> tuple[Counter[Verdict], int]:
    """The verdicts on all cells, and how many of these lost the trust."""
    scenario = load_scenario(name)
    snssais = [s.snssai for s in scenario.slices]
    told = drawn(len(snssais))
    network = Network(scenario, np.arange(CELLS, dtype=np.uint64) + 7)
    checks = [EffectCheck(TOLERANCE) for _ in range(CELLS)]
    trusts = [Trust(STRIKES, 1e9) for _ in range(CELLS)]
    verdicts: Counter[Verdict] = Counter()
    lost = 0
    power = np.zeros(CELLS, np.int64)
    for period, allocation in enumerate(told):
        start = period * scenario.period_ms
        for check, rows in zip(checks, allocation, strict=True):
            check.history.sent(bytes(rows[:, [MIN, MAX, DEDICATED]].ravel().tolist()))
            check.history.acknowledged(start / 1000.0)
        batch = network.step(AllocationBatch(told[0] if deaf else allocation, power))
        now = (start + scenario.period_ms) / 1000.0
        for n in range(CELLS):
            verdict = checks[n].judge(_report(batch, n, start, snssais), now)
            verdicts[verdict] += 1
            lost += trusts[n].take(verdict, now)
    return verdicts, lost


def _report(batch: ReportBatch, cell: int, start: int, snssais: list[Snssai]) -> CellReport:
    slices = zip(snssais, batch.slices[cell], strict=False)
    made = tuple(SliceReport(s, tuple(row.tolist())) for s, row in slices)
    values = tuple(batch.cell[cell].tolist())
    return CellReport("n", "c", start, start, batch.period_ms, values, made)


@pytest.mark.parametrize("name", ["overload", "mixed"])
def test_a_node_that_obeys_is_not_blamed(name: str) -> None:
    verdicts, lost = judged(name, deaf=False)
    assert verdicts[Verdict.INEFFECTIVE] == lost == 0
    assert verdicts[Verdict.EFFECTIVE] > CELLS * PERIODS // 2


def test_a_node_that_ignores_controls_is_found_out() -> None:
    verdicts, lost = judged("overload", deaf=True)
    assert verdicts[Verdict.INEFFECTIVE] > CELLS * PERIODS // 10
    assert lost == CELLS
