"""Every type reads and writes as its description says, component by component."""

import random
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oran.e2 import e2ap
from oran.e2.e2ap.container import RawIe
from oran.e2.errors import CodecError
from oran.e2.kpm import NO_LABEL
from oran.e2.per.choice import UnknownAlternative
from oran.e2.per.field import flag, optional, required
from oran.e2.per.reader import Reader
from oran.e2.per.scalar import Boolean
from oran.e2.per.straight import source
from oran.e2.per.string import Bits
from oran.e2.per.type import Type
from oran.e2.per.writer import Writer
from oran.e2.servicemodel import SERVICE_MODELS
from oran.snssai import Snssai

from .fuzz import mutated
from .interpretive import interpretive
from .strategies import values

TYPES: dict[str, Type[Any]] = {p.name: p.type for m in SERVICE_MODELS for p in m.payloads()}
TYPES |= {kind.name: kind for kind in e2ap.MESSAGE_TYPES}


JUNK = ("text", b"octets", -1, 1 << 200, True, 0.5, None, (), (5,), NO_LABEL, Bits(1, 9))


def written(type_: Type[Any], value: Any) -> bytes | str:
    """The octets, or the error."""
    writer = Writer()
    try:
        type_.write(writer, value)
        return writer.finish()
    except (CodecError, AttributeError, TypeError, ValueError) as error:
        return f"{type(error)}: {error}"


def found(type_: Type[Any], octets: bytes) -> str:
    """The value, what was skipped, and where the reader stands after it, or the error."""
    reader = Reader(octets)
    try:
        return repr((type_.read(reader), reader.skipped, reader.pos))
    except CodecError as error:
        return str(error)


@pytest.mark.parametrize("name", TYPES)
def test_read_and_written_as_described(name: str) -> None:
    type_, plain = TYPES[name], interpretive(TYPES[name])

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values(type_), st.integers(0, 2**32))
    def holds(value: Any, seed: int) -> None:
        octets = written(plain, value)
        assert isinstance(octets, bytes)
        assert written(type_, value) == octets
        rng = random.Random(seed)
        for changed in (octets, *(mutated(octets, [("", octets)], rng) for _ in range(30))):
            assert found(type_, changed) == found(plain, changed)

    holds()


@pytest.mark.parametrize("name", TYPES)
def test_refused_as_described(name: str) -> None:
    type_, plain = TYPES[name], interpretive(TYPES[name])

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values(type_), st.data())
    def holds(value: Any, data: st.DataObject) -> None:
        broken = _broken(value, data)
        assert written(type_, broken) == written(plain, broken)

    holds()


def _broken(value: Any, data: st.DataObject) -> Any:
    """The value with something in it replaced, which may be the whole of it."""
    if is_dataclass(value) and not isinstance(value, Bits | RawIe | Snssai | UnknownAlternative):
        name = data.draw(st.sampled_from([f.name for f in fields(value)]))
        if name == "unknown_ies":
            return value
        return replace(value, **{name: _broken(getattr(value, name), data)})  # type: ignore[type-var]
    if type(value) is tuple and value and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(value) - 1))
        return (*value[:at], _broken(value[at], data), *value[at + 1 :])
    return data.draw(st.sampled_from(JUNK))


TEXT = """\
def read(reader):
    head = reader.bits(3)
    try:
        name = 'start'
        part_start = type_start.read(reader)
        name = 'vendor'
        part_vendor = type_vendor.read(reader) if head & 2 else None
        name = 'last'
        part_last = type_last.read(reader) if head & 1 else False
    except DecodeError as error:
        error.within(name)
        raise
    part_later = None
    if head & 4:
        added = read_additions(reader, what, additions)
        part_later = added.get('later', None)
    value = new(made)
    set_start(value, part_start)
    set_vendor(value, part_vendor)
    set_last(value, part_last)
    set_later(value, part_later)
    return value
def write(writer, value):
    if type(value) is not made:
        raise EncodeError(f'needs a {what}, got {brief(value)}')
    part_start = value.start
    part_vendor = value.vendor
    part_last = value.last
    part_later = value.later
    head = 0
    if part_vendor is not None:
        head |= 2
    if part_last is not False:
        head |= 1
    if part_later is not None:
        head |= 4
    writer.bits(head, 3)
    try:
        name = 'start'
        type_start.write(writer, part_start)
        if head & 2:
            name = 'vendor'
            type_vendor.write(writer, part_vendor)
        if head & 1:
            name = 'last'
            type_last.write(writer, part_last)
    except EncodeError as error:
        error.within(name)
        raise
    if head & 4:
        write_additions(writer, additions, [part_later])
"""


@dataclass(frozen=True, slots=True)
class Report:
    start: bool
    vendor: bool | None = None
    last: bool = False
    later: bool | None = None


def test_the_text_of_the_functions() -> None:
    known = (
        required("start", "start", Boolean()),
        optional("vendor", "vendor", Boolean()),
        flag("last", "last"),
    )
    later = (optional("later", "later", Boolean()),)
    assert source(Report, known, later, True) == TEXT
    assert "    return made(start=part_start" in source(Report, known, (), True)  # a field is left
    assert "    return made(sst=part_sst)" in source(
        Snssai, (required("sST", "sst", Boolean()),), (), True
    )
