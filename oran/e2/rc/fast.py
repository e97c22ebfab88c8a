"""Hand-written reading and writing of the trees that control messages consist of.

Measured to matter: the generic types take four times as long. Structures and lists whose leaves are
integers or octets are covered, as the PRB quota of slices is; everything else is handed back to the
generic type, errors included. A differential test holds both equal.
"""

from functools import lru_cache
from typing import Final

from oran.e2.per.limits import MAX_DEPTH
from oran.e2.per.reader import Reader
from oran.e2.per.type import Specialised
from oran.e2.per.writer import Writer
from oran.e2.rc.parameter import PARAMETERS, Element, Parameter, ParameterList, Structure

_INTEGER: Final = b"\x28\x80"
_OCTETS: Final = b"\x2a\x00"
_STRUCTURE: Final = 0x44
_LIST: Final = 0x60
_ITEM: Final = 0x40
"""Heads of a value by its kind: extension bits, alternatives, presence, and padding."""

_ELEMENT_KIND: Final = _INTEGER[0] >> 2
_STRUCTURE_KIND: Final = _STRUCTURE >> 2
_LIST_KIND: Final = _LIST >> 3
_ITEM_KIND: Final = _ITEM >> 6
"""The same without padding."""

_SHORT: Final = 128
"""Lengths below this take one octet."""

_MOST: Final = 65_535
_LARGEST_INTEGER_OCTETS: Final = 8

_CACHED: Final = 1024
"""Controls repeat the identities and the percentages of those before, so they are read once."""

_new: Final = object.__new__
_set_id: Final = vars(Parameter)["id"].__set__
_set_value: Final = vars(Parameter)["value"].__set__
_set_parameters: Final = vars(Structure)["parameters"].__set__
_set_items: Final = vars(ParameterList)["items"].__set__
"""A frozen dataclass takes twice the time to set its own fields."""


class _UnusualError(Exception):
    """Something that is left to the generic type."""


def read_parameters(reader: Reader) -> tuple[Parameter, ...] | None:
    """The parameters at the reader's place, or None."""
    data = reader.data
    at = (reader.pos + 7) >> 3
    try:
        count = data[at] << 8 | data[at + 1]
        parameters, at = _read_parameters(data, at + 2, count, reader.depth)
    except (IndexError, _UnusualError):
        return None
    if at << 3 > reader.limit:
        return None
    reader.pos = at << 3
    return parameters


def _read_parameters(
    data: bytes, at: int, count: int, depth: int
) -> tuple[tuple[Parameter, ...], int]:
    if depth > MAX_DEPTH:
        raise _UnusualError
    parameters = []
    for _ in range(count):
        start = at
        at += 2 + (data[at] >> 4)
        kind = data[at]
        if kind >> 2 == _ELEMENT_KIND:
            at += 3 + data[at + 2]
            parameters.append(_element_parameter(data[start:at]))
            continue
        number = _number(data[start:at])
        value: Structure | ParameterList
        size = (data[at + 1] << 8 | data[at + 2]) + 1
        if kind >> 2 == _STRUCTURE_KIND:
            parts, at = _read_parameters(data, at + 3, size, depth + 1)
            value = _new(Structure)
            _set_parameters(value, parts)
        elif kind >> 3 == _LIST_KIND:
            items, at = _read_items(data, at + 3, size, depth + 1)
            value = _new(ParameterList)
            _set_items(value, items)
        else:
            raise _UnusualError
        parameter = _new(Parameter)
        _set_id(parameter, number)
        _set_value(parameter, value)
        parameters.append(parameter)
    return tuple(parameters), at


def _read_items(data: bytes, at: int, count: int, depth: int) -> tuple[tuple[Structure, ...], int]:
    if depth > MAX_DEPTH:
        raise _UnusualError
    items = []
    for _ in range(count):
        if data[at] >> 6 != _ITEM_KIND:
            raise _UnusualError
        size = (data[at + 1] << 8 | data[at + 2]) + 1
        parts, at = _read_parameters(data, at + 3, size, depth)
        item = _new(Structure)
        _set_parameters(item, parts)
        items.append(item)
    return tuple(items), at


