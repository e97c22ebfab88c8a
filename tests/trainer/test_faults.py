"""Training among failures: decisions where the xApp would decide, scores on what was measured."""

from functools import partial

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.node.node import Node
from e2sim.scenario import load_scenario
from oran.intent import DEFAULT_INTENTS
from tests.trainer.replica import row, through_the_service
from tests.trainer.test_twins import CELLS, GRAPH, RULE, OneByOne
from trainer.domain import default_circumstances
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.objective import Prices, score
from xapp.decision.action import Action
from xapp.decision.pipeline import Pipeline, Rows, Rung, reservation
from xapp.decision.shield import Limits
from xapp.decision.targets import Targets
from xapp.service.onnx_policy import OnnxPolicy as ServedPolicy

MAKE = partial(Network, load_scenario("failure"))
STEPS = 500
SEEDS = np.arange(40, 40 + CELLS).astype(np.uint64)


def test_environment_and_service_live_the_same_life_among_failures() -> None:
    lives = [served(SEEDS[c : c + 1]) for c in range(CELLS)]
    kept = {rung for life in lives for _, rung in life}
    assert kept == {None, Rung.STATIC, Rung.POLICY}
    with Fleet([MAKE], SEEDS, 2, 2) as fleet:
        circumstances = default_circumstances(fleet.snssais(0), CELLS)
        environment = Environment(fleet, circumstances, Regime(RULE, Limits(), Prices()))
        for step in range(STEPS):
            for cell, life in enumerate(lives):
                assert row(environment.allocation, cell, 3) == life[step][0], (step, cell)
            seen = environment.observation
            environment.step(OneByOne().act(seen.slices, seen.present))


def served(seed: np.ndarray) -> list[tuple[Rows, Rung | None]]:
    """The allocations in force of one cell, and who decides next; None where nobody does."""
    node = Node(MAKE(seed), "gnb-1")
    pipeline, targets = Pipeline(ServedPolicy(GRAPH), Limits(), RULE), Targets.of(DEFAULT_INTENTS)
    allocation, last = reservation(3), (-1, -1)
    snssais = tuple(i.snssai for i in DEFAULT_INTENTS)
    life = []
    for step in range(STEPS):
        node.apply(0, allocation.allocation(snssais))
        (report,) = node.play(1_700_000_000_000 + 100 * step)
        before, rung = allocation, None
        try:
            heard = through_the_service(report)
        except ValueError:
            heard = None
        if heard is not None and (heard.start_ms, heard.sequence) > last:
            last = heard.start_ms, heard.sequence
            outcome = pipeline.decide(heard, targets, allocation)
            allocation, rung = outcome.allocation, outcome.rung
        life.append((before, rung))
    return life


@pytest.mark.parametrize("renew", [False, True])
def test_scores_are_of_what_was_measured(renew: bool) -> None:
    with Fleet([MAKE], SEEDS, 2, 1) as fleet:
        circumstances = default_circumstances(fleet.snssais(0), CELLS)
        environment = Environment(fleet, circumstances, Regime(RULE, Limits(), Prices()))
        rest = Action(np.zeros((CELLS, 3, 4), np.float32), np.zeros((CELLS, 1), np.float32))
        unlike = 0
        for step in range(300):
            if renew and step == 150:
                half = circumstances.at(fleet.rows(1))
                environment.renew(1, SEEDS[2:] + np.uint64(9), half)
            scored = environment.step(rest)
            truth = score(environment.report, circumstances.targets, Prices())
            np.testing.assert_array_equal(scored.objective, truth.objective)
            assert np.isfinite(scored.objective).all()
            assert np.isfinite(environment.observation.slices).all()
            told, true = environment.told.slices, environment.report.slices
            unlike += not np.array_equal(told, true, equal_nan=True)
            foreseen = environment.foresee(environment.allocation)
            assert np.isfinite(foreseen.objective).all()
        assert unlike > 20
