"""Hand-written reading and writing against the generic types that define them."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oran.e2.errors import CodecError, DecodeError
from oran.e2.kpm import Record
from oran.e2.kpm.fast import FAST_RECORDS
from oran.e2.per.limits import MAX_DEPTH
from oran.e2.per.reader import Reader
from oran.e2.per.type import Specialised
from oran.e2.per.writer import Writer
from oran.e2.rc import Element, Parameter, ParameterList, Structure
from oran.e2.rc.fast import FAST_PARAMETERS

from .strategies import values

ALL: list[Specialised[Any]] = [FAST_RECORDS, FAST_PARAMETERS]
NAMES = ["records", "parameters"]

_reals = st.floats(allow_nan=False)
_numbers = st.integers(0, 2**32 - 1) | _reals | st.none()
_records = st.lists(
    st.builds(Record, st.lists(_numbers, min_size=1, max_size=9).map(tuple)), min_size=1, max_size=4
).map(tuple)


def _tree(depth: int) -> st.SearchStrategy[Any]:
    leaf = st.builds(Element, st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=127))
    if not depth:
        return leaf
    parts = st.lists(
        st.builds(Parameter, st.integers(1, 2**32 - 1), _tree(depth - 1)), min_size=1, max_size=3
    ).map(tuple)
    structure = st.builds(Structure, parts)
    items = st.builds(ParameterList, st.lists(structure, min_size=1, max_size=2).map(tuple))
    return leaf | structure | items


_trees = st.lists(st.builds(Parameter, st.integers(1, 300), _tree(3)), max_size=3).map(tuple)
CASES = list(zip(ALL, [_records, _trees], strict=True))


def _written(write: Any, value: Any, lead: int) -> bytes | str:
    """The octets after `lead` bits, or the error."""
    writer = Writer()
    writer.bits((1 << lead) - 1, lead)
    try:
        write(writer, value)
    except CodecError as error:
        return str(error)
    writer.bits(1, 1)
    return writer.finish()


def _read(read: Any, octets: bytes, start: int, limit: int) -> tuple[Any, int] | str:
    """The value and where the reader stands after it, or the error."""
    reader = Reader(octets)
    reader.pos, reader.limit = min(start, limit), limit
    try:
        return read(reader), reader.pos
    except DecodeError as error:
        return str(error)


@pytest.mark.parametrize(("type_", "usual"), CASES, ids=NAMES)
def test_values_are_written_and_read_alike(
    type_: Specialised[Any], usual: st.SearchStrategy[Any]
) -> None:
    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(usual | values(type_.generic), st.integers(0, 7))
    def holds(value: Any, lead: int) -> None:
        octets = _written(type_.write, value, lead)
        assert octets == _written(type_.generic.write, value, lead)
        assert isinstance(octets, bytes)
        limit = 8 * len(octets)
        found = _read(type_.read, octets, lead, limit)
        assert found == _read(type_.generic.read, octets, lead, limit)
        assert found[0] == value

    holds()


@pytest.mark.parametrize(("type_", "usual"), CASES, ids=NAMES)
def test_the_usual_form_is_covered(type_: Specialised[Any], usual: st.SearchStrategy[Any]) -> None:
    @settings(max_examples=50, suppress_health_check=list(HealthCheck))
    @given(usual)
    def holds(value: Any) -> None:
        writer = Writer()
        assert type_.fast_write(writer, value)
        writer.octets(b"more")
        assert type_.fast_read(Reader(writer.finish())) == value

    holds()


@pytest.mark.parametrize(("type_", "usual"), CASES, ids=NAMES)
def test_broken_octets_are_read_alike(
    type_: Specialised[Any], usual: st.SearchStrategy[Any]
) -> None:
    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(usual, st.integers(0, 7), st.integers(0, 2**32))
    def holds(value: Any, lead: int, seed: int) -> None:
        octets = _written(type_.generic.write, value, lead)
        assert isinstance(octets, bytes)
        rng = random.Random(seed)
        for _ in range(60):
            broken = bytearray(octets)
            for _ in range(rng.randint(1, 3)):
                broken[rng.randrange(len(broken))] = rng.choice(
                    (0, 1, 0x40, 0x80, 0xFF, rng.randrange(256))
                )
            del broken[rng.randint(1, len(broken)) :]
            limit = 8 * rng.randint(0, len(broken))
            found = _read(type_.read, bytes(broken), lead, limit)
            assert repr(found) == repr(_read(type_.generic.read, bytes(broken), lead, limit))

    holds()


WRONG: list[tuple[Specialised[Any], Any]] = [
    (FAST_RECORDS, ()),
    (FAST_RECORDS, [Record((1,))]),
    (FAST_RECORDS, (5,)),
    (FAST_RECORDS, (Record(()),)),
    (FAST_RECORDS, (Record((1 << 32,)),)),
    (FAST_RECORDS, (Record((-1,)),)),
    (FAST_RECORDS, (Record((True,)),)),
    (FAST_RECORDS, (Record([1]),)),  # type: ignore[arg-type]
    (FAST_RECORDS, (Record((1,)), Record((1 << 32,)), Record((1,)))),
    (FAST_PARAMETERS, 5),
    (FAST_PARAMETERS, (5,)),
    (FAST_PARAMETERS, (Parameter("1", Element(1)),)),  # type: ignore[arg-type]
    (FAST_PARAMETERS, (Parameter(1, 5),)),  # type: ignore[arg-type]
    (FAST_PARAMETERS, (Parameter(1, Structure(())),)),
    (FAST_PARAMETERS, (Parameter(1, ParameterList(())),)),
    (FAST_PARAMETERS, (Parameter(1, ParameterList((5,))),)),  # type: ignore[arg-type]
    (FAST_PARAMETERS, (Parameter(1, ParameterList([])),)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("type_", "value"), WRONG)
def test_values_without_encoding_are_refused_alike(type_: Specialised[Any], value: Any) -> None:
    refused = _written(type_.write, value, 3)
    assert isinstance(refused, str)
    assert refused == _written(type_.generic.write, value, 3)


BROKEN = [
    (FAST_PARAMETERS, "0001 30 ffffffff 28 80 01 05"),  # a parameter id of 2^32
    (FAST_PARAMETERS, "0001 40 00 28 80 01 05 00"),  # an extended parameter id
    (FAST_RECORDS, "0000 00 01 60"),  # an alternative that is not defined
    (FAST_RECORDS, "0000 00 01 20 02 03 31"),  # a decimal real
]


@pytest.mark.parametrize(("type_", "octets"), BROKEN, ids=range(len(BROKEN)))
def test_octets_without_value_are_refused_alike(type_: Specialised[Any], octets: str) -> None:
    data = bytes.fromhex(octets)
    refused = _read(type_.read, data, 0, 8 * len(data))
    assert isinstance(refused, str)
    assert refused == _read(type_.generic.read, data, 0, 8 * len(data))


def test_integers_of_any_size_are_written_and_read_alike() -> None:
    for number in (127, 128, -128, -129, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**127 - 1):
        value = (Parameter(1, Element(number)),)
        octets = _written(FAST_PARAMETERS.write, value, 0)
        assert isinstance(octets, bytes)
        assert octets == _written(FAST_PARAMETERS.generic.write, value, 0)
        assert FAST_PARAMETERS.read(Reader(octets)) == value


def _nested(depth: int, item: bool) -> tuple[Parameter, ...]:
    parameters: tuple[Parameter, ...] = (Parameter(1, Element(1)),)
    for _ in range(depth):
        structure = Structure(parameters)
        parameters = (Parameter(1, ParameterList((structure,)) if item else structure),)
    return parameters


@pytest.mark.parametrize("item", [False, True])
def test_nesting_is_limited_alike(item: bool) -> None:
    deepest = _nested(MAX_DEPTH, item)
    octets = _written(FAST_PARAMETERS.generic.write, deepest, 0)
    assert isinstance(octets, bytes)
    assert FAST_PARAMETERS.fast_read(Reader(octets)) == deepest
    assert FAST_PARAMETERS.fast_write(Writer(), deepest)
    deeper = _nested(MAX_DEPTH + 1, item)
    assert not FAST_PARAMETERS.fast_write(Writer(), deeper)
    assert "nested more than 32 deep" in str(_written(FAST_PARAMETERS.write, deeper, 0))
    head = bytes.fromhex("0001" + ("0000" + ("600000400000" if item else "440000")) * 40)
    assert FAST_PARAMETERS.fast_read(Reader(head + bytes(99))) is None
    assert "nested more than 32 deep" in str(
        _read(FAST_PARAMETERS.read, head + bytes(99), 0, 8 * len(head) + 8 * 99)
    )
