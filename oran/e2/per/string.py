"""OCTET STRING, BIT STRING and PrintableString, with their size constraints."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`
from dataclasses import dataclass
from typing import Final

from oran.e2.errors import EncodeError, brief
from oran.e2.per.limits import FRAGMENT, MAX_OCTETS
from oran.e2.per.reader import Reader
from oran.e2.per.scalar import Bounded
from oran.e2.per.type import Json, Type, expect_integer, expect_text
from oran.e2.per.writer import Writer

_UNALIGNED_OCTETS: Final = 2
"""Strings of this fixed size or less are not aligned (X.691 16.9, 17.6)."""


class OctetString(Type[bytes]):
    """OCTET STRING of any size (X.691 17.8)."""

    __slots__ = ()

    def read(self, reader: Reader) -> bytes:
        return reader.octet_string()

    def write(self, writer: Writer, value: bytes) -> None:
        if type(value) is not bytes:
            raise EncodeError(f"needs bytes, got {brief(value)}")
        writer.octet_string(value)

    def to_json(self, value: bytes) -> Json:
        return value.hex()

    def from_json(self, json: Json) -> bytes:
        text = expect_text(json)
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise EncodeError(f"{brief(text)} is not hexadecimal") from None


class FixedOctets(OctetString):
    """OCTET STRING (SIZE (size)) (X.691 17.6, 17.7).

    Attributes:
        size: number of octets.
    """

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size

    def read(self, reader: Reader) -> bytes:
        if self.size > _UNALIGNED_OCTETS:
            return reader.octets(self.size)
        return reader.bits(8 * self.size).to_bytes(self.size, "big")

    def write(self, writer: Writer, value: bytes) -> None:
        if type(value) is not bytes or len(value) != self.size:
            raise EncodeError(f"needs {self.size} octets, got {brief(value)}")
        if self.size > _UNALIGNED_OCTETS:
            writer.octets(value)
        else:
            writer.bits(int.from_bytes(value, "big"), 8 * self.size)


class UnsignedOctets(Type[int]):
    """OCTET STRING (SIZE (size)) whose content is a number, most significant octet first.

    Attributes:
        octets: the type on the wire.
    """

    __slots__ = ("octets",)

    def __init__(self, size: int) -> None:
        self.octets = FixedOctets(size)

    def read(self, reader: Reader) -> int:
        return int.from_bytes(self.octets.read(reader), "big")

    def write(self, writer: Writer, value: int) -> None:
        high = (1 << 8 * self.octets.size) - 1
        if type(value) is not int or not 0 <= value <= high:
            raise EncodeError(f"{brief(value)} is not an integer in 0..{high}")
        self.octets.write(writer, value.to_bytes(self.octets.size, "big"))

    def to_json(self, value: int) -> Json:
        return value

    def from_json(self, json: Json) -> int:
        return expect_integer(json)


@dataclass(frozen=True, slots=True)
class Bits:
    """A string of bits.

    Attributes:
        value: the bits as an unsigned integer, the first one most significant.
        length: how many there are.
    """

    value: int
    length: int


class BitString(Type[Bits]):
    """BIT STRING (SIZE (low..high)), with or without extension marker, or unbounded (X.691 16).

    Attributes:
        size: the number of bits allowed, or None where it is not bounded.
        extensible: whether other sizes are allowed behind an extension marker.
    """

    __slots__ = ("_aligned", "_fixed", "extensible", "size")

    def __init__(self, low: int = 0, high: int | None = None, *, extensible: bool = False) -> None:
        self.size = None if high is None else Bounded(low, high)
        self._fixed = low if low == high and not extensible else 0
        self._aligned = self._fixed == 0 or self._fixed > 8 * _UNALIGNED_OCTETS
        self.extensible = extensible

    def read(self, reader: Reader) -> Bits:
        if self.size is None or (self.extensible and reader.bit()):
            return self._read_unbounded(reader)
        length = self._fixed or self.size.read(reader)
        return Bits(self._read(reader, length), length)

    def _read(self, reader: Reader, length: int) -> int:
        if self._aligned:
            reader.align()
        return reader.bits(length)

    def _read_unbounded(self, reader: Reader) -> Bits:
        count, more = reader.length()
        parts, length = [reader.octets(count // 8)], count
        while more:
            count, more = reader.length()
            parts.append(reader.octets(count // 8))
            length += count
        rest = count & 7
        return Bits(int.from_bytes(b"".join(parts), "big") << rest | reader.bits(rest), length)

    def write(self, writer: Writer, value: Bits) -> None:
        if not _is_bits(value):
            raise EncodeError(f"needs Bits whose value fits their length, got {brief(value)}")
        size = self.size
        if size is not None and size.low <= value.length <= size.high:
            if self.extensible:
                writer.bits(0, 1)
            if not self._fixed:
                size.write(writer, value.length)
            if self._aligned:
                writer.align()
            writer.bits(value.value, value.length)
            return
        if size is not None and not self.extensible:
            raise EncodeError(f"{value.length} bits; {size.low}..{size.high} are allowed")
        if size is not None:
            writer.bits(1, 1)
        self._write_unbounded(writer, value)

    def _write_unbounded(self, writer: Writer, value: Bits) -> None:
        if value.length > 8 * MAX_OCTETS:
            raise EncodeError(f"{value.length} bits; {8 * MAX_OCTETS} are accepted")
        left = value.length
        octets = (value.value << (-left & 7)).to_bytes((left + 7) // 8, "big")
        start, count = 0, FRAGMENT
        while count >= FRAGMENT:
            count = writer.fragment(left)
            writer.octets(octets[start : start + count // 8])
            start += count // 8
            left -= count
        writer.bits(value.value & ((1 << (count & 7)) - 1), count & 7)

    def to_json(self, value: Bits) -> Json:
        return f"{value.value:0{value.length}b}" if value.length else ""

    def from_json(self, json: Json) -> Bits:
        text = expect_text(json)
        if set(text) - {"0", "1"}:
            raise EncodeError(f"{brief(text)} is not a string of the digits 0 and 1")
        return Bits(int(text or "0", 2), len(text))


def _is_bits(value: Bits) -> bool:
    if type(value) is not Bits or type(value.value) is not int or type(value.length) is not int:
        return False
    return value.length >= 0 and not value.value >> value.length


class PrintableString(Type[str]):
    """PrintableString (SIZE (low..high), ...) or unbounded (X.691 30): one octet a character.

    All visible ASCII is read and written, not only the 74 characters of the type: peers put `_`
    and `@` into names, and the octets on the wire are the same.

    Attributes:
        size: the number of characters in the root, or None where it is not bounded; its upper
            bound is 3 or more, since shorter strings would be packed without alignment.
    """

    __slots__ = ("size",)

    def __init__(self, low: int = 0, high: int | None = None) -> None:
        self.size = None if high is None else Bounded(low, high)

    def read(self, reader: Reader) -> str:
        if self.size is None or reader.bit():
            octets = reader.octet_string()
        else:
            count = self.size.read(reader)
            octets = reader.octets(count) if count else b""  # no octets, no alignment
        text = octets.decode("latin-1")
        if not (text.isascii() and text.isprintable()):
            raise reader.error(f"{brief(text)} is not visible ASCII")
        return text

    def write(self, writer: Writer, value: str) -> None:
        if type(value) is not str or not (value.isascii() and value.isprintable()):
            raise EncodeError(f"needs visible ASCII text, got {brief(value)}")
        octets = value.encode("ascii")
        size = self.size
        if size is not None and size.low <= len(octets) <= size.high:
            writer.bits(0, 1)
            size.write(writer, len(octets))
            if octets:
                writer.octets(octets)
            return
        if size is not None:
            writer.bits(1, 1)
        writer.octet_string(octets)

    def to_json(self, value: str) -> Json:
        return value

    def from_json(self, json: Json) -> str:
        return expect_text(json)
