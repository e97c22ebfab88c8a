"""The uplink in the node's reports: announced where there is one, and merged by its own weights."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.e2.column import CELL_NAMES
from e2sim.e2.uplink import UPLINK_NAMES
from e2sim.faults import FaultsNow
from e2sim.scenario import Fault, Scenario, load_scenario
from oran.batch import ReportBatch
from oran.e2 import kpm
from oran.e2.connection import Succeeded
from oran.measurements import Measurement
from oran.uplink import UPLINK_CELL_MEASUREMENTS, UPLINK_COLUMN, UPLINK_MEASUREMENTS
from tests.e2sim_e2.rig import SCENARIO, SNSSAIS, FakeTwin, Pair, asking, of_cell, same
from tests.e2sim_e2.test_reports import EVERYTHING, merged, records, table

# The slices of the rig's scenario, and the uplinks of another.
BOTH = replace(
    SCENARIO,
    slices=tuple(
        replace(s, uplink=other.uplink)
        for s, other in zip(SCENARIO.slices, load_scenario("uplink").slices, strict=True)
    ),
)
SENT = asking(
    *(m.name for m in UPLINK_CELL_MEASUREMENTS),
    *((m.name, s) for m in UPLINK_MEASUREMENTS for s in SNSSAIS),
)
ROWS: list[Measurement] = [
    *UPLINK_CELL_MEASUREMENTS, *(m for m in UPLINK_MEASUREMENTS for _ in SNSSAIS)
]  # fmt: skip


class SendingTwin(FakeTwin):
    """With an uplink."""

    scenario: Scenario = BOTH


def sent(twin: FakeTwin) -> np.ndarray:
    """Values of all periods in the order of `ROWS`, [periods, columns]."""
    return np.array([np.concatenate([r.cell[0], r.slices[0].T.reshape(-1)]) for r in twin.uplinks])


def weights(twin: FakeTwin, measurement: Measurement) -> np.ndarray | None:
    """What weights a slice's mean over periods, [periods, slices]."""
    received = np.array([d.delivered_packets[0] for d in twin.sent], np.float64)
    lost = np.array([d.dropped_packets[0] for d in twin.sent], np.float64)
    blocks = np.array([r.slices[0][:, UPLINK_COLUMN["TB.TotNbrUl"]] for r in twin.uplinks])
    return {
        "DRB.DelayUlNgranUeIncD1Dist": received,
        "DRB.PacketLossRateUl": received + lost,
        "CARR.PUSCHMCSDist": blocks,
    }.get(measurement.name)


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_periods_of_the_uplink_make_one(granularity: int, seed: int) -> None:
    pair = Pair(twin=SendingTwin(seed=seed))
    period_ms = 100 * granularity
    pair.subscribe(of_cell(*SENT, *EVERYTHING, granularity_ms=period_ms), period_ms=period_ms)
    (indication,) = pair.tick(granularity)
    (record,) = records(indication)
    everything = sent(pair.twin)
    for j, m in enumerate(ROWS):
        value, weight = record.values[j], weights(pair.twin, m)
        if weight is not None:
            weight = weight[:, (j - len(UPLINK_CELL_MEASUREMENTS)) % len(SNSSAIS)]
        wanted = merged(m, everything[:, j], weight)
        step = 0.0 if "per period" in m.unit else m.resolution * 1.001
        if value is None or math.isnan(wanted):
            assert value is None, m.name
            assert math.isnan(wanted), m.name
        else:
            assert isinstance(value, int | float)
            assert math.isclose(value, wanted, abs_tol=step, rel_tol=1e-12), m.name
    if granularity == 1:
        downlink = table(pair.twin)[-1]
        assert all(map(same, record.values[len(ROWS) :], downlink))


def test_what_adds_up_over_slices_is_told_of_the_cell() -> None:
    pair = Pair(twin=SendingTwin())
    adding = ["DRB.PdcpSduVolumeUL", "RRU.PrbUsedUl", "TB.TotNbrUl", "TB.ErrTotalNbrUl"]
    pair.subscribe(of_cell(*asking(*adding)))
    (indication,) = pair.tick()
    (record,) = records(indication)
    slices = pair.twin.uplinks[-1].slices[0]
    for value, name in zip(record.values, adding, strict=True):
        column = slices[:, UPLINK_COLUMN[name]]
        assert same(value, math.nan if np.isnan(column).all() else float(np.nansum(column)))


@pytest.mark.parametrize("twin", [FakeTwin(), SendingTwin()])
def test_an_uplink_is_announced_and_served_where_there_is_one(twin: FakeTwin) -> None:
    pair = Pair(twin=twin)
    definition = next(f for f in pair.setup.functions if f.id == pair.ids.kpm).definition
    description = kpm.FUNCTION_DESCRIPTION.decode(definition)
    (of_cells,) = (r for r in description.reports or () if r.type == 1)
    more = list(UPLINK_NAMES) if twin.scenario.has_uplink else []
    assert [m.name for m in of_cells.measurements] == [*CELL_NAMES, *more]
    answer = pair.subscribe(of_cell(*asking("RRU.PrbTotUl")))
    assert isinstance(answer, Succeeded) is twin.scenario.has_uplink


WEIGHTED = ("DRB.DelayUlNgranUeIncD1Dist", "DRB.PacketLossRateUl", "CARR.PUSCHMCSDist")
"""Which may have nothing to weigh them by."""


class StaleTwin(SendingTwin):
    """Tells the last report again in some of its periods, as the twin's falsifier does."""

    scenario: Scenario = replace(BOTH, faults=(Fault(kind="stale_report", mtbf_s=1.0, mttr_s=1.0),))
    stale = (0, 2, 3, 5)

    def step(self, allocation: Any) -> ReportBatch:
        told = super().step(allocation)
        if self._is_stale() and len(self.reports) > 1:
            self.reports[-1] = told = self.reports[-2]
        return told

    def faults(self) -> FaultsNow | None:
        any_: Any = SimpleNamespace(
            kinds=("stale_report",), on_report=np.array([[self._is_stale()]])
        )
        made: FaultsNow = any_
        return made

    def _is_stale(self) -> bool:
        return len(self.reports) - 1 in self.stale


def test_a_stale_report_has_the_uplink_of_its_time() -> None:
    twin = StaleTwin(seed=11)
    pair = Pair(twin=twin)
    assert isinstance(pair.subscribe(of_cell(*SENT)), Succeeded)
    assert isinstance(pair.subscribe(of_cell(*SENT, granularity_ms=200), period_ms=200), Succeeded)
    shown: list[np.ndarray] = []
    for i in range(6):
        single, *pairs = pair.tick()
        (record,) = records(single)
        shown.append(np.array([math.nan if v is None else v for v in record.values], float))
        if i in (2, 3):
            # A mean of the same values is that value: its weights are theirs too.
            assert np.array_equal(shown[i], shown[1], equal_nan=True)
        for message in pairs:
            if i == 3:
                (long,) = records(message)
                for value, wanted, m in zip(long.values, shown[1], ROWS, strict=True):
                    both = 2 * wanted if "per period" in m.unit else wanted
                    absent = math.isnan(wanted) or both > m.high or m.name in WEIGHTED
                    assert same(value, both) or (value is None and absent)
    fresh = sent(twin)
    for i, of in ((0, 0), (1, 1), (2, 1), (3, 1), (4, 4), (5, 4)):
        assert np.array_equal(shown[i], fresh[of], equal_nan=True), i
