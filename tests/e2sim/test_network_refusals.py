"""What the network refuses, and that a refusal leaves no trace."""

from typing import Any

import numpy as np
import pytest

from e2sim.network import Network
from oran.batch import ADMISSION, DEDICATED, MAX, MCS_BACKOFF, MIN, AllocationBatch
from tests.e2sim.test_network_cell import MIXED, equal, seeds


def broken(column: int, value: int) -> AllocationBatch:
    allocation = equal(2)
    allocation.slices[1, 2, column] = value
    return allocation


@pytest.mark.parametrize(
    ("allocation", "message"),
    [
        (broken(DEDICATED, -1), r"cells\[1\]\.slices\[2\]\.dedicated_prb_ratio: -1"),
        (broken(DEDICATED, 34), r"cells\[1\]\.slices\[2\]\.dedicated_prb_ratio: 34 .*min"),
        (broken(MAX, 32), r"cells\[1\]\.slices\[2\]\.min_prb_ratio: 33 .*max"),
        (broken(MAX, 101), r"cells\[1\]\.slices\[2\]\.max_prb_ratio: 101"),
        (broken(MIN, 35), r"cells\[1\]\.slices: the sum of min_prb_ratio is 101"),
        (broken(MCS_BACKOFF, 7), r"cells\[1\]\.slices\[2\]\.mcs_backoff: 7"),
        (broken(ADMISSION, 101), r"cells\[1\]\.slices\[2\]\.admission_ratio: 101"),
        (equal(2, tx_power_offset_db=1), r"cells\[0\]\.tx_power_offset_db: 1 .*-9\.\.0"),
        (equal(2, tx_power_offset_db=-10), r"cells\[0\]\.tx_power_offset_db: -10"),
        (equal(3), r"slices: shape"),
        (
            AllocationBatch(np.zeros((2, 3, 5)), equal(2).tx_power_offset_db),  # type: ignore[arg-type]
            "slices: needs int64, got float64",
        ),
        (
            AllocationBatch(equal(2).slices, np.zeros(2)),  # type: ignore[arg-type]
            "tx_power_offset_db: needs int64, got float64",
        ),
    ],
)
def test_infeasible_allocations_are_refused_and_leave_no_trace(
    allocation: AllocationBatch, message: str
) -> None:
    network, other = Network(MIXED, seeds(1, 2)), Network(MIXED, seeds(1, 2))
    with pytest.raises(ValueError, match=message):
        network.step(allocation)
    np.testing.assert_array_equal(network.step(equal(2)).slices, other.step(equal(2)).slices)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seeds": np.arange(2)}, "seeds: needs uint64"),
        ({"seeds": seeds()}, "seeds: needs uint64"),
        ({"seeds": np.zeros((2, 1), np.uint64)}, "seeds: needs uint64"),
        ({"seeds": seeds(1), "threads": 0}, "threads: 0"),
    ],
)
def test_impossible_networks_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Network(MIXED, **arguments)


def test_impossible_resets_are_refused() -> None:
    network = Network(MIXED, seeds(1, 2))
    with pytest.raises(ValueError, match=r"which: needs bool \[2\]"):
        network.reset(np.array([0, 1]))
    with pytest.raises(ValueError, match=r"which: needs bool \[2\]"):
        network.reset(np.array([True]))
    with pytest.raises(ValueError, match=r"seeds: needs uint64 \[2\]"):
        network.reset(np.array([True, False]), seeds(1))
