"""The pump: a `Connection` over a `Wire`, its timers driven by the loop's clock."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from typing import Final, Self, TypeAlias

from oran.e2.connection import Connection, Event, RemoteProtocolError, State
from oran.e2.e2ap import Message
from oran.e2.transport.errors import LinkClosedError
from oran.e2.transport.link import Link, Wire

MAX_ERRORS_IN_A_ROW: Final = 100
"""Most messages in a row that break the protocol; a peer that sends one more is given up."""

Item: TypeAlias = Event | RemoteProtocolError


class Association:
    """One end of a connection that is under way.

    `async for item in association` gives events and the peer's errors, one at a time, and ends
    with the association; then `lost` tells why. `serve` gives them to a function instead, for ends
    with many peers. Nothing is read ahead of whoever takes the items: one who is slow slows the
    peer. `send` may be called from any task of the same loop.

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
        self._loop = asyncio.get_running_loop()
        self._time = self._loop.time
        self._serving: _Serving | None = None

    def send(self, message: Message) -> None:
        """Send a message, or queue it.

        Raises:
            LocalProtocolError: the message is not allowed now; the association goes on.
            LinkClosedError: the association has ended.
        """
        if self._serving is not None:
            self.wire.send(self.connection.send(message, self._time()))
            self._arm(self._serving)
            return
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

    async def serve(self, take: Callable[[Item], bool]) -> None:
        """Give each item to `take`, until it returns False or the association has ended.

        The same items in the same order as `async for`, but without a task's turn between the
        arrival of a packet and its item: half the cost. It goes on where `async for` has stopped.
        What `take` raises is raised here.
        """
        if not isinstance(self.wire, Link):
            async for item in self:
                if not take(item):
                    return
            return
        serving = self._serving = _Serving(take, self._loop.create_future())
        try:
            self._give_ready(serving)
            self.wire.pour(self._poured, self._drained)
            self._arm(serving)
            await serving.done
        finally:
            self._serving = None
            if serving.timer is not None:
                serving.timer.cancel()

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
        if not self.was_set_up:
            self.was_set_up = self.connection.state is State.ACTIVE
        return event

    def _end(self, reason: LinkClosedError) -> None:
        if self.lost is None:
            self.lost = reason
            self._ready += self.connection.disconnect()

    def _poured(self, packet: bytes) -> None:
        serving = self._serving
        if serving is None or serving.done.done():
            return  # nobody wants it any more, and the wire is about to be closed
        try:
            serving.give((self._take(packet),))
            if self.connection.waiting:
                serving.give(self.connection.handle_timer(self._time()))
        except Exception as error:
            serving.fail(error)
            return
        self._arm(serving)

    def _drained(self, reason: LinkClosedError) -> None:
        self._end(reason)
        serving = self._serving
        if serving is None or serving.done.done():
            return
        try:
            self._give_ready(serving)
            serving.finish()
        except Exception as error:
            serving.fail(error)

    def _give_ready(self, serving: "_Serving") -> None:
        """Hand out what the end, or `async for` before, has left."""
        events = tuple(self._ready)
        self._ready.clear()
        serving.give(events)

    def _arm(self, serving: "_Serving") -> None:
        """Have the loop call when a timer of the connection is due, or may be."""
        at = self.connection.alarm()
        if at is None or at >= serving.at:
            return
        if serving.timer is not None:
            serving.timer.cancel()
        serving.at = at
        serving.timer = self._loop.call_at(max(at, self._time()), self._timed, serving)

    def _timed(self, serving: "_Serving") -> None:
        serving.timer, serving.at = None, inf
        if serving.done.done():
            return
        try:
            serving.give(self.connection.handle_timer(self._time()))
        except Exception as error:
            serving.fail(error)
            return
        self._arm(serving)


@dataclass(slots=True)
class _Serving:
    """What `Association.serve` is about.

    Attributes:
        take: takes the items.
        done: set when it is over.
        timer: calls when a timer of the connection may be due.
        at: when that is; infinite without one.
    """

    take: Callable[[Item], bool]
    done: "asyncio.Future[None]"
    timer: asyncio.TimerHandle | None = None
    at: float = inf

    def give(self, items: Iterable[Item]) -> None:
        """Hand out items, as long as they are wanted."""
        for item in items:
            if self.done.done():
                return
            if not self.take(item):
                self.finish()

    def fail(self, error: Exception) -> None:
        """It is over, by a flaw."""
        if not self.done.done():
            self.done.set_exception(error)

    def finish(self) -> None:
        """It is over, in order."""
        if not self.done.done():
            self.done.set_result(None)
