"""A bad wire in asyncio: faults before an association, in both directions."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from random import Random

from e2sim.e2.fault import BadLane, Faults
from oran.e2.transport import LinkClosedError, Wire, Wrap


class BadWire:
    """Stands before a wire, and does to packets what two lanes say.

    Attributes:
        peer: the other end, for messages.
    """

    def __init__(self, wire: Wire, outward: BadLane, inward: BadLane) -> None:
        self.peer = wire.peer
        self._wire = wire
        self._outward = outward
        self._inward = inward
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    async def receive(self, until: float | None) -> bytes | None:
        """See `Wire.receive`."""
        while True:
            packet = self._inward.take(self._loop.time())
            if packet is not None:
                return packet
            due = self._inward.next_due()
            first = [at for at in (until, due) if at is not None]
            packet = await self._wire.receive(min(first, default=None))
            if packet is not None:
                self._inward.put(packet, self._loop.time())
            elif (due := self._inward.next_due()) is None or self._loop.time() < due:
                return None  # interrupted, or `until` has come

    def interrupt(self) -> None:
        """See `Wire.interrupt`."""
        self._wire.interrupt()

    def send(self, pdu: bytes) -> None:
        """See `Wire.send`."""
        self._outward.put(pdu, self._loop.time())
        self._flush()

    async def close(self) -> None:
        """See `Wire.close`; packets that are under way are lost."""
        self._forget()
        await self._wire.close()

    def abort(self, reason: LinkClosedError) -> None:
        """See `Wire.abort`."""
        self._forget()
        self._wire.abort(reason)

    def _flush(self) -> None:
        self._forget()
        now = self._loop.time()
        while (packet := self._outward.take(now)) is not None:
            self._wire.send(packet)
        due = self._outward.next_due()
        if due is not None:
            self._timer = self._loop.call_at(due, self._late)

    def _late(self) -> None:
        with suppress(LinkClosedError):  # whoever receives is told
            self._flush()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def bad_wires(faults: Faults, seed: int, cell: int, counts: Counter[str]) -> Wrap:
    """Puts faults before each association of a cell, each time with new ones.

    Args:
        faults: what goes wrong.
        seed: what they are drawn from, with the cell and the number of the association.
        cell: number of the cell.
        counts: takes the number of each fault.
    """
    numbers: Iterator[int] = count()

    def wrap(wire: Wire) -> Wire:
        name = f"{seed}/{cell}/{next(numbers)}"
        outward, inward = (
            BadLane(faults, Random(f"{name}/{direction}"), counts)  # noqa: S311 - not for secrets
            for direction in ("out", "in")
        )
        return BadWire(wire, outward, inward)

    return wrap
