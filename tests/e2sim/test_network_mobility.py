"""Users who move: paths, handovers by hand-computed geometry, and what must hold of a group."""

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.e2.column import user_columns
from e2sim.e2.reporter import Naming, UserContent
from e2sim.e2.site import Site
from e2sim.network import Network
from e2sim.network.grid import fold, reflect, shift_of, sites_of
from e2sim.network.moves import Moves
from e2sim.network.state import HELD
from e2sim.scenario import Mobility, Scenario, load_scenario, parse_scenario
from oran.batch import AllocationBatch
from oran.e2.common.ueid import GnbDuUeId
from oran.e2.kpm import NO_LABEL, IndicationFormat3, Measurement
from oran.measurements import SLICE_MEASUREMENTS
from tests.e2sim.test_network_cell import allocations, equal, seeds
from tests.e2sim.test_network_scenario import minimal

HIGHWAY = load_scenario("highway")
assert HIGHWAY.mobility is not None
MOBILITY: Mobility = HIGHWAY.mobility
QUICK = replace(
    MOBILITY, measurement_ms=20, a3_offset_db=1.0, time_to_trigger_ms=40, filter_coefficient=0
)


def small(cells: int, users: int, **mobility: Any) -> Scenario:
    """Few users, fast ones, close to their sites: they change cells often."""
    return replace(
        HIGHWAY,
        period_ms=20,
        site_distance_m=100.0,
        interference=replace(HIGHWAY.interference, coupled_cells=cells),
        mobility=replace(QUICK, **mobility),
        slices=tuple(replace(s, users=users, speed_kmh=300.0) for s in HIGHWAY.slices),
    )


# The grid -----------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [3, 4, 7, 9, 12, 13, 19])
def test_every_site_of_a_torus_has_the_same_neighbourhood(cells: int) -> None:
    sites, shift = sites_of(cells, 200.0), shift_of(cells, 200.0)
    assert sites.shape == (cells, 2)
    assert math.hypot(*shift) == pytest.approx(200.0 * math.sqrt(cells))
    seen = [
        sorted(round(math.hypot(*fold(a[0] - b[0], a[1] - b[1], *shift)), 6) for a in sites)
        for b in sites
    ]
    assert all(row == seen[0] for row in seen)
    assert seen[0][:2] == [0.0, 200.0]
    assert seen[0].count(200.0) == min(cells - 1, 6)


@given(
    st.floats(-2000.0, 2000.0), st.floats(-2000.0, 2000.0), st.integers(-3, 3), st.integers(-3, 3)
)
def test_a_place_on_the_torus_is_its_nearest_image(x: float, y: float, a: int, b: int) -> None:
    shift = complex(*shift_of(7, 100.0))
    turned = shift * complex(0.5, math.sqrt(3.0) / 2.0)
    near = complex(*fold(x, y, shift.real, shift.imag))
    images = [
        complex(x, y) + i * shift + j * turned for i in range(-30, 31) for j in range(-30, 31)
    ]
    assert abs(near) == pytest.approx(min(map(abs, images)), abs=1e-6)
    assert min(abs(near - image) for image in images) < 1e-6
    moved = complex(x, y) + a * shift + b * turned
    assert abs(complex(*fold(moved.real, moved.imag, shift.real, shift.imag))) == pytest.approx(
        abs(near), abs=1e-6
    )


@given(st.floats(0.0, 2.0 * math.pi), st.floats(0.0, 49.0), st.floats(0.0, 2.0 * math.pi))
def test_who_would_leave_a_lone_cell_is_reflected(angle: float, r: float, course: float) -> None:
    at = complex(r * math.cos(angle), r * math.sin(angle))
    v = complex(30.0 * math.cos(course), 30.0 * math.sin(course))
    for _ in range(60):
        x, y, vx, vy = reflect(
            at.real + 0.1 * v.real, at.imag + 0.1 * v.imag, v.real, v.imag, 100.0
        )
        at, v = complex(x, y), complex(vx, vy)
        assert abs(v) == pytest.approx(30.0)
        # Within a hair of the hexagon: in a corner, one reflection may lead across another edge.
        assert all(
            at.real * math.cos(k * math.pi / 3) + at.imag * math.sin(k * math.pi / 3) < 50.0 + 3.0
            for k in range(6)
        )


# Paths and shadowing --------------------------------------------------------------------------


