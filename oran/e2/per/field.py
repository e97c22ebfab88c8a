"""Components of a SEQUENCE, and the additions behind its extension marker."""

from dataclasses import dataclass
from typing import Any

from oran.e2.errors import DecodeError, EncodeError
from oran.e2.per.opentype import read_open, write_open
from oran.e2.per.reader import Reader
from oran.e2.per.scalar import Constant
from oran.e2.per.type import Type
from oran.e2.per.writer import Writer


@dataclass(frozen=True, slots=True)
class Field:
    """One component of a SEQUENCE.

    Attributes:
        name: its name in the specification, which JSON and error paths use.
        attribute: its name in the Python class.
        type: its type.
        optional: whether it may be left out.
        absent: the attribute's value when it is left out: None, or False for a flag.
    """

    name: str
    attribute: str
    type: Type[Any]
    optional: bool = False
    absent: bool | None = None


def required(name: str, attribute: str, type_: Type[Any]) -> Field:
    """A component that is always there."""
    return Field(name, attribute, type_)


def optional(name: str, attribute: str, type_: Type[Any]) -> Field:
    """A component that may be left out."""
    return Field(name, attribute, type_, optional=True)


def flag(name: str, attribute: str) -> Field:
    """ENUMERATED {true, ...} OPTIONAL, as a boolean."""
    return Field(name, attribute, Constant(True), optional=True, absent=False)


def read_additions(reader: Reader, what: str, known: tuple[Field, ...]) -> dict[str, object]:
    """What stands behind the root of the SEQUENCE named `what` (X.691 19.7 to 19.9).

    Returns:
        Values of the known additions that are there, by attribute. Unknown ones are stepped over
        and noted in `reader.skipped`.
    """
    if reader.bit():
        count, more = reader.length()
        if more or not count:
            raise reader.error("1..16,383 additions to a SEQUENCE are accepted")
    else:
        count = reader.bits(6) + 1
    present = reader.bits(count)
    values: dict[str, object] = {}
    for i in range(count):
        if not present >> (count - 1 - i) & 1:
            continue
        if i >= len(known):
            reader.skip(f"addition {i} of {what}")
            reader.octet_string()
            continue
        try:
            values[known[i].attribute] = read_open(reader, known[i].type)
        except DecodeError as error:
            error.within(known[i].name)
            raise
    return values


def write_additions(writer: Writer, additions: tuple[Field, ...], values: list[object]) -> None:
    """Append the additions, of which at least one is not absent."""
    present = 0
    for field, value in zip(additions, values, strict=True):
        present = present << 1 | (value is not field.absent)
    writer.bits(len(additions) - 1, 7)
    writer.bits(present, len(additions))
    for field, value in zip(additions, values, strict=True):
        if value is field.absent:
            continue
        try:
            write_open(writer, field.type, value)
        except EncodeError as error:
            error.within(field.name)
            raise
