"""Speed of the digital twin's kernel, beside a control from the same run."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from e2sim.network import Network
from e2sim.scenario import load_scenario
from oran.batch import ADMISSION, MAX, MIN, SLICE_FIELDS, AllocationBatch

KEYS: Final = {
    "cell_slots_per_s_256": "cell-slots per second, 256 cells of `mixed`, one thread",
    "cell_slots_per_s_1": "cell-slots per second, one cell of `mixed`, one thread",
    "two_core_speedup": "cell-slots per second of two threads over one, 256 cells",
    "cell_slot_us": "time of one cell-slot in µs, 256 cells, one thread",
    "numpy_pass_per_cell_slot_us": "control: NumPy's time in µs for one in-place multiplication of "
    "as many float64 as one cell's state has bytes for",
    "bytes_per_cell": "bytes of state of one cell",
    "compile_s": "seconds a first network and its first step take with an empty cache",
}

_CELLS: Final = 256
_WARM_UP: Final = 20
_ROUNDS: Final = 5
_STEPS: Final = 8

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


def equal_shares(cells: int) -> AllocationBatch:
    """A third of the carrier guaranteed to each of three slices, the rest shared."""
    rows = np.zeros((cells, 3, SLICE_FIELDS), np.int64)
    rows[..., MIN], rows[..., MAX], rows[..., ADMISSION] = 33, 100, 100
    return AllocationBatch(rows, np.zeros(cells, np.int64))


def best_of(play: Callable[[], object], times: int) -> float:
    """Seconds of one call: the least mean over some rounds of `times` calls."""
    means = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        for _ in range(times):
            play()
        means.append((time.perf_counter() - started) / times)
    return min(means)


def seconds_per_step(cells: int, threads: int = 1) -> tuple[float, Network]:
    """Seconds of a step of cells that have left their empty start behind."""
    scenario = load_scenario("mixed")
    network = Network(scenario, np.arange(cells).astype(np.uint64), threads=threads)
    allocation = equal_shares(cells)
    for _ in range(_WARM_UP):
        network.step(allocation)
    return best_of(lambda: network.step(allocation), _STEPS * max(1, 16 // cells)), network


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
    """Measure; takes about half a minute on two cores."""
    scenario = load_scenario("mixed")
    slots = scenario.slots_per_period
    many, network = seconds_per_step(_CELLS)
    two, _ = seconds_per_step(_CELLS, threads=2)
    one, _ = seconds_per_step(1)
    state = np.ones((_CELLS, network.bytes_per_cell // 8))
    control = best_of(lambda: np.multiply(state, 1.0, out=state), 10)
    return {
        "cell_slots_per_s_256": _CELLS * slots / many,
        "cell_slots_per_s_1": slots / one,
        "two_core_speedup": many / two,
        "cell_slot_us": many / (_CELLS * slots) * 1e6,
        "numpy_pass_per_cell_slot_us": control / _CELLS * 1e6,
        "bytes_per_cell": float(network.bytes_per_cell),
        "compile_s": compile_seconds(),
    }
