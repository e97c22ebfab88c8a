"""Dynamic access class barring: what it makes of the preambles that a report counts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.batch import ADMISSION, ReportBatch
from oran.intent import Intent
from oran.measurements import SLICE_COLUMN
from oran.report import CellReport
from tests.decision.test_rules import served, situation
from tests.strategies import reports
from xapp.decision.barring import Barring
from xapp.decision.observation import OBSERVATION, Observation
from xapp.decision.rules import UrllcFirst
from xapp.decision.situation import Situation

PASSED = [f.name for f in OBSERVATION].index("previous_admission")
NONE = np.zeros((1, 3))
PREAMBLES = 540.0  # of a period of 100 ms, 54 every 10 ms


def heard(preambles: float, passed: float = 1.0) -> Situation:
    """A cell with slices of all three types, of which mMTC heard so many preambles."""
    seen = situation(
        np.full((1, 3), 0.1), [1, 2, 3], [1.0] * 3, DRB_EstabAtt=np.array([[9.0, 9.0, preambles]])
    )
    features = seen.observation.slices.copy()
    features[..., PASSED] = passed
    return replace(seen, observation=Observation(features, seen.present, seen.observation.demand))


def ratio(rule: Barring, s: Situation, memory: np.ndarray = NONE) -> int:
    got = rule.admission(s, memory)[0]
    assert got[0, :2].tolist() == [100, 100]
    return int(got[0, 2])


def test_of_n_devices_the_preambles_over_n_may_pass() -> None:
    """n p devices transmit where p may pass: K (1 - exp(-n p / K)) preambles are heard of them."""
    rule = Barring(load=1.0, memory=0.0)
    for n in (1000.0, 5000.0, 20_000.0):
        for passed in (0.05, 0.1, 0.2):
            if n * passed / PREAMBLES < 5.0:
                used = PREAMBLES * (1.0 - np.exp(-n * passed / PREAMBLES))
                assert ratio(rule, heard(used, passed)) == np.floor(100.0 * PREAMBLES / n)


def test_no_silent_preamble_lowers_the_ratio_and_silence_opens_it() -> None:
    rule = Barring(load=1.0, memory=0.0)
    passed, ratios = 1.0, []
    for _ in range(4):
        ratios.append(ratio(rule, heard(PREAMBLES, passed)))
        passed = ratios[-1] / 100.0
    assert ratios == [14, 2, 1, 1]  # 1 / ln(2 K) of the last, rounded down; never nobody
    assert ratio(rule, heard(0.0, 0.01)) == 100
    assert ratio(rule, heard(np.nan, 0.01)) == 100
    loads = [ratio(rule, heard(x, 0.5)) for x in np.linspace(0.0, PREAMBLES, 60)]
    assert loads == sorted(loads, reverse=True)


def test_the_past_counts_as_much_as_it_is_told() -> None:
    used = PREAMBLES * (1.0 - np.exp(-1.0))
    memory = np.full((1, 3), 5.0)
    got, kept = Barring(load=1.0, memory=0.75).admission(heard(used), memory)
    assert kept[0, 2] == pytest.approx(0.75 * 5.0 + 0.25)
    assert got[0, 2] == 25


@given(reports(), st.floats(0.05, 2.0), st.floats(0.0, 1.0))
def test_only_admission_of_mmtc_slices_changes(
    drawn: tuple[CellReport, tuple[Intent, ...]], load: float, memory: float
) -> None:
    report, intents = drawn
    seen = served(report, intents)
    base, _ = UrllcFirst().decide(seen, np.zeros(seen.present.shape))
    held = np.zeros(seen.present.shape)
    for _ in range(3):
        got, held = Barring(load=load, memory=memory).barred(base, seen, held)
        got.one(0, tuple(s.snssai for s in report.slices)).check()
        assert np.isfinite(held).all()
        mmtc = seen.targets.sst == 3
        assert (got.slices[mmtc][:, ADMISSION] >= 1).all()
        np.testing.assert_array_equal(got.slices[~mmtc], base.slices[~mmtc])
        rest = np.delete(got.slices, ADMISSION, axis=2)
        np.testing.assert_array_equal(rest, np.delete(base.slices, ADMISSION, axis=2))


def test_a_cell_is_barred_alike_alone_and_in_a_batch() -> None:
    rng = np.random.default_rng(3)
    whole = situation(rng.random((6, 3)), [1, 2, 3], [1.0] * 3,
                      DRB_EstabAtt=rng.uniform(0.0, 540.0, (6, 3)))  # fmt: skip
    memory = rng.random((6, 3))
    together, kept = Barring().admission(whole, memory)
    for i in range(6):
        rows = slice(i, i + 1)
        alone, own = Barring().admission(whole.at(rows, whole.targets), memory[rows])
        np.testing.assert_array_equal(alone, together[rows])
        np.testing.assert_array_equal(own, kept[rows])


def test_other_periods_have_other_preambles() -> None:
    seen = heard(250.0)
    longer = ReportBatch(200, seen.reports.cell, seen.reports.slices, seen.present)
    column = SLICE_COLUMN["DRB.EstabAtt"]
    assert seen.reports.slices[0, 2, column] == 250.0
    rule = Barring(memory=0.0)
    assert ratio(rule, replace(seen, reports=longer)) > ratio(rule, seen)
