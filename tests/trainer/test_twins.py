"""Twins: a cell in the training environment and the same cell behind the xApp's pipeline live
alike, report by report and allocation by allocation."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from e2sim.network import Network
from e2sim.scenario import load_scenario
from oran.batch import AllocationBatch, ReportBatch
from oran.intent import DEFAULT_INTENTS
from tests.trainer.replica import report_of, row, through_the_service
from tests.trainer.test_policy import trained_like
from trainer.bundle import OnnxPolicy
from trainer.domain import default_circumstances
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.graph import policy_graph
from trainer.objective import Prices
from xapp.decision.action import Action
from xapp.decision.heuristics import RuleParameters
from xapp.decision.pipeline import Pipeline, Rows, Rung, reservation
from xapp.decision.shield import Limits
from xapp.decision.targets import Targets
from xapp.service.onnx_policy import OnnxPolicy as ServedPolicy

CELLS = 4
STEPS = 25
RULE = RuleParameters(1.3, 2.5, 0.1, 1.0)
MAKE = partial(Network, load_scenario("mixed"))
GRAPH = policy_graph(trained_like(), int8=False)
POLICY = OnnxPolicy(GRAPH)


class OneByOne:
    """The policy as serving asks it, a cell at a time: matrix products round by their size."""

    def act(self, observation: NDArray[np.float32], present: NDArray[np.bool_]) -> Action:
        rows = [POLICY.act(observation[i : i + 1], present[i : i + 1]) for i in range(CELLS)]
        return Action(
            np.concatenate([r.slices for r in rows]), np.concatenate([r.cell for r in rows])
        )


def test_environment_and_service_live_the_same_life() -> None:
    seeds = np.random.default_rng(11).integers(0, 2**63, CELLS, dtype=np.uint64)
    lives = [served(seeds[c : c + 1]) for c in range(CELLS)]
    moved = 0
    with Fleet([MAKE], seeds, 2, 2) as fleet:
        circumstances = default_circumstances(fleet.snssais(0), CELLS)
        environment = Environment(fleet, circumstances, Regime(RULE, Limits(), Prices()))
        for step in range(STEPS):
            for cell, life in enumerate(lives):
                report, allocation = life[step]
                here = row(environment.allocation, cell, 3)
                np.testing.assert_array_equal(environment.report.cell[cell], report.cell[0])
                np.testing.assert_array_equal(environment.report.slices[cell], report.slices[0])
                assert here == allocation
                moved += step > 0 and here.slices != life[step - 1][1].slices
            seen = environment.observation
            environment.step(OneByOne().act(seen.slices, seen.present))
    assert moved > CELLS * STEPS / 2  # lives in which nothing is decided would be alike as well


def served(seed: NDArray[np.uint64]) -> list[tuple[ReportBatch, Rows]]:
    """Reports of one cell and the allocations in force, with the pipeline in charge."""
    network = MAKE(seed)
    pipeline = Pipeline(ServedPolicy(GRAPH), Limits(), RULE)
    targets = Targets.of(DEFAULT_INTENTS)
    allocation = reservation(3)
    life = []
    for _ in range(STEPS):
        report = network.step(AllocationBatch.of(allocation.allocation(network.snssais)))
        life.append((report, allocation))
        heard = through_the_service(report_of(report, 0, network.snssais))
        outcome = pipeline.decide(heard, targets, allocation)
        assert outcome.rung is Rung.POLICY
        allocation = outcome.allocation
    return life
