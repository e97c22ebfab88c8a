"""The drop: where a cell's users stand, what they ask for, and the state a cell starts from.

All processes start from their stationary distribution and buffers start empty.
"""

import math
from typing import Final

import numpy as np

from e2sim.network.access import start_pool
from e2sim.network.ahead import AHEAD
from e2sim.network.fading import (
    G_RE,
    H_RE,
    INNOVATION,
    LANES,
    MEMORY,
    POWER,
    RNG_FIELDS,
    innovation,
)
from e2sim.network.jit import entry, inline, internal
from e2sim.network.lent import lend
from e2sim.network.link import mean_bits_per_prb
from e2sim.network.loss import link_loss_db
from e2sim.network.members import add
from e2sim.network.noise import (
    DEMAND,
    ERRORS,
    FADING,
    FLOWS,
    INTERFERENCE,
    PLACE,
    TRAFFIC,
    exponential,
    mix,
    normal,
    stream,
    uniform,
)
from e2sim.network.plan import Plan
from e2sim.network.power import IDLE
from e2sim.network.queues import start_buffer
from e2sim.network.radio import measure_cqi, set_scale, set_sinr, use_cqi
from e2sim.network.records import I64, U64, Record, Records
from e2sim.network.state import AVERAGE, NEVER, PRESENT, SERVED, State, cell_of
from e2sim.network.uplink import face_uplink, radius_m

_NEIGHBOURS: Final = 6
_CANDIDATES: Final = 8
_LEAST_SINR: Final = 0.5
"""A user below it (-3 dB with all neighbours at full power) would be handed over."""


@internal
def link_gain(plan: Record, distance_m: float, user: Record) -> float:
    """SNR a site of full power gives at a distance: line of sight and shadowing are drawn."""
    loss = link_loss_db(plan, distance_m, user)
    return float(10.0 ** ((plan.power_over_noise_db - loss) / 10.0))


@internal
def candidate(plan: Record, user: Record) -> tuple[float, float]:
    """SNR, and INR of six neighbours at full power, of a place uniform in the cell.

    The cell is a disc with the area of the site's hexagon.
    """
    distance = radius_m(plan) * math.sqrt(uniform(user))
    angle = 2.0 * math.pi * uniform(user)
    x, y = distance * math.cos(angle), distance * math.sin(angle)
    snr = link_gain(plan, distance, user)
    inr = 0.0
    for k in range(_NEIGHBOURS):
        turn = math.pi / 3.0 * k
        dx = x - plan.site_distance * math.cos(turn)
        dy = y - plan.site_distance * math.sin(turn)
        inr += link_gain(plan, math.sqrt(dx * dx + dy * dy), user)
    return snr, inr


@internal
def place(plan: Record, user: Record) -> None:
    """Put the user at the first of some candidate places the cell serves, else at the best."""
    best = -1.0
    for _ in range(_CANDIDATES):
        snr, inr = candidate(plan, user)
        sinr = snr / (1.0 + inr)
        if sinr > best:
            best = sinr
            user.snr = snr
            user.inr = inr
        if sinr >= _LEAST_SINR:
            break


@internal
def start_words(cell: State, u: int) -> None:
    """Random numbers of the fading of user `u`, from its stream."""
    user, words, block, lane = cell.users[u], cell.words, u // LANES, u % LANES
    for field in range(RNG_FIELDS):
        user.stream = mix(user.stream + np.uint64(field + 1))
        words[block, field * LANES + lane] = np.uint32(user.stream)


@internal
def start_fading(cell: State, u: int, diversity: int, memory: float) -> None:
    """Draw the branches of user `u` from their stationary distribution.

    For the filters of `fading`: var g = sigma^2 / (1 - a^2), cov(g, h) = var g / (1 - a^2),
    var h = 1.
    """
    user, taps = cell.users[u], cell.taps
    block, blocks, lane = u // LANES, len(cell.words), u % LANES
    a = np.float64(np.float32(memory))
    sigma = innovation(a)
    slope = 1.0 / (1.0 - a * a)
    variance_g = sigma * sigma * slope
    rest = math.sqrt(1.0 - slope * slope * variance_g)
    start_words(cell, u)
    for branch in range(diversity):
        tap = taps[branch * blocks + block]
        power = 0.0
        for part in range(2):
            g = math.sqrt(0.5 * variance_g) * normal(user)
            h = slope * g + math.sqrt(0.5) * rest * normal(user)
            tap[(G_RE + part) * LANES + lane] = g
            tap[(H_RE + part) * LANES + lane] = h
            power += h * h
        tap[POWER * LANES + lane] = power
        tap[MEMORY * LANES + lane] = a
        tap[INNOVATION * LANES + lane] = sigma


