"""Scenarios: what a twin's cells look like, who uses them and how much they ask for."""

from e2sim.scenario.core import CoreScenario
from e2sim.scenario.devices import Battery, DeviceGroup, Devices, RandomAccess
from e2sim.scenario.interference import Interference
from e2sim.scenario.load import BUNDLED, load_scenario, parse_scenario
from e2sim.scenario.power import Power
from e2sim.scenario.scenario import Environment, Scenario, Slicing
from e2sim.scenario.slices import PDCP_DISCARD_MS, Kind, Scheduler, SliceScenario
from e2sim.scenario.traffic import Traffic

__all__ = [
    "BUNDLED",
    "PDCP_DISCARD_MS",
    "Battery",
    "CoreScenario",
    "DeviceGroup",
    "Devices",
    "Environment",
    "Interference",
    "Kind",
    "Power",
    "RandomAccess",
    "Scenario",
    "Scheduler",
    "SliceScenario",
    "Slicing",
    "Traffic",
    "load_scenario",
    "parse_scenario",
]
