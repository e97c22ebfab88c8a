"""SEQUENCE."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`
from collections.abc import Callable
from typing import TypeVar

from oran.e2.errors import EncodeError, brief
from oran.e2.per import straight
from oran.e2.per.field import Field, read_additions
from oran.e2.per.reader import Reader
from oran.e2.per.type import Json, Type, expect_object
from oran.e2.per.writer import Writer

T = TypeVar("T")


class Sequence(Type[T]):
    """SEQUENCE (X.691 19), as instances of a dataclass.

    Attributes:
        made: the dataclass, whose fields are the components; others keep their defaults.
        fields: the components of the root, in order.
        additions: the components after the extension marker, in order; all optional, as a peer of
            an earlier version sends none.
        extensible: whether there is such a marker. Unknown additions are stepped over and noted.
    """

    __slots__ = ("additions", "extensible", "fields", "made", "read", "write")

    read: Callable[[Reader], T]  # type: ignore[assignment] # made on first use
    write: Callable[[Writer, T], None]  # type: ignore[assignment]

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
        self.read = self._first_read
        self.write = self._first_write

    def _first_read(self, reader: Reader) -> T:
        self._compile()
        return self.read(reader)

    def _first_write(self, writer: Writer, value: T) -> None:
        self._compile()
        self.write(writer, value)

    def _compile(self) -> None:
        self.read, self.write = straight.functions(
            self.made, self.fields, self.additions, self.extensible
        )

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
