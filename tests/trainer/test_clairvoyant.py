"""The clairvoyant: sees exactly what comes, touches nothing, and so does better than the rule."""

from functools import partial

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.scenario import load_scenario
from tests.trainer.fake import FakeNetwork
from trainer.clairvoyant import candidates, clairvoyant
from trainer.controllers import controller, rule_controller
from trainer.domain import default_circumstances
from trainer.environment import Environment, Regime
from trainer.evaluate import Trial, compare
from trainer.fleet import Fleet
from trainer.objective import Prices
from trainer.twin import MakeTwin
from xapp.decision.heuristics import DEFAULT_RULE
from xapp.decision.shield import Limits

SEEDS = np.arange(6, dtype=np.uint64)
TWINS: list[MakeTwin] = [FakeNetwork, partial(Network, load_scenario("mixed"))]


@pytest.mark.parametrize("make", TWINS)
def test_what_is_foreseen_comes_true(make: MakeTwin) -> None:
    with Fleet([make], SEEDS, 2, 2) as fleet:
        circumstances = default_circumstances(fleet.snssais(0), len(SEEDS))
        environment = Environment(fleet, circumstances, Regime(DEFAULT_RULE, Limits(), Prices()))
        propose = clairvoyant(environment)
        for turn in range(6):
            situation = environment.situation(turn)
            chosen = propose(situation)
            tried = [
                environment.foresee(c).objective
                for c in candidates(situation, environment.allocation)
            ]
            foreseen = environment.foresee(chosen)
            played = environment.apply(chosen)
            np.testing.assert_array_equal(played.objective, foreseen.objective)
            np.testing.assert_array_equal(played.slice_satisfaction, foreseen.slice_satisfaction)
            np.testing.assert_array_equal(played.objective, np.max(tried, axis=0))


def test_candidates_are_many_and_whole() -> None:
    with Fleet([FakeNetwork], SEEDS, 1, 1) as fleet:
        circumstances = default_circumstances(fleet.snssais(0), len(SEEDS))
        environment = Environment(fleet, circumstances, Regime(DEFAULT_RULE, Limits(), Prices()))
        tried = list(candidates(environment.situation(0), environment.allocation))
    assert len({c.slices.tobytes() for c in tried}) >= 15
    for candidate in tried:
        for cell in range(len(SEEDS)):
            candidate.one(cell, fleet.snssais(0)).check()


def test_it_beats_the_rule() -> None:
    seeds = np.random.default_rng(0).integers(0, 2**63, 16, dtype=np.uint64)
    circumstances = default_circumstances(FakeNetwork(seeds).snssais, len(seeds))
    trial = Trial(seeds, circumstances, warmup=3, periods=20)
    who = [rule_controller(DEFAULT_RULE), controller("clairvoyant")]
    found = compare(trial, FakeNetwork, who, threads=1)
    assert found["differences"]["clairvoyant - rule"]["objective"]["low"] > 0.01
