"""Faults of emulated cells: when they strike, what they do to the network and to its reports.

Everything here is deterministic in the cells' seeds: no allocation, no other cell and no number of
cells changes a fault. Times are in ticks of `e2sim.scenario.faults.TICK_S`.
"""

from e2sim.faults.faults import Faults
from e2sim.faults.process import FaultProcess
from e2sim.faults.truth import FaultsNow

__all__ = ["FaultProcess", "Faults", "FaultsNow"]
