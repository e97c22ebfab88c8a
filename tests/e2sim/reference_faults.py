"""Faults of the plain Python cell: times drawn one by one, and SDUs lost one by one."""

import math
from dataclasses import dataclass

from e2sim.scenario import Fault, Scenario
from tests.e2sim.reference_parts import GOLDEN, MASK, mix, unit

TICKS_A_S = 100


def stream(seed: int, index: int, purpose: int) -> int:
    return mix((mix((seed + purpose * GOLDEN) & MASK) + (index + 1) * GOLDEN) & MASK)


def number(key: int, counter: int) -> float:
    return unit(mix((key + counter * GOLDEN) & MASK))


@dataclass
class Span:
    """One time of a fault, in ticks: from `begin`, mended at `mended`, over at `end`."""

    begin: int
    mended: int
    end: int


def spans(fault: Fault, key: int, ticks: int) -> list[Span]:
    """All times of a fault that begin in the first `ticks` ticks of a cell."""
    found: list[Span] = []
    if number(key, 1) >= fault.cells:
        return found
    clock, draws = 0.0, 2
    while True:
        if fault.at_s is not None and fault.for_s is not None:
            begin, length = fault.at_s, fault.for_s
        else:
            assert fault.mtbf_s is not None
            assert fault.mttr_s is not None
            begin = clock - math.log(number(key, draws)) * fault.mtbf_s
            length = -math.log(number(key, draws + 1)) * fault.mttr_s
            draws += 2
        clock = begin + length + fault.startup_s
        span = Span(*(math.ceil(t * TICKS_A_S - 1e-6) for t in (begin, begin + length, clock)))
        span.mended = max(span.mended, span.begin + 1)
        span.end = max(span.end, span.mended)
        if span.begin >= ticks:
            return found
        found.append(span)
        if fault.at_s is not None:
            return found


class ReferenceFaults:
    """What fails in a cell of this seed, tick by tick."""

    def __init__(self, scenario: Scenario, seed: int, ticks: int = 100_000) -> None:
        self.faults = [
            (fault, spans(fault, stream(seed, f, 41), ticks))
            for f, fault in enumerate(scenario.faults)
        ]
        self.backhaul = [stream(seed, u, 43) for u in range(sum(scenario.places))]
        self.returning = [stream(seed, u, 43 + 64) for u in range(sum(scenario.places))]

    def on(self, kind: str, tick: int) -> list[Fault]:
        return [
            fault
            for fault, times in self.faults
            if fault.kind == kind and any(t.begin <= tick < t.mended for t in times)
        ]

    def starting(self, tick: int) -> bool:
        return any(
            fault.kind == "gnb_outage" and any(t.mended <= tick < t.end for t in times)
            for fault, times in self.faults
        )

    def interference(self, tick: int) -> float:
        db = sum(f.degree for f in self.on("interference_burst", tick))
        return float(10.0 ** (db / 10.0))

    def kept(self, tick: int) -> float:
        return math.prod(1.0 - f.degree for f in self.on("backhaul_loss", tick))

    def carried(self, user: int, slot: int, size: int, place: int, tick: int) -> bool:
        """Whether the backhaul takes an SDU of the uplink on that the cell has received."""
        key = mix((self.returning[user] + slot * GOLDEN) & MASK)
        return number(mix((key + size) & MASK), place + 1) >= 1.0 - self.kept(tick)

    def survivors(
        self, user: int, drawn: int, size: int, sizes: list[int], now: int, tick: int
    ) -> list[int]:
        """Sizes of the SDUs of an arrival that the backhaul carries."""
        loss = 1.0 - self.kept(tick)
        if loss == 0.0:
            return sizes
        key = mix((self.backhaul[user] + now * GOLDEN) & MASK)
        key = mix((key + (drawn << 32) + size) & MASK)
        return [n for i, n in enumerate(sizes) if number(key, i + 1) >= loss]
