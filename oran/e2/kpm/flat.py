"""Reading the reports of a subscription by position.

The reports of one subscription differ in their values and their time alone. `flat_report` reads the
values of an indication message of format 1 and leaves the octets behind them, which hold the
columns and the granularity period, as they are: equal octets mean equal columns, so that a receiver
need decode them once. `Stamps` does the same for indication headers.
"""

from dataclasses import dataclass
from typing import Final

from oran.e2.kpm.header import (
    INDICATION_HEADER,
    TIMESTAMP_OCTETS_V2,
    TIMESTAMP_OCTETS_V3,
    IndicationHeader,
)
from oran.e2.per import real
from oran.e2.per.limits import MAX_OCTETS

_COLUMNS: Final = 0x08
_GRANULARITY: Final = 0x04
_PRESENCE: Final = _COLUMNS | _GRANULARITY

# First octet of a value: choice in its first three bits, then the length of an integer.
_TWO_OCTETS: Final = 0x08
_REAL: Final = 0x20
_GAP: Final = 0x40
_EXTENDED: Final = 0x60
_LONG: Final = 0x80
"""Lengths from here on take more than one octet."""

_PLUS_BASE_2: Final = 0x80
"""First octet of a positive real of base 2 whose exponent takes one octet (X.690 8.5.7)."""

_USUAL_REAL, _LONGEST_USUAL_REAL = 3, 10
"""Octets of such a real with a mantissa of up to 8 octets."""

_SCALE: Final = tuple(2.0 ** (e if e < 128 else e - 256) for e in range(256))
"""Powers of two by the octet of the exponent."""


@dataclass(frozen=True, slots=True)
class FlatReport:
    """The one record of an indication message.

    Attributes:
        values: the record's values, in the order of the columns; None where nothing was measured.
        rest: what stands behind the record, but for padding: equal for messages whose columns and
            granularity period are equal, and if one of these can be decoded, all can. One octet,
            0, where the message holds neither.
    """

    values: list[int | float | None]
    rest: bytes


def flat_report(octets: bytes) -> FlatReport | None:
    """The record of an indication message of format 1.

    Args:
        octets: the message, whole.

    Returns:
        The record, or None where the message is not of this form or in error: then
        `oran.e2.kpm.INDICATION_MESSAGE` tells what it is. What stands behind the record is not
        checked; it is to be decoded from the whole message when it is new.
    """
    try:
        # Extension bits and alternatives of format 1 are all 0; a count of 0 means one record;
        # then the record's extension bit and the one of its incomplete flag.
        head = octets[0]
        if (
            head & ~_PRESENCE
            or octets[1]
            or octets[2]
            or octets[3] >> 6
            or len(octets) > MAX_OCTETS
        ):
            return None
        size, at = octets[4], 5
        if size >= 0x80:
            if size >= 0xC0:
                return None
            size, at = (size & 0x3F) << 8 | octets[5], 6
        if not size:
            return None
        values, pos = _values(octets, at, size)
        if head == _GRANULARITY:
            # Its length, 2 bits, follows the values at once, and then padding.
            at = pos >> 3
            size = (octets[at] << 8 | octets[at + 1]) >> (14 - (pos & 7)) & 3
            head |= size
            pos += 2
    except (IndexError, ValueError):
        return None
    end = (pos + 7) >> 3
    if head:
        rest = octets[end:]
        return FlatReport(values, bytes((head,)) + rest) if rest else None
    return FlatReport(values, b"\0") if end == len(octets) else None


def _values(data: bytes, at: int, count: int) -> tuple[list[int | float | None], int]:
    """`count` values from octet `at` on, and the bit behind them.

    Raises:
        IndexError: the octets end before, or hold something unusual.
        ValueError: a real is none.
    """
    values: list[int | float | None] = []
    append, from_bytes = values.append, int.from_bytes
    whole, bits = len(data), 0
    for _ in range(count):
        head = data[at]
        if bits:  # behind a gap, which fills no octet
            head = (head << 8 | (data[at + 1] if at + 1 < whole else 0)) >> (8 - bits) & 0xFF
        if head < _REAL:
            # 2 bits of choice, 3 of length, and padding to the next octet.
            start = at + ((bits + 12) >> 3)
            at, bits = start + (head >> 3) + 1, 0
            append(data[start] if head < _TWO_OCTETS else from_bytes(data[start:at], "big"))
        elif head >= _GAP:
            if head >= _EXTENDED:
                raise IndexError
            append(None)
            bits += 3
            at, bits = at + (bits >> 3), bits & 7
        else:
            start = at + ((bits + 10) >> 3)
            size = data[start]
            at, bits = start + 1 + size, 0
            if size >= _LONG or at > whole:
                raise IndexError
            if _USUAL_REAL <= size <= _LONGEST_USUAL_REAL and data[start + 1] == _PLUS_BASE_2:
                append(from_bytes(data[start + 3 : at], "big") * _SCALE[data[start + 2]])
            else:
                append(real.unpack(data[start + 1 : at]))
    return values, at << 3 | bits


class Stamps:
    """Reads the time stamps of a subscription's indication headers.

    The first header is decoded whole; of headers that differ from it in the stamp alone, the stamp
    is cut out.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        # What stands before a stamp, where it ends, and what stands behind it. One tuple, so that
        # threads that read at once see all of it or nothing.
        self._known = (b"", 1, b"")

    def read(self, octets: bytes) -> bytes:
        """The time stamp of a header, 8 or 4 octets.

        Raises:
            DecodeError: the octets are no header.
            ValueError: the header has another format.
        """
        head, end, tail = self._known
        if octets[:1] == head and octets[end:] == tail and len(octets) >= end > 1:
            return octets[1:end]
        header = INDICATION_HEADER.decode(octets)
        if not isinstance(header, IndicationHeader):
            raise ValueError("indication header: format 1 is supported")
        size = len(header.start)
        if size in (TIMESTAMP_OCTETS_V3, TIMESTAMP_OCTETS_V2):
            # The bits before the stamp fill one octet, and the stamp starts with the next.
            self._known = octets[:1], 1 + size, octets[1 + size :]
        return header.start
