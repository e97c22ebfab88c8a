"""The plan: a scenario in the kernel's units, which are slots, bytes and linear powers."""

import math
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from e2sim.network.direction import DIRECTION, direction_of
from e2sim.network.fading import LANES, memory, step_slots
from e2sim.network.fingerprint import fingerprint
from e2sim.network.grid import sites_of
from e2sim.network.members import WORD, words_of
from e2sim.network.moving import MOVING, moving_of
from e2sim.network.pools import (
    GROUP_RULES,
    POOL_RULES,
    calendars_of,
    group_rules,
    pool_rules,
)
from e2sim.network.power import POWER_FIELDS, power_plan
from e2sim.network.propagation import UMA, UMI, noise_dbm
from e2sim.network.records import F64, I64, U64, Records, record
from e2sim.scenario import Direction, Scenario, SliceScenario, facing
from e2sim.scenario.faults import IN_THE_RADIO
from e2sim.scenario.pareto import bounded_pareto_mean
from e2sim.scenario.tick import TICK_MS

PROPORTIONAL_FAIR: Final = 0
EARLIEST_DEADLINE: Final = 1
ROUND_ROBIN: Final = 2

_SCHEDULERS: Final = {
    "proportional_fair": PROPORTIONAL_FAIR,
    "earliest_deadline": EARLIEST_DEADLINE,
    "round_robin": ROUND_ROBIN,
}
_ENVIRONMENTS: Final = {"umi": UMI, "uma": UMA}
_SUBCARRIERS: Final = 12


CARRIER: Final = {
    "prbs": "i8",
    "strict": "i8",  # 1 where a slice has its minimum share and no more
    "slots": "i8",  # of a period
    "slot_ms": "f8",
    "tick": "i8",  # slots between updates of slow processes
    "users": "i8",  # places
    "moves": "i8",  # 1 with mobility
    "diversity": "i8",
    "fading_step": "i8",  # slots between steps of the fading
    "cqi_period": "i8",
    "cqi_delay": "i8",
    "fair_first": "i8",  # block of `LANES` with the first users of proportional fair
    "fair_last": "i8",  # block behind their last one
    "rtt": "i8",
    "transmissions": "i8",
    "group": "i8",  # cells that are each other's neighbours
    "level_mean": "f8",  # interference, dB
    "level_sigma": "f8",
    "level_memory": "f8",  # kept over a tick
    "burst_rise": "f8",
    "burst_leave": "f8",  # probability in a tick
    "burst_enter": "f8",
    "environment": "i8",
    "carrier_ghz": "f8",
    "site_distance": "f8",
    "site_height": "f8",
    "power_over_noise_db": "f8",
    "chains": "f8",  # power model, see `scenario.Power`
    "max_w": "f8",
    "fixed_w": "f8",
    "slope": "f8",
    "receive_w": "f8",
    **DIRECTION,
    "faults": "i8",  # 1 where something can fail
    **POWER_FIELDS,
}
"""Fields of what all cells share."""

RULES: Final = record(
    first="i8",  # user place of the slice
    last="i8",  # place behind it
    users="i8",  # at the start, in its first places
    speed="f8",  # m/s
    word="i8",  # first word of a set that has a user of the slice
    words="i8",  # word behind the last one
    scheduler="i8",
    deadline="i8",
    sdu="i8",  # bytes
    ring="i8",  # entries of a user's ring, a power of two
    memory="f8",  # fading filter coefficient
    load_low="f8",
    load_high="f8",
    flows="i8",  # 1 where Poisson arrivals ask for admission
    devices="i8",  # 1 where devices send what they report
    size_low="f8",
    size_top="f8",  # of the bounded Pareto distribution: see `ahead.flow_size`
    size_span="f8",
    size_power="f8",
    size_mean="f8",
    periodic_share="f8",
    cycle="f8",
    jitter="f8",
    spread="f8",
    swing_sigma="f8",
    swing_memory="f8",
    on_leave="f8",  # probability in a tick
    on_enter="f8",
    on_factor="f8",  # rate within on against the mean
    burst_share="f8",
    burst_every="f8",
    burst_length="f8",
)
"""What all cells share about one slice."""


class Plan(NamedTuple):
    """A scenario as the kernel wants it."""

    carrier: Records  # [1] of CARRIER
    slices: Records  # [S] of RULES
    members: U64  # [S, W] the places of each slice's users
    moving: Records  # [1] of MOVING
    sites: F64  # [O, 2] with mobility: where they are, in m; the group's ones come first
    pools: Records  # [S] of POOL_RULES
    groups: Records  # [G] of GROUP_RULES
    widths: I64  # [G, CALENDARS] occasions of a calendar's bin
    chances: F64  # [G, CALENDARS, BINS]


def plan_of(scenario: Scenario, direction: Direction = "downlink") -> Plan:
    """The plan of one direction of a scenario."""
    scenario = facing(scenario, direction)
    edges = np.cumsum((0, *scenario.places)).tolist()
    rules = [
        _rules(scenario, s, first, last)
        for s, first, last in zip(scenario.slices, edges[:-1], edges[1:], strict=True)
    ]
    stamped = record(**CARRIER, **{f"sources_{fingerprint()}": "i8"})
    tick = TICK_MS << scenario.numerology
    carrier = {**_carrier(scenario), **direction_of(scenario, direction, tick)}
    return Plan(
        _table(stamped, [carrier]),
        _table(RULES, rules),
        _members(edges),
        _table(record(**MOVING), [moving_of(scenario)]),
        _sites(scenario),
        _table(POOL_RULES, pool_rules(scenario)),
        _table(GROUP_RULES, group_rules(scenario)),
        *calendars_of(scenario),
    )