def test_shadowing_forgets_with_distance_as_gudmundson_says() -> None:
    scenario = replace(
        HIGHWAY,
        environment="umi",
        site_height_m=10.0,
        period_ms=100,
        interference=replace(HIGHWAY.interference, coupled_cells=1),
        mobility=replace(MOBILITY, measurement_ms=100),
        slices=tuple(
            replace(s, users=20, speed_kmh=36.0, traffic=replace(s.traffic, load=(0.0, 0.0)))
            for s in HIGHWAY.slices
        ),
    )  # 1 m from one measurement to the next
    network = Network(scenario, np.arange(24).astype(np.uint64))
    links = network._state.links
    drawn = [links["shadow"].copy()]
    links["lot"], links["left"] = 2.0, np.inf  # no line of sight, ever: 13 m
    for _ in range(200):
        network.step(equal(24))
        drawn.append(links["shadow"].copy())
    z = np.array(drawn[1:])
    assert drawn[0].std() == pytest.approx(1.0, abs=0.03)
    assert z.std() == pytest.approx(1.0, abs=0.02)
    for lag in (1, 6, 13, 26, 52):
        kept = (z[lag:] * z[:-lag]).mean() / (z**2).mean()
        assert kept == pytest.approx(math.exp(-lag / 13.0), abs=0.02), lag
    between = (z[..., 0] * z[..., 1]).mean() / (z**2).mean()
    assert between == pytest.approx(0.5, abs=0.03)


def test_line_of_sight_is_drawn_anew_every_fifty_metres_on_average() -> None:
    network = Network(small(7, 20), np.arange(14).astype(np.uint64))
    lots, changes, steps = network._state.links["lot"].copy(), 0, 200
    allocation = equal(14)
    for _ in range(steps):
        network.step(allocation)
        now = network._state.links["lot"]
        changes += int((now != lots).sum())
        lots = now.copy()
    moved_m = (steps - 1) * 0.02 * 300.0 / 3.6  # the first measurement is that of the start
    assert lots.size * moved_m / changes == pytest.approx(50.0, rel=0.03)


def test_users_stay_spread_over_the_torus() -> None:
    network = Network(small(7, 30), np.arange(70).astype(np.uint64))
    shift = shift_of(7, 100.0)
    for _ in range(100):
        network.step(equal(70))
    movers = network._state.movers.ravel()
    x, y = np.array([fold(m["x"], m["y"], *shift) for m in movers]).T
    np.testing.assert_allclose(np.hypot(movers["vx"], movers["vy"]), 300.0 / 3.6)
    # The hexagon's second moments: 5/72 of its area's side a^2 = 7 D^2 in each direction.
    expected = 5.0 / 72.0 * 7.0 * 100.0**2
    for moment, wanted in (((x * x).mean(), expected), ((y * y).mean(), expected)):
        assert moment == pytest.approx(wanted, rel=0.06)
    assert abs((x * y).mean()) < 0.06 * expected


# Handovers by hand ----------------------------------------------------------------------------


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


