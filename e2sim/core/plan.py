"""The plan: a core scenario in the kernel's units, which are ms, work units, bytes and indices.

Stations are the sites, then the links, each in the scenario's order.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np

from e2sim.core.fingerprint import fingerprint
from e2sim.core.routes import routes_of
from e2sim.network.records import F64, I64, Records, record
from e2sim.scenario.core import Background, CoreLink, CoreScenario, CoreSite, link_order
from e2sim.scenario.tick import TICK_MS
from oran.core.topology import Topology, TransportPath

TUNNEL_BYTES: Final = 44
"""Outer IPv4, UDP and GTP-U with a PDU session container (TS 29.281 5.1, TS 38.415 5.5.2)."""

TO_GNB: Final = -1
OFF_PATH: Final = -2

HEADER: Final = {
    "ticks": "i8",  # of a period
    "tick": "f8",  # ms
    "sites": "i8",
    "in_order": "i8",
    "restart": "f8",  # ms
    "hold": "f8",  # bytes
    "cost": "f8",  # of a migration
}
RULE: Final = record(
    link="i8",
    capacity="f8",  # work or bytes in a ms
    limit="f8",  # work or bytes
    error="f8",
    delay="f8",  # ms
    work_cost="f8",  # of a work unit
    placement_cost="f8",  # of a ms
    load_low="f8",
    load_high="f8",
    sigma="f8",
    memory="f8",  # kept over a tick
    burst="f8",
    burst_leave="f8",  # probability in a tick
    burst_enter="f8",
    packet="f8",  # work or bytes
)
PART: Final = record(site="i8", state="f8", interruption="f8")
"""What all cells share about one slice: bytes of state, ms of interruption."""


class Plan(NamedTuple):
    """A core scenario as the kernel wants it; M stations, K sites, S slices, P paths."""

    header: Records  # [1] of HEADER
    rules: Records  # [M] of RULE
    parts: Records  # [S] of PART
    work: F64  # [M, S, 2] of a packet, of a byte
    scv: F64  # [M, S] of a packet's work
    order: I64  # [M] stations as packets meet them
    after: I64  # [P, M] the next station of a path, TO_GNB or OFF_PATH
    route: I64  # [K, K, M] 1 where a state transfer depends on the link, 2 where it loads it too
    rate: F64  # [K, K] bytes of state in a ms
    first: I64  # [K] the path of a site that is used until another is asked for


def topology_of(core: CoreScenario) -> Topology:
    """The names and paths of a core scenario."""
    delay = {link.name: link.delay_ms for link in core.links}
    return Topology(
        tuple(s.name for s in core.sites),
        tuple(s.name for s in core.links),
        tuple(
            TransportPath(p.name, p.site, p.links, sum(delay[name] for name in p.links))
            for p in core.paths
        ),
    )


def plan_of(core: CoreScenario, period_ms: int) -> Plan:
    """The plan of a core scenario played in periods of `period_ms`; shorter ones are one tick."""
    ticks = -(-period_ms // TICK_MS)
    tick = period_ms / ticks
    header = {
        "ticks": ticks,
        "tick": tick,
        "sites": len(core.sites),
        "in_order": core.splitting == "packet",
        "restart": core.migration.restart_ms,
        "hold": core.migration.hold_kbyte * 1e3,
        "cost": core.migration.cost,
    }
    stamped = record(**HEADER, **{f"sources_{fingerprint()}": "i8"})
    site_of = {site.name: i for i, site in enumerate(core.sites)}
    rules = [_site(s, tick) for s in core.sites] + [_link(s, tick) for s in core.links]
    route, rate = routes_of(core)
    return Plan(
        _table(stamped, [header]),
        _table(RULE, rules),
        _table(
            PART,
            [
                {
                    "site": site_of[s.site],
                    "state": s.state_mbyte * 1e6,
                    "interruption": s.interruption_ms,
                }
                for s in core.slices
            ],
        ),
        _work(core),
        _scv(core),
        np.array([*range(len(core.sites)), *(len(core.sites) + i for i in link_order(core.links))]),
        _after(core),
        route,
        rate,
        np.array([[p.site for p in core.paths].index(s.name) for s in core.sites]),
    )


def _table(kind: "np.dtype[Any]", rows: list[dict[str, float]]) -> Records:
    table = np.zeros(len(rows), kind)
    for name in rows[0]:
        table[name] = [row[name] for row in rows]
    return table


def _site(site: CoreSite, tick: float) -> dict[str, float]:
    return {
        "link": 0,
        "capacity": site.capacity / 1e3,
        "limit": site.capacity / 1e3 * site.queue_ms,
        "error": 0.0,
        "delay": 0.0,
        "work_cost": site.work_cost / 1e6,
        "placement_cost": site.placement_cost / 1e3,
        **_background(site.background, tick),
    }


def _link(link: CoreLink, tick: float) -> dict[str, float]:
    capacity = link.capacity_mbps * 125.0
    return {
        "link": 1,
        "capacity": capacity,
        "limit": capacity * link.queue_ms,
        "error": link.loss,
        "delay": link.delay_ms,
        "work_cost": 0.0,
        "placement_cost": 0.0,
        **_background(link.background, tick),
    }


def _background(load: Background, tick: float) -> dict[str, float]:
    return {
        "load_low": load.load[0],
        "load_high": load.load[1],
        "sigma": load.sigma,
        "memory": math.exp(-tick / 1e3 / load.memory_s),
        "burst": load.burst,
        "burst_leave": 1.0 - math.exp(-tick / 1e3 / load.burst_on_s),
        "burst_enter": 1.0 - math.exp(-tick / 1e3 / load.burst_off_s),
        "packet": load.packet,
    }


def _work(core: CoreScenario) -> F64:
    at_site = [(s.work_per_packet, s.work_per_byte) for s in core.slices]
    at_link = [(float(TUNNEL_BYTES), 1.0)] * len(core.slices)
    return np.array([at_site] * len(core.sites) + [at_link] * len(core.links))


def _scv(core: CoreScenario) -> F64:
    at_link = [s.size_scv for s in core.slices]
    at_site = [[s.service_scv] * len(core.slices) for s in core.sites]
    return np.array(at_site + [at_link] * len(core.links))


def _after(core: CoreScenario) -> I64:
    sites = len(core.sites)
    station = {link.name: sites + i for i, link in enumerate(core.links)}
    site_of = {site.name: i for i, site in enumerate(core.sites)}
    after = np.full((len(core.paths), sites + len(core.links)), OFF_PATH)
    for p, path in enumerate(core.paths):
        stations = [site_of[path.site], *(station[name] for name in path.links)]
        after[p, stations] = [*stations[1:], TO_GNB]
    return after
