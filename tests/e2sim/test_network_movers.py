"""Users who move: what must hold of a group, and of its reports."""

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
from e2sim.network.moves import Moves
from e2sim.scenario import parse_scenario
from oran.batch import AllocationBatch
from oran.e2.common.ueid import GnbDuUeId
from oran.e2.kpm import NO_LABEL, IndicationFormat3, Measurement
from oran.measurements import SLICE_MEASUREMENTS
from tests.e2sim.moving import HIGHWAY, small
from tests.e2sim.test_network_cell import allocations, equal, seeds
from tests.e2sim.test_network_scenario import minimal


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
