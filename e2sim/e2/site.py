"""The site: the twin's cells behind the nodes, with the allocations in force."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from e2sim.e2 import period
from e2sim.e2.agent import Cell
from e2sim.e2.period import Period
from e2sim.e2.uplink import Twin as Sending
from e2sim.e2.uplink import uplink_rows
from e2sim.node.node import Node
from e2sim.node.node import Twin as Playable
from e2sim.scenario import Scenario
from oran.snssai import Snssai

if TYPE_CHECKING:
    # The network brings a compiler along, which only those who play one should wait for.
    from e2sim.faults import FaultsNow


class Twin(Playable, period.Twin, Sending, Protocol):
    """What the site needs of `e2sim.network.Network`."""

    @property
    def scenario(self) -> Scenario:
        """What its cells look like."""
        ...

    def faults(self) -> "FaultsNow | None":
        """The faults of the last period; None where the scenario has none."""
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
        self._may_be_stale = any(f.kind == "stale_report" for f in twin.scenario.faults)
        self._last: list[Period] | None = None

    def cell(self, number: int) -> Cell:
        """One cell as an agent sees it."""
        return Cell(
            lambda: self._node.allocation(number),
            lambda allocation: self._node.apply(number, allocation),
        )

    def play(self, end_ms: int, *, with_users: bool) -> list[Period]:
        """Play one period that ends at `end_ms` (ms since 1970-01-01 UTC), cell by cell."""
        uplink = partial(uplink_rows, self._twin) if self.uplink else None
        played = period.play(
            self._node, self._twin, end_ms, self._slot_ms, with_users=with_users, uplink=uplink
        )
        if self._may_be_stale:
            played = self._last = self._with_stale(played)
        return played

    def _with_stale(self, played: list[Period]) -> list[Period]:
        """A stale report is the last one as a whole: with its uplink, and the weights of its
        values, which the twin's report has not."""
        now = self._twin.faults()
        if self._last is None or now is None:
            return played
        kinds = [kind == "stale_report" for kind in now.kinds]
        return [
            replace(fresh, cell=last.cell, slices=last.slices) if any(on[kinds]) else fresh
            for fresh, last, on in zip(played, self._last, now.on_report, strict=True)
        ]