@internal
def ask(plan: Record, users: Records, rules: Record, part: Record) -> None:
    """Draw the load of a slice and set its users' mean rates, equal in bytes, to match.

    The PRBs a byte costs follow from each user's mean SINR.
    """
    load = rules.load_low + (rules.load_high - rules.load_low) * uniform(part)
    level = 10.0 ** (plan.level_mean / 10.0)
    cost = 0.0
    for u in range(rules.first, rules.first + rules.users):
        cost += 8.0 / mean_bits_per_prb(users[u].snr / (1.0 + users[u].inr * level))
    share = load * plan.prbs * plan.duty / cost
    for u in range(rules.first, rules.first + rules.users):
        users[u].base_rate = share * (1.0 - rules.periodic_share) / rules.size_mean
        users[u].cycle_bytes = share * rules.periodic_share * rules.cycle


@internal
def start_source(cell: State, u: int, rules: Record) -> None:
    """Clocks and states of a user's traffic."""
    user, fair, block, lane = cell.users[u], cell.fair, u // LANES, u % LANES
    user.left = exponential(user)
    user.rate = 0.0  # until the first tick sets it
    fair[block, AVERAGE * LANES + lane] = 1.0
    fair[block, SERVED * LANES + lane] = 0.0
    stay = rules.on_enter + rules.on_leave
    user.on = uniform(user) * stay < rules.on_enter
    user.nominal = rules.cycle * uniform(user)
    user.due = np.int64(user.nominal) if user.cycle_bytes > 0.0 else NEVER


@inline
def start_slice(plan: Plan, cell: State, s: int, ring: int) -> None:
    """Users, demand and traffic of one slice; its rings begin at entry `ring`."""
    carrier, rules, part = plan.carrier[0], plan.slices[s], cell.slices[s]
    users, seed = cell.users, cell.cells[0].seed
    part.stream = stream(seed, s, DEMAND + carrier.streams)
    part.swing = normal(part)
    part.burst = rules.burst_every * uniform(part) - rules.burst_length
    part.turn = rules.first
    part.connected = rules.users
    for u in range(rules.first, rules.last):
        users[u].slice = s
        start_buffer(users[u], ring + (u - rules.first) * rules.ring)
    last = rules.first + rules.users
    for u in range(rules.first, last):
        add(cell.members, PRESENT, u)
        users[u].stream = stream(seed, u, PLACE)
        if not carrier.moves:
            place(carrier, users[u])
        users[u].most = carrier.prbs
        if carrier.uplink:
            face_uplink(carrier, cell.cells[0], users[u])
        users[u].stream = stream(seed, u, FADING + carrier.fading_streams)
        start_fading(cell, u, carrier.diversity, rules.memory)
        users[u].luck = stream(seed, u, ERRORS + carrier.streams)
        users[u].flows = stream(seed, u, FLOWS + carrier.streams)
        users[u].drawn = AHEAD
        users[u].stream = stream(seed, u, TRAFFIC + carrier.streams)
    ask(carrier, users, rules, part)
    for u in range(rules.first, last):
        start_source(cell, u, rules)


@inline
def start_cell(plan: Plan, cell: State, seed: np.uint64) -> None:
    """Everything of one cell anew.

    Users who move have been put in their places before; sites of the uplink hear their neighbours.
    """
    carrier, site = plan.carrier[0], cell.cells[0]
    site.seed = seed
    site.now = 0
    site.own = 0
    site.received = 0
    site.boost = 1.0
    site.around = carrier.level_mean
    site.radiated = 0.0
    site.jam = 1.0
    site.loss = 0.0
    site.beyond = 0.0
    site.down = 0
    site.depth = IDLE
    site.idle = 0
    site.stream = stream(seed, 0, INTERFERENCE + carrier.streams)
    site.level = normal(site)
    stay = carrier.burst_enter + carrier.burst_leave
    site.burst = uniform(site) * stay < carrier.burst_enter
    site.soonest = 0
    cell.members[...] = np.uint64(0)
    cell.booked[...] = np.uint64(0)
    ring = 0
    for s in range(len(plan.slices)):
        start_slice(plan, cell, s, ring)
        ring += plan.slices[s].ring * (plan.slices[s].last - plan.slices[s].first)
        cell.slices[s].backoff = 0
        start_pool(plan, cell, cell.pools, s)
    set_scale(cell, carrier)
    set_sinr(cell)
    measure_cqi(plan, cell)
    use_cqi(plan, cell)


@entry
def start(plan: Plan, state: State, which: I64, seeds: U64) -> None:
    """Restart the cells of the indices `which` with `seeds` of the same length."""
    plan = lend(plan)
    for i in range(len(which)):
        start_cell(plan, cell_of(state, which[i]), seeds[i])
