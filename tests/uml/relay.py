"""A relay between a node and a RIC, which can reset both.

Neither the emulator nor the xApp starts a Reset by itself. The relay starts one with each, in the
name of the other: both answer it and forget what it ends, as if it had come from their peer.
"""

import asyncio
import socket
from collections import Counter
from typing import Final

from oran.e2 import e2ap
from oran.e2.transport import Address, LinkClosedError, LinkOptions, Wire, connect
from oran.e2.transport.endpoint import accepted

_RESET: Final = e2ap.encode(e2ap.ResetRequest(0, e2ap.CauseMisc.OM_INTERVENTION))
OPTIONS: Final = LinkOptions()


class Relay:
    """Carries what a node and a RIC say, from one association of each.

    Attributes:
        carried: names of the messages carried since the start, or since the last reset.
        dropped: messages that crossed a reset, which the end that was reset has forgotten.
        lost: why it carries no more.
    """

    def __init__(self, node: Wire, ric: Wire) -> None:
        self.carried: Counter[str] = Counter()
        self.dropped = 0
        self.lost = ""
        self._ends = (node, ric)
        self._answered = {end: asyncio.Event() for end in self._ends}
        for answered in self._answered.values():
            answered.set()

    @classmethod
    async def accept(cls, sock: socket.socket, at: Address, ric: Address) -> "Relay":
        """Wait for a node at a socket that listens, and connect to the RIC in its place."""
        came, name = await asyncio.get_running_loop().sock_accept(sock)
        return cls(accepted(at, came, name, OPTIONS), await connect(ric, OPTIONS))

    async def reset(self) -> None:
        """Reset both ends, and wait for their answers; to be called while `carry` runs."""
        self.carried.clear()
        for end in self._ends:
            self._answered[end].clear()
        for end in self._ends:
            end.send(_RESET)
        for end in self._ends:
            await self._answered[end].wait()

    async def carry(self) -> None:
        """Carry until an end closes its association; then close the other's."""
        node, ric = self._ends
        lanes = [asyncio.create_task(self._lane(*pair)) for pair in ((node, ric), (ric, node))]
        done, _ = await asyncio.wait(lanes, return_when=asyncio.FIRST_EXCEPTION)
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        for end in self._ends:
            await end.close()
        for lane in done:
            try:
                lane.result()
            except LinkClosedError as error:
                self.lost = error.reason

    async def _lane(self, source: Wire, target: Wire) -> None:
        while True:
            packet = await source.receive(None)
            if packet is None:
                continue
            message = e2ap.decode(packet)
            if isinstance(message, e2ap.ResetResponse):
                self._answered[source].set()
                # What comes next stands after the reset: the other end is to have it so too.
                await self._answered[target].wait()
            elif self._answered[source].is_set():
                self.carried[type(message).__name__] += 1
                target.send(packet)
            else:
                self.dropped += 1
