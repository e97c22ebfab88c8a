"""Open types (X.691 11.2): a value as a complete encoding, with its length in front."""

from typing import TypeVar

from oran.e2.per.reader import Reader
from oran.e2.per.type import Type
from oran.e2.per.writer import Writer

T = TypeVar("T")


def read_open(reader: Reader, type_: Type[T]) -> T:
    """The value at the reader's place; it must fill its octets."""
    count, more = reader.length()
    if more:
        return _read_fragmented(reader, type_, count)
    start, outer = reader.pos, reader.limit
    end = start + 8 * count
    if end > outer:
        raise reader.error(f"an open type of {count} octets; {(outer - start) // 8} are left")
    reader.limit = end
    value = type_.read(reader)
    reader.finish(start)
    reader.pos, reader.limit = end, outer
    return value


def _read_fragmented(reader: Reader, type_: Type[T], count: int) -> T:
    parts, more = [reader.octets(count)], True
    while more:
        count, more = reader.length()
        parts.append(reader.octets(count))
    inner = reader.nested(b"".join(parts))
    value = type_.read(inner)
    inner.finish()
    return value


def write_open(writer: Writer, type_: Type[T], value: T) -> None:
    """Append the value."""
    start = writer.open()
    type_.write(writer, value)
    writer.close(start)
