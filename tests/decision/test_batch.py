"""Batches: compiled, interpreted and served one by one, all give the same bits."""

import random
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.batch import SLICE_FIELDS, AllocationBatch, ReportBatch
from oran.intent import Intent
from oran.measurements import SLICE_MEASUREMENTS
from oran.report import CellReport
from tests.strategies import random_rows, reports
from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS, Action, Base
from xapp.decision.batch import Batch, slices_of
from xapp.decision.heuristics import DEFAULT_RULE
from xapp.decision.observation import FEATURES
from xapp.decision.pipeline import Pipeline, Rows, observe
from xapp.decision.shield import Limits
from xapp.decision.targets import Targets, TargetsBatch

COMPILED = Batch.compiled(lambda f: numba.njit(f, error_model="numpy"))
INTERPRETED = Batch.compiled(lambda f: f)
PERIOD_MS = 100
Drawn = tuple[CellReport, tuple[Intent, ...]]


class Recorded:
    """A policy that plays one row of an action."""

    def __init__(self, raw: list[float], power: float) -> None:
        self.raw, self.power = raw, power

    def act(self, features: Any, slices: int) -> tuple[list[float], float]:
        return self.raw[: len(SLICE_ACTIONS) * slices], self.power


def _wide(report: CellReport, places: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    out = np.full((places, len(SLICE_MEASUREMENTS)), np.nan)
    out[: len(report.slices)] = [s.values for s in report.slices]
    return out


def _stack(
    drawn: list[Drawn], previous: list[Rows]
) -> tuple[ReportBatch, TargetsBatch, AllocationBatch]:
    places = max(len(intents) for _, intents in drawn)
    present = np.array([[i < len(intents) for i in range(places)] for _, intents in drawn])
    batch = ReportBatch(
        PERIOD_MS,
        np.array([r.values for r, _ in drawn]),
        np.array([_wide(r, places) for r, _ in drawn]),
        present,
    )
    rows = [TargetsBatch.of([*i, *[i[0]] * (places - len(i))]) for _, i in drawn]
    targets = TargetsBatch(
        *(
            np.concatenate([getattr(t, name) for t in rows])
            for name in ("sst", "weight", "throughput_kbps", "delay_ms", "drop_rate")
        )
    )
    in_force = np.zeros((len(drawn), places, SLICE_FIELDS), np.int64)
    for n, p in enumerate(previous):
        in_force[n, : len(p.slices)] = p.slices
    offsets = np.array([p.tx_power_offset_db for p in previous])
    return batch, targets, AllocationBatch(in_force, offsets)


@settings(deadline=None)
@given(st.lists(reports(), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_cell_is_decided_alike_alone_and_in_a_batch(
    drawn: list[Drawn], rng: random.Random
) -> None:
    drawn = [(_at_period(r), i) for r, i in drawn]
    previous = [random_rows(rng, len(i), feasible=True) for _, i in drawn]
    batch, targets, in_force = _stack(drawn, previous)
    generator = np.random.default_rng(rng.getrandbits(32))
    shape = batch.present.shape
    action = Action(
        generator.normal(0.0, 2.0, (*shape, len(SLICE_ACTIONS))).astype(np.float32),
        generator.normal(0.0, 4.0, (shape[0], len(CELL_ACTIONS))).astype(np.float32),
    )
    limits = Limits()
    results = []
    for run in (COMPILED, INTERPRETED):
        seen = run.observe(batch, targets, in_force)
        base = run.base(seen, targets, DEFAULT_RULE)
        proposal = run.allocate(action, base, seen.present)
        shielded = run.project(proposal, in_force, targets, seen.present, limits)
        results.append((seen, shielded, run.satisfaction(batch, targets)))
    compiled, interpreted = results
    assert compiled[0].slices.tobytes() == interpreted[0].slices.tobytes()
    assert compiled[0].demand.tobytes() == interpreted[0].demand.tobytes()
    np.testing.assert_array_equal(compiled[1].allocation.slices, interpreted[1].allocation.slices)
    np.testing.assert_array_equal(compiled[1].edits, interpreted[1].edits)
    np.testing.assert_array_equal(compiled[2], interpreted[2])

    seen, shielded, met = compiled
    for n, (report, intents) in enumerate(drawn):
        k = len(intents)
        alone, demand = observe(report, Targets.of(intents), previous[n])
        assert np.array(alone, np.float32).tobytes() == seen.slices[n, :k].tobytes()
        assert seen.demand[n, :k].tolist() == demand
        assert not seen.slices[n, k:].any()
        policy = Recorded(action.slices[n].ravel().tolist(), float(action.cell[n, 0]))
        outcome = Pipeline(policy, limits).decide(report, Targets.of(intents), previous[n])
        assert shielded.allocation.slices[n, :k].tolist() == list(outcome.allocation.slices)
        assert not shielded.allocation.slices[n, k:].any()
        assert shielded.allocation.tx_power_offset_db[n] == outcome.allocation.tx_power_offset_db
        assert shielded.edits[n].tolist() == list(outcome.edits)
        np.testing.assert_array_equal(met[n, :k], outcome.satisfaction)
        assert np.isnan(met[n, k:]).all()


def _at_period(report: CellReport) -> CellReport:
    return CellReport(
        report.node, report.cell, report.sequence, report.start_ms, PERIOD_MS, report.values,
        report.slices,
    )  # fmt: skip


def test_one_row_of_targets_serves_all_cells() -> None:
    generator = np.random.default_rng(3)
    batch = ReportBatch(
        PERIOD_MS,
        np.full((4, 4), 50.0),
        generator.uniform(0.0, 100.0, (4, 2, len(SLICE_MEASUREMENTS))),
        np.ones((4, 2), np.bool_),
    )
    in_force = AllocationBatch(np.zeros((4, 2, SLICE_FIELDS), np.int64), np.zeros(4, np.int64))
    one = TargetsBatch(
        np.array([[1, 2]]), np.array([[1.0, 2.0]]), np.array([[50.0, np.nan]]),
        np.array([[np.nan, 5.0]]), np.array([[np.nan, 1e-3]]),
    )  # fmt: skip
    four = TargetsBatch(
        *(
            np.repeat(getattr(one, name), 4, axis=0)
            for name in ("sst", "weight", "throughput_kbps", "delay_ms", "drop_rate")
        )
    )
    first, second = (INTERPRETED.observe(batch, t, in_force) for t in (one, four))
    assert first.slices.shape == (4, 2, FEATURES)
    assert first.slices.tobytes() == second.slices.tobytes()


def test_non_finite_actions_are_refused_by_the_compiled_code_too() -> None:
    share = np.array([[0.5, 0.5]])
    action = Action(np.full((1, 2, 4), np.nan, np.float32), np.zeros((1, 1), np.float32))
    with pytest.raises(ValueError, match="not finite"):
        COMPILED.allocate(action, Base(share, np.zeros((1, 2))), np.ones((1, 2), np.bool_))


def test_empty_places_before_slices_are_refused() -> None:
    with pytest.raises(ValueError, match="must come last"):
        slices_of(np.array([[True, True], [False, True]]))
