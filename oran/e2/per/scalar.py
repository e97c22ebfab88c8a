"""Types without parts: INTEGER, BOOLEAN, NULL, ENUMERATED, REAL."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`
import math
from collections.abc import Hashable
from enum import StrEnum
from typing import Final, TypeVar

from oran.e2.errors import EncodeError, ErrorKind, brief
from oran.e2.per import real
from oran.e2.per.limits import MAX_INTEGER_OCTETS
from oran.e2.per.reader import Reader
from oran.e2.per.type import Json, Type, expect_integer, expect_text
from oran.e2.per.writer import Writer

E = TypeVar("E", bound=StrEnum)
H = TypeVar("H", bound=Hashable)


class Integer(Type[int]):
    """INTEGER without bounds that shorten it (X.691 13.2.4 and 12.2.4)."""

    __slots__ = ()

    def read(self, reader: Reader) -> int:
        count, more = reader.length()
        if more or not 1 <= count <= MAX_INTEGER_OCTETS:
            raise reader.error(f"an INTEGER of 1..{MAX_INTEGER_OCTETS} octets is accepted")
        return int.from_bytes(reader.octets(count), "big", signed=True)

    def write(self, writer: Writer, value: int) -> None:
        if type(value) is not int:
            raise EncodeError(f"needs an integer, got {brief(value)}")
        magnitude = value if value >= 0 else ~value
        size = (magnitude.bit_length() >> 3) + 1
        if size > MAX_INTEGER_OCTETS:
            raise EncodeError(f"an integer of {size} octets; {MAX_INTEGER_OCTETS} are accepted")
        writer.octet_string(value.to_bytes(size, "big", signed=True))

    def to_json(self, value: int) -> Json:
        return value

    def from_json(self, json: Json) -> int:
        return expect_integer(json)


class Bounded(Integer):
    """INTEGER (low..high), or with an extension marker INTEGER (low..high, ...) (X.691 11.5, 13).

    Attributes:
        low: smallest value of the root, inclusive.
        high: largest value of the root, inclusive.
        extensible: whether values outside are allowed.
    """

    __slots__ = ("_bits", "_octets", "_size_bits", "extensible", "high", "low")

    def __init__(self, low: int, high: int, *, extensible: bool = False) -> None:
        self.low = low
        self.high = high
        self.extensible = extensible
        span = high - low
        self._bits = span.bit_length() if span < 255 else 0
        self._octets = 0 if span < 255 else 1 if span == 255 else 2 if span < 65536 else 0
        most = (span.bit_length() + 7) >> 3
        self._size_bits = (most - 1).bit_length() if span >= 65536 else 0

    def read(self, reader: Reader) -> int:
        if self.extensible and reader.bit():
            return super().read(reader)
        if self._octets:
            value = self.low + reader.unsigned(self._octets)
        elif self._size_bits:
            value = self.low + reader.unsigned(reader.bits(self._size_bits) + 1)
        else:
            value = self.low + reader.bits(self._bits)
        if value > self.high:
            raise reader.error(f"{value} is outside {self.low}..{self.high}")
        return value

    def write(self, writer: Writer, value: int) -> None:
        if type(value) is not int or not self.low <= value <= self.high:
            if not self.extensible:
                raise EncodeError(f"{brief(value)} is not an integer in {self.low}..{self.high}")
            writer.bits(1, 1)
            super().write(writer, value)
            return
        if self.extensible:
            writer.bits(0, 1)
        offset = value - self.low
        if self._octets:
            writer.octets(offset.to_bytes(self._octets, "big"))
        elif self._size_bits:
            size = (offset.bit_length() + 7) >> 3 or 1
            writer.bits(size - 1, self._size_bits)
            writer.octets(offset.to_bytes(size, "big"))
        else:
            writer.bits(offset, self._bits)


class Boolean(Type[bool]):
    """BOOLEAN (X.691 12)."""

    __slots__ = ()

    def read(self, reader: Reader) -> bool:
        return bool(reader.bit())

    def write(self, writer: Writer, value: bool) -> None:
        if type(value) is not bool:
            raise EncodeError(f"needs a boolean, got {brief(value)}")
        writer.bits(value, 1)

    def to_json(self, value: bool) -> Json:
        return value

    def from_json(self, json: Json) -> bool:
        if type(json) is not bool:
            raise EncodeError(f"needs true or false, got {brief(json)}")
        return json


class Null(Type[None]):
    """NULL, which takes no bits (X.691 18)."""

    __slots__ = ()

    def read(self, reader: Reader) -> None:
        return None

    def write(self, writer: Writer, value: None) -> None:
        return None

    def to_json(self, value: None) -> Json:
        return None

    def from_json(self, json: Json) -> None:
        if json is not None:
            raise EncodeError(f"needs null, got {brief(json)}")


class Real(Type[float]):
    """REAL (X.691 15): a length and the octets of X.690."""

    __slots__ = ()

    _NAMED: Final = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}

    def read(self, reader: Reader) -> float:
        octets = reader.octet_string()
        try:
            return real.unpack(octets)
        except ValueError as error:
            raise reader.error(str(error)) from None

    def write(self, writer: Writer, value: float) -> None:
        if type(value) is not float:
            raise EncodeError(f"needs a float, got {brief(value)}")
        writer.octet_string(real.pack(value))

    def to_json(self, value: float) -> Json:
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"

    def from_json(self, json: Json) -> float:
        if isinstance(json, str) and json in self._NAMED:
            return self._NAMED[json]
        if isinstance(json, bool) or not isinstance(json, int | float):
            raise EncodeError(
                f"needs a number, 'Infinity', '-Infinity' or 'NaN', got {brief(json)}"
            )
        try:
            return float(json)
        except OverflowError:
            raise EncodeError("the number is too large for a double") from None


class Enumerated(Type[E]):
    """ENUMERATED (X.691 14): the members of a Python enumeration, in order; values are names.

    Attributes:
        members: the enumeration.
        roots: how many members stand before the extension marker; the rest are additions.
        extensible: whether there is such a marker.
    """

    __slots__ = ("_bits", "_index", "_members", "extensible", "members", "roots")

    def __init__(
        self, members: type[E], *, roots: int | None = None, extensible: bool = True
    ) -> None:
        self.members = members
        self._members = tuple(members)
        self._index = {member: i for i, member in enumerate(self._members)}
        self.roots = len(self._members) if roots is None else roots
        self.extensible = extensible
        self._bits = (self.roots - 1).bit_length()

    def read(self, reader: Reader) -> E:
        if self.extensible and reader.bit():
            index = self.roots + reader.small()
        else:
            index = reader.bits(self._bits)
            if index >= self.roots:
                raise reader.error(f"no value has number {index}; {self.roots} are defined")
        if index >= len(self._members):
            reason = f"addition {index - self.roots} of a later version is not known"
            raise reader.error(reason, ErrorKind.REJECT)
        return self._members[index]

    def write(self, writer: Writer, value: E) -> None:
        if type(value) is not self.members:
            raise EncodeError(f"needs a {self.members.__name__}, got {brief(value)}")
        index = self._index[value]
        if index >= self.roots:
            writer.bits(1, 1)
            writer.small(index - self.roots)
        else:
            writer.bits(index, self._bits + self.extensible)

    def to_json(self, value: E) -> Json:
        return value.value

    def from_json(self, json: Json) -> E:
        text = expect_text(json)
        try:
            return self.members(text)
        except ValueError:
            names = ", ".join(self.members)
            raise EncodeError(f"{brief(text)} is none of {names}") from None


class Constant(Type[H]):
    """ENUMERATED {true, ...}: presence is the meaning, so the value is one fixed object.

    Attributes:
        value: the object.
    """

    __slots__ = ("value",)

    def __init__(self, value: H) -> None:
        self.value = value

    def read(self, reader: Reader) -> H:
        if reader.bit():
            reason = "an addition of a later version to 'true' is not known"
            raise reader.error(reason, ErrorKind.REJECT)
        return self.value

    def write(self, writer: Writer, value: H) -> None:
        if value != self.value:
            raise EncodeError(f"needs {self.value!r}, got {brief(value)}")
        writer.bits(0, 1)

    def to_json(self, value: H) -> Json:
        return True

    def from_json(self, json: Json) -> H:
        if json is not True:
            raise EncodeError(f"needs true, got {brief(json)}")
        return self.value
