"""PER against vectors worked out by hand from X.691, and one of its own examples."""

import math
from dataclasses import dataclass
from types import NoneType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.e2.errors import DecodeError
from oran.e2.per import real
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.reader import Skipped
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
from oran.e2.per.type import Json, Payload, Type
from tests.oran.e2.samples import Colour, Pair


def _after_bit(type_: Type[Any]) -> Type[Any]:
    """`type_` one bit after an octet boundary, to see whether it is aligned."""
    return Single("value", type_)


_LATER: Choice[Any] = Choice(
    Alternative("a", bool, Boolean()),
    additions=(
        Alternative("b", NoneType, Null()),
        Alternative("c", bytes, OctetString()),
    ),
)

VECTORS: list[tuple[Type[Any], Any, str]] = [
    # whole numbers: bit field, one octet, two octets, length and octets (11.5.7)
    (Bounded(5, 5), 5, "00"),
    (Bounded(3, 6), 4, "40"),
    (Bounded(4000, 4254), 4002, "02"),
    (_after_bit(Bounded(4000, 4254)), 4002, "0100"),
    (_after_bit(Bounded(4000, 4255)), 4002, "0002"),
    (_after_bit(Bounded(4000, 4256)), 4002, "000002"),
    (Bounded(0, 65535), 65535, "ffff"),
    (Bounded(1, 65538), 1, "0000"),
    (Bounded(1, 65538), 257, "400100"),
    (Bounded(1, 65538), 65538, "80010001"),
    (Bounded(0, (1 << 40) - 1), 112358132134, "801a291109a6"),
    (Bounded(3, 6, extensible=True), 4, "20"),
    (Bounded(3, 6, extensible=True), 60, "80013c"),
    (Bounded(3, 6, extensible=True), -1, "8001ff"),
    (Integer(), 0, "0100"),
    (Integer(), 127, "017f"),
    (Integer(), 128, "020080"),
    (Integer(), -128, "0180"),
    (Integer(), -129, "02ff7f"),
    (_after_bit(Integer()), 4096, "00021000"),
    # enumerations and presence (14)
    (Enumerated(Colour, roots=3), Colour.GREEN, "20"),
    (Enumerated(Colour, roots=3), Colour.ULTRAVIOLET, "80"),
    (Enumerated(Colour, extensible=False), Colour.BLUE, "80"),
    (Constant(True), True, "00"),
    (Boolean(), True, "80"),
    (Null(), None, "00"),
    # octet strings (17)
    (OctetString(), b"", "00"),
    (OctetString(), b"\1\2", "020102"),
    (OctetString(), bytes(127), "7f" + 127 * "00"),
    (OctetString(), bytes(128), "8080" + 128 * "00"),
    (OctetString(), bytes(16383), "bfff" + 16383 * "00"),
    (OctetString(), bytes(16384), "c1" + 16384 * "00" + "00"),
    (OctetString(), bytes(16389), "c1" + 16384 * "00" + "05" + 5 * "00"),
    (OctetString(), bytes(81920), "c4" + 65536 * "00" + "c1" + 16384 * "00" + "00"),
    (_after_bit(FixedOctets(2)), b"\xff\xff", "7fff80"),
    (_after_bit(FixedOctets(3)), b"\xff\xff\xff", "00ffffff"),
    (_after_bit(UnsignedOctets(1)), 255, "7f80"),
    (_after_bit(UnsignedOctets(3)), 5, "00000005"),
    # open types (11.2)
    (_LATER, None, "800100"),
    (_LATER, bytes(126), "817f7e" + 126 * "00"),
    (_LATER, bytes(127), "8180807f" + 127 * "00"),
    (_LATER, bytes(16381), "81bfffbffd" + 16381 * "00"),
    (_LATER, bytes(16382), "81c1bffe" + 16382 * "00" + "00"),
    # bit strings (16)
    (_after_bit(BitString(16, 16)), Bits(0xFFFF, 16), "7fff80"),
    (_after_bit(BitString(17, 17)), Bits(0x1FFFF, 17), "00ffff80"),
    (BitString(22, 32), Bits(1, 32), "a000000001"),
    (BitString(22, 32), Bits(3, 22), "0000000c"),
    (BitString(1, 160, extensible=True), Bits(0x7F000001, 32), "0f807f000001"),
    (BitString(1, 160, extensible=True), Bits(0, 161), "8080a1" + 21 * "00"),
    (_after_bit(BitString()), Bits(5, 3), "0003a0"),
    (BitString(), Bits(0, 0), "00"),
    (BitString(), Bits((1 << 16389) - 1, 16389), "c1" + 2048 * "ff" + "05f8"),
    (BitString(0, 20), Bits(0, 0), "00"),
    # printable strings (30): octets, aligned, for sizes as here
    (PrintableString(0, 15), "", "00"),
    (PrintableString(0, 15), "abc", "18616263"),
    (PrintableString(0, 15), 16 * "a", "8010" + 16 * "61"),
    (PrintableString(0, 400), "abc", "000003616263"),
    (PrintableString(1, 150), "abc", "0100616263"),
    (PrintableString(), "abc", "03616263"),
    # sequences of (20)
    (SequenceOf(Boolean(), 0, 4), (True, True), "58"),
    (SequenceOf(Boolean(), 1, 65535), (True,), "000080"),
    (SequenceOf(Boolean(), 1, 65536), (True,), "0180"),
    (SequenceOf(Boolean(), 0, 1 << 31), 16385 * (True,), "c1" + 2048 * "ff" + "0180"),
    # normally small numbers (11.6)
    (Choice(Alternative("a", bool, Boolean())), UnknownAlternative(63, b"\1"), "bf0101"),
    (Choice(Alternative("a", bool, Boolean())), UnknownAlternative(64, b"\1"), "c001400101"),
    # reals (15, X.690 8.5)
    (Real(), 0.0, "00"),
    (Real(), -0.0, "0143"),
    (Real(), math.inf, "0140"),
    (Real(), -math.inf, "0141"),
    (Real(), 107.0, "0380006b"),
    (Real(), 1024.0, "03800a01"),
    (Real(), -1.0, "03c00001"),
    (Real(), 0.15625, "0380fb05"),
    (Real(), 2.0**-1074, "0481fbce01"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value", "octets"), VECTORS)
def test_vector(type_: Type[Any], value: Any, octets: str) -> None:
    payload = Payload("value", type_)
    assert payload.encode(value).hex() == octets
    again = payload.decode(bytes.fromhex(octets))
    assert again == value
    assert math.copysign(1, again) == math.copysign(1, value) if value == 0.0 else True
    assert payload.from_json(payload.to_json(value)) == value


def test_example_of_x691_annex_a3() -> None:
    group = Sequence(
        Pair,
        required("g", "first", BitString(12, 12)),  # three digits of a NumericString, 4 bits each
        optional("h", "second", Boolean()),
        extensible=False,
    )

    @dataclass(frozen=True, slots=True)
    class Ax:
        a: int
        b: bool
        c: bool | UnknownAlternative
        group: Pair | None = None
        i: str | None = None
        j: str | None = None

    ax = Payload(
        "Ax",
        Sequence(
            Ax,
            required("a", "a", Bounded(250, 253)),
            required("b", "b", Boolean()),
            required(
                "c",
                "c",
                Choice(
                    Alternative("d", int, Integer()),
                    additions=(Alternative("e", bool, Boolean()),),
                ),
            ),
            optional("i", "i", PrintableString()),
            optional("j", "j", PrintableString()),
            additions=(optional("gh", "group", group),),
        ),
    )
    value = Ax(253, True, True, Pair(Bits(0x234, 12), True))
    assert ax.encode(value).hex() == "9e000180010291a4"
    assert ax.decode(bytes.fromhex("9e000180010291a4")) == value


def test_unknown_additions_are_stepped_over_and_noted() -> None:
    old = Payload("pair", Sequence(Pair, required("first", "first", Bounded(0, 255))))
    new = bytes.fromhex("80 07 02 80 02 aabb")
    # extended; 7; 2 additions of which the second is there, an open type of 2 octets
    skipped: list[Skipped] = []
    assert old.decode(new, skipped) == Pair(7)
    assert skipped == [Skipped("addition 1 of Pair", 25)]
    assert old.decode(new) == Pair(7)
    single = Payload("single", Single("value", Bounded(0, 255)))
    assert single.decode(new) == 7


def test_more_than_64_additions() -> None:
    old = Payload("pair", Sequence(Pair, required("first", "first", Bounded(0, 255))))
    assert old.decode(bytes.fromhex("8007 80 41 000000000000000080 0101")) == Pair(7)
    with pytest.raises(DecodeError, match=r"1\.\.16,383 additions"):
        old.decode(bytes.fromhex("80078000"))


def test_unknown_alternative_is_kept_and_noted() -> None:
    choice: Choice[Any] = Choice(Alternative("a", bool, Boolean()))
    payload = Payload("choice", choice)
    skipped: list[Skipped] = []
    value = payload.decode(bytes.fromhex("830201ff"), skipped)
    assert value == UnknownAlternative(3, b"\1\xff")
    assert [note.what for note in skipped] == ["alternative 3 of a"]
    assert payload.encode(value) == bytes.fromhex("830201ff")
    document: Json = {"unknownAlternative": {"index": 3, "octets": "01ff"}}
    assert payload.to_json(value) == document
    assert payload.from_json(document) == value


def test_open_type_in_fragments() -> None:
    choice: Choice[Any] = Choice(
        Alternative("a", bool, Boolean()), additions=(Alternative("b", bytes, OctetString()),)
    )
    payload = Payload("choice", choice)
    for size in (16380, 16384, 40000):
        value = bytes(range(256)) * (size // 256 + 1)
        assert payload.decode(payload.encode(value)) == value


TOLERATED: list[tuple[Type[Any], str, Any]] = [
    (Real(), "048000006b", 107.0),  # a zero octet before the mantissa, as FlexRIC writes
    (Real(), "0380016a", 212.0),  # an even mantissa
    (Real(), "0481000016", 22.0),  # an exponent of two octets where one would do
    (Real(), "058302000503", 96.0),  # an exponent with a length of its own
    (Real(), "03900103", 24.0),  # base 8
    (Real(), "03a80103", 192.0),  # base 16, scaled by 4
    (Real(), "03800000", 0.0),
    (Integer(), "03000005", 5),
    (Bounded(0, 1 << 20), "80000000", 0),
    (Bounded(3, 6, extensible=True), "800104", 4),
    (Bounded(3, 6), "5f", 4),  # padding that is not zero
    (PrintableString(1, 150), "00005f", "_"),
]


@pytest.mark.parametrize(("type_", "octets", "value"), TOLERATED)
def test_tolerated(type_: Type[Any], octets: str, value: Any) -> None:
    payload = Payload("value", type_)
    assert payload.decode(bytes.fromhex(octets)) == value
    assert payload.decode(payload.encode(value)) == value


@given(st.floats())
def test_real_comes_back(value: float) -> None:
    again = real.unpack(real.pack(value))
    assert again == value or (math.isnan(again) and math.isnan(value))
    assert len(real.pack(value)) <= 10


def test_not_a_number() -> None:
    payload = Payload("real", Real())
    assert payload.encode(math.nan).hex() == "0142"
    again = payload.decode(b"\1\x42")
    assert math.isnan(again)
    assert payload.to_json(again) == "NaN"
    assert [payload.to_json(v) for v in (math.inf, -math.inf)] == ["Infinity", "-Infinity"]
    assert math.isnan(payload.from_json("NaN"))
    assert payload.from_json(5) == 5.0
