"""Devices, for tests: scenarios of nothing but devices."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from e2sim.scenario import (
    DeviceGroup,
    Devices,
    Fault,
    Scenario,
    SliceScenario,
    load_scenario,
)
from oran.batch import ADMISSION, MAX, MIN, SLICE_FIELDS, AllocationBatch

MIXED = load_scenario("mixed")
QUIET = replace(MIXED.slices[2].traffic, admission=False, load=(0.0, 0.0))
THREE = (
    DeviceGroup(share=0.5, period_s=6.0, payload_bytes=70),
    DeviceGroup(share=0.3, activation="burst", period_s=8.0, burst_s=2.0, sleep="psm"),
    DeviceGroup(share=0.2, origin="network", period_s=12.0, cycle_s=2.56, payload_bytes=30),
)


def machine_slice(devices: Devices, users: int = 1) -> SliceScenario:
    return replace(MIXED.slices[2], users=users, traffic=QUIET, queue=1024, devices=devices)


def alone(
    devices: Devices, period_ms: int = 100, users: int = 1, faults: tuple[Fault, ...] = ()
) -> Scenario:
    """A scenario of one slice, of which all is devices; slots of 1 ms."""
    slices = (machine_slice(devices, users),)
    return replace(MIXED, numerology=0, prbs=25, period_ms=period_ms, slices=slices, faults=faults)


def letting(cells: int, admission: int, slices: int = 1) -> AllocationBatch:
    rows = np.zeros((cells, slices, SLICE_FIELDS), np.int64)
    rows[..., MIN], rows[..., MAX], rows[..., ADMISSION] = 100 // slices, 100, admission
    return AllocationBatch(rows, np.zeros(cells, np.int64))


def seeds(cells: int) -> NDArray[np.uint64]:
    return np.arange(cells).astype(np.uint64)
