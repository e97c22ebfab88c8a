"""Barring as a controller: a burst of machines that drowns alone is served with it."""

from functools import partial

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.scenario import load_scenario
from oran.batch import ADMISSION, AllocationBatch
from trainer.controllers import Barred, Controller, ControllerError, Remembering, controller
from trainer.domain import default_circumstances
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.objective import Prices
from xapp.decision.barring import Barring
from xapp.decision.heuristics import RuleParameters
from xapp.decision.rules import DriftPlusPenalty
from xapp.decision.shield import Limits

CITY = load_scenario("city")


def test_names() -> None:
    for name in ("urllc-first", "static", "rule"):
        barred = controller(f"{name}+barring")
        assert barred.name == f"{name}+barring"
        assert not barred.shielded
    assert controller("mine=rule+barring").name == "mine"
    with pytest.raises(ControllerError, match=r"'nobody' is not a controller.*\+barring"):
        controller("nobody+barring")


def served_by(chosen: Controller, periods: int) -> tuple[float, list[AllocationBatch]]:
    """Share of the reports of a burst that succeeded, over two cells."""
    networks = list[Network]()

    def make(seeds: np.ndarray) -> Network:
        networks.append(Network(CITY, seeds))
        return networks[-1]

    seeds = np.arange(2, dtype=np.uint64)
    with Fleet([partial(make)], seeds, 1, 1) as fleet:
        circumstances = default_circumstances(fleet.snssais(0), 2)
        environment = Environment(
            fleet, circumstances, Regime(RuleParameters(), Limits(), Prices())
        )
        propose, made = chosen.begin(environment), []
        for turn in range(periods):
            made.append(propose(environment.situation(turn)))
            environment.apply(made[-1], shielded=chosen.shielded)
    (network,) = networks
    access = network.access()
    done, came = (access.of(n, total=True)[:, 1].sum() for n in ("succeeded", "reports"))
    return float(done / came), made


def test_a_burst_is_served_with_barring_and_not_without() -> None:
    alone, open_ones = served_by(controller("urllc-first"), 420)
    barred, ratios = served_by(controller("urllc-first+barring"), 420)
    assert alone < 0.25
    assert barred > 0.6
    assert all((a.slices[..., ADMISSION] == 100).all() for a in open_ones)
    least = min(int(a.slices[:, 2, ADMISSION].min()) for a in ratios)
    assert least < 50 <= max(int(a.slices[:, 2, ADMISSION].max()) for a in ratios) == 100
    assert all((a.slices[:, :2, ADMISSION] == 100).all() for a in ratios)


def test_cells_that_branch_take_the_memory_of_both_along() -> None:
    inner = Remembering(DriftPlusPenalty())
    barred = Barred(inner, Barring())
    for proposer in (barred, inner):
        proposer._memory = np.arange(9.0).reshape(3, 3)
    barred.copy_cells(np.array([0]), np.array([2]))
    for proposer in (barred, inner):
        assert proposer._memory.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [0.0, 1.0, 2.0]]
