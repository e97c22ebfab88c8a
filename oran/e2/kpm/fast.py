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
            if not 0 < size < _SHORT:
                return None
            values, pos = _read_values(data, (at + 1) << 3, size)
            records.append(Record(values))
    except (IndexError, ValueError):
        return None
    if pos > reader.limit:
        return None
    reader.pos = pos
    return tuple(records)


def _read_values(data: bytes, pos: int, count: int) -> tuple[tuple[int | float | None, ...], int]:
    values: list[int | float | None] = []
    for _ in range(count):
        octet = pos >> 3
        head = (data[octet] << 8 | data[octet + 1]) >> (8 - (pos & 7)) & 0xFF
        kind = head >> 5
        if kind == _INTEGER:
            start = (pos + 12) >> 3
            end = start + (head >> 3 & 3) + 1
            values.append(int.from_bytes(data[start:end], "big"))
            pos = end << 3
        elif kind == _REAL:
            start = (pos + 10) >> 3
            end = start + 1 + data[start]
            if data[start] >= _SHORT or end > len(data):
                raise IndexError
            values.append(real.unpack(data[start + 1 : end]))
            pos = end << 3
        elif kind == _GAP:
            values.append(None)
            pos += 3
        else:
            raise IndexError
    return tuple(values), pos


def write_records(writer: Writer, value: tuple[Record, ...]) -> bool:
    """Whether the records could be written; if not, nothing is."""
    if type(value) is not tuple or not 0 < len(value) <= RECORDS.high:
        return False
    out = bytearray((len(value) - 1).to_bytes(2, "big"))
    pending: tuple[int, int] | None = (0, 0)
    for record in value:
        if type(record) is not Record or record.incomplete or type(record.values) is not tuple:
            return False
        if pending is None or not 0 < len(record.values) < _SHORT:
            return False
        _write_head(out, *pending, 0, 2)
        out.append(len(record.values))
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
