"""CHOICE, and types that contain themselves."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from oran.e2.errors import EncodeError, brief
from oran.e2.per.limits import MAX_DEPTH
from oran.e2.per.opentype import read_open, write_open
from oran.e2.per.reader import Reader
from oran.e2.per.type import Json, Type, expect_integer, expect_object, expect_text
from oran.e2.per.writer import Writer

T = TypeVar("T")

_LAST_INDEX: Final = (1 << 32) - 1
"""Largest index of an addition that is read, and so written."""

_UNKNOWN: Final = "unknownAlternative"
"""Name of an `UnknownAlternative` in JSON."""


@dataclass(frozen=True, slots=True)
class UnknownAlternative:
    """An alternative that a later version added; kept, so that it can be passed on.

    Attributes:
        index: its number among the additions, counted from 0.
        octets: its complete encoding.
    """

    index: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative of a CHOICE.

    Attributes:
        name: its name in the specification, which JSON uses.
        key: what the CHOICE's `key` gives for the values of this alternative; hashable.
        type: its type.
    """

    name: str
    key: object
    type: Type[Any]


class Choice(Type[T]):
    """CHOICE (X.691 23); which alternative a value belongs to is told by the value itself.

    Attributes:
        roots: the alternatives of the root, in order.
        additions: the alternatives after the extension marker, in order.
        key: tells the alternative of a value; by default its Python type.
        extensible: whether there is an extension marker.
    """

    __slots__ = (
        "_by_key",
        "_by_name",
        "_head_bits",
        "_types",
        "additions",
        "extensible",
        "key",
        "roots",
    )

    def __init__(
        self,
        *roots: Alternative,
        additions: tuple[Alternative, ...] = (),
        key: Callable[[Any], object] = type,
        extensible: bool = True,
    ) -> None:
        self.roots = roots
        self.additions = additions
        self.key = key
        self.extensible = extensible
        self._head_bits = (len(roots) - 1).bit_length() + extensible
        self._types = tuple(a.type for a in roots)
        self._by_key = {a.key: (i, a.type) for i, a in enumerate(roots + additions)}
        self._by_name = {a.name: a.type for a in roots + additions}

    def read(self, reader: Reader) -> T:
        index = reader.bits(self._head_bits)
        if index < len(self._types):
            value: T = self._types[index].read(reader)
            return value
        if not self.extensible or not index >> self._head_bits - 1:
            raise reader.error(f"no alternative has number {index} of {len(self.roots)}")
        reader.pos -= self._head_bits - 1
        return self._read_addition(reader)

    def _read_addition(self, reader: Reader) -> T:
        index = reader.small()
        value: Any
        if index < len(self.additions):
            value = read_open(reader, self.additions[index].type)
        else:
            reader.skip(f"alternative {index} of {', '.join(self._by_name)}")
            value = UnknownAlternative(index, reader.octet_string())
        return value  # type: ignore[no-any-return]

    def write(self, writer: Writer, value: T) -> None:
        if type(value) is UnknownAlternative:
            self._write_unknown(writer, cast(UnknownAlternative, value))
            return
        found = self._by_key.get(self.key(value))
        if found is None:
            raise EncodeError(f"{brief(value)} is none of {', '.join(self._by_name)}")
        index, type_ = found
        if index < len(self.roots):
            writer.bits(index, self._head_bits)
            type_.write(writer, value)
        else:
            writer.bits(1, 1)
            writer.small(index - len(self.roots))
            write_open(writer, type_, value)

    def _write_unknown(self, writer: Writer, value: UnknownAlternative) -> None:
        if type(value.index) is not int or type(value.octets) is not bytes:
            raise EncodeError(f"needs an integer and bytes, got {brief(value)}")
        if not self.extensible or not len(self.additions) <= value.index <= _LAST_INDEX:
            raise EncodeError(
                f"{brief(value)} is no unknown alternative of {', '.join(self._by_name)}"
            )
        writer.bits(1, 1)
        writer.small(value.index)
        writer.octet_string(value.octets)

    def to_json(self, value: T) -> Json:
        if isinstance(value, UnknownAlternative):
            return {_UNKNOWN: {"index": value.index, "octets": value.octets.hex()}}
        index, type_ = self._by_key[self.key(value)]
        return {(self.roots + self.additions)[index].name: type_.to_json(value)}

    def from_json(self, json: Json) -> T:
        document = expect_object(json)
        if len(document) != 1:
            raise EncodeError(f"needs an object with one of {', '.join(self._by_name)}")
        name, part = next(iter(document.items()))
        value: Any
        if name == _UNKNOWN:
            value = _unknown_from_json(expect_object(part))
        elif name not in self._by_name:
            raise EncodeError(f"{brief(name)} is none of {', '.join(self._by_name)}")
        else:
            value = self._by_name[name].from_json(part)
        return value  # type: ignore[no-any-return]


def _unknown_from_json(document: dict[str, Json]) -> UnknownAlternative:
    index = expect_integer(document.get("index"))
    text = expect_text(document.get("octets"))
    try:
        return UnknownAlternative(index, bytes.fromhex(text))
    except ValueError:
        raise EncodeError(f"{brief(text)} is not hexadecimal") from None


class Recursive(Type[T]):
    """A type that may contain itself, to a depth of `MAX_DEPTH`.

    Attributes:
        resolve: gives the type; called when it is complete.
    """

    __slots__ = ("resolve",)

    def __init__(self, resolve: Callable[[], Type[T]]) -> None:
        self.resolve = resolve

    def read(self, reader: Reader) -> T:
        if reader.depth >= MAX_DEPTH:
            raise reader.error(f"nested more than {MAX_DEPTH} deep")
        reader.depth += 1
        value = self.resolve().read(reader)
        reader.depth -= 1
        return value

    def write(self, writer: Writer, value: T) -> None:
        if writer.depth >= MAX_DEPTH:
            raise EncodeError(f"nested more than {MAX_DEPTH} deep")
        writer.depth += 1
        self.resolve().write(writer, value)
        writer.depth -= 1

    def to_json(self, value: T) -> Json:
        return self.resolve().to_json(value)

    def from_json(self, json: Json) -> T:
        return self.resolve().from_json(json)


class Unsupported(Type[Any]):
    """A root alternative that is known by name but not described here.

    Attributes:
        name: its name.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, reader: Reader) -> Any:
        raise reader.error(f"{self.name} is not supported")

    def write(self, writer: Writer, value: Any) -> None:
        raise EncodeError(f"{self.name} is not supported")

    def to_json(self, value: Any) -> Json:
        raise EncodeError(f"{self.name} is not supported")

    def from_json(self, json: Json) -> Any:
        raise EncodeError(f"{self.name} is not supported")
