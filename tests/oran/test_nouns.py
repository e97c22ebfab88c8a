"""The nouns: identities, the catalogue, reports and allocations as documents."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.allocation import Allocation, SliceAllocation
from oran.batch import AllocationBatch, ReportBatch
from oran.intent import Intent
from oran.measurements import (
    CELL_COLUMN,
    CELL_MEASUREMENTS,
    SLICE_COLUMN,
    SLICE_MEASUREMENTS,
    Measurement,
)
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from tests.strategies import reports, snssais


@given(snssais)
def test_an_snssai_reads_back(snssai: Snssai) -> None:
    assert Snssai.parse(str(snssai)) == snssai


@pytest.mark.parametrize(
    "text",
    ["", "256", "-1", "1-", "1-12345", "1-1234567", "1-00000g", "one", "1-000001-2", "¹", "0001"],
)
def test_what_is_no_snssai_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"S-NSSAI|outside"):
        Snssai.parse(text)


def test_sd_out_of_range() -> None:
    with pytest.raises(ValueError, match="sd: 16777216"):
        Snssai(1, 0x1000000)


@pytest.mark.parametrize("table", [SLICE_MEASUREMENTS, CELL_MEASUREMENTS])
def test_the_catalogue_is_sound(table: tuple[Measurement, ...]) -> None:
    assert len({m.name for m in table}) == len(table)
    for m in table:
        assert m.low < m.high
        assert m.low <= m.missing <= m.high
        assert m.kind == "real" or m.resolution == 1.0
        assert m.source
        assert m.unit
        assert m.aggregation


@pytest.mark.parametrize("table", [SLICE_MEASUREMENTS, CELL_MEASUREMENTS])
def test_quantising_is_idempotent_and_near(table: tuple[Measurement, ...]) -> None:
    for m in table:
        for share in (0.0, 1e-6, 0.1234567, 0.5, 1.0):
            value = m.low + share * (m.high - m.low)
            once = m.quantise(value)
            assert m.quantise(min(once, m.high)) == once
            assert abs(once - value) <= m.resolution / 2 * (1 + 1e-6)
        assert math.isnan(m.quantise(math.nan))
        for outside in (m.low - 1.0, m.high * 1.01 + 1.0, math.inf, -math.inf):
            with pytest.raises(ValueError, match=m.name):
                m.quantise(outside)


@given(reports())
def test_a_document_holds_what_was_measured(drawn: tuple[CellReport, tuple[Intent, ...]]) -> None:
    report, _ = drawn
    document = json.loads(json.dumps(report.to_document(), allow_nan=False))
    assert document["slices"][0]["snssai"] == str(report.slices[0].snssai)
    for s, entry in zip(report.slices, document["slices"], strict=True):
        named = entry["measurements"]
        assert SliceReport.of(s.snssai, named).values == pytest.approx(
            s.values, abs=0.0, rel=0.0, nan_ok=True
        )
        for name, value in named.items():
            if SLICE_MEASUREMENTS[SLICE_COLUMN[name]].kind == "integer":
                assert type(value) is int
    again = CellReport.cell_values(document["measurements"])
    assert again == pytest.approx(report.values, abs=0.0, rel=0.0, nan_ok=True)
    batch = ReportBatch.of(report)
    assert batch.slices.shape == (1, len(report.slices), len(SLICE_COLUMN))
    assert batch.cell.shape == (1, len(CELL_COLUMN))


def test_unknown_measurements_are_refused() -> None:
    with pytest.raises(ValueError, match=r"DRB\.Nonsense"):
        SliceReport.of(Snssai(1), {"DRB.Nonsense": 1.0})


def _document(**change: Any) -> dict[str, Any]:
    one = {
        "snssai": "1-000001",
        "dedicated_prb_ratio": 0,
        "min_prb_ratio": 40,
        "max_prb_ratio": 100,
        "mcs_backoff": 1,
        "admission_ratio": 90,
    }
    return {"tx_power_offset_db": -2, "slices": [one | change, one | {"snssai": "2"}]}


@given(st.integers(0, 40), st.integers(40, 100), st.integers(0, 6), st.integers(0, 100))
def test_an_allocation_reads_back(low: int, high: int, backoff: int, admission: int) -> None:
    allocation = Allocation((SliceAllocation(Snssai(1, 7), low, 40, high, backoff, admission),), -3)
    assert Allocation.from_document(allocation.to_document()) == allocation
    assert AllocationBatch.of(allocation).one(0, (Snssai(1, 7),)) == allocation


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dedicated_prb_ratio": 50}, r"slices\[0\].*dedicated <= min"),
        ({"max_prb_ratio": 30}, "min <= max"),
        ({"min_prb_ratio": 61}, "sum of min_prb_ratio is 101"),
        ({"mcs_backoff": 7}, "mcs_backoff"),
        ({"admission_ratio": -1}, "admission_ratio"),
        ({"min_prb_ratio": 40.0}, r"slices\[0\].min_prb_ratio: needs an integer"),
        ({"min_prb_ratio": True}, "needs an integer"),
        ({"snssai": "x"}, "S-NSSAI"),
        ({"snssai": 4}, "not an allocation"),
    ],
)
def test_infeasible_allocations_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Allocation.from_document(_document(**change))


@pytest.mark.parametrize("document", [{}, {"slices": 3}, {"slices": [], "tx_power_offset_db": 1}])
def test_what_is_no_allocation_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not an allocation|tx_power_offset_db"):
        Allocation.from_document(document)
