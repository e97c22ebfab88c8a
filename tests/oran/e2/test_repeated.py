"""What is remembered against what it is a memory of."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oran.e2.common.ueid import UEID, GnbDuUeId, GnbUeId, Guami
from oran.e2.errors import CodecError
from oran.e2.kpm import NO_LABEL, Measurement
from oran.e2.kpm.measurement import GRANULARITY, MEASUREMENTS
from oran.e2.per import repeated
from oran.e2.per.list import SequenceOf
from oran.e2.per.reader import Reader
from oran.e2.per.repeated import Repeated
from oran.e2.per.scalar import Bounded
from oran.e2.per.sequence import Single
from oran.e2.per.string import Bits, BitString, OctetString
from oran.e2.per.type import Type
from oran.e2.per.writer import Writer

from .strategies import values

ODD = BitString(0, 40)
"""Begins and ends anywhere in an octet."""

TYPES: dict[str, Type[Any]] = {
    "ueid": UEID.type,
    "measurements": MEASUREMENTS.type,
    "granularity": GRANULARITY.type,
    "bits": Single("bits", ODD),
    "few bits": Bounded(0, 5),
    "octets": OctetString(),
}


def written(type_: Type[Any], value: Any, lead: int, writer: Writer | None = None) -> bytes | str:
    """The octets after `lead` bits and before one more, or the error."""
    writer = writer or Writer()
    writer.bits((1 << lead) - 1, lead)
    try:
        type_.write(writer, value)
    except CodecError as error:
        return str(error)
    writer.bits(1, 1)
    return writer.finish()


def found(type_: Type[Any], octets: bytes, start: int, limit: int) -> str:
    """The value, what was skipped and where the reader stands after it, or the error."""
    reader = Reader(octets)
    reader.pos, reader.limit = min(start, limit), limit
    try:
        return repr((type_.read(reader), reader.skipped, reader.pos))
    except CodecError as error:
        return str(error)


@pytest.mark.parametrize("name", TYPES)
def test_whatever_came_before_octets_are_read_alike(name: str) -> None:
    type_ = TYPES[name]
    memory: Repeated[Any] = Repeated(type_)

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values(type_), st.integers(0, 7), st.integers(0, 2**32))
    def holds(value: Any, lead: int, seed: int) -> None:
        octets = written(type_, value, lead)
        assert isinstance(octets, bytes)
        rng = random.Random(seed)
        for _ in range(20):
            changed = bytearray(octets)
            for _ in range(rng.choice((0, 0, 1, 2))):
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
            changed += rng.randbytes(rng.randrange(3))
            start = lead if rng.random() < 0.8 else rng.randrange(16)
            limit = 8 * len(changed) - rng.choice((0, 0, 0, 1, 7, 8, 20))
            if start <= limit:
                expected = found(type_, bytes(changed), start, limit)
                for _ in range(2):
                    assert found(memory, bytes(changed), start, limit) == expected

    holds()


@pytest.mark.parametrize("name", TYPES)
def test_whatever_came_before_values_are_written_alike(name: str) -> None:
    type_ = TYPES[name]
    memory: Repeated[Any] = Repeated(type_)

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(values(type_), min_size=1, max_size=3), st.data())
    def holds(several: list[Any], data: st.DataObject) -> None:
        for _ in range(12):
            value = data.draw(st.sampled_from(several))
            lead = data.draw(st.integers(0, 17))
            assert written(memory, value, lead) == written(type_, value, lead)

    holds()


WRONG: list[tuple[Type[Any], Any]] = [
    (UEID, 5),
    (UEID, GnbUeId(1 << 40, Guami(bytes(3), Bits(0, 8), Bits(0, 10), Bits(0, 6)))),
    (UEID, GnbUeId(1, Guami(bytes(2), Bits(0, 8), Bits(0, 10), Bits(0, 6)))),
    (UEID, GnbUeId(1, "guami")),  # type: ignore[arg-type]
    (MEASUREMENTS, ()),
    (MEASUREMENTS, (5,)),
    (MEASUREMENTS, [Measurement("DRB.UEThpDl", (NO_LABEL,))]),
    (MEASUREMENTS, (Measurement("caf\xe9", (NO_LABEL,)),)),
    (MEASUREMENTS, (Measurement("DRB.UEThpDl", ()),)),
    (GRANULARITY, 0),
    (GRANULARITY, True),
]


@pytest.mark.parametrize(("type_", "value"), WRONG)
def test_values_without_encoding_are_refused_every_time(
    type_: Repeated[Any], value: object
) -> None:
    refused = written(type_.type, value, 3)
    assert isinstance(refused, str)
    assert written(type_, value, 3) == written(type_, value, 3) == refused


def test_equal_values_of_other_types_are_told_apart() -> None:
    memory = Repeated(Bounded(0, 5))
    assert written(memory, 1, 0) == b"\x30"
    for value in (True, 1.0):
        refused = written(memory, value, 0)
        assert isinstance(refused, str)
        assert "is not an integer" in refused


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated, "MAX_VALUES", 10)
    counted = CountedOctets()
    memory = Repeated(counted)
    kept = [bytes((i,)) for i in range(25)]
    for octets in kept:
        written(memory, octets, 0)
        assert found(memory, b"\1" + octets, 0, 16) == repr((octets, [], 16))
    assert counted.calls == 50
    for octets in kept[20:]:  # the last ones are known, after two times of forgetting
        written(memory, octets, 0)
        found(memory, b"\1" + octets, 0, 16)
    assert counted.calls == 50
    for octets in kept[:5]:
        written(memory, octets, 0)
        found(memory, b"\1" + octets, 0, 16)
    assert counted.calls == 60


def test_lengths_that_are_looked_for_are_bounded() -> None:
    counted = CountedOctets()
    memory = Repeated(counted)
    for size in (*range(1, 17), 16, 17, 16, 17):
        found(memory, bytes((size, *bytes(size))), 0, 144)
    assert counted.calls == 18  # at one length more than are kept, all before are forgotten


def test_long_encodings_are_not_kept() -> None:
    counted = CountedOctets()
    memory = Repeated(counted)
    octets = bytes(repeated.MAX_REMEMBERED_OCTETS)
    for _ in range(3):
        encoded = written(memory, octets, 0)
        assert isinstance(encoded, bytes)
        found(memory, encoded, 0, 8 * len(encoded))
    assert counted.calls == 6


def test_parts_of_later_versions_are_noted_every_time() -> None:
    later = SequenceOf(Single("value", Bounded(0, 255)), 1, 4)
    memory = Repeated(later)
    extended = bytes.fromhex("20 07 01 01 ff")  # one item, extended by something of one octet
    expected = found(later, extended, 0, 8 * len(extended))
    assert "Skipped" in expected
    for _ in range(3):
        assert found(memory, extended, 0, 8 * len(extended)) == expected


class CountedOctets(OctetString):
    """Counts how often it is read or written."""

    def __init__(self) -> None:
        self.calls = 0

    def read(self, reader: Reader) -> bytes:
        self.calls += 1
        return super().read(reader)

    def write(self, writer: Writer, value: bytes) -> None:
        self.calls += 1
        super().write(writer, value)


def test_an_identity_is_one_for_all_nodes_that_have_it() -> None:
    octets = written(UEID, GnbDuUeId(7), 0)
    assert isinstance(octets, bytes)
    assert UEID.read(Reader(octets)) is UEID.read(Reader(octets))
