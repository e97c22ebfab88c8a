"""Cells of the twin as a population: a controller decides once a period, cells branch within it."""

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from e2sim.network.branch import branch_keys
from e2sim.network.fine import FineNetwork
from e2sim.network.urgency import oldest_age, pressure
from e2sim.scenario import Scenario
from oran.batch import AllocationBatch
from oran.snssai import Snssai
from trainer.controllers import Controller, Remembering
from trainer.domain import default_circumstances
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.objective import Prices
from trainer.reliability.population import F64, I64, Counts
from xapp.decision.shield import Limits

Importance = Literal["pressure", "age"]

IMPORTANCES: Final[dict[Importance, Callable[..., F64]]] = {
    "pressure": pressure,
    "age": oldest_age,
}
"""Name -> importance of a state for a slice, see `e2sim.network.urgency`."""


class Cells:
    """Walkers that are cells under one controller, with default intents; a step is a part.

    Walker i is cell `seeds[i]` with noise of its own: two walkers of one seed have the same
    places and loads only.

    Args:
        scenario: of all cells.
        who: in charge of every one; decides at the scenario's periods.
        snssai: the slice whose packets are counted.
        seeds: uint64 [N].
        noise: seed of all randomness but that of `seeds`.
        importance: what splitting goes by.
        part_ms: length of a step.
        warmup: periods played before, and not counted.

    Raises:
        ValueError: the scenario has no such slice, or none of its cells can branch.
    """

    def __init__(
        self,
        scenario: Scenario,
        who: Controller,
        snssai: Snssai,
        seeds: NDArray[np.uint64],
        *,
        noise: int,
        importance: Importance = "pressure",
        part_ms: int = 1,
        warmup: int = 40,
    ) -> None:
        self._noise, self._branches = np.uint64(noise), 0
        self._importance = IMPORTANCES[importance]
        self._network = network = FineNetwork(scenario, seeds, part_ms=part_ms)
        if snssai not in network.snssais:
            known = ", ".join(str(s) for s in network.snssais)
            raise ValueError(f"slice {snssai}: scenario {scenario.name} has {known}")
        self._slice = network.snssais.index(snssai)
        network.renew(self._keys(len(seeds)))
        fleet = Fleet([lambda _: network], seeds, 1, 1)
        circumstances = default_circumstances(network.snssais, len(seeds))
        regime = Regime(who.rule, Limits(), Prices())
        self._who, self._environment = who, Environment(fleet, circumstances, regime)
        fleet.close()
        self._propose = who.begin(self._environment)
        self._turn = self._place = 0
        self._finished: F64 = np.zeros(len(seeds))
        self._lost: F64 = np.zeros(len(seeds))
        for _ in range(warmup):
            self._environment.apply(self._proposal(), shielded=who.shielded)
        self._open()

    @property
    def walkers(self) -> int:
        """Their number, N."""
        return self._network.cells

    def advance(self) -> Counts:
        """Play a part; before the first one of a period the controller decides."""
        if self._place == self._network.parts:
            self._environment.receive(self._network.close())
            self._open()
        self._network.advance()
        self._place += 1
        tally = self._network.state.tallies[:, self._slice]
        lost = tally["dropped_sdus"].astype(np.float64)
        finished = tally["delivered_sdus"] + lost
        counts = Counts(finished - self._finished, lost - self._lost)
        self._finished, self._lost = finished, lost
        return counts

    def importance(self) -> F64:
        """See `e2sim.network.urgency`."""
        return self._importance(self._network.plan, self._network.state, self._slice)

    def branch(self, sources: I64, targets: I64) -> None:
        """Copy cells with all that is known of them, the controller's memory too."""
        self._network.branch(sources, targets, self._keys(len(targets)))
        if isinstance(self._propose, Remembering):
            self._propose.copy_cells(sources, targets)
        a = self._allocation
        for held in (a.slices, a.tx_power_offset_db, self._finished, self._lost):
            held[targets] = held[sources]

    def _proposal(self) -> AllocationBatch:
        """The controller's; what is known of the past period is used up with it."""
        self._turn += 1
        return self._propose(self._environment.situation(self._turn - 1))

    def _open(self) -> None:
        """Begin a period."""
        decided = self._environment.allot(self._proposal(), shielded=self._who.shielded)
        # Copies, and the environment's own: cells that branch take their allocation along.
        self._allocation = AllocationBatch(decided.slices.copy(), decided.tx_power_offset_db.copy())
        self._environment.allocation = self._allocation
        self._network.open(self._allocation)
        self._place = 0
        self._finished, self._lost = np.zeros(self.walkers), np.zeros(self.walkers)

    def _keys(self, count: int) -> NDArray[np.uint64]:
        self._branches += 1
        return branch_keys(self._noise, self._branches, count)