@lru_cache(_CACHED)
def _number(octets: bytes) -> int:
    """The parameter id that the octets hold."""
    number = int.from_bytes(octets[1:], "big") + 1
    if octets[0] >> 6 or number == 1 << 32:
        raise _UnusualError
    return number


@lru_cache(_CACHED)
def _element_parameter(octets: bytes) -> Parameter:
    """The parameter that the octets hold, whose value is an element."""
    at = 2 + (octets[0] >> 4)
    kind = (octets[at] & 3) << 1 | octets[at + 1] >> 7
    size = octets[at + 2]
    content = octets[at + 3 :]
    if len(content) != size:
        raise _UnusualError
    if kind == 1 and 0 < size <= _LARGEST_INTEGER_OCTETS:
        return Parameter(_number(octets[:at]), Element(int.from_bytes(content, "big", signed=True)))
    if kind == 4 and size < _SHORT:
        return Parameter(_number(octets[:at]), Element(content))
    raise _UnusualError


def write_parameters(writer: Writer, value: tuple[Parameter, ...]) -> bool:
    """Whether the parameters could be written; if not, nothing is."""
    if type(value) is not tuple or len(value) > _MOST:
        return False
    out = bytearray(len(value).to_bytes(2, "big"))
    try:
        _write_parameters(out, value, writer.depth)
    except _UnusualError:
        return False
    writer.octets(out)
    return True


def _write_parameters(out: bytearray, parameters: tuple[Parameter, ...], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _UnusualError
    for parameter in parameters:
        if type(parameter) is not Parameter or type(parameter.id) is not int:
            raise _UnusualError
        number, value = parameter.id - 1, parameter.value
        if 0 <= number < 256:
            out += bytes((0, number))
        elif 256 <= number < (1 << 32) - 1:
            size = (number.bit_length() + 7) >> 3
            out.append(size - 1 << 4)
            out += number.to_bytes(size, "big")
        else:
            raise _UnusualError
        if type(value) is Element:
            _write_element(out, value)
        elif type(value) is Structure:
            out.append(_STRUCTURE)
            _write_structure(out, value, depth + 1)
        elif type(value) is ParameterList and type(value.items) is tuple:
            out.append(_LIST)
            _write_list(out, value, depth + 1)
        else:
            raise _UnusualError


def _write_element(out: bytearray, element: Element) -> None:
    value = element.value
    if type(value) is int:
        size = ((value if value >= 0 else ~value).bit_length() >> 3) + 1
        if size > _LARGEST_INTEGER_OCTETS:
            raise _UnusualError
        out += _INTEGER
        out.append(size)
        out += value.to_bytes(size, "big", signed=True)
    elif type(value) is bytes and len(value) < _SHORT:
        out += _OCTETS
        out.append(len(value))
        out += value
    else:
        raise _UnusualError


def _write_structure(out: bytearray, structure: Structure, depth: int) -> None:
    parts = structure.parameters
    if type(parts) is not tuple or not 0 < len(parts) <= _MOST:
        raise _UnusualError
    out += (len(parts) - 1).to_bytes(2, "big")
    _write_parameters(out, parts, depth)


def _write_list(out: bytearray, value: ParameterList, depth: int) -> None:
    if depth > MAX_DEPTH or not 0 < len(value.items) <= _MOST:
        raise _UnusualError
    out += (len(value.items) - 1).to_bytes(2, "big")
    for item in value.items:
        if type(item) is not Structure:
            raise _UnusualError
        out.append(_ITEM)
        _write_structure(out, item, depth)


FAST_PARAMETERS: Final = Specialised(PARAMETERS, read_parameters, write_parameters)
