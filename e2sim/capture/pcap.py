"""Frames of capture files: classic pcap and pcapng."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CLASSIC: Final = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xa1\xb2\x3c\x4d": ">",
}
"""Byte order by the magic number, with time stamps in microseconds or nanoseconds."""

NG: Final = b"\x0a\x0d\x0d\x0a"
"""Type of the block that a pcapng file begins with, the same in both byte orders."""

_NG_ORDERS: Final = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE: Final = 1
_SIMPLE: Final = 3
_ENHANCED: Final = 6
_LINK_TYPE_BITS: Final = 0x0FFF_FFFF
"""The rest of the classic header's field tells of check sums."""


class CaptureError(ValueError):
    """The file is no capture file, or ends within a frame; the text tells where."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame.

    Attributes:
        number: from 1 on, as analysers count.
        link_type: LINKTYPE of its interface.
        octets: what was captured of it.
        missing: octets that were not captured.
    """

    number: int
    link_type: int
    octets: bytes
    missing: int


def frames(data: bytes) -> Iterator[Frame]:
    """The frames of a file.

    Raises:
        CaptureError: the file has another form, or ends too soon.
    """
    return _ng_frames(data) if data[:4] == NG else _classic_frames(data)


def _classic_frames(data: bytes) -> Iterator[Frame]:
    order = CLASSIC.get(data[:4])
    if order is None or len(data) < 24:
        raise CaptureError("no file header of pcap")
    link_type = _word(data, 20, order) & _LINK_TYPE_BITS
    at, number = 24, 1
    while at < len(data):
        if at + 16 > len(data):
            raise CaptureError(f"octet {at}: the file ends within the header of frame {number}")
        size, original = struct.unpack_from(f"{order}II", data, at + 8)
        if at + 16 + size > len(data):
            raise CaptureError(f"octet {at}: the file ends within frame {number}")
        yield Frame(number, link_type, data[at + 16 : at + 16 + size], max(0, original - size))
        at += 16 + size
        number += 1


def _ng_frames(data: bytes) -> Iterator[Frame]:
    link_types: list[int] = []
    order = "<"
    at, number = 0, 1
    while at < len(data):
        if data[at : at + 4] == NG:
            order, link_types = _section(data, at), []
        size = _word(data, at + 4, order)
        if size < 12 or size % 4 or at + size > len(data):
            raise CaptureError(f"octet {at}: a block of {size} octets does not fit the file")
        kind, body = _word(data, at, order), data[at + 8 : at + size - 4]
        if kind == _INTERFACE:
            link_types.append(struct.unpack(f"{order}H", body[:2])[0])
        elif kind in (_ENHANCED, _SIMPLE):
            yield _ng_frame(kind, body, order, link_types, number)
            number += 1
        at += size


def _section(data: bytes, at: int) -> str:
    order = _NG_ORDERS.get(data[at + 8 : at + 12])
    if order is None:
        raise CaptureError(f"octet {at}: a section without a byte order")
    return order


def _ng_frame(kind: int, body: bytes, order: str, link_types: list[int], number: int) -> Frame:
    try:
        if kind == _ENHANCED:
            interface, _, _, size, original = struct.unpack_from(f"{order}IIIII", body)
            octets = body[20 : 20 + size]
        else:
            interface, (original,) = 0, struct.unpack_from(f"{order}I", body)
            octets = body[4 : 4 + original]
        link_type = link_types[interface]
    except (struct.error, IndexError):
        raise CaptureError(f"frame {number}: its block is too short, or has no interface") from None
    return Frame(number, link_type, octets, max(0, original - len(octets)))


def _word(data: bytes, at: int, order: str) -> int:
    if at + 4 > len(data):
        raise CaptureError(f"octet {at}: the file ends within a header")
    word: int = struct.unpack_from(f"{order}I", data, at)[0]
    return word
