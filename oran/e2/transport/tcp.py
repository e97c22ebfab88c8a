"""An association over TCP, each PDU with its length before it."""

import math
import socket
from typing import Final

from oran.e2.transport.errors import LinkClosedError
from oran.e2.transport.framing import Splitter, frame
from oran.e2.transport.link import Link
from oran.e2.transport.options import LinkOptions

_CHUNK: Final = 1 << 16


def configure(sock: socket.socket, options: LinkOptions) -> None:
    """Send at once, and notice a peer that is gone."""
    idle = math.ceil(options.heartbeat_s)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, math.ceil(options.rto_max_s)))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, min(options.retransmissions, 127))
    limit = (options.heartbeat_s + options.retransmissions * options.rto_max_s) * 1000
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(limit))


class TcpLink(Link):
    """An association over TCP."""

    def __init__(self, sock: socket.socket, peer: str, options: LinkOptions) -> None:
        super().__init__(sock, peer, options)
        self._splitter = Splitter()
        self._emptied = False

    def _read(self) -> bytes | None:
        pdu = self._splitter.next()
        while pdu is None:
            if self._emptied:
                # The last call took all there was: another one would find nothing.
                self._emptied = False
                return None
            octets = self._sock.recv(_CHUNK)
            if not octets:
                raise LinkClosedError(f"{self.peer} has closed the association")
            self._emptied = len(octets) < _CHUNK
            self._splitter.feed(octets)
            pdu = self._splitter.next()
        return pdu

    def _exhausted(self) -> bool:
        # What is asked after each PDU, and nearly always so.
        if self._emptied and self._splitter.empty:
            self._emptied = False
            return True
        return False

    def _write(self, octets: bytes) -> bytes:
        return octets[self._sock.send(octets) :]

    def _pack(self, pdu: bytes) -> bytes:
        return frame(pdu)
