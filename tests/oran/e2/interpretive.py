"""The plain way to read and write: a SEQUENCE component by component, and no short cuts.

What `oran.e2.per` has for speed, functions made from descriptions, hand-written ones and memories,
is held against this.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from oran.e2.e2ap.container import Container
from oran.e2.e2ap.message import MessageType
from oran.e2.errors import DecodeError, EncodeError, brief
from oran.e2.per.choice import Alternative, Choice, Recursive
from oran.e2.per.field import Field, read_additions, write_additions
from oran.e2.per.list import SequenceOf
from oran.e2.per.reader import Reader
from oran.e2.per.repeated import Repeated
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.type import Json, Specialised, Type
from oran.e2.per.writer import Writer


class Interpretive(Type[Any]):
    """SEQUENCE (X.691 19)."""

    def __init__(self, of: Sequence[Any]) -> None:
        self.of = of
        self.made = of.made
        self.fields = tuple(_field(f) for f in of.fields)
        self.additions = tuple(_field(f) for f in of.additions)
        self.extensible = of.extensible

    def read(self, reader: Reader) -> Any:
        options = sum(f.optional for f in self.fields)
        head = reader.bits(self.extensible + options)
        extended = head >> options
        bits = iter(f"{head:0{1 + options}b}"[1:])
        present = [not f.optional or next(bits) == "1" for f in self.fields]
        values: dict[str, object] = {f.attribute: f.absent for f in self.fields + self.additions}
        for field, there in zip(self.fields, present, strict=True):
            if there:
                try:
                    values[field.attribute] = field.type.read(reader)
                except DecodeError as error:
                    error.within(field.name)
                    raise
        if extended:
            values |= read_additions(reader, self.made.__name__, self.additions)
        return self.made(**values)

    def write(self, writer: Writer, value: Any) -> None:
        if type(value) is not self.made:
            raise EncodeError(f"needs a {self.made.__name__}, got {brief(value)}")
        added = [getattr(value, f.attribute) for f in self.additions]
        extended = any(a is not f.absent for a, f in zip(added, self.additions, strict=True))
        if self.extensible:
            writer.bits(extended, 1)
        parts = [(field, getattr(value, field.attribute)) for field in self.fields]
        for field, part in parts:
            if field.optional:
                writer.bits(part is not field.absent, 1)
        for field, part in parts:
            if not field.optional or part is not field.absent:
                try:
                    field.type.write(writer, part)
                except EncodeError as error:
                    error.within(field.name)
                    raise
        if extended:
            write_additions(writer, self.additions, added)

    def to_json(self, value: Any) -> Json:
        return self.of.to_json(value)

    def from_json(self, json: Json) -> Any:
        return self.of.from_json(json)


def interpretive(type_: Type[Any]) -> Type[Any]:  # noqa: PLR0911
    """The same type, read and written the plain way."""
    match type_:
        case Specialised():
            return interpretive(type_.generic)
        case Repeated():
            return interpretive(type_.type)
        case Sequence():
            return Interpretive(type_)
        case Single():
            return Single(type_.name, interpretive(type_.type))
        case SequenceOf():
            return SequenceOf(interpretive(type_.item), type_.low, type_.high)
        case Recursive():
            return Recursive(_once(type_.resolve))
        case Container():
            return Container(type_.id, interpretive(type_.type), type_.criticality)
        case Choice():
            return Choice(
                *(_alternative(a) for a in type_.roots),
                additions=tuple(_alternative(a) for a in type_.additions),
                key=type_.key,
                extensible=type_.extensible,
            )
        case MessageType():
            ies = [replace(ie, type=interpretive(ie.type)) for ie in type_.ies]
            return MessageType(
                type_.name,
                type_.made,
                type_.procedure,
                type_.outcome,
                *ies,
                criticality=type_.criticality,
            )
    return type_


def _field(field: Field) -> Field:
    return replace(field, type=interpretive(field.type))


def _alternative(alternative: Alternative) -> Alternative:
    return replace(alternative, type=interpretive(alternative.type))


def _once(resolve: Callable[[], Type[Any]]) -> Callable[[], Type[Any]]:
    found: list[Type[Any]] = []

    def resolved() -> Type[Any]:
        if not found:
            found.append(interpretive(resolve()))
        return found[0]

    return resolved
