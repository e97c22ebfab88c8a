"""Reading the aligned variant of PER, bit by bit."""

from dataclasses import dataclass
from typing import Self

from oran.e2.errors import DecodeError, ErrorKind
from oran.e2.per.limits import FRAGMENT, MAX_FRAGMENT_UNITS, MAX_OCTETS


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something of a later version that was stepped over.

    Attributes:
        what: the type that was extended, and the number of the addition counted from 0.
        offset: where it stood, in bits.
    """

    what: str
    offset: int


class Reader:
    """A place in some octets.

    Attributes:
        data: the octets.
        pos: the place, in bits from the start; types move it directly.
        limit: end of what may be read, in bits: the end of `data` or of an open type within it.
        depth: how many times the type being read is nested in itself.
        skipped: additions of later versions that were stepped over.
    """

    __slots__ = ("_origin", "data", "depth", "limit", "pos", "skipped")

    def __init__(self, data: bytes, skipped: list[Skipped] | None = None, origin: int = 0) -> None:
        self.data = data
        self.pos = 0
        self.limit = len(data) * 8
        self.depth = 0
        self.skipped = [] if skipped is None else skipped
        self._origin = origin
        if len(data) > MAX_OCTETS:
            raise self.error(f"{len(data)} octets are more than the {MAX_OCTETS} accepted")

    def error(self, reason: str, kind: ErrorKind = ErrorKind.TRANSFER_SYNTAX) -> DecodeError:
        """An error at the present place."""
        return DecodeError(reason, self._origin + self.pos, kind)

    def skip(self, what: str) -> None:
        """Note that `what` was stepped over here."""
        self.skipped.append(Skipped(what, self._origin + self.pos))

    def _short(self, bits: int) -> DecodeError:
        return self.error(f"needs {bits} more bits, {self.limit - self.pos} are left")

    def bit(self) -> int:
        """The next bit."""
        pos = self.pos
        if pos >= self.limit:
            raise self._short(1)
        self.pos = pos + 1
        return self.data[pos >> 3] >> (~pos & 7) & 1

    def bits(self, count: int) -> int:
        """The next `count` bits as an unsigned integer."""
        start = self.pos
        end = start + count
        if end > self.limit:
            raise self._short(count)
        self.pos = end
        first = start >> 3
        if end - 1 >> 3 == first:
            window = self.data[first]
        else:
            window = int.from_bytes(self.data[first : (end + 7) >> 3], "big")
        return window >> (-end & 7) & ((1 << count) - 1)

    def align(self) -> None:
        """Step over the padding that leads to the next whole octet."""
        self.pos = (self.pos + 7) & ~7

    def octets(self, count: int) -> bytes:
        """The next `count` whole octets, after the padding that leads to them."""
        start = (self.pos + 7) >> 3
        end = start + count
        if end << 3 > self.limit:
            raise self._short(count * 8)
        self.pos = end << 3
        return self.data[start:end]

    def unsigned(self, count: int) -> int:
        """The next `count` whole octets as an unsigned integer."""
        return int.from_bytes(self.octets(count), "big")

    def length(self) -> tuple[int, bool]:
        """A length without useful upper bound (X.691 11.9.3.5 to 11.9.3.8).

        Returns:
            The number of items that follow, and whether another length follows them.
        """
        first = self.octets(1)[0]
        if first < 0x80:
            return first, False
        if first < 0xC0:
            return (first & 0x3F) << 8 | self.octets(1)[0], False
        units = first & 0x3F
        if not 1 <= units <= MAX_FRAGMENT_UNITS:
            raise self.error(f"a fragment of {units} units; 1..{MAX_FRAGMENT_UNITS} are allowed")
        return units * FRAGMENT, True

    def octet_string(self) -> bytes:
        """Octets with a length of their own in front, in fragments where there are many."""
        count, more = self.length()
        if not more:
            return self.octets(count)
        parts = [self.octets(count)]
        while more:
            count, more = self.length()
            parts.append(self.octets(count))
        return b"".join(parts)

    def small(self) -> int:
        """A normally small non-negative number (X.691 11.6)."""
        if not self.bit():
            return self.bits(6)
        count, more = self.length()
        if more or not 1 <= count <= MAX_FRAGMENT_UNITS:
            raise self.error("a normally small number of more than 4 octets")
        return self.unsigned(count)

    def nested(self, octets: bytes) -> Self:
        """A reader of `octets`, which were just read, as a complete encoding of their own."""
        inner = type(self)(octets, self.skipped, self._origin + self.pos - len(octets) * 8)
        inner.depth = self.depth
        return inner

    def finish(self, start: int = 0) -> None:
        """Check that the encoding which began at bit `start` fills its octets up to `limit`.

        A complete encoding has one octet at least and less than an octet of padding
        (X.691 11.1.3).
        """
        end = max((self.pos + 7) & ~7, start + 8)
        if end != self.limit:
            left = (self.limit - end) // 8
            raise self.error("no octet at all" if left < 0 else f"{left} octets are left over")
