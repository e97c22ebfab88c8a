"""Values that recur from message to message, such as names of columns and identities of UEs."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`
from typing import Final, TypeAlias, TypeVar

from oran.e2.per.reader import Reader
from oran.e2.per.type import Json, Type
from oran.e2.per.writer import Writer

T = TypeVar("T")

MAX_VALUES: Final = 1024
"""Most values of a type that are remembered; then all are forgotten, and it begins anew."""

MAX_REMEMBERED_OCTETS: Final = 1024
"""Longest encoding that is remembered."""

_MAX_SIZES: Final = 16
"""Most different lengths of encodings that are looked for."""

_Written: TypeAlias = tuple[T, int, bytes, int, int]
"""A value, kept so that its id is not given to another one; the place in an octet where its
encoding begins; the encoding, if it is whole octets; its bits as a number, and how many."""


class Repeated(Type[T]):
    """A type whose encodings are remembered, so that a value that recurs costs a look-up.

    Reading goes from left to right, so octets that begin with a complete encoding hold its value,
    whatever follows. Values cannot change, so one that was written before has the same encoding.

    Types are shared by all threads. What is remembered is whole or not there: an entry is one
    object that never changes, and what is forgotten is replaced, not emptied, so that a thread
    loses at most what another one has just put there.

    Attributes:
        type: the type itself; it must not stand within itself, as its depth would be forgotten.
    """

    __slots__ = ("_read", "_sizes", "_written", "type")

    def __init__(self, type_: Type[T]) -> None:
        self.type = type_
        self._read: dict[bytes, tuple[T, int, int]] = {}
        self._sizes: tuple[int, ...] = ()
        self._written: dict[int, _Written[T]] = {}

    def read(self, reader: Reader) -> T:
        start = reader.pos
        octet = start >> 3
        data = reader.data
        for size in self._sizes:
            found = self._read.get(data[octet : octet + size])
            if found is not None:
                value, offset, bits = found
                if offset == start & 7 and start + bits <= reader.limit:
                    reader.pos = start + bits
                    return value
        return self._read_new(reader)

    def _read_new(self, reader: Reader) -> T:
        start, notes = reader.pos, len(reader.skipped)
        value = self.type.read(reader)
        octets = reader.data[start >> 3 : (reader.pos + 7) >> 3]
        if 0 < len(octets) <= MAX_REMEMBERED_OCTETS and len(reader.skipped) == notes:
            # Threads may fill both beyond their bounds, by one each.
            if len(self._read) >= MAX_VALUES or len(self._sizes) >= _MAX_SIZES:
                self._read = {}
                self._sizes = ()
            self._read[octets] = value, start & 7, reader.pos - start
            sizes = self._sizes
            if len(octets) not in sizes:
                self._sizes = (*sizes, len(octets))
        return value

    def write(self, writer: Writer, value: T) -> None:
        found = self._written.get(id(value))
        if found is None or found[1] != writer.count & 7:
            found = self._write_new(writer.count & 7, value)
        _, _, octets, number, bits = found
        if octets:
            writer.octets(octets)
        else:
            writer.bits(number, bits)

    def _write_new(self, offset: int, value: T) -> _Written[T]:
        scratch = Writer()
        scratch.bits(0, offset)
        self.type.write(scratch, value)
        number, bits = scratch.number()
        octets = b"" if offset or bits & 7 else number.to_bytes(bits >> 3, "big")
        found = value, offset, octets, number, bits - offset
        if bits <= 8 * MAX_REMEMBERED_OCTETS:
            if len(self._written) >= MAX_VALUES:
                self._written = {}
            self._written[id(value)] = found
        return found

    def to_json(self, value: T) -> Json:
        return self.type.to_json(value)

    def from_json(self, json: Json) -> T:
        return self.type.from_json(json)
