"""RAN parameters: trees of values (O-RAN E2SM-RC 8.1.1)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from oran.e2.common.function import MAX_PARAMETERS
from oran.e2.per.choice import Alternative, Choice, Recursive, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Boolean, Bounded, Integer, Real
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.string import Bits, BitString, OctetString, PrintableString
from oran.e2.per.type import Type

Value: TypeAlias = bool | int | float | Bits | bytes | str | UnknownAlternative
"""A value without parts."""


@dataclass(frozen=True, slots=True)
class KeyElement:
    """A value that is a key of the structure it stands in (key flag true)."""

    value: Value


@dataclass(frozen=True, slots=True)
class Element:
    """A value that is no key (key flag false), or none at all."""

    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """Parameters of different kinds, one or more where there are any."""

    parameters: "tuple[Parameter, ...] | None" = None


@dataclass(frozen=True, slots=True)
class ParameterList:
    """Structures of the same kind, one or more; they have no parameter ids of their own."""

    items: tuple[Structure, ...]


ValueType: TypeAlias = KeyElement | Element | Structure | ParameterList | UnknownAlternative


@dataclass(frozen=True, slots=True)
class Parameter:
    """A RAN parameter: its id, from 1 on, and its value."""

    id: int
    value: ValueType


PARAMETER_ID: Final = Bounded(1, (1 << 32) - 1, extensible=True)

VALUE: Final[Choice[Value]] = Choice(
    Alternative("valueBoolean", bool, Boolean()),
    Alternative("valueInt", int, Integer()),
    Alternative("valueReal", float, Real()),
    Alternative("valueBitS", Bits, BitString()),
    Alternative("valueOctS", bytes, OctetString()),
    Alternative("valuePrintableString", str, PrintableString()),
)


def _structure() -> Type[Structure]:
    return _STRUCTURE


def _list() -> Type[ParameterList]:
    return _LIST


VALUE_TYPE: Final[Choice[ValueType]] = Choice(
    Alternative(
        "ranP-Choice-ElementTrue",
        KeyElement,
        Sequence(KeyElement, required("ranParameter-value", "value", VALUE)),
    ),
    Alternative(
        "ranP-Choice-ElementFalse",
        Element,
        Sequence(Element, optional("ranParameter-value", "value", VALUE)),
    ),
    Alternative(
        "ranP-Choice-Structure", Structure, Single("ranParameter-Structure", Recursive(_structure))
    ),
    Alternative("ranP-Choice-List", ParameterList, Single("ranParameter-List", Recursive(_list))),
)
PARAMETER: Final = Sequence(
    Parameter,
    required("ranParameter-ID", "id", PARAMETER_ID),
    required("ranParameter-valueType", "value", VALUE_TYPE),
)
_STRUCTURE: Final = Sequence(
    Structure,
    optional("sequence-of-ranParameters", "parameters", SequenceOf(PARAMETER, 1, MAX_PARAMETERS)),
)
_LIST: Final = Sequence(
    ParameterList,
    required("list-of-ranParameter", "items", SequenceOf(_STRUCTURE, 1, MAX_PARAMETERS)),
)
PARAMETERS: Final = SequenceOf(PARAMETER, 0, MAX_PARAMETERS)
"""The list that a message holds, which may be empty."""
