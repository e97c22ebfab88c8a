"""PDUs in a stream of octets, for hosts without SCTP.

Each PDU follows its length in octets, as an unsigned integer of four octets, most significant
first. This framing is this project's own: E2AP itself is only defined over SCTP, where messages
keep their boundaries.
"""

from typing import Final

from oran.e2.transport.errors import LinkClosedError
from oran.e2.transport.options import MAX_PDU

HEADER: Final = 4
"""Octets of the length."""


def frame(pdu: bytes) -> bytes:
    """The PDU with its length before it."""
    return len(pdu).to_bytes(HEADER, "big") + pdu


class Splitter:
    """Cuts a stream into PDUs. It holds at most one PDU and what was fed last."""

    def __init__(self) -> None:
        self._buffer: bytes | bytearray = b""
        self._at = 0

    def feed(self, octets: bytes | memoryview) -> None:
        """Append what has arrived."""
        if self._at == len(self._buffer):
            # Nearly always: nothing is left, and what has arrived needs no copy.
            self._buffer, self._at = bytes(octets), 0
            return
        if not isinstance(self._buffer, bytearray):
            self._buffer, self._at = bytearray(self._buffer[self._at :]), 0
        elif self._at:
            del self._buffer[: self._at]
            self._at = 0
        self._buffer += octets

    @property
    def empty(self) -> bool:
        """Whether nothing is left, not even a part of a PDU."""
        return self._at == len(self._buffer)

    def next(self) -> bytes | None:
        """The next PDU, or None before it is complete.

        Raises:
            LinkClosedError: the length is 0 or above `MAX_PDU`: the stream cannot be followed.
        """
        start = self._at + HEADER
        if len(self._buffer) < start:
            return None
        length = int.from_bytes(self._buffer[self._at : start], "big")
        if not 0 < length <= MAX_PDU:
            raise LinkClosedError(f"a frame of {length} octets; 1..{MAX_PDU} are accepted")
        if len(self._buffer) < start + length:
            return None
        self._at = start + length
        return bytes(self._buffer[start : self._at])
