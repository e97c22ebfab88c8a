"""The kernel against a plain Python cell with explicit packets: every counter, exactly."""

from dataclasses import replace

import numpy as np
import pytest

from e2sim.network import Network
from e2sim.network.energy import STATES
from e2sim.scenario import (
    Direction,
    Duplex,
    Fault,
    Power,
    Scenario,
    Scheduler,
    Sleep,
    SliceUplink,
    Traffic,
    Uplink,
    load_scenario,
)
from oran.allocation import Allocation, SliceAllocation
from oran.batch import AllocationBatch
from tests.e2sim.reference import ReferenceCell, play_both, play_together


def shrunk(scenario: Scenario, users: int) -> Scenario:
    """The scenario with fewer users, for the slow cell's sake; the load stays."""
    return replace(scenario, slices=tuple(replace(s, users=users) for s in scenario.slices))


def random_allocation(rng: np.random.Generator, scenario: Scenario) -> Allocation:
    """A feasible allocation; some leave a slice nothing."""
    n = len(scenario.slices)
    minima = np.floor(rng.dirichlet(np.ones(n)) * rng.integers(0, 101)).astype(int)
    rows = []
    for s, least in zip(scenario.slices, minima.tolist(), strict=True):
        rows.append(
            SliceAllocation(
                s.snssai,
                int(rng.integers(0, least + 1)),
                least,
                int(rng.integers(least, 101)),
                int(rng.integers(0, 7)),
                int(rng.integers(0, 101)),
            )
        )
    return Allocation(tuple(rows), int(rng.integers(-9, 1)))


def sending(scenario: Scenario, *schedulers: Scheduler) -> Scenario:
    """The scenario with an uplink in each slice for which there is a scheduler, the first ones.

    What a slice sends is what the slice before it receives.
    """
    return replace(
        scenario,
        slices=tuple(
            replace(
                s,
                uplink=SliceUplink(
                    scheduler=scheduler,
                    discard_ms=s.discard_ms,
                    queue=32,
                    traffic=scenario.slices[i - 1].traffic,
                ),
            )
            for i, (s, scheduler) in enumerate(zip(scenario.slices, schedulers, strict=False))
        )
        + scenario.slices[len(schedulers) :],
    )


MIXED = load_scenario("mixed")
OVERLOAD = load_scenario("overload")
NIGHT = load_scenario("night")
TINY = Traffic(load=(0.003, 0.006), packet_bytes=(1, 60), sdu_bytes=7, pareto_shape=1.5)

FAULTS = (
    Fault(kind="gnb_outage", mtbf_s=0.2, mttr_s=0.05, startup_s=0.03),
    Fault(kind="backhaul_loss", severity=0.3, mtbf_s=0.1, mttr_s=0.1),
    Fault(kind="backhaul_loss", severity=1.0, at_s=0.1, for_s=0.07),
    Fault(kind="interference_burst", severity=12.0, mtbf_s=0.1, mttr_s=0.05),
    Fault(kind="interference_burst", severity=3.0, cells=0.5, mtbf_s=0.1, mttr_s=0.2),
    Fault(kind="stale_report", mtbf_s=0.3, mttr_s=0.1),
)


def sleepy(users: int, sleep: Sleep) -> Scenario:
    """Sparse demand of every shape, so that there are pauses of all lengths."""
    traffic = Traffic(
        load=(0.002, 0.006), packet_bytes=(100, 3000), periodic_share=0.2, period_ms=70.0,
        jitter_ms=9.0,
    )  # fmt: skip
    parts = tuple(replace(s, users=users, traffic=traffic) for s in NIGHT.slices)
    return replace(NIGHT, period_ms=90, power=Power(sleep=sleep, off_w=5.0), slices=parts)


