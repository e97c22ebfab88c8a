"""The objective against numbers worked out by hand."""

import numpy as np
import pytest

from oran.batch import ReportBatch
from oran.intent import DEFAULT_INTENTS
from oran.measurements import CELL_COLUMN, CELL_MEASUREMENTS, SLICE_COLUMN, SLICE_MEASUREMENTS
from trainer.objective import Prices, score
from xapp.decision.targets import TargetsBatch

TARGETS = TargetsBatch.of(DEFAULT_INTENTS)  # weights 1, 2 and 0.5


def report(*slices: dict[str, float], power: float = 120.0) -> ReportBatch:
    values = np.full((1, len(slices), len(SLICE_MEASUREMENTS)), np.nan)
    for i, measured in enumerate(slices):
        for name, value in measured.items():
            values[0, i, SLICE_COLUMN[name]] = value
    cell = np.full((1, len(CELL_MEASUREMENTS)), np.nan)
    cell[0, CELL_COLUMN["PEE.AvgPower"]] = power
    return ReportBatch(100, cell, values, np.ones((1, len(slices)), np.bool_))


def test_parts_by_hand() -> None:
    batch = report(
        {
            "DRB.UEThpDl": 2500.0,
            "DRB.EstabAtt": 8.0,
            "DRB.EstabSucc": 6.0,
        },  # a quarter of 10 Mbit/s
        {"DRB.RlcSduDelayDl": 20.0, "DRB.RlcPacketDropRateDl": 10_000.0},  # ten times the drops
        {"DRB.EstabAtt": 2.0, "DRB.EstabSucc": 2.0},  # idle: counts as met
    )
    got = score(batch, TARGETS, Prices(urllc_loss=3.0, blocked=0.5, power=0.1))
    assert got.slice_satisfaction[0, :2].tolist() == pytest.approx([0.25, 0.1])
    assert np.isnan(got.slice_satisfaction[0, 2])
    assert got.satisfaction[0] == pytest.approx((1 * 0.25 + 2 * 0.1 + 0.5 * 1) / 3.5)
    assert got.urllc_loss[0] == pytest.approx(0.01)
    assert got.blocked[0] == pytest.approx((1 * 2 / 8) / 3.5)
    assert got.power[0] == pytest.approx(1.2)
    want = got.satisfaction[0] - 3.0 * 0.01 - 0.5 * 0.25 / 3.5 - 0.1 * 1.2
    assert got.objective[0] == pytest.approx(want)


def test_losing_more_of_a_period_that_is_lost_already_costs_more() -> None:
    prices = Prices()
    a, b = (
        score(report({}, {"DRB.RlcPacketDropRateDl": drop}, {}), TARGETS, prices).objective[0]
        for drop in (100_000.0, 500_000.0)
    )
    assert a - b > prices.urllc_loss * 0.399


def test_an_idle_cell_meets_everything() -> None:
    got = score(report({}, {}, {}, power=0.0), TARGETS, Prices())
    assert got.objective.tolist() == [1.0]


def test_prices_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match=r"blocked: -1\.0"):
        Prices(blocked=-1.0)
    with pytest.raises(ValueError, match="power: nan"):
        Prices(power=float("nan"))
