"""The loop's end: a control shows in the measurements."""

import numpy as np
import pytest

from e2sim.console import compiled
from e2sim.scenario import Scenario, parse_scenario
from oran.allocation import Allocation, SliceAllocation
from oran.e2 import e2ap, kpm
from oran.e2.actuation import quota_control
from oran.e2.connection import Succeeded
from tests.e2sim_e2.rig import IDENTITY, Pair, asking, of_cell
from tests.e2sim_e2.test_control import quota


def overloaded() -> Scenario:
    """Two slices that both want more than the carrier has."""
    traffic = {"load": [2.0, 2.0], "packet_bytes": [20_000, 20_000], "admission": False}
    slices = [
        {
            "snssai": snssai,
            "kind": "eMBB",
            "users": 4,
            "scheduler": "round_robin",
            "discard_ms": 1500,
            "traffic": traffic,
        }
        for snssai in ("1-000001", "2-000001")
    ]
    return parse_scenario({"name": "overloaded", "slices": slices})


def _value(indication: e2ap.RicIndication) -> float:
    message = kpm.INDICATION_MESSAGE.decode(indication.message)
    assert isinstance(message, kpm.IndicationFormat1)
    value = message.records[0].values[0]
    assert isinstance(value, float)
    return value


@pytest.mark.timeout(300)
def test_a_control_shows_in_the_measurements() -> None:
    """Under load, a slice uses what it is sure of, and a new minimum moves that."""
    twin = compiled(overloaded(), np.array([3], np.uint64))
    pair = Pair(twin=twin)
    pair.subscribe(of_cell(*asking(("RRU.PrbUsedDl", twin.snssais[0]))))
    used = []
    for minimum in (50, 80, 20):
        allocation = Allocation(
            tuple(
                SliceAllocation(s, 0, m, 100)
                for s, m in zip(twin.snssais, (minimum, 100 - minimum), strict=True)
            )
        )
        assert isinstance(
            pair.ask(quota(pair, quota_control(allocation, IDENTITY.plmn))), Succeeded
        )
        reports = pair.tick(10)[3:]
        used.append(float(np.mean([_value(report) for report in reports])))
    prbs = twin.scenario.prbs
    assert used == pytest.approx([0.5 * prbs, 0.8 * prbs, 0.2 * prbs], abs=0.03 * prbs)
