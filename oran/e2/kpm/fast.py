"""Hand-written reading and writing of records, of which nearly every report consists.

Measured to matter: the generic types take several times as long. The usual form alone is covered:
complete records of integers, reals and gaps. Everything else is handed back to the generic type,
errors included. A differential test holds both equal.
"""

from typing import Final

from oran.e2.kpm.measurement import RECORDS, MeasuredValue, Record
from oran.e2.per import real
from oran.e2.per.limits import FRAGMENT
from oran.e2.per.reader import Reader
from oran.e2.per.type import Specialised
from oran.e2.per.writer import Writer

_REAL, _GAP = 1, 2
"""Alternatives of a value."""

_SHORT: Final = 128
"""Lengths below this take one octet."""

_FRAGMENTED: Final = 0xC0
"""From here on, the first octet of a length says that the items come in fragments."""

_PLUS_BASE_2: Final = 0x80
"""First octet of a positive real of base 2 whose exponent takes one octet (X.690 8.5.7)."""

_USUAL_REAL, _LONGEST_USUAL_REAL = 3, 10
"""Octets of such a real with a mantissa of up to 8 octets."""

_SCALE: Final = tuple(2.0 ** (e if e < 128 else e - 256) for e in range(256))
"""Powers of two by the octet of the exponent."""

_SMALL_INTEGERS: Final = tuple(bytes((0, octet)) for octet in range(256))
"""Integers of one octet that begin with an octet."""
_REAL_HEADS: Final = tuple(bytes((_REAL << 5, size)) for size in range(_SHORT))
"""Octets in front of a real that begins with an octet, by its size."""

_new: Final = object.__new__
_set_values: Final = vars(Record)["values"].__set__
_set_incomplete: Final = vars(Record)["incomplete"].__set__
"""A frozen dataclass takes twice the time to set its own fields."""


def read_records(reader: Reader) -> tuple[Record, ...] | None:
    """The records at the reader's place, or None."""
    data = reader.data
    at = (reader.pos + 7) >> 3
    records = []
    try:
        count = (data[at] << 8 | data[at + 1]) + 1
        pos = (at + 2) << 3
        for _ in range(count):
            octet = pos >> 3
            if (data[octet] << 8 | data[octet + 1]) >> (14 - (pos & 7)) & 3:
                return None  # incomplete, or extended
            at = (pos + 9) >> 3
            size = data[at]
            if size >= _SHORT:
                if size >= _FRAGMENTED:
                    return None
                at += 1
                size = (size & 0x3F) << 8 | data[at]
            if not size:
                return None
            values, pos = read_value_list(data, (at + 1) << 3, size)
            record = _new(Record)
            _set_values(record, tuple(values))
            _set_incomplete(record, False)
            records.append(record)
    except (IndexError, ValueError):
        return None
    if pos > reader.limit:
        return None
    reader.pos = pos
    return tuple(records)


def read_value_list(data: bytes, pos: int, count: int) -> tuple[list[int | float | None], int]:
    """`count` values from bit `pos` on, and the bit behind them.

    The last values may have been cut off: the caller compares the place with the end.

    Raises:
        IndexError: the octets end before, or hold something unusual.
        ValueError: a real is none.
    """
    values: list[int | float | None] = []
    whole = len(data)
    at, bits = pos >> 3, pos & 7
    for _ in range(count):
        if bits:
            after = data[at + 1] if at + 1 < whole else 0
            head = (data[at] << 8 | after) >> (8 - bits) & 0xFF
            start = at + ((bits + (12 if head < 0x20 else 10)) >> 3)
        else:
            head, start = data[at], at + 1
        if head < 0x20:
            at = start + (head >> 3) + 1
            values.append(int.from_bytes(data[start:at], "big"))
            bits = 0
        elif head < 0x40:
            size = data[start]
            at = start + 1 + size
            if size >= _SHORT or at > whole:
                raise IndexError
            if _USUAL_REAL <= size <= _LONGEST_USUAL_REAL and data[start + 1] == _PLUS_BASE_2:
                mantissa = int.from_bytes(data[start + 3 : at], "big")
                values.append(mantissa * _SCALE[data[start + 2]])
            else:
                values.append(real.unpack(data[start + 1 : at]))
            bits = 0
        elif head < 0x60:
            values.append(None)
            bits += 3
            if bits >= 8:
                at, bits = at + 1, bits - 8
        else:
            raise IndexError
    return values, at << 3 | bits


def write_records(writer: Writer, value: tuple[Record, ...]) -> bool:
    """Whether the records could be written; if not, nothing is."""
    if type(value) is not tuple or not 0 < len(value) <= RECORDS.high:
        return False
    parts = [(len(value) - 1).to_bytes(2, "big")]
    pending: tuple[int, int] | None = (0, 0)
    for record in value:
        if type(record) is not Record or record.incomplete or type(record.values) is not tuple:
            return False
        size = len(record.values)
        if pending is None or not 0 < size < FRAGMENT:
            return False
        parts.append(_padded(*pending, 0, 2) if pending[1] else b"\0")
        parts.append(bytes((size,)) if size < _SHORT else (0x8000 | size).to_bytes(2, "big"))
        pending = _write_values(parts, record.values)
    if pending is None:
        return False
    writer.octets(b"".join(parts))
    if pending[1]:
        writer.bits(*pending)
    return True


def _write_values(parts: list[bytes], values: tuple[MeasuredValue, ...]) -> tuple[int, int] | None:
    """Append the values.

    Returns:
        Bits that do not fill an octet yet, and how many there are; None for an unusual value.
    """
    pending = bits = 0
    for value in values:
        if type(value) is int:
            if value >> 32:
                return None
            if bits:
                size = (value.bit_length() + 7) >> 3 or 1
                parts.append(_padded(pending, bits, size - 1, 5))
                parts.append(value.to_bytes(size, "big"))
                pending = bits = 0
            elif value < 0x100:
                parts.append(_SMALL_INTEGERS[value])
            elif value < 0x10000:
                parts.append((0x08_0000 | value).to_bytes(3, "big"))
            else:
                size = (value.bit_length() + 7) >> 3
                parts.append((size - 1 << 8 * size + 3 | value).to_bytes(size + 1, "big"))
        elif type(value) is float:
            octets = real.pack(value)
            if bits:
                parts.append(_padded(pending, bits, _REAL, 3))
                parts.append(_REAL_HEADS[len(octets)][1:])
                pending = bits = 0
            else:
                parts.append(_REAL_HEADS[len(octets)])
            parts.append(octets)
        elif value is None:
            pending = pending << 3 | _GAP
            bits += 3
        else:
            return None
    return pending, bits


def _padded(pending: int, bits: int, head: int, count: int) -> bytes:
    """`bits` bits, `count` bits of a head, and padding."""
    bits += count
    return ((pending << count | head) << (-bits & 7)).to_bytes((bits + 7) >> 3, "big")


FAST_RECORDS: Final = Specialised(RECORDS, read_records, write_records)
