"""The twin with its cores, as the emulated node plays it: core allocations stay in force."""

from typing import Final

from e2sim.core.joint import JointNetwork
from e2sim.core.network import CoreNetwork
from e2sim.faults import FaultsNow
from e2sim.network import Network
from e2sim.network.report import Detail
from e2sim.network.uplink_report import UplinkReport
from e2sim.network.users import Users
from e2sim.scenario import Direction, Scenario
from oran.batch import AllocationBatch, ReportBatch
from oran.core.allocation import CoreAllocation
from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.report import CoreReport
from oran.core.topology import Topology
from oran.snssai import Snssai


class CoredTwin:
    """A network of cells with the cores behind them; a period of one is a period of the other.

    Args:
        radio: the cells.
        core: the cores behind them.
    """

    def __init__(self, radio: Network, core: CoreNetwork) -> None:
        self.scenario: Final[Scenario] = radio.scenario
        self.snssais: Final[tuple[Snssai, ...]] = radio.snssais
        self.cells: Final[int] = radio.cells
        self.topology: Final[Topology] = core.topology
        self._joint = JointNetwork(radio, core)
        self._in_force = core.first()
        self._last: CoreReportBatch | None = None
        self._periods = 0

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """Play one period under `allocation` and the core allocations in force."""
        report, self._last = self._joint.step(allocation, self._in_force)
        self._periods += 1
        return report

    def detail(self, direction: Direction = "downlink") -> Detail:
        """Ground truth of one direction of the cells' last period; errors as of `Network`."""
        return self._joint.radio.detail(direction)

    def users(self, direction: Direction = "downlink") -> Users:
        """What each user experienced in the last period; errors as of `Network`."""
        return self._joint.radio.users(direction)

    def uplink_report(self) -> UplinkReport:
        """The uplink's measurements of the last period; errors as of `Network`."""
        return self._joint.radio.uplink_report()

    def faults(self) -> FaultsNow | None:
        """The faults of the last period; None before the first and without faults."""
        return self._joint.radio.faults()

    def core_report(self, cell: int, node: str, name: str) -> CoreReport | None:
        """The last period of a cell's core; None before the first.

        Its start counts from that of the run: the twin knows no clock.
        """
        if self._last is None:
            return None
        played = self._periods - 1
        return self._last.one(
            cell,
            self.topology,
            self.snssais,
            node=node,
            name=name,
            sequence=played % 2**32,
            start_ms=played * self._last.period_ms,
        )

    def core_allocation(self, cell: int) -> CoreAllocation:
        """The core allocation in force."""
        return self._in_force.one(cell, self.topology, self.snssais)

    def apply_core(self, cell: int, allocation: CoreAllocation) -> None:
        """Put a cell's core under another allocation from the next period on.

        Raises:
            ValueError: it is not feasible, or not for the cell's slices in their order; the
                message begins with the field's path.
        """
        named = tuple(s.snssai for s in allocation.slices)
        if named != self.snssais:
            raise ValueError(
                f"slices: are {', '.join(map(str, named))}; "
                f"needs {', '.join(map(str, self.snssais))}"
            )
        one = CoreAllocationBatch.of(allocation, self.topology)
        self._in_force.site[cell] = one.site[0]
        self._in_force.split[cell] = one.split[0]
