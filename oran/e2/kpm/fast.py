"""Hand-written reading and writing of what nearly every report consists of.

Measured to matter: the generic types take six to ten times as long. Each function covers the usual
form alone, integers, reals and gaps under measurements that have a name and no label, and hands
everything else back to the generic type, errors included. A differential test holds both equal.
"""

from functools import lru_cache
from typing import Final

from oran.e2.errors import EncodeError
from oran.e2.kpm.label import NO_LABEL
from oran.e2.kpm.measurement import (
    MEASUREMENT,
    MEASUREMENTS,
    RECORDS,
    MeasuredValue,
    Measurement,
    Record,
)
from oran.e2.per import real
from oran.e2.per.limits import FRAGMENT
from oran.e2.per.reader import Reader
from oran.e2.per.type import Payload, Specialised
from oran.e2.per.writer import Writer

_LABELS: Final = (NO_LABEL,)
_LABELS_OCTETS: Final = b"\x01\x20\x00\x00"
"""`_LABELS` on the wire: a count, then 24 bits of presence."""

_LONGEST_NAME: Final = 150
_INTEGER, _REAL, _GAP = 0, 1, 2
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

_CACHED_NAMES: Final = 1024
"""A report repeats the names of its subscription, so they are converted once."""


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
            records.append(Record(tuple(values)))
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
            start = at + ((bits + 10) >> 3)
        else:
            head, start = data[at], at + 1
        if head < 0x20:
            if bits:
                start = at + ((bits + 12) >> 3)
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
    out = bytearray((len(value) - 1).to_bytes(2, "big"))
    pending: tuple[int, int] | None = (0, 0)
    for record in value:
        if type(record) is not Record or record.incomplete or type(record.values) is not tuple:
            return False
        size = len(record.values)
        if pending is None or not 0 < size < FRAGMENT:
            return False
        _write_head(out, *pending, 0, 2)
        out += bytes((size,)) if size < _SHORT else (0x8000 | size).to_bytes(2, "big")
        pending = _write_values(out, record.values)
    if pending is None:
        return False
    writer.octets(out)
    writer.bits(*pending)
    return True


def _write_values(out: bytearray, values: tuple[MeasuredValue, ...]) -> tuple[int, int] | None:
    """Append the values.

    Returns:
        Bits that do not fill an octet yet, and how many there are; None for an unusual value.
    """
    pending = bits = 0
    for value in values:
        if type(value) is int:
            if not 0 <= value < 1 << 32:
                return None
            size = (value.bit_length() + 7) >> 3 or 1
            if bits:
                _write_head(out, pending, bits, size - 1, 5)
                pending = bits = 0
            else:
                out.append((size - 1) << 3)
            out += value.to_bytes(size, "big")
        elif type(value) is float:
            octets = real.pack(value)
            if bits:
                _write_head(out, pending, bits, _REAL, 3)
                pending = bits = 0
            else:
                out.append(_REAL << 5)
            out.append(len(octets))
            out += octets
        elif value is None:
            pending = pending << 3 | _GAP
            bits += 3
        else:
            return None
    return pending, bits


def _write_head(out: bytearray, pending: int, bits: int, head: int, count: int) -> None:
    """Append `bits` bits, `count` bits of a head, and padding."""
    bits += count
    out += ((pending << count | head) << (-bits & 7)).to_bytes((bits + 7) >> 3, "big")


def read_measurements(reader: Reader) -> tuple[Measurement, ...] | None:
    """The measurements at the reader's place, or None."""
    data = reader.data
    at = (reader.pos + 7) >> 3
    measurements = []
    try:
        count = (data[at] << 8 | data[at + 1]) + 1
        at += 2
        for _ in range(count):
            head = data[at] << 8 | data[at + 1]
            end = at + 7 + (head >> 4)
            measurement = _measurement(data[at:end])
            if measurement is None:
                return None
            measurements.append(measurement)
            at = end
    except IndexError:
        return None
    if at << 3 > reader.limit:
        return None
    reader.pos = at << 3
    return tuple(measurements)


@lru_cache(_CACHED_NAMES)
def _measurement(octets: bytes) -> Measurement | None:
    """A measurement with a name and no label that fills the octets, or None."""
    length = len(octets) - 6
    if not octets.endswith(_LABELS_OCTETS) or octets[0] >> 4 or not 0 < length <= _LONGEST_NAME:
        return None
    name = octets[2:-4].decode("latin-1")
    return Measurement(name, _LABELS) if name.isascii() and name.isprintable() else None


def write_measurements(writer: Writer, value: tuple[Measurement, ...]) -> bool:
    """Whether the measurements could be written; if not, nothing is."""
    if type(value) is not tuple or not 0 < len(value) <= MEASUREMENTS.high:
        return False
    parts = [(len(value) - 1).to_bytes(2, "big")]
    for measurement in value:
        if type(measurement) is not Measurement or measurement.labels != _LABELS:
            return False
        octets = _octets(measurement.type) if type(measurement.type) is str else None
        if octets is None:
            return False
        parts.append(octets)
    writer.octets(b"".join(parts))
    return True


@lru_cache(_CACHED_NAMES)
def _octets(name: str) -> bytes | None:
    """The octets of a measurement with this name and no label, or None if it has none."""
    try:
        return Payload("", MEASUREMENT).encode(Measurement(name, _LABELS))
    except EncodeError:
        return None


FAST_RECORDS: Final = Specialised(RECORDS, read_records, write_records)
FAST_MEASUREMENTS: Final = Specialised(MEASUREMENTS, read_measurements, write_measurements)