SCENARIOS = {
    "mixed": shrunk(MIXED, 3),
    "overload": shrunk(OVERLOAD, 4),
    "strict": replace(shrunk(OVERLOAD, 3), slicing="strict"),
    "night": NIGHT,
    "uplink": shrunk(load_scenario("uplink"), 3),
    "FDD": sending(
        shrunk(OVERLOAD, 4), "round_robin", "proportional_fair", "earliest_deadline"
    ),
    "strict TDD": replace(
        sending(shrunk(OVERLOAD, 3), "earliest_deadline", "round_robin"),
        duplex=Duplex("DDSUU"),
        slicing="strict",
        uplink=Uplink(grant_delay_slots=0, harq_rtt_slots=3),
    ),
    "TDD downlink": replace(shrunk(MIXED, 3), duplex=Duplex("DDDSUDDSUU")),
    # Users that have power for some PRBs only, in a pattern that no round trip divides.
    "edge": replace(
        sending(shrunk(OVERLOAD, 3), "proportional_fair", "round_robin", "earliest_deadline"),
        numerology=2,
        period_ms=37,
        duplex=Duplex("DSUUUUUU"),
        site_distance_m=700.0,
        harq_transmissions=2,
        uplink=Uplink(ue_power_dbm=10.0, alpha=1.0, grant_delay_slots=19, harq_rtt_slots=5),
    ),
    "factory": shrunk(load_scenario("factory"), 3),
    "stadium": shrunk(load_scenario("stadium"), 6),
    # A long slot, few PRBs, two branches, a short round trip and a buffer that overflows.
    "narrow": replace(
        shrunk(OVERLOAD, 3),
        numerology=0,
        prbs=25,
        diversity=2,
        harq_rtt_slots=3,
        harq_transmissions=2,
        cqi_period_slots=4,
        cqi_delay_slots=3,
        slices=tuple(replace(s, users=3, queue=4, discard_ms=20) for s in OVERLOAD.slices),
    ),
    # Short slots, one branch, one transmission: RLC repeats everything that fails.
    "fragile": replace(
        shrunk(MIXED, 3),
        numerology=3,
        period_ms=37,  # not a whole number of ticks
        diversity=1,
        harq_rtt_slots=16,
        harq_transmissions=1,
        site_distance_m=900.0,
    ),
    # SDUs smaller than a PRB, more users than a block of lanes, five slices of one kind.
    "crumbs": replace(
        MIXED,
        slices=tuple(
            replace(MIXED.slices[i % 3], users=4, snssai=replace(MIXED.slices[0].snssai, sd=i),
                    traffic=TINY, queue=32)
            for i in range(5)
        ),
    ),
    # Every fault that acts in the kernel, often, in periods that are no whole ticks.
    "failing": replace(shrunk(MIXED, 3), period_ms=37, power=Power(off_w=12.0), faults=FAULTS),
    "failing uplink": replace(
        shrunk(load_scenario("uplink"), 3),
        period_ms=37,
        power=Power(off_w=12.0, receive_w=3.0),
        faults=FAULTS,
    ),
    "failing FDD": replace(
        sending(shrunk(OVERLOAD, 3), "round_robin", "earliest_deadline"), faults=FAULTS
    ),
    "failing sleeper": replace(
        sleepy(3, Sleep(deepest="deep", idle_ms=1.0, ssb_ms=160)), faults=FAULTS
    ),
    "TDD sleeper": replace(
        sleepy(3, Sleep(deepest="light", idle_ms=1.0)), duplex=Duplex("DDSUU"), faults=FAULTS[:1]
    ),
    # The uplink is sparser than what it receives: pauses, and data that wakes the site.
    "sending sleeper": replace(
        sending(
            sleepy(2, Sleep(deepest="deep", idle_ms=1.0, ssb_ms=160)),
            "round_robin", "proportional_fair", "earliest_deadline",
        ),
        faults=FAULTS,
    ),
    "sending TDD sleeper": replace(
        sending(sleepy(2, Sleep(deepest="light", idle_ms=0.0)), "earliest_deadline"),
        duplex=Duplex("DDDSU"),
        uplink=Uplink(grant_delay_slots=3, harq_rtt_slots=2),
    ),
    "light sleeper": sleepy(3, Sleep(deepest="light", idle_ms=0.0, ssb_ms=20)),
    "micro sleeper": sleepy(3, Sleep(deepest="micro", full_load_w=900.0)),
    "sleepless": sleepy(3, Sleep(deepest="none")),
    # Users of one slice in two words of a set, and of two slices in one, all short of PRBs.
    "crowd": replace(
        OVERLOAD,
        period_ms=50,
        slices=tuple(
            replace(s, users=users) for s, users in zip(OVERLOAD.slices, (40, 50, 45), strict=True)
        ),
    ),
}  # fmt: skip


DIRECTIONS: tuple[Direction, ...] = ("downlink", "uplink")
COUPLED = [
    replace(
        scenario,
        period_ms=37,  # not a whole number of ticks
        interference=replace(scenario.interference, coupled_cells=3),
    )
    for scenario in (shrunk(OVERLOAD, 2), shrunk(load_scenario("uplink"), 2))
]


