"""Garbled counters over E2: what the wire carries arrives as it is, and nothing raises."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from e2sim.e2.merging import Lost
from e2sim.network import Network
from e2sim.scenario import Fault, load_scenario
from oran.batch import ReportBatch
from oran.e2.connection import Succeeded
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from tests.e2sim_e2.rig import Pair, asking, of_cell
from tests.e2sim_e2.test_reports import EVERYTHING, records

HEAVY = replace(
    load_scenario("mixed"),
    faults=(
        Fault(kind="garbled_report", severity=0.6, mtbf_s=0.2, mttr_s=1.0),
        Fault(kind="stale_report", mtbf_s=0.5, mttr_s=0.3),
    ),
)


TRIPLED = [m for m in SLICE_MEASUREMENTS for _ in range(3)]


class Kept(Network):
    """Keeps the last report told."""

    told: ReportBatch

    def step(self, allocation: Any) -> ReportBatch:
        self.told = super().step(allocation)
        return self.told


def test_a_ric_gets_garbage_as_it_is() -> None:
    twin = Kept(HEAVY, np.array([3], np.uint64))
    pair = Pair(twin=twin)
    sums = asking(*(m.name for m in SLICE_MEASUREMENTS if "per period" in m.unit))
    assert isinstance(pair.subscribe(of_cell(*EVERYTHING)), Succeeded)
    assert isinstance(pair.subscribe(of_cell(*sums)), Succeeded)
    assert isinstance(
        pair.subscribe(of_cell(*EVERYTHING, granularity_ms=300), period_ms=300), Succeeded
    )
    high = [m.high for m in (*CELL_MEASUREMENTS, *TRIPLED)]
    beyond, absent, merged, lost = 0, 0, 0, 0
    last = [m.name == "DRB.BufferSize.Qos" for m in (*CELL_MEASUREMENTS, *TRIPLED)]
    before: list[np.ndarray] = []
    for _ in range(60):
        whole, summed, *longer = pair.tick()
        merged += len(longer)
        (record,) = records(whole)
        told = np.concatenate([twin.told.cell[0], twin.told.slices[0].T.reshape(-1)])
        before = [*before, told][-3:]
        (sum_,) = records(summed)
        parts = twin.told.slices[0].T[["per period" in m.unit for m in SLICE_MEASUREMENTS]]
        some = (~np.isnan(parts)).any(axis=1).tolist()
        lost += sum(v is None and any_ for v, any_ in zip(sum_.values, some, strict=True))
        for message in longer:
            (long,) = records(message)
            some = np.where(last, ~np.isnan(told), (~np.isnan(before)).any(axis=0)).tolist()
            lost += sum(v is None and any_ for v, any_ in zip(long.values, some, strict=True))
        for value, wanted, most in zip(record.values, told.tolist(), high, strict=True):
            assert value == wanted or (value is None and math.isnan(wanted))
            beyond += isinstance(value, int | float) and not 0 <= value <= most
            absent += value is None
    assert merged == 20
    assert min(beyond, absent) > 300
    # What the wire does not carry is counted.
    assert pair.tally.values_lost.total() == lost > 100
    assert pair.tally.values_lost.keys() == {Lost.RANGE, Lost.WEIGHT}
    assert "told as noValue" in pair.tally.first[Lost.RANGE]
