"""What a type of PER can do: read, write, and turn values into JSON and back."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from oran.e2.errors import CodecError, EncodeError, brief
from oran.e2.per.reader import Reader, Skipped
from oran.e2.per.writer import Writer

T = TypeVar("T")

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
"""What the standard library's `json` reads and writes."""


class Type(ABC, Generic[T]):
    """A type of the protocol, whose values are Python objects of type T.

    Errors carry the path below the value: `read` raises `DecodeError`, `write` and `from_json`
    raise `EncodeError`.
    """

    __slots__ = ()

    @abstractmethod
    def read(self, reader: Reader) -> T:
        """The value at the reader's place."""

    @abstractmethod
    def write(self, writer: Writer, value: T) -> None:
        """Append the value, checked against the type's constraints."""

    @abstractmethod
    def to_json(self, value: T) -> Json:
        """The JSON form of the value."""

    @abstractmethod
    def from_json(self, json: Json) -> T:
        """The value of a JSON form; constraints are left to `write`."""


class Specialised(Type[T]):
    """A type with hand-written reading and writing of its common values.

    Attributes:
        generic: the type itself, which is the definition and takes over for all other values.
        fast_read: gives the value and moves the reader, or gives `None` and leaves the reader.
        fast_write: writes the value and gives True, or gives False and leaves the writer.
    """

    __slots__ = ("fast_read", "fast_write", "generic")

    def __init__(
        self,
        generic: Type[T],
        fast_read: Callable[[Reader], T | None],
        fast_write: Callable[[Writer, T], bool],
    ) -> None:
        self.generic = generic
        self.fast_read = fast_read
        self.fast_write = fast_write

    def read(self, reader: Reader) -> T:
        value = self.fast_read(reader)
        return self.generic.read(reader) if value is None else value

    def write(self, writer: Writer, value: T) -> None:
        if not self.fast_write(writer, value):
            self.generic.write(writer, value)

    def to_json(self, value: T) -> Json:
        return self.generic.to_json(value)

    def from_json(self, json: Json) -> T:
        return self.generic.from_json(json)


class Payload(Generic[T]):
    """A type that stands alone in an OCTET STRING or a packet: a complete encoding with a name.

    Attributes:
        name: the type's name in its specification; the root of the paths in errors.
        type: the type.
    """

    __slots__ = ("name", "type")

    def __init__(self, name: str, type_: Type[T]) -> None:
        self.name = name
        self.type = type_

    def decode(self, octets: bytes, skipped: list[Skipped] | None = None) -> T:
        """The value.

        Args:
            octets: the complete encoding.
            skipped: takes a note of each addition of a later version that was stepped over.

        Raises:
            DecodeError: the octets are no such value, or some are left over.
        """
        try:
            reader = Reader(octets, skipped)
            value = self.type.read(reader)
            reader.finish()
        except CodecError as error:
            error.within(self.name)
            raise
        return value

    def encode(self, value: T) -> bytes:
        """The canonical encoding.

        Raises:
            EncodeError: the value breaks a constraint.
        """
        writer = Writer()
        try:
            self.type.write(writer, value)
            return writer.finish()
        except CodecError as error:
            error.within(self.name)
            raise

    def to_json(self, value: T) -> Json:
        """The JSON form of the value."""
        return self.type.to_json(value)

    def from_json(self, json: Json) -> T:
        """The value of a JSON form.

        Raises:
            EncodeError: the document has another form.
        """
        try:
            return self.type.from_json(json)
        except CodecError as error:
            error.within(self.name)
            raise


def expect_object(json: Json) -> dict[str, Json]:
    """`json` as an object, or `EncodeError`."""
    if not isinstance(json, dict):
        raise EncodeError(f"needs a JSON object, got {brief(json)}")
    return json


def expect_list(json: Json) -> list[Json]:
    """`json` as a list, or `EncodeError`."""
    if not isinstance(json, list):
        raise EncodeError(f"needs a JSON list, got {brief(json)}")
    return json


def expect_text(json: Json) -> str:
    """`json` as a string, or `EncodeError`."""
    if not isinstance(json, str):
        raise EncodeError(f"needs a JSON string, got {brief(json)}")
    return json


def expect_integer(json: Json) -> int:
    """`json` as an integer, or `EncodeError`."""
    if type(json) is not int:
        raise EncodeError(f"needs a JSON integer, got {brief(json)}")
    return json
