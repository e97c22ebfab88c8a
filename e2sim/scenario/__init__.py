"""Scenarios: what a twin's cells look like, who uses them and how much they ask for."""

from e2sim.scenario.core import CoreScenario
from e2sim.scenario.devices import Battery, DeviceGroup, Devices, RandomAccess
from e2sim.scenario.duplex import Direction, Duplex
from e2sim.scenario.facing import facing
from e2sim.scenario.faults import Fault, FaultKind
from e2sim.scenario.interference import Interference
from e2sim.scenario.load import BUNDLED, load_scenario, parse_scenario
from e2sim.scenario.mobility import Mobility
from e2sim.scenario.power import Power, Sleep
from e2sim.scenario.scenario import Environment, Scenario, Slicing
from e2sim.scenario.slices import (
    PDCP_DISCARD_MS,
    Kind,
    Scheduler,
    SliceScenario,
    SliceUplink,
)
from e2sim.scenario.trace import Series, Trace
from e2sim.scenario.traffic import Traffic
from e2sim.scenario.uplink import Uplink

__all__ = [
    "BUNDLED",
    "PDCP_DISCARD_MS",
    "Battery",
    "CoreScenario",
    "DeviceGroup",
    "Devices",
    "Direction",
    "Duplex",
    "Environment",
    "Fault",
    "FaultKind",
    "Interference",
    "Kind",
    "Mobility",
    "Power",
    "RandomAccess",
    "Scenario",
    "Scheduler",
    "Series",
    "Sleep",
    "SliceScenario",
    "SliceUplink",
    "Slicing",
    "Trace",
    "Traffic",
    "Uplink",
    "facing",
    "load_scenario",
    "parse_scenario",
]
