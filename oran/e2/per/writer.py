"""Writing the aligned variant of PER, bit by bit."""

from typing import Final

from oran.e2.errors import EncodeError
from oran.e2.per.limits import FRAGMENT, MAX_FRAGMENT_UNITS, MAX_OCTETS

_FLUSH_BITS: Final = 256
"""Pending bits above this are moved out, so that a long run of bits costs linear time."""


class Writer:
    """An encoding that grows.

    Attributes:
        out: the octets that are complete, but for those of the bits below.
        pending: bits that are not in `out` yet, the last one least significant.
        count: how many they are.
        depth: how many times the type being written is nested in itself.
    """

    __slots__ = ("count", "depth", "out", "pending")

    def __init__(self) -> None:
        self.out = bytearray()
        self.pending = 0
        self.count = 0
        self.depth = 0

    def bits(self, value: int, count: int) -> None:
        """Append `value`, which must fit, as `count` bits."""
        self.pending = self.pending << count | value
        self.count += count
        if self.count > _FLUSH_BITS:
            rest = self.count & 7
            self.out += (self.pending >> rest).to_bytes(self.count >> 3, "big")
            self.pending &= (1 << rest) - 1
            self.count = rest

    def align(self) -> None:
        """Pad with zero bits to the next octet."""
        count = self.count
        if count:
            self.out += (self.pending << (-count & 7)).to_bytes((count + 7) >> 3, "big")
            self.pending = 0
            self.count = 0

    def octets(self, octets: bytes | bytearray) -> None:
        """Append whole octets, after padding."""
        if self.count:
            self.align()
        self.out += octets

    def length(self, count: int) -> None:
        """Append a length below 16K (X.691 11.9.3.6 and 11.9.3.7)."""
        self.align()
        if count < 0x80:
            self.out.append(count)
        else:
            self.out += (0x8000 | count).to_bytes(2, "big")

    def fragment(self, remaining: int) -> int:
        """Append the length of the next fragment of `remaining` items (X.691 11.9.3.8).

        Returns:
            How many items it holds. Below 16K it is the last one, and may be empty.
        """
        if remaining < FRAGMENT:
            self.length(remaining)
            return remaining
        units = min(remaining // FRAGMENT, MAX_FRAGMENT_UNITS)
        self.octets(bytes((0xC0 | units,)))
        return units * FRAGMENT

    def octet_string(self, octets: bytes) -> None:
        """Append octets with their length in front, in fragments where there are many."""
        if len(octets) < FRAGMENT:
            self.length(len(octets))
            self.out += octets
            return
        start = 0
        count = FRAGMENT
        while count >= FRAGMENT:
            count = self.fragment(len(octets) - start)
            self.out += octets[start : start + count]
            start += count

    def open(self) -> int:
        """Begin a complete encoding with its length in front (X.691 11.2).

        Returns:
            What `close` needs to know.
        """
        self.align()
        self.out.append(0)
        return len(self.out)

    def close(self, start: int) -> None:
        """End the complete encoding that `open` began: one octet at least (X.691 11.1.3)."""
        self.align()
        out = self.out
        if len(out) == start:
            out.append(0)
        size = len(out) - start
        if size < 0x80:
            out[start - 1] = size
        elif size < FRAGMENT:
            out[start - 1 : start] = (0x8000 | size).to_bytes(2, "big")
        else:
            octets = bytes(out[start:])
            del out[start - 1 :]
            self.octet_string(octets)

    def small(self, value: int) -> None:
        """Append a normally small non-negative number (X.691 11.6)."""
        if value < 64:
            self.bits(value, 7)
        else:
            self.bits(1, 1)
            self.octet_string(value.to_bytes((value.bit_length() + 7) >> 3, "big"))

    def number(self) -> tuple[int, int]:
        """All bits as an unsigned integer, the first one most significant, and their number."""
        octets, count = int.from_bytes(self.out, "big"), self.count
        return octets << count | self.pending, 8 * len(self.out) + count

    def finish(self) -> bytes:
        """The complete encoding: whole octets, and one at least (X.691 11.1.3).

        Raises:
            EncodeError: it is longer than `MAX_OCTETS`.
        """
        self.align()
        if len(self.out) > MAX_OCTETS:
            raise EncodeError(f"{len(self.out)} octets are more than the {MAX_OCTETS} accepted")
        return bytes(self.out) or b"\0"