def check_sleep(network: Network, reference: ReferenceCell) -> None:
    """Slots, joules and entries of the last period, state by state."""
    energy, sleep = network.energy(), reference.sleep
    assert sleep is not None
    slots = {**sleep.slots, "off": reference.off_slots}
    assert energy.slots[0].tolist() == [slots.get(state, 0) for state in STATES]
    assert energy.entries[0].tolist() == [sleep.entries["light"], sleep.entries["deep"]]
    joules = {**sleep.joules, "off": reference.energy_j}
    wanted = [joules.get(state, 0.0) for state in STATES]
    assert energy.joules[0].tolist() == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("seed", [1, 2**64 - 1])
def test_every_counter_matches_the_plain_python_cell(name: str, seed: int) -> None:
    scenario = SCENARIOS[name]
    network = Network(scenario, np.array([seed, 5], np.uint64))
    directions = DIRECTIONS if scenario.has_uplink else DIRECTIONS[:1]
    references = {d: ReferenceCell(network, 0, d) for d in directions}
    rng = np.random.default_rng([seed, len(name)])
    slots = 0
    while slots < 1000:
        allocation = random_allocation(rng, scenario)
        one = AllocationBatch.of(allocation)
        network.step(
            AllocationBatch(np.repeat(one.slices, 2, axis=0), np.repeat(one.tx_power_offset_db, 2))
        )
        slots += scenario.slots_per_period
        if scenario.has_uplink and scenario.power.sleep is not None:
            played = play_both(references["uplink"], references["downlink"], allocation)
        else:
            played = {d: reference.play(allocation) for d, reference in references.items()}
        for direction, reference in references.items():
            check(network, reference, direction, played[direction], slots)
        energy_j = references["downlink"].joules
        if scenario.has_uplink:
            receiving_s = references["uplink"].busy_slots * scenario.slot_ms / 1000.0
            energy_j += scenario.power.chains * scenario.power.receive_w * receiving_s
        assert network.detail().energy_j[0] == pytest.approx(energy_j, rel=1e-9)
        if references["downlink"].sleep is not None:
            check_sleep(network, references["downlink"])


def check(
    network: Network,
    reference: ReferenceCell,
    direction: Direction,
    tallies: list[dict[str, float]],
    slots: int,
) -> None:
    """Every counter of a direction of the first cell is that of the plain Python cell."""
    state = network._of(direction)[1]
    for s, tally in enumerate(tallies):
        where = f"{direction}, slice {s} at slot {slots}"
        row = state.tallies[0, s]
        got = {field: row[field].item() for field in row.dtype.names}
        wanted = {field: tally.get(field, 0) for field in got}
        assert got == pytest.approx(wanted, rel=1e-12, nan_ok=True), where
        counters = {k: v for k, v in got.items() if k != "throughput_kbps"}
        assert counters == {k: wanted[k] for k in counters}, where
    assert state.cells["busy_slots"][0] == reference.busy_slots


@pytest.mark.parametrize("scenario", COUPLED, ids=("downlink alone", "TDD"))
def test_coupled_cells_match_plain_python_cells_in_lockstep(scenario: Scenario) -> None:
    network = Network(scenario, np.arange(6).astype(np.uint64))
    directions = DIRECTIONS if scenario.has_uplink else DIRECTIONS[:1]
    references = {d: [ReferenceCell(network, c, d) for c in (3, 4, 5)] for d in directions}
    rng = np.random.default_rng(0)
    for _ in range(8):
        allocations = [random_allocation(rng, scenario) for _ in range(3)]
        batches = [AllocationBatch.of(a) for a in allocations]
        rows = np.concatenate([b.slices for b in batches])
        power = np.concatenate([b.tx_power_offset_db for b in batches])
        network.step(AllocationBatch(np.concatenate([rows, rows]), np.concatenate([power, power])))
        for direction, cells in references.items():
            state = network._of(direction)[1]
            for c, tallies in enumerate(play_together(cells, allocations)):
                for s, tally in enumerate(tallies):
                    row = state.tallies[3 + c, s]
                    counters = [f for f in row.dtype.names if f != "throughput_kbps"]
                    assert {f: row[f] for f in counters} == {f: tally.get(f, 0) for f in counters}
                assert state.cells["around"][3 + c] == pytest.approx(cells[c].around_db)
