"""Devices in their cell: what they leave as it was, what is reported, and who serves them."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.network.devices import STATES
from e2sim.scenario import (
    DeviceGroup,
    Devices,
    SliceScenario,
    SliceUplink,
    load_scenario,
)
from e2sim.scenario.scenario import check_scenario
from oran.allocation import Allocation, SliceAllocation
from oran.batch import AllocationBatch
from oran.measurements import SLICE_COLUMN
from tests.e2sim.machines import MIXED, THREE, letting, machine_slice, seeds
from tests.e2sim.reference import ReferenceCell

CITY = replace(
    MIXED,
    period_ms=50,
    slices=(*MIXED.slices[:2], machine_slice(Devices(number=20_000, groups=THREE), users=4)),
)


def test_a_cell_depends_on_its_seed_alone_with_devices_too() -> None:
    batches = [Network(CITY, seeds(6), threads=threads) for threads in (1, 2, 5)]
    one = Network(CITY, np.array([4], np.uint64))
    rng = np.random.default_rng(1)
    for _ in range(30):
        admission = int(rng.integers(101))
        reports = [network.step(letting(6, admission, 3)) for network in batches]
        single = one.step(letting(1, admission, 3))
        for report, network in zip(reports, batches, strict=True):
            np.testing.assert_array_equal(report.slices, reports[0].slices)
            np.testing.assert_array_equal(network.access().total, batches[0].access().total)
        np.testing.assert_array_equal(single.slices[0], reports[0].slices[4])
        np.testing.assert_array_equal(one.access().energy_j[0], batches[0].access().energy_j[4])
    first = batches[0].access()
    batches[0].reset(np.arange(6) == 4)
    assert (batches[0].access().total[4] == 0.0).all()
    np.testing.assert_array_equal(batches[0].access().total[:4], first.total[:4])
    one.reset()
    np.testing.assert_array_equal(
        batches[0].step(letting(6, 50, 3)).slices[4], one.step(letting(1, 50, 3)).slices[0]
    )


def test_barring_changes_no_report_and_no_other_noise() -> None:
    free, barred = Network(CITY, seeds(3)), Network(CITY, seeds(3))
    for _ in range(300):
        free.step(letting(3, 100, 3))
        barred.step(letting(3, 3, 3))
        a, b = free.detail(), barred.detail()
        np.testing.assert_array_equal(a.demanded_bytes, b.demanded_bytes)
        for name in ("stream", "level", "burst"):
            np.testing.assert_array_equal(free._state.cells[name], barred._state.cells[name])
        np.testing.assert_array_equal(free._state.taps, barred._state.taps)
        assert (free._state.groups["stream"] == barred._state.groups["stream"]).all()
    mine, theirs = free.access(), barred.access()
    np.testing.assert_array_equal(mine.of("reports"), theirs.of("reports"))
    assert (theirs.of("skipped", total=True) > mine.of("skipped", total=True)).any()


def test_a_slice_without_devices_draws_what_it_drew() -> None:
    """The other slices of a cell meet the same arrivals and fading, with devices or without."""
    silent = replace(CITY, slices=(*CITY.slices[:2], replace(CITY.slices[2], devices=None)))
    one, other = Network(CITY, seeds(3)), Network(silent, seeds(3))
    for _ in range(40):
        one.step(letting(3, 100, 3))
        other.step(letting(3, 100, 3))
        mine, theirs = one.detail(), other.detail()
        np.testing.assert_array_equal(mine.demanded_bytes[:, :2], theirs.demanded_bytes[:, :2])
    np.testing.assert_array_equal(one._state.words, other._state.words)
    assert other.access().total.shape == (3, 0, 0) or other.access().devices.size == 0


# Reports and radio -----------------------------------------------------------------------------


def test_reports_tell_what_the_node_can_hear() -> None:
    network = Network(CITY, seeds(5))
    for _ in range(60):
        report, detail, a = network.step(letting(5, 60, 3)), network.detail(), network.access()
        row = report.slices[:, 2]
        np.testing.assert_array_equal(
            row[:, SLICE_COLUMN["DRB.EstabSucc"]], a.of("succeeded").sum(axis=1)
        )
        heard = row[:, SLICE_COLUMN["DRB.EstabAtt"]]
        np.testing.assert_array_equal(heard, detail.attempted_flows[:, 2])
        # A preamble that many chose is heard once.
        assert (heard <= a.of("attempts").sum(axis=1)).all()
        connected = 4 + a.of("connected_slots").sum(axis=1) / CITY.slots_per_period
        np.testing.assert_allclose(row[:, SLICE_COLUMN["RRC.ConnMean"]], connected, atol=0.0051)
        waiting = row[:, SLICE_COLUMN["DRB.BufferSize.Qos"]] * row[:, SLICE_COLUMN["RRC.ConnMean"]]
        np.testing.assert_allclose(
            waiting, detail.queued_bytes[:, 2], rtol=0.01, atol=connected.max()
        )


class FedCell(ReferenceCell):
    """The plain cell, with arrivals of devices from outside."""

    fed: dict[int, int] | None = None

    def _arrivals(self, s: int, part: SliceScenario, user: Any) -> None:
        super()._arrivals(s, part, user)
        for _ in range((self.fed or {}).get(user.index, 0)):
            assert part.devices is not None
            self._push(s, part, user, part.devices.groups[0].payload_bytes)


@pytest.mark.parametrize("payload", [40, 4000])
def test_payloads_are_served_as_the_plain_cell_serves_them(payload: int) -> None:
    """Slot by slot, what joined each buffer goes to the plain cell too; all else must agree."""
    group = DeviceGroup(period_s=1.0, payload_bytes=payload)
    devices = Devices(number=700, connected_s=0.05, groups=(group,))
    scenario = replace(
        MIXED,
        numerology=0,
        prbs=25,
        period_ms=1,
        slices=(replace(MIXED.slices[0], users=2), machine_slice(devices, users=3)),
    )
    network = Network(scenario, seeds(1))
    reference = FedCell(network)
    rows = tuple(
        SliceAllocation(s.snssai, 0, 50, 100, 0, 90 if s.devices else 100) for s in scenario.slices
    )
    joined = 0
    for _ in range(2500):
        before = network._state.users["tail"][0].copy()
        network.step(AllocationBatch.of(Allocation(rows)))
        came = (network._state.users["tail"][0] - before) // payload
        reference.fed = {u: int(came[u]) for u in (2, 3, 4)}
        joined += int(came[2:5].sum())
        tallies = reference.play(Allocation(rows))
        for s in range(2):
            row = network._state.tallies[0, s]
            names = [n for n in row.dtype.names if n not in ("throughput_kbps", "visits")]
            if s == 1:
                names = [n for n in names if not n.endswith("_flows") and n != "demanded_bytes"]
            wanted = {n: tallies[s].get(n, 0) for n in names}
            assert {n: row[n] for n in names} == wanted, f"slice {s} in slot {reference.now}"
    assert joined == network.access().of("succeeded", total=True).sum() - int(
        network.access().states[0, 0, STATES.index("waiting")]
    )
    assert joined > 500
    assert math.isfinite(network.detail().energy_j[0])


def test_barring_throttles_no_flows_of_the_slice() -> None:
    """One ratio bars devices and admits flows: a slice with devices has none of the latter."""
    city = load_scenario("city")
    place = next(i for i, s in enumerate(city.slices) if s.devices is not None)
    part, path = city.slices[place], f"slices[{place}]"
    check_scenario(city)
    asking = replace(part.traffic, admission=True)
    sends = SliceUplink(scheduler="round_robin", discard_ms=750, traffic=asking)
    for changed, where in (
        (replace(part, traffic=asking), "traffic"),
        (replace(part, uplink=sends), "uplink.traffic"),
    ):
        slices = (*city.slices[:place], changed, *city.slices[place + 1 :])
        with pytest.raises(
            ValueError, match=rf"{re.escape(path)}\.{where}\.admission: needs false"
        ):
            check_scenario(replace(city, slices=slices))
