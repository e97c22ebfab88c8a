"""SEQUENCE OF."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`
from typing import Final, TypeVar

from oran.e2.errors import DecodeError, EncodeError, brief
from oran.e2.per.limits import FRAGMENT
from oran.e2.per.reader import Reader
from oran.e2.per.scalar import Bounded
from oran.e2.per.type import Json, Type, expect_list
from oran.e2.per.writer import Writer

T = TypeVar("T")

NO_SIZE_FROM: Final = 65_536
"""Upper bounds from here on do not shorten a count (X.691 11.9.3.3)."""


class SequenceOf(Type[tuple[T, ...]]):
    """SEQUENCE (SIZE (low..high)) OF an item (X.691 20).

    Attributes:
        item: the items' type; an item takes one bit at least, which bounds the loop.
        low: fewest items.
        high: most items.
    """

    __slots__ = ("_size", "high", "item", "low")

    def __init__(self, item: Type[T], low: int, high: int) -> None:
        self.item = item
        self.low = low
        self.high = high
        self._size = Bounded(low, high) if high < NO_SIZE_FROM else None

    def read(self, reader: Reader) -> tuple[T, ...]:
        items: list[T] = []
        if self._size is not None:
            self._read_items(reader, self._size.read(reader), items)
            return tuple(items)
        more = True
        while more:
            count, more = reader.length()
            self._read_items(reader, count, items)
        if len(items) < self.low:
            raise reader.error(f"{len(items)} items; {self.low} at least are needed")
        return tuple(items)

    def _read_items(self, reader: Reader, count: int, items: list[T]) -> None:
        if count > reader.limit - reader.pos:
            left = reader.limit - reader.pos
            raise reader.error(f"{count} items do not fit the {left} bits that are left")
        read = self.item.read
        try:
            for _ in range(count):
                items.append(read(reader))
        except DecodeError as error:
            error.within(len(items))
            raise

    def write(self, writer: Writer, value: tuple[T, ...]) -> None:
        if type(value) is not tuple or not self.low <= len(value) <= self.high:
            raise EncodeError(f"needs a tuple of {self.low}..{self.high} items, got {brief(value)}")
        if self._size is not None:
            self._size.write(writer, len(value))
            self._write_items(writer, value, 0, len(value))
            return
        start, count = 0, FRAGMENT
        while count >= FRAGMENT:
            count = writer.fragment(len(value) - start)
            self._write_items(writer, value, start, count)
            start += count

    def _write_items(self, writer: Writer, value: tuple[T, ...], start: int, count: int) -> None:
        write = self.item.write
        i = start
        try:
            for i in range(start, start + count):
                write(writer, value[i])
        except EncodeError as error:
            error.within(i)
            raise

    def to_json(self, value: tuple[T, ...]) -> Json:
        return [self.item.to_json(item) for item in value]

    def from_json(self, json: Json) -> tuple[T, ...]:
        items: list[T] = []
        try:
            for element in expect_list(json):
                items.append(self.item.from_json(element))
        except EncodeError as error:
            error.within(len(items))
            raise
        return tuple(items)
