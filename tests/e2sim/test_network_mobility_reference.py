"""Users who move between cells, against the plain Python cells: every counter, exactly."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.network.moves import Moves
from e2sim.scenario import (
    Fault,
    Mobility,
    Scenario,
    Series,
    SliceScenario,
    Trace,
    load_scenario,
)
from e2sim.scenario.pareto import bounded_pareto_mean
from oran.batch import AllocationBatch
from tests.e2sim.reference import ReferenceCell, play_together
from tests.e2sim.reference_faults import number as at
from tests.e2sim.reference_faults import stream
from tests.e2sim.reference_mobility import Group
from tests.e2sim.test_network_reference import random_allocation
from tests.e2sim.test_network_traced import average

HIGHWAY = load_scenario("highway")
assert HIGHWAY.mobility is not None
HURRIED = replace(
    HIGHWAY.mobility,
    measurement_ms=20,
    turn_s=2.0,
    a3_offset_db=0.0,
    hysteresis_db=0.0,
    time_to_trigger_ms=40,
    filter_coefficient=0,
    room=1.5,
)


def grouped(scenario: Scenario, cells: int, mobility: Mobility) -> Scenario:
    return replace(
        scenario,
        period_ms=90,
        mobility=mobility,
        interference=replace(scenario.interference, coupled_cells=cells, burst_db=3.0),
    )


def fast(scenario: Scenario, users: int) -> Scenario:
    """Faster than any car, for many handovers in few slots; less load, for the slow cells' sake."""
    return replace(
        scenario,
        slices=tuple(
            replace(
                s,
                users=users,
                speed_kmh=v,
                discard_ms=200,
                traffic=replace(s.traffic, load=(0.1, 0.3)),
            )
            for s, v in zip(scenario.slices, (480.0, 300.0, 120.0), strict=True)
        ),
    )


def playing(part: SliceScenario) -> SliceScenario:
    trace = Trace(
        37.0, (Series((900.0, 0.0, 4000.0), None), Series((2000.0, 100.0, 0.0, 7000.0, 50.0), None))
    )
    traffic = replace(part.traffic, load=(0.0, 0.0), periodic_share=0.0)
    return replace(part, trace=trace, traffic=traffic)


OVERLOAD = replace(fast(load_scenario("overload"), 2), site_distance_m=100.0)
SCENARIOS: dict[str, Scenario] = {
    "forwarding": replace(grouped(OVERLOAD, 3, HURRIED), numerology=0),
    "dropping": grouped(OVERLOAD, 3, replace(HURRIED, forwarding=False, interruption_ms=0)),
    # Links that are lost easily.
    "failing": replace(
        grouped(
            replace(fast(HIGHWAY, 3), site_distance_m=150.0),
            4,
            replace(HURRIED, qout_db=0.0, qin_db=3.0, t310_ms=50, reestablishment_ms=60),
        ),
        period_ms=70,
    ),
    # gNBs that fail: their users look for another cell, and lose what waited.
    "failing gNBs": replace(
        grouped(OVERLOAD, 3, replace(HURRIED, t310_ms=50, reestablishment_ms=30, qout_db=-12.0)),
        faults=(
            Fault(kind="gnb_outage", mtbf_s=0.5, mttr_s=0.15, startup_s=0.05),
            Fault(kind="backhaul_loss", severity=0.3, mtbf_s=0.3, mttr_s=0.2),
            Fault(kind="interference_burst", severity=9.0, mtbf_s=0.3, mttr_s=0.2),
        ),
    ),
    # Users who play a trace carry it along; series differ in length, and steps from periods.
    "traced": replace(
        grouped(OVERLOAD, 3, HURRIED),
        slices=(playing(OVERLOAD.slices[0]), *OVERLOAD.slices[1:]),
    ),
    "seven": grouped(replace(fast(HIGHWAY, 2), site_distance_m=150.0), 7, HURRIED),
    "alone": grouped(OVERLOAD, 1, HURRIED),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_counter_matches_while_users_move(name: str) -> None:
    seen = matched(name, 10_000)
    if name == "alone":
        assert seen["joined"] == seen["requested"] == 0
    else:
        assert seen["requested"] > 10
        assert seen["succeeded"] > 0
        assert seen["ping_pongs"] + seen["refused"] > 0
        assert seen["link_failures"] > 5 or not name.startswith("failing")
        assert seen["reestablished"] > 5 or not name.startswith("failing")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_counter_matches_over_many_seconds(name: str) -> None:
    assert matched(name, 100_000)["requested"] > 200 or name == "alone"


def play_traces(scenario: Scenario, movers: Group) -> None:
    """Rates of the period that begins, of the users who play a trace wherever they are."""
    homes = [[m for m in movers.movers if m.home == c] for c in range(len(movers.cells))]
    for number, m in (pair for users in homes for pair in enumerate(users)):
        part, trace = scenario.slices[m.slice], scenario.slices[m.slice].trace
        if trace is None:
            continue
        first = sum(s.users for s in scenario.slices[: m.slice])
        own = trace.series[(number - first) % len(trace.series)].offered_bytes
        assert own is not None
        seed = int(movers.network._state.cells["seed"][movers.first + m.home])
        origin = math.floor(at(stream(seed, number, 48), 1) * len(own))
        width = scenario.period_ms / trace.step_ms
        start = origin + movers.cells[0].now * scenario.slot_ms / trace.step_ms
        size = bounded_pareto_mean(*part.traffic.packet_bytes, part.traffic.pareto_shape)
        a_step = average(own, start, width)
        m.user.base_rate = a_step / (trace.step_ms / scenario.slot_ms) / size


def matched(name: str, cell_slots: int) -> dict[str, int]:
    """Play the scenario beside its reference; how users moved."""
    scenario = SCENARIOS[name]
    group = scenario.interference.coupled_cells
    network = Network(scenario, np.arange(2 * group).astype(np.uint64))
    references = [ReferenceCell(network, group + c) for c in range(group)]
    movers = Group(network, references, group)
    rng = np.random.default_rng(len(name))
    seen = dict.fromkeys((f.name for f in fields(Moves)), 0)
    slots = 0
    while slots < cell_slots // (group + 1):
        allocations = [random_allocation(rng, scenario) for _ in references]
        batches = [AllocationBatch.of(a) for a in allocations]
        rows = np.concatenate([b.slices for b in batches] * 2)
        power = np.concatenate([b.tx_power_offset_db for b in batches] * 2)
        network.step(AllocationBatch(rows, power))
        movers.open()
        play_traces(scenario, movers)
        expected = play_together(references, allocations, movers)
        slots += scenario.slots_per_period
        moves = network.moves()
        for c, tallies in enumerate(expected):
            for s, tally in enumerate(tallies):
                row = network._state.tallies[group + c, s]
                got = {f: row[f].item() for f in row.dtype.names}
                wanted = {f: tally.get(f, 0) for f in got}
                assert got == pytest.approx(wanted, rel=1e-9, nan_ok=True), (c, s, slots)
                exact = [f for f in got if not f.endswith("kbps")]
                assert {f: got[f] for f in exact} == {f: wanted[f] for f in exact}, (c, s, slots)
                for f in seen:
                    value = int(getattr(moves, f)[group + c, s])
                    if f != "connected":
                        assert value == movers.counts[c][s][f], (f, c, s, slots)
                    seen[f] += value
    places = {(m.cell, m.user.index): m.user.snr for m in movers.movers}
    for (c, place), snr in places.items():
        assert network._state.users[group + c, place]["snr"] == pytest.approx(snr, rel=1e-9)
    return seen
