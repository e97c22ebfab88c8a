"""Speed of the digital twin's kernel, beside a control from the same run."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from e2sim.network import Network
from e2sim.scenario import Scenario, load_scenario
from oran.batch import ADMISSION, MAX, MIN, SLICE_FIELDS, AllocationBatch
from oran.snssai import Snssai

KEYS: Final = {
    "cell_slots_per_s_1024": "cell-slots per second, 1024 cells of `mixed`, one thread",
    "cell_slots_per_s_1": "cell-slots per second, one cell of `mixed`, one thread",
    "cell_slots_per_s_8x64": "cell-slots per second, 32 cells of 8 slices of 64 users, one thread",
    "two_core_speedup": "cell-slots per second of two threads over one, 1024 cells, rounds in turn",
    "cell_slot_us": "time of one cell-slot in µs, 1024 cells, one thread",
    "numpy_pass_per_cell_slot_us": "control: NumPy's time in µs for one in-place multiplication of "
    "as many float64 as one cell's state has bytes for",
    "bytes_per_cell": "bytes of state of one cell",
    "compile_s": "seconds a first network and its first step take with an empty cache",
}

_CELLS: Final = 1024
_LARGE_CELLS: Final = 32
_WARM_UP: Final = 20
_ROUNDS: Final = 7

_FIRST_STEP: Final = """
import time, numpy
from bench.twin import equal_shares
from e2sim.network import Network
from e2sim.scenario import load_scenario
scenario = load_scenario("mixed")
started = time.perf_counter()
Network(scenario, numpy.zeros(1, numpy.uint64)).step(equal_shares(1))
print(time.perf_counter() - started)
"""


def equal_shares(cells: int, slices: int = 3) -> AllocationBatch:
    """Equal parts of the carrier guaranteed to the slices, the rest shared."""
    rows = np.zeros((cells, slices, SLICE_FIELDS), np.int64)
    rows[..., MIN], rows[..., MAX], rows[..., ADMISSION] = 100 // slices, 100, 100
    return AllocationBatch(rows, np.zeros(cells, np.int64))


def large_scenario() -> Scenario:
    """Eight slices of 64 users, of the kinds of `mixed` in turn, with its load in all."""
    mixed = load_scenario("mixed")
    slices = []
    for i in range(8):
        kind = mixed.slices[i % 3]
        low, high = kind.traffic.load
        load = (low * 3 / 8, high * 3 / 8)
        traffic = replace(kind.traffic, load=load)
        snssai = Snssai(kind.snssai.sst, i)
        slices.append(replace(kind, snssai=snssai, users=64, traffic=traffic))
    return replace(mixed, slices=tuple(slices))


def warm(scenario: Scenario, cells: int, threads: int = 1) -> tuple[Network, Callable[[], object]]:
    """Cells that have left their empty start behind, and a step of theirs."""
    network = Network(scenario, np.arange(cells).astype(np.uint64), threads=threads)
    allocation = equal_shares(cells, len(scenario.slices))
    for _ in range(_WARM_UP):
        network.step(allocation)
    return network, lambda: network.step(allocation)


def best_of(*plays: Callable[[], object], times: int) -> list[float]:
    """Seconds of one call of each: the least mean over rounds of `times` calls, taken in turn."""
    best = [float("inf")] * len(plays)
    for _ in range(_ROUNDS):
        for i, play in enumerate(plays):
            started = time.perf_counter()
            for _ in range(times):
                play()
            best[i] = min(best[i], (time.perf_counter() - started) / times)
    return best


def compile_seconds() -> float:
    """Seconds of the first network of a process that finds no compiled kernel."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, "-c", _FIRST_STEP],
            env={**os.environ, "NUMBA_CACHE_DIR": cache},
            check=True,
            capture_output=True,
            text=True,
        )
    return float(done.stdout)


def run() -> dict[str, float]:
    """Measure; takes about a minute on two cores."""
    scenario = load_scenario("mixed")
    slots = scenario.slots_per_period
    network, step = warm(scenario, _CELLS)
    state = np.ones((_CELLS, network.bytes_per_cell // 8))
    many, two, control = best_of(
        step,
        warm(scenario, _CELLS, threads=2)[1],
        lambda: np.multiply(state, 1.0, out=state),
        times=1,
    )
    (one,) = best_of(warm(scenario, 1)[1], times=100)
    (large,) = best_of(warm(large_scenario(), _LARGE_CELLS)[1], times=1)
    return {
        "cell_slots_per_s_1024": _CELLS * slots / many,
        "cell_slots_per_s_1": slots / one,
        "cell_slots_per_s_8x64": _LARGE_CELLS * slots / large,
        "two_core_speedup": many / two,
        "cell_slot_us": many / (_CELLS * slots) * 1e6,
        "numpy_pass_per_cell_slot_us": control / _CELLS * 1e6,
        "bytes_per_cell": float(network.bytes_per_cell),
        "compile_s": compile_seconds(),
    }
