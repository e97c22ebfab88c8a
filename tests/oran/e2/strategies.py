"""Hypothesis strategies for the values of any type of the codec, made from its description."""

import string
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from oran.e2.e2ap.cause import Criticality
from oran.e2.e2ap.container import Container, RawIe
from oran.e2.e2ap.message import MessageType
from oran.e2.per.choice import Choice, Recursive, UnknownAlternative, Unsupported
from oran.e2.per.field import Field
from oran.e2.per.limits import MAX_INTEGER_OCTETS
from oran.e2.per.list import SequenceOf
from oran.e2.per.repeated import Repeated
from oran.e2.per.scalar import Boolean, Bounded, Constant, Enumerated, Integer, Null, Real
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.string import (
    Bits,
    BitString,
    FixedOctets,
    OctetString,
    PrintableString,
    UnsignedOctets,
)
from oran.e2.per.type import Specialised, Type

DEPTH = 2
"""How often a type is nested in itself."""

_BIGGEST = 1 << 8 * MAX_INTEGER_OCTETS - 1
_ASCII = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
_PRINTABLE = st.sampled_from(string.ascii_letters + string.digits + " '()+,-./:=?")


def values(  # noqa: PLR0911, PLR0912
    type_: Type[Any], depth: int = 0, *, tolerated: bool = True
) -> SearchStrategy[Any]:
    """Values that `type_` can encode.

    `tolerated` ones go beyond the specification: parts of later versions, other characters.
    """
    match type_:
        case Specialised():
            return values(type_.generic, depth, tolerated=tolerated)
        case Repeated():
            return values(type_.type, depth, tolerated=tolerated)
        case Bounded():
            root = st.integers(type_.low, type_.high)
            return root | st.integers(-_BIGGEST, _BIGGEST - 1) if type_.extensible else root
        case Integer():
            return st.integers(-_BIGGEST, _BIGGEST - 1)
        case Boolean():
            return st.booleans()
        case Null():
            return st.none()
        case Real():
            return st.floats(allow_nan=False)
        case Enumerated():
            return st.sampled_from(type_.members)
        case Constant():
            return st.just(type_.value)
        case FixedOctets():
            return st.binary(min_size=type_.size, max_size=type_.size)
        case UnsignedOctets():
            return st.integers(0, (1 << 8 * type_.octets.size) - 1)
        case OctetString():
            return st.binary(max_size=150)
        case BitString():
            size = type_.size
            lengths = st.integers(0, 200) if size is None else st.integers(size.low, size.high)
            if type_.extensible:
                lengths |= st.integers(0, 400)
            return lengths.flatmap(lambda n: st.integers(0, (1 << n) - 1).map(lambda v: Bits(v, n)))
        case PrintableString():
            low = 0 if type_.size is None else type_.size.low
            characters = _ASCII if tolerated else _PRINTABLE
            short = st.text(characters, min_size=low, max_size=30)
            return short | st.text(characters, min_size=160, max_size=170) | st.just("")
        case Container():
            return values(type_.type, depth, tolerated=tolerated)
        case Single():
            return values(type_.type, depth, tolerated=tolerated)
        case SequenceOf():
            return st.lists(
                values(type_.item, depth, tolerated=tolerated),
                min_size=type_.low,
                max_size=min(type_.high, 3),
            ).map(tuple)
        case Recursive():
            return values(type_.resolve(), depth + 1, tolerated=tolerated)
        case Sequence():
            return st.builds(
                type_.made,
                **{f.attribute: _part(f, depth, tolerated) for f in type_.fields + type_.additions},
            )
        case Choice():
            return _choice(type_, depth, tolerated)
        case MessageType():
            return _message(type_, tolerated)
    raise TypeError(f"no strategy for {type_}")


def _recurs(type_: Type[Any]) -> bool:
    return isinstance(type_, Single) and isinstance(type_.type, Recursive)


def _part(field: Field, depth: int, tolerated: bool) -> SearchStrategy[Any]:
    if isinstance(field.type, Unsupported) or (depth >= DEPTH and _recurs(field.type)):
        return st.just(field.absent)
    part = values(field.type, depth, tolerated=tolerated)
    return st.just(field.absent) | part if field.optional else part


def _choice(type_: Choice[Any], depth: int, tolerated: bool) -> SearchStrategy[Any]:
    known = [
        values(alternative.type, depth, tolerated=tolerated)
        for alternative in type_.roots + type_.additions
        if not isinstance(alternative.type, Unsupported)
        and not (depth >= DEPTH and _recurs(alternative.type))
    ]
    if not (tolerated and type_.extensible):
        return st.one_of(*known)
    later = st.builds(
        UnknownAlternative,
        st.integers(len(type_.additions), 70) | st.integers(64, 2**32 - 1),
        st.binary(min_size=1, max_size=8),
    )
    return st.one_of(*known, later)


def _message(type_: MessageType[Any], tolerated: bool) -> SearchStrategy[Any]:
    known = {ie.id for ie in type_.ies}
    raw = st.builds(
        RawIe,
        st.integers(0, 65535).filter(lambda n: n not in known),
        st.sampled_from(Criticality),
        st.binary(min_size=1, max_size=8),
    )
    parts = {
        ie.attribute: st.none() | values(ie.type, tolerated=tolerated)
        if ie.optional
        else values(ie.type, tolerated=tolerated)
        for ie in type_.ies
    }
    assert {f.name for f in fields(type_.made)} == {*parts, "unknown_ies"}
    later = st.lists(raw, max_size=2).map(tuple) if tolerated else st.just(())
    return st.builds(type_.made, **parts, unknown_ies=later)
