"""Skew: training and serving build the same observation from the same report, bit for bit."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.scenario import load_scenario
from oran.intent import Intent, Sla
from oran.measurements import SLICE_COLUMN, SLICE_MEASUREMENTS
from oran.report import CellReport
from oran.snssai import Snssai
from tests.trainer.replica import Edge, report_of, row, through_json, through_the_service
from trainer.domain import Circumstances, Domain, draw_circumstances, joined
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.mixes import slice_mixes
from trainer.objective import Prices
from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS, Action
from xapp.decision.heuristics import DEFAULT_RULE
from xapp.decision.pipeline import observe
from xapp.decision.shield import Limits
from xapp.decision.targets import Targets, TargetsBatch

CELLS = 8
STEPS = 6
KINDS = [partial(Network, mix) for mix in slice_mixes(load_scenario("mixed"))]


def circumstances(fleet: Fleet, rng: np.random.Generator) -> Circumstances:
    domain = Domain(default_share=0.25, silent_share=0.5)
    each = CELLS // fleet.shards
    return joined(
        [
            draw_circumstances(domain, fleet.snssais(shard), fleet.places, each, 1, rng)
            for shard in range(fleet.shards)
        ]
    )


def skewed(fleet: Fleet, environment: Environment, drawn: Circumstances, edge: Edge) -> list[int]:
    """Cells whose observation in training is not the one that serving builds."""
    heard, trained = environment.heard(), environment.observation
    found = []
    for cell in range(CELLS):
        snssais = fleet.snssais(cell * fleet.shards // CELLS)
        count = len(snssais)
        report = report_of(heard, cell, snssais)
        targets = Targets.of([_intent(drawn.targets, cell, place) for place in range(count)])
        features, demand = observe(edge(report), targets, row(environment.allocation, cell, count))
        same = (
            np.array(features, np.float32).tobytes() == trained.slices[cell, :count].tobytes()
            and demand == trained.demand[cell, :count].tolist()
            and not trained.slices[cell, count:].any()
        )
        if not same:
            found.append(cell)
    return found


@pytest.mark.parametrize("edge", [through_json, through_the_service])
@pytest.mark.parametrize("shards", [1, 4])  # four: with a slice more, and with one less
def test_the_observation_in_training_is_the_one_in_serving(shards: int, edge: Edge) -> None:
    rng = np.random.default_rng(5)
    seeds = rng.integers(0, 2**63, CELLS, dtype=np.uint64)
    with Fleet(KINDS, seeds, shards, 2) as fleet:
        drawn = circumstances(fleet, rng)
        environment = Environment(fleet, drawn, Regime(DEFAULT_RULE, Limits(), Prices()))
        for _ in range(STEPS):
            assert skewed(fleet, environment, drawn, edge) == []
            environment.step(random_action(fleet.places, rng))
        for cell in range(CELLS):
            assert skewed(fleet, environment, drawn, partial(one_step_off, cell)) == [cell]


def one_step_off(cell: int, report: CellReport) -> CellReport:
    """An edge that gets the least significant digit of one measurement of one cell wrong."""
    if report.cell == f"cell-{cell}":
        first, *rest = report.slices
        values = list(first.values)
        column = next(
            c for c in (SLICE_COLUMN["CARR.WBCQIDist"], *range(len(values))) if values[c] > 0.0
        )
        values[column] += SLICE_MEASUREMENTS[column].resolution
        report = replace(report, slices=(replace(first, values=tuple(values)), *rest))
    return through_json(report)


def test_a_single_bit_counts_as_skew() -> None:
    rng = np.random.default_rng(6)
    with Fleet(KINDS, rng.integers(0, 2**63, CELLS, dtype=np.uint64), 1, 1) as fleet:
        drawn = circumstances(fleet, rng)
        environment = Environment(fleet, drawn, Regime(DEFAULT_RULE, Limits(), Prices()))
        bits = environment.observation.slices.view(np.uint32)
        for cell, feature in ((0, 0), (5, 30)):
            bits[cell, 1, feature] ^= 1
            assert skewed(fleet, environment, drawn, through_json) == [cell]
            bits[cell, 1, feature] ^= 1
        assert skewed(fleet, environment, drawn, through_json) == []


def _intent(targets: TargetsBatch, cell: int, place: int) -> Intent:
    def target(name: str) -> float | None:
        value = float(getattr(targets, name)[cell, place])
        return None if np.isnan(value) else value

    sla = Sla(target("throughput_kbps"), target("delay_ms"), target("drop_rate"))
    sst = int(targets.sst[cell, place])
    return Intent(Snssai(sst, 1), sla, float(targets.weight[cell, place]))


def random_action(places: int, rng: np.random.Generator) -> Action:
    return Action(
        rng.normal(size=(CELLS, places, len(SLICE_ACTIONS))).astype(np.float32),
        rng.normal(scale=4.0, size=(CELLS, len(CELL_ACTIONS))).astype(np.float32),
    )
