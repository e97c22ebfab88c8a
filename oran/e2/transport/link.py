"""One association: whole PDUs over a socket that never blocks."""

import asyncio
import contextlib
import socket
import struct
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from oran.e2.transport.errors import LinkClosedError, SlowPeerError
from oran.e2.transport.options import MAX_PDU, LinkOptions

FAIR_RUN: Final = 32
"""PDUs that are handed out in a row before other tasks have their turn."""


class Wire(Protocol):
    """What an association is pumped over: a `Link`, or something that stands before one."""

    peer: str

    async def receive(self, until: float | None) -> bytes | None:
        """The next PDU; None if `until` has come on the loop's clock, or after `interrupt`.

        Raises:
            LinkClosedError: the association has ended.
        """

    def interrupt(self) -> None:
        """Let `receive` return, to be called with another time."""

    def send(self, pdu: bytes) -> None:
        """Send a PDU, or queue it.

        Raises:
            LinkClosedError: the association has ended, or ends because the queue is full.
        """

    async def close(self) -> None:
        """Send what is queued, for a while at most, and end the association in order."""

    def abort(self, reason: LinkClosedError) -> None:
        """End the association at once."""


class Link(ABC):
    """One association.

    Attributes:
        peer: the other end, for messages.
    """

    def __init__(self, sock: socket.socket, peer: str, options: LinkOptions) -> None:
        sock.setblocking(False)
        self.peer = peer
        self._sock = sock
        self._fd = sock.fileno()
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._closed: LinkClosedError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._reading = False  # whether the loop looks for what arrives
        self._run = 0
        self._take: Callable[[bytes], None] | None = None
        self._ended: Callable[[LinkClosedError], None] | None = None
        self._again = False  # whether PDUs that are here already wait for their turn
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._drained = asyncio.Event()
        self._drained.set()
        self._stall: asyncio.TimerHandle | None = None

    @abstractmethod
    def _read(self) -> bytes | None:
        """The next PDU, or None if there is no more to read than a part of one.

        After None, the loop tells when more has arrived.

        Raises:
            BlockingIOError: nothing has arrived.
            LinkClosedError: the peer has ended the association, or what it sends has no end.
        """

    @abstractmethod
    def _write(self, octets: bytes) -> bytes:
        """Give octets to the kernel; returns what it did not take.

        Raises:
            BlockingIOError: it takes nothing now.
        """

    @abstractmethod
    def _pack(self, pdu: bytes) -> bytes:
        """The octets of a PDU on this transport."""

    async def receive(self, until: float | None) -> bytes | None:
        """See `Wire.receive`."""
        if self._run >= FAIR_RUN:
            self._run = 0
            await asyncio.sleep(0)
        pdu = self._poll()
        if pdu is None:
            self._run = 0
            await self._readable(until)
            pdu = self._poll()
        self._run += 1
        return pdu

    def pour(self, take: Callable[[bytes], None], ended: Callable[[LinkClosedError], None]) -> None:
        """Hand out each PDU as it arrives, in place of `receive`.

        Without a task that waits for it, a PDU costs half as much.

        Args:
            take: called with each PDU, from the loop.
            ended: called once with the reason when the association has ended.
        """
        self._take, self._ended = take, ended
        if self._closed is not None:
            self._loop.call_soon(ended, self._closed)
            return
        self._loop.add_reader(self._fd, self._arrived)
        self._reading = True
        # What `receive` has taken from the kernel and not given yet does not arrive again.
        self._again = True
        self._loop.call_soon(self._go_on)

    def interrupt(self) -> None:
        """See `Wire.interrupt`."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def send(self, pdu: bytes) -> None:
        """See `Wire.send`."""
        if len(pdu) > MAX_PDU:
            raise ValueError(f"a PDU of {len(pdu)} octets; at most {MAX_PDU} can be sent")
        if self._closed is not None:
            raise self._closed
        octets = self._pack(pdu)
        if not self._queue:
            octets = self._try_write(octets)
            if not octets:
                return
        if self._queued + len(octets) > self._options.queue_octets:
            self.abort(SlowPeerError(f"{self.peer} does not read: {self._queued} octets wait"))
            raise SlowPeerError(f"{self.peer} does not read: {self._queued} octets wait")
        if not self._queue:
            self._loop.add_writer(self._fd, self._flush)
            self._stall = self._loop.call_later(self._options.stall_s, self._stalled)
            self._drained.clear()
        self._queue.append(octets)
        self._queued += len(octets)

    async def close(self) -> None:
        """See `Wire.close`."""
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._options.linger_s):
                    await self._drained.wait()
        finally:
            self._end(LinkClosedError("closed here"))

    def abort(self, reason: LinkClosedError) -> None:
        """See `Wire.abort`."""
        if self._closed is None:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 0))
        self._end(reason)

    def _poll(self) -> bytes | None:
        if self._closed is not None:
            raise self._closed
        try:
            return self._read()
        except BlockingIOError:
            return None
        except LinkClosedError as error:
            self._end(error)
            raise
        except OSError as error:
            raise self._fail(error) from error

    async def _readable(self, until: float | None) -> None:
        waiter = self._waiter = self._loop.create_future()
        timer = None if until is None else self._loop.call_at(until, self.interrupt)
        if not self._reading:
            self._loop.add_reader(self._fd, self._arrived)
            self._reading = True
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _arrived(self) -> None:
        if self._take is not None:
            self._pour()
        elif self._waiter is None:
            # Whoever takes the PDUs is slower than they come. Looking is left off here and not
            # after each PDU: it takes two calls of the kernel to take it up again.
            self._stop_reading()
        else:
            self.interrupt()

    def _pour(self) -> None:
        take = self._take
        assert take is not None
        try:
            for _ in range(FAIR_RUN):
                pdu = self._poll()
                if pdu is None:
                    return
                take(pdu)
        except LinkClosedError:
            return  # `_end` tells
        if not self._again:
            self._again = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._again = False
        self._pour()

    def _stop_reading(self) -> None:
        if self._reading:
            self._loop.remove_reader(self._fd)
            self._reading = False

    def _try_write(self, octets: bytes) -> bytes:
        try:
            return self._write(octets)
        except BlockingIOError:
            return octets
        except OSError as error:
            raise self._fail(error) from error

    def _flush(self) -> None:
        try:
            while self._queue:
                octets = self._queue.popleft()
                self._queued -= len(octets)
                left = self._try_write(octets)
                if len(left) < len(octets) and self._stall is not None:
                    self._stall.cancel()
                    self._stall = self._loop.call_later(self._options.stall_s, self._stalled)
                if left:
                    self._queue.appendleft(left)
                    self._queued += len(left)
                    return
        except LinkClosedError:
            return  # `_fail` has ended the association; whoever uses it next is told
        self._stop_writing()

    def _stop_writing(self) -> None:
        if self._stall is not None:
            self._loop.remove_writer(self._fd)
            self._stall.cancel()
            self._stall = None
        self._drained.set()

    def _stalled(self) -> None:
        seconds = self._options.stall_s
        self.abort(SlowPeerError(f"{self.peer} has read nothing for {seconds:g} s"))

    def _fail(self, error: OSError) -> LinkClosedError:
        closed = LinkClosedError(f"{self.peer}: {error.strerror or error}")
        self._end(closed)
        return closed

    def _end(self, reason: LinkClosedError) -> None:
        if self._closed is not None:
            return
        self._closed = reason
        self._stop_writing()
        self._stop_reading()
        self._queue.clear()
        self._sock.close()
        self.interrupt()
        if self._ended is not None:
            self._loop.call_soon(self._ended, reason)
