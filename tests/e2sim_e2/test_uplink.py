"""The uplink in the node's reports: announced where there is one, and merged by its own weights."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.e2.column import CELL_NAMES
from e2sim.e2.uplink import UPLINK_NAMES
from e2sim.scenario import Scenario, load_scenario
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
