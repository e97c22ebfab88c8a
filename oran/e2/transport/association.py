"""The pump: a `Connection` over a `Wire`, its timers driven by the loop's clock."""

import asyncio
import contextlib
from collections import deque
from typing import Final, Self, TypeAlias

from oran.e2.connection import Connection, Event, RemoteProtocolError, State
from oran.e2.e2ap import Message
from oran.e2.transport.errors import LinkClosedError
from oran.e2.transport.link import Wire

MAX_ERRORS_IN_A_ROW: Final = 100
"""Most messages in a row that break the protocol; a peer that sends one more is given up."""

Item: TypeAlias = Event | RemoteProtocolError


class Association:
    """One end of a connection that is under way.

    `async for item in association` gives events and the peer's errors, one at a time, and ends
    with the association; then `lost` tells why. Nothing is read ahead of whoever takes the items:
    one who is slow slows the peer. `send` may be called from any task of the same loop.

    Attributes:
        connection: the protocol's state.
        wire: what it goes over.
        lost: why the association has ended, or None.
        was_set_up: whether E2 Setup has succeeded at some time.
    """

    def __init__(self, connection: Connection, wire: Wire, *, answer_errors: bool = True) -> None:
        """Take over a wire.

        Args:
            connection: a new connection.
            wire: the association below it.
            answer_errors: whether the peer's errors are answered as E2AP wants. Some peers stop at
                an Error Indication.
        """
        self.connection: Final = connection
        self.wire: Final = wire
        self.lost: LinkClosedError | None = None
        self.was_set_up = False
        self._answer_errors = answer_errors
        self._ready: deque[Event] = deque()
        self._errors = 0
        self._time = asyncio.get_running_loop().time

    def send(self, message: Message) -> None:
        """Send a message, or queue it.

        Raises:
            LocalProtocolError: the message is not allowed now; the association goes on.
            LinkClosedError: the association has ended.
        """
        before = self.connection.next_timer()
        packet = self.connection.send(message, self._time())
        self.wire.send(packet)
        if self.connection.next_timer() != before:
            self.wire.interrupt()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while True:
            if self._ready:
                return self._ready.popleft()
            if self.lost is not None:
                raise StopAsyncIteration
            timer, now = self.connection.next_timer(), self._time()
            if timer is not None and timer <= now:
                self._ready += self.connection.handle_timer(now)
                continue
            try:
                packet = await self.wire.receive(timer)
                if packet is not None:
                    return self._take(packet)
            except LinkClosedError as error:
                self._end(error)

    async def close(self) -> None:
        """End the association in order; what was asked is `Aborted`."""
        await self.wire.close()
        self._end(LinkClosedError("closed here"))

    def _take(self, packet: bytes) -> Item:
        try:
            event = self.connection.receive(packet, self._time())
        except RemoteProtocolError as error:
            self._errors += 1
            if self._errors > MAX_ERRORS_IN_A_ROW:
                reason = f"{self.wire.peer}: {self._errors} messages in a row break the protocol"
                self.wire.abort(LinkClosedError(reason))
            elif error.answer is not None and self._answer_errors:
                with contextlib.suppress(LinkClosedError):  # the next `receive` tells
                    self.wire.send(error.answer)
            return error
        self._errors = 0
        self.was_set_up |= self.connection.state is State.ACTIVE
        return event

    def _end(self, reason: LinkClosedError) -> None:
        if self.lost is None:
            self.lost = reason
            self._ready += self.connection.disconnect()