def _sites(scenario: Scenario) -> F64:
    """The sites that users who move measure."""
    if scenario.mobility is None:
        return np.zeros((0, 2))
    return sites_of(scenario.interference.coupled_cells, scenario.site_distance_m)


def _members(edges: list[int]) -> U64:
    """The set of each slice's places, which run from one edge to the next."""
    members = np.zeros((len(edges) - 1, words_of(edges[-1])), np.uint64)
    for s, (first, last) in enumerate(pairwise(edges)):
        for u in range(first, last):
            members[s, u // WORD] |= np.uint64(1 << u % WORD)
    return members


def _table(kind: "np.dtype[Any]", rows: list[dict[str, float]]) -> Records:
    table = np.zeros(len(rows), kind)
    for name in rows[0] if rows else ():
        table[name] = [row[name] for row in rows]
    return table


def _carrier(scenario: Scenario) -> dict[str, float]:
    mu, around = scenario.numerology, scenario.interference
    bandwidth_hz = scenario.prbs * _SUBCARRIERS * 15_000.0 * 2**mu
    power_dbm = 10.0 * math.log10(1000.0 * scenario.power.max_w * scenario.power.chains)
    return {
        "prbs": scenario.prbs,
        "strict": scenario.slicing == "strict",
        "slots": scenario.slots_per_period,
        "slot_ms": scenario.slot_ms,
        "tick": TICK_MS << mu,
        "users": sum(scenario.places),
        "moves": scenario.mobility is not None,
        "diversity": scenario.diversity,
        "fading_step": _fading_step(scenario),
        "cqi_period": scenario.cqi_period_slots,
        "cqi_delay": scenario.cqi_delay_slots,
        **_fair_blocks(scenario),
        "rtt": scenario.harq_rtt_slots,
        "transmissions": scenario.harq_transmissions,
        "group": around.coupled_cells,
        "level_mean": around.mean_db,
        "level_sigma": around.sigma_db,
        "level_memory": _kept(around.memory_s),
        "burst_rise": around.burst_db,
        "burst_leave": _left(around.burst_on_s),
        "burst_enter": _left(around.burst_off_s),
        "environment": _ENVIRONMENTS[scenario.environment],
        "carrier_ghz": scenario.carrier_ghz,
        "site_distance": scenario.site_distance_m,
        "site_height": scenario.site_height_m,
        "power_over_noise_db": power_dbm + scenario.antenna_gain_db - noise_dbm(bandwidth_hz),
        "chains": scenario.power.chains,
        "max_w": scenario.power.max_w,
        "fixed_w": scenario.power.fixed_w,
        "slope": scenario.power.slope,
        "receive_w": scenario.power.receive_w,
        "faults": any(f.kind in IN_THE_RADIO for f in scenario.faults),
        **power_plan(scenario),
    }


def _fair_blocks(scenario: Scenario) -> dict[str, float]:
    """The blocks from the first to the last user of proportional fair."""
    edges = np.cumsum((0, *scenario.places)).tolist()
    fair = [i for i, s in enumerate(scenario.slices) if s.scheduler == "proportional_fair"]
    if not fair:
        return {"fair_first": 0, "fair_last": 0}
    return {"fair_first": edges[fair[0]] // LANES, "fair_last": -(-edges[fair[-1] + 1] // LANES)}


def _fading_step(scenario: Scenario) -> int:
    """All users share the step of the fastest."""
    speed_kmh = max(s.speed_kmh for s in scenario.slices)
    slot_s = scenario.slot_ms / 1000.0
    return step_slots(speed_kmh, scenario.carrier_ghz, scenario.diversity, slot_s)


def _rules(scenario: Scenario, s: SliceScenario, first: int, last: int) -> dict[str, float]:
    t = s.traffic
    per_ms = 1 << scenario.numerology
    step_s = scenario.diversity * _fading_step(scenario) * scenario.slot_ms / 1000.0
    switches = t.on_s > 0.0
    low, high = t.packet_bytes
    return {
        "first": first,
        "last": last,
        "users": s.users,
        "speed": s.speed_kmh / 3.6,
        "word": first // WORD,
        "words": (last - 1) // WORD + 1,
        "scheduler": _SCHEDULERS[s.scheduler],
        "deadline": s.discard_ms * per_ms,
        "sdu": t.sdu_bytes,
        "ring": s.queue,
        "memory": memory(s.speed_kmh, scenario.carrier_ghz, step_s),
        "load_low": t.load[0],
        "load_high": t.load[1],
        "flows": int(t.admission),
        "devices": s.devices is not None,
        "size_low": low,
        "size_top": low**-t.pareto_shape,
        "size_span": low**-t.pareto_shape - high**-t.pareto_shape,
        "size_power": -1.0 / t.pareto_shape,
        "size_mean": bounded_pareto_mean(low, high, t.pareto_shape),
        "periodic_share": t.periodic_share,
        "cycle": t.period_ms * per_ms,
        "jitter": t.jitter_ms * per_ms,
        "spread": t.periodic_sigma,
        "swing_sigma": t.swing_sigma,
        "swing_memory": _kept(t.swing_s),
        "on_leave": _left(t.on_s) if switches else 0.0,
        "on_enter": _left(t.off_s) if switches else 1.0,
        "on_factor": (t.on_s + t.off_s) / t.on_s if switches else 1.0,
        "burst_share": t.burst_share,
        "burst_every": t.burst_every_s * 1000.0 * per_ms,
        "burst_length": t.burst_s * 1000.0 * per_ms,
    }


def _kept(memory_s: float) -> float:
    """What a first-order process keeps over a tick."""
    return math.exp(-TICK_MS / 1000.0 / memory_s)


def _left(stay_s: float) -> float:
    """Probability that an exponential stay ends within a tick."""
    return 1.0 - math.exp(-TICK_MS / 1000.0 / stay_s)
