"""Handovers against hand-computed geometry."""

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np

from e2sim.network import Network
from e2sim.network.moves import Moves
from e2sim.network.state import HELD
from oran.batch import AllocationBatch
from tests.e2sim.moving import HIGHWAY, MOBILITY
from tests.e2sim.test_network_cell import equal


def on_the_line(**mobility: Any) -> Network:
    """Seven cells 500 m apart with a user each, in the open, without shadowing or sight.

    All stand at their sites but the first, which is on the line from site 0 to site 1.
    """
    scenario = replace(
        HIGHWAY,
        period_ms=40,
        mobility=replace(MOBILITY, **{"filter_coefficient": 0, "interruption_ms": 40, **mobility}),
        slices=(replace(HIGHWAY.slices[0], users=1, speed_kmh=108.0),),
    )
    network = Network(scenario, np.arange(7).astype(np.uint64))
    network._plan.moving["blocked_m"] = np.inf
    movers, links = network._state.movers, network._state.links
    movers["x"][:, 0], movers["y"][:, 0] = network._plan.sites.T
    movers["vx"] = movers["vy"] = 0.0
    movers["turn"] = np.inf
    links["shadow"], links["lot"], links["left"] = 0.0, 2.0, np.inf
    return network


def one(network: Network) -> AllocationBatch:
    allocation = equal(7)
    return AllocationBatch(allocation.slices[:, :1].copy(), allocation.tx_power_offset_db)


def test_a_crossing_user_hands_over_once_where_geometry_says() -> None:
    network = on_the_line(a3_offset_db=3.0, hysteresis_db=1.0, time_to_trigger_ms=160)
    mover = network._state.movers[0, 0]
    mover["x"], mover["vx"] = 100.0, 30.0
    # TR 38.901 UMa without sight: 39.08 dB a decade of the slant range, 23.5 m above the user.
    measured = next(
        n
        for n in range(1, 1000)
        if 39.08
        / 2.0
        * math.log10(((100.0 + 1.2 * n) ** 2 + 23.5**2) / ((400.0 - 1.2 * n) ** 2 + 23.5**2))
        > 4.0
    )
    assert 250.0 < 100.0 + 1.2 * measured < 290.0
    happened = []
    for period in range(320):  # as far as 484 m
        network.step(one(network))
        if network.moves().requested.any():
            happened.append(period)
            assert network.moves().requested[:, 0].tolist() == [1, 0, 0, 0, 0, 0, 0]
            assert network.moves().joined[:, 0].tolist() == [0, 1, 0, 0, 0, 0, 0]
            held = network._state.members[1, HELD]
            assert held.any()  # its interruption is this whole period
            assert network.users().volume_bytes[1, mover["place"]] == 0
    # Four more measurements within the time to trigger; measurement n comes at period n's start.
    assert happened == [measured + 4]
    assert network.moves().connected[:, 0].tolist() == [0, 2, 1, 1, 1, 1, 1]
    assert (mover["cell"], network._state.members[1, HELD].any()) == (1, False)


def test_the_filter_delays_and_what_the_offset_prevents_never_happens() -> None:
    for k, offset, cells in ((0, 3.0, 1), (8, 3.0, 1), (0, 15.0, 0)):
        network = on_the_line(
            a3_offset_db=offset, hysteresis_db=1.0, time_to_trigger_ms=160, filter_coefficient=k
        )
        mover = network._state.movers[0, 0]
        mover["x"], mover["vx"] = 100.0, 30.0
        network._state.links["level"][0, 0] = (0.0, *[-30.0] * 6)
        at = 0.0
        for _ in range(200):  # as far as 341 m: 12.7 dB stronger
            network.step(one(network))
            at = float(mover["x"]) if network.moves().requested.any() else at
        assert mover["cell"] == cells
        assert (at > 290.0) == (k == 8), (k, at)


def test_hysteresis_prevents_ping_pong() -> None:
    for hysteresis_db, ping_pong in ((0.0, True), (2.0, False)):
        network = on_the_line(a3_offset_db=-1.0, hysteresis_db=hysteresis_db, time_to_trigger_ms=40)
        network._state.movers["x"][0, 0] = 250.0  # as strong as each other: within 1 dB
        total = dict.fromkeys(("requested", "succeeded", "ping_pongs", "refused"), 0)
        for _ in range(40):
            network.step(one(network))
            for name in total:
                total[name] += int(getattr(network.moves(), name).sum())
        # 40 ms to trigger from the first measurement after an interruption of 40 ms.
        assert total["requested"] == (13 if ping_pong else 0)
        assert total["ping_pongs"] == max(total["requested"] - 1, 0)
        assert total["refused"] == 0


def test_a_lost_link_is_found_again_at_the_strongest_cell() -> None:
    network = on_the_line(a3_offset_db=15.0, hysteresis_db=15.0, t310_ms=200)
    network._state.movers["x"][0, 0] = 400.0  # 100 m from site 1, served by site 0
    total = dict.fromkeys((f.name for f in fields(Moves)), 0)
    for _ in range(20):
        network.step(one(network))
        for name in total:
            total[name] += int(getattr(network.moves(), name).sum())
    assert network._state.movers["cell"][0, 0] == 1
    assert (total["link_failures"], total["reestablished"]) == (1, 1)
    assert total["requested"] == total["failed"] == 0
