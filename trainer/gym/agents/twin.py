"""A twin with a core behind it, for environments that step the radio alone."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.core.joint import EndToEnd, JointNetwork
from e2sim.scenario import Scenario
from oran.batch import AllocationBatch, ReportBatch
from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.topology import Topology
from oran.snssai import Snssai
from trainer.twin import Detail, Faults


class JointTwin:
    """A `trainer.twin.Twin` whose core runs under the allocation last set.

    Args:
        scenario: one with a core.
        seeds: uint64 [N].

    Attributes:
        allocation: of the core, in force from the next period on.
        report: of the core's last period.
    """

    def __init__(self, scenario: Scenario, seeds: NDArray[np.uint64]) -> None:
        self._joint = JointNetwork.of(scenario, seeds)
        self.topology: Final[Topology] = self._joint.core.topology
        self.allocation: CoreAllocationBatch = self._joint.core.first()
        self.report: CoreReportBatch | None = None

    @property
    def snssais(self) -> tuple[Snssai, ...]:
        """See `Twin`."""
        return self._joint.radio.snssais

    @property
    def cells(self) -> int:
        """See `Twin`."""
        return self._joint.radio.cells

    def reset(
        self, which: NDArray[np.bool_] | None = None, seeds: NDArray[np.uint64] | None = None
    ) -> None:
        """See `Twin`; the cores of those cells begin with their first allocation again."""
        self._joint.reset(which, seeds)
        first, kept = self._joint.core.first(), self.allocation
        if which is None:
            self.allocation = first
            return
        self.allocation = CoreAllocationBatch(
            np.where(which[:, None], first.site, kept.site),
            np.where(which[:, None, None], first.split, kept.split),
        )

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """See `Twin`."""
        report, self.report = self._joint.step(allocation, self.allocation)
        return report

    def detail(self) -> Detail:
        """See `Twin`."""
        return self._joint.radio.detail()

    def faults(self) -> Faults | None:
        """See `Twin`."""
        return self._joint.radio.faults()

    def end_to_end(self) -> EndToEnd:
        """Figures of the last period from the data network to the UE."""
        return self._joint.end_to_end()
