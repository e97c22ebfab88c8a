"""SEQUENCE."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`
import dataclasses
from typing import Any, TypeVar

from oran.e2.errors import DecodeError, EncodeError, brief
from oran.e2.per.field import Field, read_additions, write_additions
from oran.e2.per.reader import Reader
from oran.e2.per.type import Json, Type, expect_object
from oran.e2.per.writer import Writer

T = TypeVar("T")


class Sequence(Type[T]):
    """SEQUENCE (X.691 19), as instances of a dataclass.

    Attributes:
        made: the dataclass; each of its fields is the attribute of one component.
        fields: the components of the root, in order.
        additions: the components after the extension marker, in order; all optional, as a peer of
            an earlier version sends none.
        extensible: whether there is such a marker. Unknown additions are stepped over and noted.
    """

    __slots__ = (
        "_absent",
        "_head_bits",
        "_plan",
        "_slots",
        "_writes",
        "additions",
        "extensible",
        "fields",
        "made",
    )

    def __init__(
        self,
        made: type[T],
        *fields: Field,
        additions: tuple[Field, ...] = (),
        extensible: bool = True,
    ) -> None:
        self.made = made
        self.fields = fields
        self.additions = additions
        self.extensible = extensible
        attributes: Any = made
        self._slots = {f.name: i for i, f in enumerate(dataclasses.fields(attributes))}
        self._absent: list[object] = [None] * len(self._slots)
        for field in fields + additions:
            self._absent[self._slots[field.attribute]] = field.absent
        options = [f.name for f in fields if f.optional]
        masks = {name: 1 << i for i, name in enumerate(reversed(options))}
        self._head_bits = len(options) + extensible
        self._plan = tuple(
            (self._slots[f.attribute], masks.get(f.name, 0), f.type.read, f.name) for f in fields
        )
        self._writes = tuple(
            (f.attribute, masks.get(f.name, 0), f.absent, f.type.write, f.name) for f in fields
        )

    def read(self, reader: Reader) -> T:
        values = self._absent.copy()
        head = reader.bits(self._head_bits)
        name = ""
        try:
            for slot, mask, read, name in self._plan:  # noqa: B007
                if not mask or head & mask:
                    values[slot] = read(reader)
        except DecodeError as error:
            error.within(name)
            raise
        if self.extensible and head >> (self._head_bits - 1):
            found = read_additions(reader, self.made.__name__, self.additions)
            for attribute, value in found.items():
                values[self._slots[attribute]] = value
        return self.made(*values)

    def write(self, writer: Writer, value: T) -> None:
        if type(value) is not self.made:
            raise EncodeError(f"needs a {self.made.__name__}, got {brief(value)}")
        head = 0
        parts = []
        for attribute, mask, absent, write, name in self._writes:
            part = getattr(value, attribute)
            if not mask or part is not absent:
                head |= mask
                parts.append((write, part, name))
        added = [getattr(value, f.attribute) for f in self.additions]
        extended = any(a is not f.absent for a, f in zip(added, self.additions, strict=True))
        if extended:
            head |= 1 << (self._head_bits - 1)
        writer.bits(head, self._head_bits)
        try:
            for write, part, name in parts:  # noqa: B007
                write(writer, part)
        except EncodeError as error:
            error.within(name)
            raise
        if extended:
            write_additions(writer, self.additions, added)

    def to_json(self, value: T) -> Json:
        parts = ((f, getattr(value, f.attribute)) for f in self.fields + self.additions)
        return {
            f.name: f.type.to_json(part)
            for f, part in parts
            if not f.optional or part is not f.absent
        }

    def from_json(self, json: Json) -> T:
        document = dict(expect_object(json))
        values: dict[str, object] = {}
        for field in self.fields + self.additions:
            if field.name not in document:
                if not field.optional:
                    raise EncodeError(f"{field.name} is missing")
                values[field.attribute] = field.absent
                continue
            try:
                values[field.attribute] = field.type.from_json(document.pop(field.name))
            except EncodeError as error:
                error.within(field.name)
                raise
        if document:
            known = ", ".join(f.name for f in self.fields + self.additions)
            raise EncodeError(f"{', '.join(document)}: unknown; known are {known}")
        return self.made(**values)


class Single(Type[T]):
    """SEQUENCE with one component and an extension marker, as the bare component.

    Attributes:
        name: the component's name.
        type: its type.
    """

    __slots__ = ("name", "type")

    def __init__(self, name: str, type_: Type[T]) -> None:
        self.name = name
        self.type = type_

    def read(self, reader: Reader) -> T:
        extended = reader.bit()
        value = self.type.read(reader)
        if extended:
            read_additions(reader, f"the SEQUENCE of {self.name}", ())
        return value

    def write(self, writer: Writer, value: T) -> None:
        writer.bits(0, 1)
        self.type.write(writer, value)

    def to_json(self, value: T) -> Json:
        return {self.name: self.type.to_json(value)}

    def from_json(self, json: Json) -> T:
        document = expect_object(json)
        if list(document) != [self.name]:
            raise EncodeError(f"needs an object with {self.name} alone, got {brief(document)}")
        return self.type.from_json(document[self.name])
