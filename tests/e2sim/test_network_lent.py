"""Tuples by reference: rows of a state, and features that a scenario has not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numba import typeof

from e2sim.network.jit import entry, fuse, internal
from e2sim.network.lent import copied, lend, lend_row
from e2sim.network.network import _state
from e2sim.network.plan import plan_of
from e2sim.network.records import F64, I64, Feature
from e2sim.scenario import load_scenario

TOY: Final = """
import sys
from typing import Any, NamedTuple
import numpy as np
from e2sim.network.jit import entry, internal
from e2sim.network.lent import lend

class Pair(NamedTuple):
    first: Any
    second: Any

@internal
def work(pair, n):
    total = 0.0
    for i in range(n):
        for value in pair.second:
            total += value * (i + 1) + np.sin(value * i)
    return total

@entry
def go(pair, n):
    lent = lend(pair)
    return work(lent, n) + work(lent, n + 1) + work(lent, n + 2)

kinds = {"A": Pair(None, np.ones(4)), "B": Pair(np.full((3, 3), 7.0), np.ones(4))}
print(len({go(kinds[kind], 3) for kind in sys.argv[1]}), sum(go.stats.cache_hits.values()))
"""


class Shelf(NamedTuple):
    marks: I64
    weights: F64
    boxes: Feature


@fuse
def box_total(shelf: Shelf, boxes: Feature) -> float:
    if boxes is None:
        return 0.0
    total = 0.0
    for box in shelf.boxes:
        total += box
    return total


@internal
def scale(shelf: Shelf, factor: float) -> None:
    for i in range(len(shelf.weights)):
        shelf.weights[i] *= factor
    shelf.marks[0] += 1


@entry
def totals(shelf: Shelf, out: F64) -> None:
    for c in range(len(shelf.marks)):
        row = lend_row(shelf, c)
        scale(lend(copied(row)), 2.0)
        out[c] = row.weights.sum() + 100.0 * row.marks[0] + box_total(row, row.boxes)


@entry
def last_corner(cube: Shelf, c: int, i: int) -> float:
    """A row of a row, from what is lent already."""
    return float(lend_row(lend_row(lend(cube), c), i).weights[-1])


def shelf_of(boxes: Any) -> Shelf:
    return Shelf(np.arange(3), np.arange(12.0).reshape(3, 4), boxes)


def test_rows_are_views_of_what_was_lent() -> None:
    shelf, out = shelf_of(np.full((3, 2), 1000.0)), np.zeros(3)
    totals(shelf, out)
    np.testing.assert_array_equal(shelf.weights, 2.0 * np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(shelf.marks, [1, 2, 3])
    np.testing.assert_array_equal(out, shelf.weights.sum(axis=1) + 100.0 * shelf.marks + 2000.0)


def test_a_feature_that_is_none_is_neither_compiled_nor_read() -> None:
    out = np.zeros(3)
    totals(shelf_of(None), out)
    np.testing.assert_array_equal(out, [112.0, 244.0, 376.0])


def test_rows_of_rows_are_those_of_any_layout() -> None:
    cube = np.arange(60.0).reshape(3, 4, 5)
    for weights in (cube, np.asfortranarray(cube)):
        assert last_corner(Shelf(np.arange(3), weights, None), 2, 1) == cube[2, 1, 4]


def test_scenarios_of_one_kind_share_a_kernel_and_those_with_devices_have_their_own() -> None:
    def kernel_of(name: str) -> tuple[object, object]:
        scenario = load_scenario(name)
        plan = plan_of(scenario)
        kinds: tuple[object, object] = tuple(map(typeof, (plan, _state(scenario, plan, 1))))
        return kinds

    plain = {kernel_of(name) for name in ("mixed", "failure", "highway", "uplink", "idle", "trace")}
    assert len(plain) == 1
    assert kernel_of("city") not in plain


def test_kinds_compiled_by_two_processes_stay_apart_in_a_third(tmp_path: Path) -> None:
    """Of functions of one name in the cache the last one loaded would be the first one's code."""
    (tmp_path / "toy.py").write_text(TOY)
    paths = f"{Path(__file__).parents[2]}{os.pathsep}{tmp_path}"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": paths}
    said = []
    for kinds in ("A", "B", "AB"):
        done = subprocess.run(
            [sys.executable, "-c", "import toy", kinds],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.split())
    assert said == [["1", "0"], ["1", "0"], ["1", "2"]]