# What must hold -------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(
    st.data(),
    st.integers(0, 2**63),
    st.booleans(),
    st.sampled_from([0, 30]),
    st.sampled_from([1.0, 1.5, 3.0]),
)
def test_nothing_is_lost_or_doubled_when_users_move(
    data: st.DataObject, seed: int, forwarding: bool, interruption_ms: int, room: float
) -> None:
    scenario = small(3, 2, forwarding=forwarding, interruption_ms=interruption_ms, room=room)
    network = Network(scenario, seeds(seed, seed + 1, seed + 2))
    waiting_bytes = waiting = np.zeros(3, np.int64)
    connected = np.full((3, 3), 2)
    several = data.draw(st.lists(allocations(3), min_size=1, max_size=3))
    for period in range(60):
        network.step(several[period % len(several)])
        d, m, users = network.detail(), network.moves(), network.users()
        waiting_bytes = waiting_bytes + (d.offered_bytes - d.delivered_bytes - d.dropped_bytes).sum(
            axis=0
        )
        waiting = waiting + (d.offered_packets - d.delivered_packets - d.dropped_packets).sum(
            axis=0
        )
        np.testing.assert_array_equal(waiting_bytes, d.queued_bytes.sum(axis=0))
        np.testing.assert_array_equal(waiting > 0, d.queued_bytes.sum(axis=0) > 0)
        connected = connected + m.joined - m.left
        np.testing.assert_array_equal(connected, m.connected)
        assert (m.connected <= scenario.places).all()
        assert (m.connected.sum(axis=0) == 2).all() or (m.connected.sum(axis=0) == 6).all()
        assert sorted(users.number[users.present].tolist()) == list(range(18))
        at = np.broadcast_to(users.slice, users.number.shape)[users.present]
        np.testing.assert_array_equal(at, users.number[users.present] % 6 // 2)
        assert (users.queued_bytes[~users.present] == 0).all()
        assert (users.volume_bytes[~users.present] == 0).all()
        assert (m.left <= m.requested + m.reestablished.sum(axis=0)).all()
        if room == 1.0:
            assert not m.left.any()


def world(network: Network) -> dict[str, Any]:
    """Everything no allocation may touch, user by user."""
    state = network._state
    c, p = np.nonzero(network.users().present)
    order = np.argsort(network.users().number[c, p])
    c, p = c[order], p[order]
    users = ("snr", "inr", "stream", "flows", "on", "nominal", "due", "luck", "base_rate")
    return {
        "movers": state.movers,
        **{name: state.links[name] for name in ("gain", "level", "shadow", "lot", "entered")},
        **{name: state.users[name][c, p] for name in users},
        "words": state.words.reshape(len(state.words), -1, 4, 16).swapaxes(2, 3)[
            c, p // 16, p % 16
        ],
    }


def test_no_allocation_changes_where_users_go_or_what_they_ask_for() -> None:
    scenario = small(7, 3)
    one, other = (Network(scenario, np.arange(7).astype(np.uint64)) for _ in range(2))
    idle = equal(7, MCS_BACKOFF=6, ADMISSION=0, MIN=0, tx_power_offset_db=-9)
    moved = 0
    for _ in range(60):
        one.step(equal(7))
        other.step(idle)
        moved += int(one.moves().left.sum())
        for f in fields(Moves):
            name = f.name
            np.testing.assert_array_equal(getattr(one.moves(), name), getattr(other.moves(), name))
        np.testing.assert_array_equal(one.detail().demanded_bytes, other.detail().demanded_bytes)
        theirs = world(other)
        for name, values in world(one).items():
            np.testing.assert_array_equal(values, theirs[name], err_msg=name)
    assert moved > 20


def test_a_moving_group_depends_on_its_own_seeds_alone() -> None:
    scenario = small(3, 3)
    together = [
        Network(scenario, np.arange(9).astype(np.uint64), threads=threads) for threads in (1, 2, 3)
    ]
    alone = Network(scenario, seeds(3, 4, 5))
    fresh = Network(scenario, seeds(20, 21, 22))
    for _ in range(30):
        reports = [network.step(equal(9)) for network in together]
        for report in reports[1:]:
            np.testing.assert_array_equal(report.slices, reports[0].slices)
            np.testing.assert_array_equal(report.cell, reports[0].cell)
        np.testing.assert_array_equal(alone.step(equal(3)).slices, reports[0].slices[3:6])
    which = np.arange(9) // 3 == 1
    together[0].reset(which, np.arange(17, 26).astype(np.uint64))
    for _ in range(10):
        report, kept = together[0].step(equal(9)), together[1].step(equal(9))
        np.testing.assert_array_equal(report.slices[~which], kept.slices[~which])
        np.testing.assert_array_equal(report.slices[which], fresh.step(equal(3)).slices)


def test_without_places_handovers_are_refused() -> None:
    network = Network(small(7, 4, room=1.0), np.arange(7).astype(np.uint64))
    refused = left = 0
    for _ in range(60):
        network.step(equal(7))
        refused += int(network.moves().refused.sum())
        left += int(network.moves().left.sum())
    assert refused > 20
    assert left == 0


def test_reported_users_are_the_mean_of_those_connected() -> None:
    scenario = replace(small(7, 4), period_ms=100)
    network = Network(scenario, np.arange(7).astype(np.uint64))
    column = [m.name for m in SLICE_MEASUREMENTS].index("RRC.ConnMean")
    fractions = 0
    for _ in range(30):
        before = network.moves().connected
        mean = network.step(equal(7)).slices[..., column]
        after, m = network.moves().connected, network.moves()
        still = (m.joined == 0) & (m.left == 0)
        np.testing.assert_array_equal(mean[still], after[still])
        assert (mean <= before + m.joined).all()
        assert (mean >= before - m.left).all()
        assert mean.sum() == pytest.approx(7 * 12, abs=0.1)
        fractions += int((mean % 1.0 > 0.0).sum())
    assert fractions > 20


def test_as_many_wait_in_a_group_as_littles_law_says() -> None:
    urllc = HIGHWAY.slices[1]
    scenario = replace(
        small(3, 4),
        numerology=0,
        period_ms=10,
        slices=(
            replace(
                urllc,
                users=8,
                speed_kmh=300.0,
                discard_ms=300,
                queue=1024,  # no one is turned away
                traffic=replace(
                    urllc.traffic, load=(0.5, 0.5), packet_bytes=(250, 250), periodic_share=0.0
                ),
            ),
        ),
    )
    network = Network(scenario, np.arange(18).astype(np.uint64))
    allocation = equal(18)
    allocation = AllocationBatch(allocation.slices[:, :1].copy(), allocation.tx_power_offset_db)
    waiting = slots = finished = arrived = moved = 0
    for _ in range(3000):
        network.step(allocation)
        tally = network._state.tallies
        waiting += int(tally["queued_bytes"].sum()) // 250
        # Whoever leaves in the slot it came in waits at the end of none.
        slots += int((tally["delay_slots"] - tally["delivered_sdus"]).sum())
        slots += int(tally["late_sdus"].sum()) * 300
        finished += int((tally["delivered_sdus"] + tally["late_sdus"]).sum())
        arrived += int(tally["offered_sdus"].sum())
        moved += int(network.moves().left.sum())
    assert moved > 1000
    assert arrived == finished + int(tally["queued_bytes"].sum()) // 250
    # Seen every tenth slot, so up to chance.
    assert 10.0 * waiting == pytest.approx(slots, rel=0.03)


def test_a_node_reports_users_where_they_are() -> None:
    site = Site(Network(small(7, 4), np.arange(7).astype(np.uint64)))
    columns = user_columns([Measurement("CARR.WBCQIDist", (NO_LABEL,))])
    content = UserContent(columns, lambda _: True, GnbDuUeId, Naming())
    counts = []
    for period in range(30):
        cells = site.play(20 * (period + 1), with_users=True)
        assert {len(cell.users) for cell in cells} == {site.users} == {24}
        counts.append([sum(u.present for u in cell.users) for cell in cells])
        for cell, present in zip(cells, counts[-1], strict=True):
            message = content.message([(cell,)])
            assert isinstance(message, IndicationFormat3)
            assert len(message.ues) == present
            for ue in message.ues:
                ((cqi,),) = (record.values for record in ue.report.records)
                assert cqi is not None
    assert all(sum(row) == 7 * 12 for row in counts)
    assert any(row != counts[0] for row in counts)


# Scenarios ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "values", "message"),
    [
        (5, {}, r"^interference\.coupled_cells: 5 cells do not tile a hexagonal grid"),
        (7, {"time_to_trigger_ms": 50}, r"^mobility\.time_to_trigger_ms: 50 is not one of \(0, 40"),
        (7, {"filter_coefficient": 10}, r"^mobility\.filter_coefficient: 10 is not one of"),
        (7, {"t310_ms": 60}, r"^mobility\.t310_ms: 60 is not one of"),
        (7, {"measurement_ms": 45}, r"^mobility\.measurement_ms: 45 is not a multiple of 10"),
        (7, {"interruption_ms": 1}, r"^mobility\.interruption_ms: 1 is not a multiple of 10"),
        (7, {"a3_offset_db": 0.7}, r"^mobility\.a3_offset_db: 0\.7 is not a multiple of 0\.5"),
        (7, {"qin_db": -9.0}, r"^mobility\.qin_db: -9 is below qout_db"),
        (7, {"speed": 3}, r"^mobility\.speed: unknown key"),
        (7, {}, r"^period_ms: 15 is not a multiple of 10, as mobility needs"),
        (7, None, ""),
    ],
)
def test_impossible_mobility_is_refused(cells: int, values: Any, message: str) -> None:
    period = {"period_ms": 15} if message.startswith("^period") else {}
    document = {**minimal(), **period, "interference": {"coupled_cells": cells}, "mobility": values}
    if values is None:
        assert parse_scenario(document).mobility is None
        return
    assert parse_scenario(
        {**document, "period_ms": 100, "mobility": {}, "interference": {}}
    ).mobility
    with pytest.raises(ValueError, match=message):
        parse_scenario(document)


def test_places_are_room_for_guests_where_cells_are_coupled() -> None:
    assert HIGHWAY.places == (32, 24, 16)
    assert replace(HIGHWAY, mobility=None).places == (16, 12, 8)
    lone = replace(HIGHWAY, interference=replace(HIGHWAY.interference, coupled_cells=1))
    assert lone.places == (16, 12, 8)
