"""The site: the twin's cells behind the nodes, with the allocations in force."""

from functools import partial
from typing import Final, Protocol

from e2sim.e2 import period
from e2sim.e2.agent import Cell
from e2sim.e2.period import Period
from e2sim.e2.uplink import Twin as Sending
from e2sim.e2.uplink import uplink_rows
from e2sim.node.node import Node
from e2sim.node.node import Twin as Playable
from e2sim.scenario import Scenario
from oran.snssai import Snssai


class Twin(Playable, period.Twin, Sending, Protocol):
    """What the site needs of `e2sim.network.Network`."""

    @property
    def scenario(self) -> Scenario:
        """What its cells look like."""
        ...


class Site:
    """All cells of a twin, played one period at a time.

    Attributes:
        snssais: the slices of every cell.
        cells: number of cells.
        users: user places of a cell.
        period_ms: length of a period.
        uplink: whether they have an uplink.
    """

    def __init__(self, twin: Twin) -> None:
        self.snssais: Final[tuple[Snssai, ...]] = twin.snssais
        self.cells: Final = twin.cells
        self.users: Final = sum(twin.scenario.places)
        self.period_ms: Final = twin.scenario.period_ms
        self._slot_ms = twin.scenario.slot_ms
        self._twin = twin
        self._node = Node(twin, "e2sim")
        self.uplink: Final = twin.scenario.has_uplink

    def cell(self, number: int) -> Cell:
        """One cell as an agent sees it."""
        return Cell(
            lambda: self._node.allocation(number),
            lambda allocation: self._node.apply(number, allocation),
        )

    def play(self, end_ms: int, *, with_users: bool) -> list[Period]:
        """Play one period that ends at `end_ms` (ms since 1970-01-01 UTC), cell by cell."""
        uplink = partial(uplink_rows, self._twin) if self.uplink else None
        return period.play(
            self._node, self._twin, end_ms, self._slot_ms, with_users=with_users, uplink=uplink
        )
