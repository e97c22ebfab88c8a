"""The messages in SCTP packets (RFC 9260 3.3.1), their parts put together, repetitions left out."""

import struct
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Final

from e2sim.capture.frame import Datagram, FrameError

E2_PPIDS: Final = (70, 71, 72)
"""Payload protocol identifiers of E2: control plane, user plane, DU."""

_DATA: Final = 0
_STARTS: Final = (1, 2)
"""INIT and INIT ACK: numbers begin anew."""

_BEGIN: Final = 2
_END: Final = 1
_TSNS: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class SctpMessage:
    """A user message.

    Attributes:
        association: both ends, the same in both directions.
        ports: source and destination.
        ppid: payload protocol identifier.
        octets: the message.
    """

    association: Hashable
    ports: tuple[int, int]
    ppid: int
    octets: bytes


@dataclass(slots=True)
class _Direction:
    seen: set[int] = field(default_factory=set)
    parts: dict[int, tuple[int, bytes]] = field(default_factory=dict)


class SctpStreams:
    """Takes packets in the order in which they were captured."""

    def __init__(self) -> None:
        self._directions: dict[Hashable, _Direction] = {}

    @property
    def incomplete(self) -> int:
        """Parts of messages that wait for other parts."""
        return sum(len(d.parts) for d in self._directions.values())

    def take(self, datagram: Datagram) -> Iterator[SctpMessage]:
        """The messages that are complete with this packet.

        Raises:
            FrameError: the packet is cut off.
        """
        octets = datagram.octets
        if len(octets) < 12:
            raise FrameError("its SCTP header is cut off")
        source, destination = struct.unpack_from(">HH", octets)
        ends = (datagram.source, source), (datagram.destination, destination)
        direction = self._directions.setdefault(ends, _Direction())
        at = 12
        while at < len(octets):
            if at + 4 > len(octets):
                raise FrameError("a chunk of SCTP is cut off")
            kind, flags, size = struct.unpack_from(">BBH", octets, at)
            if size < 4 or at + size > len(octets):
                raise FrameError(f"a chunk of SCTP of {size} octets is cut off")
            if kind in _STARTS:
                direction.seen.clear()
                direction.parts.clear()
            elif kind == _DATA and size >= 16:
                chunk = octets[at : at + size]
                for ppid, message in _whole(direction, flags, chunk):
                    yield SctpMessage(frozenset(ends), (source, destination), ppid, message)
            at += (size + 3) & ~3


def _whole(direction: _Direction, flags: int, chunk: bytes) -> Iterator[tuple[int, bytes]]:
    """The message that a DATA chunk completes, with its identifier; none where it does not."""
    tsn, _, _, ppid = struct.unpack_from(">IHHI", chunk, 4)
    if tsn in direction.seen:
        return
    direction.seen.add(tsn)
    direction.parts[tsn] = flags, chunk[16:]
    first = last = tsn
    while not direction.parts[first][0] & _BEGIN:
        first = (first - 1) % _TSNS
        if first not in direction.parts:
            return
    while not direction.parts[last][0] & _END:
        last = (last + 1) % _TSNS
        if last not in direction.parts:
            return
    count = (last - first) % _TSNS + 1
    parts = [direction.parts.pop((first + i) % _TSNS)[1] for i in range(count)]
    yield ppid, b"".join(parts)
