"""Straight-line functions that read and write a SEQUENCE, made from its description.

As those of `dataclasses` are, they are Python source that is compiled once, when the description is
made: a line for each component takes a third of the time of a loop over the components. For a
component that is always there and one that may be left out, `source` gives

    def read(reader):
        head = reader.bits(2)
        try:
            name = 'start'
            part_start = type_start.read(reader)
            name = 'vendor'
            part_vendor = type_vendor.read(reader) if head & 1 else None
        except DecodeError as error:
            error.within(name)
            raise
        if head & 2:
            read_additions(reader, what, additions)
        value = new(made)
        set_start(value, part_start)
        set_vendor(value, part_vendor)
        return value

    def write(writer, value):
        if type(value) is not made:
            raise EncodeError(f'needs a {what}, got {brief(value)}')
        part_start = value.start
        part_vendor = value.vendor
        head = 0
        if part_vendor is not None:
            head |= 1
        writer.bits(head, 2)
        try:
            name = 'start'
            type_start.write(writer, part_start)
            if head & 1:
                name = 'vendor'
                type_vendor.write(writer, part_vendor)
        except EncodeError as error:
            error.within(name)
            raise
"""

from collections.abc import Callable, Iterator
from types import MemberDescriptorType
from typing import Any, Final, TypeVar

from oran.e2.errors import DecodeError, EncodeError, brief
from oran.e2.per.field import Field, read_additions, write_additions
from oran.e2.per.reader import Reader
from oran.e2.per.writer import Writer

T = TypeVar("T")

_HELPERS: Final = {
    "DecodeError": DecodeError,
    "EncodeError": EncodeError,
    "brief": brief,
    "new": object.__new__,
    "read_additions": read_additions,
    "write_additions": write_additions,
}


def functions(
    made: type[T], fields: tuple[Field, ...], additions: tuple[Field, ...], extensible: bool
) -> tuple[Callable[[Reader], T], Callable[[Writer, T], None]]:
    """What reads and what writes the SEQUENCE; see `Sequence` for the arguments."""
    names: dict[str, Any] = {"made": made, "what": made.__name__, "additions": additions}
    for field in fields:
        names[f"type_{field.attribute}"] = field.type
    names |= {f"set_{slot}": getattr(made, slot).__set__ for slot in _slots(made)} | _HELPERS
    text = source(made, fields, additions, extensible)
    exec(compile(text, f"<PER of {made.__qualname__}>", "exec"), names)  # noqa: S102 - our own text
    return names["read"], names["write"]


def source(
    made: type[Any], fields: tuple[Field, ...], additions: tuple[Field, ...], extensible: bool
) -> str:
    """The text of both functions."""
    options = [field for field in fields if field.optional]
    masks = {field: 1 << i for i, field in enumerate(reversed(options))}
    plan = [(field, masks.get(field, 0)) for field in fields]
    extension = 1 << len(options) if extensible else 0
    bits = len(options) + extensible
    lines = (
        *_read(plan, additions, bits, extension),
        *_make(made, fields + additions),
        *_write(plan, additions, bits, extension),
    )
    return "\n".join(lines) + "\n"


def _read(
    plan: list[tuple[Field, int]], additions: tuple[Field, ...], bits: int, extension: int
) -> Iterator[str]:
    yield "def read(reader):"
    if bits:
        yield f"    head = reader.bits({bits})"
    yield "    try:"
    for field, mask in plan:
        condition = f" if head & {mask} else {field.absent}" if mask else ""
        yield f"        name = {field.name!r}"
        yield f"        part_{field.attribute} = type_{field.attribute}.read(reader){condition}"
    yield "    except DecodeError as error:"
    yield "        error.within(name)"
    yield "        raise"
    for field in additions:
        yield f"    part_{field.attribute} = {field.absent}"
    if extension:
        yield f"    if head & {extension}:"
        yield "        added = read_additions(reader, what, additions)"
        for field in additions:
            name = field.attribute
            yield f"        part_{name} = added.get({name!r}, {field.absent})"


def _make(made: type[Any], fields: tuple[Field, ...]) -> Iterator[str]:
    names = [field.attribute for field in fields]
    if set(names) != set(_slots(made)) or hasattr(made, "__post_init__"):
        yield f"    return made({', '.join(f'{n}=part_{n}' for n in names)})"
        return
    yield "    value = new(made)"  # a frozen dataclass takes twice the time to set its own fields
    for name in names:
        yield f"    set_{name}(value, part_{name})"
    yield "    return value"


def _slots(made: type[Any]) -> list[str]:
    return [n for n, v in vars(made).items() if isinstance(v, MemberDescriptorType)]


def _write(
    plan: list[tuple[Field, int]], additions: tuple[Field, ...], bits: int, extension: int
) -> Iterator[str]:
    yield "def write(writer, value):"
    yield "    if type(value) is not made:"
    yield "        raise EncodeError(f'needs a {what}, got {brief(value)}')"
    for field in (*(field for field, _ in plan), *additions):
        yield f"    part_{field.attribute} = value.{field.attribute}"
    yield "    head = 0"
    for field, mask in (*plan, *((field, extension) for field in additions)):
        if mask:
            yield f"    if part_{field.attribute} is not {field.absent}:"
            yield f"        head |= {mask}"
    if bits:
        yield f"    writer.bits(head, {bits})"
    yield "    try:"
    for field, mask in plan:
        if mask:
            yield f"        if head & {mask}:"
        yield f"        {'    ' * bool(mask)}name = {field.name!r}"
        yield (
            f"        {'    ' * bool(mask)}"
            f"type_{field.attribute}.write(writer, part_{field.attribute})"
        )
    yield "    except EncodeError as error:"
    yield "        error.within(name)"
    yield "        raise"
    if additions:
        parts = ", ".join(f"part_{field.attribute}" for field in additions)
        yield f"    if head & {extension}:"
        yield f"        write_additions(writer, additions, [{parts}])"
