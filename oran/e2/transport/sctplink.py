"""An association over SCTP, each PDU one message."""

import errno
import socket
from typing import Final

from oran.e2.transport.errors import LinkClosedError
from oran.e2.transport.link import Link
from oran.e2.transport.options import MAX_PDU, LinkOptions
from oran.e2.transport.sctp import MSG_NOTIFICATION

_CHUNK: Final = 1 << 16


class SctpLink(Link):
    """An association over SCTP."""

    def __init__(self, sock: socket.socket, peer: str, options: LinkOptions) -> None:
        super().__init__(sock, peer, options)
        self._chunk = bytearray(_CHUNK)
        self._part = bytearray()

    def _read(self) -> bytes | None:
        while True:
            count, _, flags, _ = self._sock.recvmsg_into((self._chunk,))
            if flags & MSG_NOTIFICATION:
                continue
            if not count:
                raise LinkClosedError(f"{self.peer} has closed the association")
            if len(self._part) + count > MAX_PDU:
                raise LinkClosedError(f"a message above {MAX_PDU} octets, the most accepted")
            # A message that is larger than the chunk, or than the kernel's buffer, comes in parts.
            self._part += memoryview(self._chunk)[:count]
            if flags & socket.MSG_EOR:
                pdu = bytes(self._part)
                self._part.clear()
                return pdu

    def _write(self, octets: bytes) -> bytes:
        try:
            self._sock.send(octets)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            size = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            raise LinkClosedError(
                f"a message of {len(octets)} octets does not fit the kernel's send buffer of "
                f"{size}: raise net.core.wmem_max"
            ) from error
        return b""

    def _pack(self, pdu: bytes) -> bytes:
        return pdu
