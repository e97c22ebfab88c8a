"""Reference of the core network: packets one by one, explicit FIFO queues, an event heap.

Shares no code with `e2sim.core`; Poisson arrivals, no ticks, no fluid.
"""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Packet:
    slice: int
    path: int
    born_ms: float
    size: float


@dataclass
class Station:
    """A FIFO before one server; who meets more than `limit` of work is lost."""

    capacity: float
    limit: float
    loss: float = 0.0
    delay_ms: float = 0.0
    free_ms: float = 0.0

    def unfinished(self, now: float) -> float:
        return max(0.0, self.free_ms - now) * self.capacity

    def admit(self, now: float, work: float) -> float | None:
        """When service of this work ends, or None where there is no room for it."""
        if self.unfinished(now) > self.limit:
            return None
        self.free_ms = max(self.free_ms, now) + work / self.capacity
        return self.free_ms


@dataclass
class Flow:
    """Poisson packets of one slice: `rate` a ms, sizes with `scv` 0 (fixed) or 1 (exponential)."""

    rate: float
    size: float
    scv: float
    split: list[tuple[int, float]]
    work_per_packet: float
    work_per_byte: float


@dataclass
class Cross:
    """Poisson background of a station: `rate` a ms, exponential work of mean `size`."""

    station: int
    rate: float
    size: float


@dataclass
class Outcome:
    delays: list[list[float]]
    offered: list[int]
    lost: dict[tuple[int, int, str], int]

    def mean(self, s: int) -> float:
        return sum(self.delays[s]) / len(self.delays[s])

    def percentile(self, s: int, share: float) -> float:
        ordered = sorted(self.delays[s])
        return ordered[math.ceil(share * len(ordered)) - 1]

    def loss(self, s: int) -> float:
        gone = sum(n for (_, i, _), n in self.lost.items() if i == s)
        return gone / (gone + len(self.delays[s]))


def simulate(
    stations: list[Station],
    sites: int,
    routes: list[list[int]],
    flows: list[Flow],
    cross: list[Cross],
    *,
    site_scv: float,
    duration_ms: float,
    warm_ms: float,
    seed: int,
) -> Outcome:
    """Play packets that arrive until `duration_ms`; those born before `warm_ms` are not counted.

    Stations below `sites` are CPUs; `routes` lists the stations of each path.
    """
    draw = random.Random(seed)
    out = Outcome([[] for _ in flows], [0] * len(flows), {})
    heap: list[tuple[float, int, int, int, Packet | None]] = []
    count = 0

    def push(at: float, kind: int, where: int, packet: Packet | None) -> None:
        nonlocal count
        count += 1
        heapq.heappush(heap, (at, count, kind, where, packet))

    for i, flow in enumerate(flows):
        push(draw.expovariate(flow.rate), 0, i, None)
    for i, other in enumerate(cross):
        push(draw.expovariate(other.rate), 1, i, None)
    while heap:
        now, _, kind, where, packet = heapq.heappop(heap)
        if kind == 0:
            flow = flows[where]
            if now < duration_ms:
                push(now + draw.expovariate(flow.rate), 0, where, None)
                size = flow.size * (draw.expovariate(1.0) if flow.scv else 1.0)
                path = draw.choices(*zip(*flow.split, strict=True))[0]
                made = Packet(where, path, now, size)
                out.offered[where] += now >= warm_ms
                push(now, 2, 0, made)
        elif kind == 1:
            other = cross[where]
            if now < duration_ms:
                push(now + draw.expovariate(other.rate), 1, where, None)
                stations[other.station].admit(now, other.size * draw.expovariate(1.0))
        else:
            assert packet is not None
            _hop(now, where, packet, stations, sites, routes, flows, site_scv, draw, out, push,
                 warm_ms)  # fmt: skip
    return out


def _hop(
    now: float,
    hop: int,
    packet: Packet,
    stations: list[Station],
    sites: int,
    routes: list[list[int]],
    flows: list[Flow],
    site_scv: float,
    draw: random.Random,
    out: Outcome,
    push: Callable[[float, int, int, Packet | None], None],
    warm_ms: float,
) -> None:
    route = routes[packet.path]
    if hop == len(route):
        if packet.born_ms >= warm_ms:
            out.delays[packet.slice].append(now - packet.born_ms)
        return
    k, flow = route[hop], flows[packet.slice]
    station = stations[k]
    if k < sites:
        work = flow.work_per_packet + flow.work_per_byte * packet.size
        if site_scv:
            work *= draw.expovariate(1.0)
    else:
        work = packet.size + 44.0
    ends = station.admit(now, work)
    error = station.loss > 0.0 and draw.random() < station.loss
    if ends is None or error:
        reason = "overflow" if ends is None else "error"
        if packet.born_ms >= warm_ms:
            key = (k, packet.slice, reason)
            out.lost[key] = out.lost.get(key, 0) + 1
        return
    push(ends + station.delay_ms, 2, hop + 1, packet)
