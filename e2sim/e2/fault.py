"""Faults: what becomes of packets on a bad wire, drawn from a seed.

The fate of a packet depends on the seed and on its number in its direction alone, not on time: the
same seed gives the same faults, however fast the two ends are.
"""

import re
from collections import Counter
from dataclasses import dataclass, fields
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final, Self

HOLD_S: Final = 0.1
"""Longest time that a reordered packet waits for one to go before it."""

_DURATION: Final = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<unit>ms|s)")
_UNITS: Final = {"ms": 1e-3, "s": 1.0}
_FORMS: Final = "drop=P, duplicate=P, reorder=P, garble=P, delay=20ms, delay=5ms..30ms, stall=P:2s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong; probabilities are those of a packet, 0..1.

    Attributes:
        drop: it is lost.
        duplicate: it arrives twice.
        reorder: it arrives behind the one after it, or `HOLD_S` later if none comes; at most one
            packet of a direction is held at a time.
        garble: one of its bits is flipped.
        stall: from it on, its direction stands still for a while.
        stall_s: that while, seconds.
        delay_s: all packets take from the first to the second of these more, seconds; their
            order stays. Delays are not counted.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    garble: float = 0.0
    stall: float = 0.0
    stall_s: float = 0.0
    delay_s: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def parse(cls, texts: list[str]) -> Self:
        """From texts such as `drop=0.01`, `delay=20ms`, `delay=5ms..30ms` and `stall=0.001:2s`.

        Raises:
            ValueError: a text has another form, or a fault stands twice.
        """
        found: dict[str, Any] = {}
        for text in texts:
            name, _, value = text.partition("=")
            parsed = _parsed(name, value, text)
            if parsed.keys() & found.keys():
                raise ValueError(f"{text!r}: {name} stands twice")
            found |= parsed
        return cls(**found)

    @property
    def any(self) -> bool:
        """Whether anything goes wrong."""
        return self != Faults()


def _parsed(name: str, value: str, text: str) -> dict[str, Any]:
    try:
        if name == "delay":
            low, _, high = value.partition("..")
            span = _seconds(low), _seconds(high or low)
            if span[0] > span[1]:
                raise ValueError
            return {"delay_s": span}
        if name == "stall":
            share, _, length = value.partition(":")
            return {"stall": _share(share), "stall_s": _seconds(length)}
        if name in {f.name for f in fields(Faults)} - {"stall_s", "delay_s"}:
            return {name: _share(value)}
    except ValueError:
        pass
    raise ValueError(f"{text!r} is no fault; these are, with P in 0..1: {_FORMS}")


def _share(text: str) -> float:
    found = float(text)
    if not 0.0 <= found <= 1.0:
        raise ValueError
    return found


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError
    return float(found["number"]) * _UNITS[found["unit"]]


@dataclass(order=True, frozen=True, slots=True)
class _Waiting:
    due: float
    order: int
    packet: bytes


class BadLane:
    """One direction of a bad wire: packets in, the same or worse out, later.

    Args:
        faults: what goes wrong.
        random: draws it; as many numbers for each packet.
        counts: takes the number of each fault.
    """

    def __init__(self, faults: Faults, random: Random, counts: Counter[str]) -> None:
        self._faults = faults
        self._random = random
        self._counts = counts
        self._waiting: list[_Waiting] = []
        self._order = count()
        self._last = float("-inf")
        self._held: bytes | None = None
        self._held_until = 0.0

    def put(self, packet: bytes, now: float) -> None:
        """A packet enters at the time `now`, seconds of any clock that never goes back."""
        drop, twice, swap, garble, stall, late = (self._random.random() for _ in range(6))
        place = self._random.getrandbits(32)
        faults = self._faults
        low, high = faults.delay_s
        self._last = max(self._last, now + low + late * (high - low))
        if self._hits("stall", stall, faults.stall):
            self._last = max(self._last, now + faults.stall_s)
        if self._hits("drop", drop, faults.drop):
            return
        if self._hits("garble", garble, faults.garble):
            packet = _flipped(packet, place)
        copies = 2 if self._hits("duplicate", twice, faults.duplicate) else 1
        if self._held is None and self._hits("reorder", swap, faults.reorder):
            self._held, self._held_until = packet, self._last + HOLD_S
            if copies > 1:
                self._enter(packet, self._last)
            return
        for _ in range(copies):
            self._enter(packet, self._last)
        self._release(self._last)

    def take(self, now: float) -> bytes | None:
        """The next packet that has arrived, None where none has."""
        if self._held is not None and self._held_until <= now:
            self._release(self._held_until)
        if not self._waiting or self._waiting[0].due > now:
            return None
        return heappop(self._waiting).packet

    def next_due(self) -> float | None:
        """When to call `take`; None where no packet is under way."""
        times = [w.due for w in self._waiting[:1]]
        if self._held is not None:
            times.append(self._held_until)
        return min(times, default=None)

    def _hits(self, name: str, drawn: float, share: float) -> bool:
        if drawn >= share:
            return False
        self._counts[name] += 1
        return True

    def _enter(self, packet: bytes, due: float) -> None:
        heappush(self._waiting, _Waiting(due, next(self._order), packet))

    def _release(self, due: float) -> None:
        if self._held is not None:
            self._enter(self._held, due)
            self._held = None


def _flipped(packet: bytes, place: int) -> bytes:
    octets = bytearray(packet)
    octets[place // 8 % len(octets)] ^= 1 << place % 8
    return bytes(octets)
