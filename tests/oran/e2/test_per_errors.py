"""What PER refuses: octets, values and documents, and how the error tells where."""

from typing import Any

import pytest

from oran.e2.errors import DecodeError, EncodeError
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative, Unsupported
from oran.e2.per.field import optional, required
from oran.e2.per.limits import MAX_OCTETS
from oran.e2.per.list import SequenceOf
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

REFUSED: list[tuple[Type[Any], str, str]] = [
    (Boolean(), "", "needs 1 more bits, 0 are left"),
    (Null(), "", "no octet at all"),
    (Boolean(), "8000", "1 octets are left over"),
    (Bounded(3, 5), "c0", "6 is outside 3..5"),
    (Bounded(0, 255), "", "needs 8 more bits"),
    (Bounded(0, 15), "", "needs 4 more bits"),
    (Integer(), "00", "1..16 octets"),
    (Integer(), "11" + 17 * "00", "1..16 octets"),
    (Enumerated(Colour, roots=3), "60", "no value has number 3"),
    (Enumerated(Colour, roots=3), "81", "addition 1 of a later version") ,
    (Constant(True), "80", "addition of a later version"),
    (OctetString(), "c0", "fragment of 0 units"),
    (OctetString(), "c5", "fragment of 5 units"),
    (OctetString(), "0501", "needs 40 more bits"),
    (PrintableString(0, 15), "080a", "not visible ASCII"),
    (PrintableString(0, 15), "08ff", "not visible ASCII"),
    (SequenceOf(Boolean(), 1, 65535), "ffff00", "65536 is outside 1..65535"),
    (SequenceOf(Boolean(), 1, 65535), "fffe00", "65535 items do not fit the 8 bits"),
    (SequenceOf(Boolean(), 1, 1 << 31), "00", "0 items; 1 at least"),
    (
        Choice(*(Alternative(n, n, Boolean()) for n in "abc"), extensible=False),
        "c0",
        "number 3 of 3",
    ),
    (Choice(Alternative("a", bool, Boolean())), "c0c1", "more than 4 octets"),
    (Choice(Alternative("a", bool, Boolean())), "c00501020304050000", "more than 4 octets"),
    (
        Choice(Alternative("a", 1, Null()), additions=(Alternative("b", 2, Boolean()),)),
        "800580",
        "an open type of 5 octets; 1 are left",
    ),
    (
        Choice(Alternative("a", 1, Null()), additions=(Alternative("b", 2, Boolean()),)),
        "80028000",
        "1 octets are left over",
    ),
    (Unsupported("this"), "00", "this is not supported"),
    (Real(), "0103", "decimal form is not supported"),
    (Real(), "0144", "reserved special value"),
    (Real(), "0180", "exponent or mantissa is missing"),
    (Real(), "0183", "exponent or mantissa is missing"),
    (Real(), "03b00001", "base code 3"),
    (Real(), "0481040001", "too large"),
    (Real(), "0481f00001", "too small"),
    (Real(), "21" + "8000" + 31 * "01", "REAL of 33 octets"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "octets", "reason"), REFUSED)
def test_refused(type_: Type[Any], octets: str, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason) as caught:
        Payload("value", type_).decode(bytes.fromhex(octets))
    assert caught.value.path.startswith("value")
    assert 0 <= caught.value.offset <= 4 * len(octets)


WRONG: list[tuple[Type[Any], Any]] = [
    (Integer(), 1.0),
    (Integer(), True),
    (Integer(), 1 << 127),
    (Bounded(0, 5), 6),
    (Bounded(0, 5, extensible=True), "3"),
    (Boolean(), 1),
    (Real(), 1),
    (Enumerated(Colour), "red"),
    (Constant(True), False),
    (OctetString(), "text"),
    (OctetString(), bytes(MAX_OCTETS + 1)),
    (FixedOctets(3), bytes(2)),
    (UnsignedOctets(1), 256),
    (BitString(), Bits(4, 2)),
    (BitString(), Bits(0, -1)),
    (BitString(), Bits(0, 8 * MAX_OCTETS + 1)),
    (BitString(), Bits("1", 1)),  # type: ignore[arg-type]
    (BitString(), Bits(1, "1")),  # type: ignore[arg-type]
    (BitString(1, 5), Bits(0, 6)),
    (PrintableString(1, 150), "caf\xe9"),
    (PrintableString(1, 150), "a\nb"),
    (PrintableString(1, 150), b"a"),
    (SequenceOf(Boolean(), 1, 3), ()),
    (SequenceOf(Boolean(), 1, 3), [True]),
    (SequenceOf(Boolean(), 1, 3), (True, 5)),
    (Sequence(Pair, required("first", "first", Boolean())), (True, None)),
    (Sequence(Pair, required("first", "first", Boolean())), Pair(5)),
    (
        Sequence(
            Pair,
            required("first", "first", Boolean()),
            additions=(optional("second", "second", Boolean()),),
        ),
        Pair(True, 5),
    ),
    (Choice(Alternative("a", bool, Boolean())), 5),
    (Choice(Alternative("a", bool, Boolean()), extensible=False), UnknownAlternative(0, b"\0")),
    (Choice(Alternative("a", bool, Boolean())), UnknownAlternative(1 << 32, b"\0")),
    (Choice(Alternative("a", bool, Boolean())), UnknownAlternative(0, "0")),  # type: ignore[arg-type]
    (Choice(Alternative("a", bool, Boolean())), UnknownAlternative("0", b"\0")),  # type: ignore[arg-type]
    (
        Choice(Alternative("a", 1, Null()), additions=(Alternative("b", bool, Boolean()),)),
        UnknownAlternative(0, b"\0"),
    ),
    (Unsupported("this"), None),
]


@pytest.mark.parametrize(("type_", "value"), WRONG)
def test_values_without_encoding(type_: Type[Any], value: Any) -> None:
    with pytest.raises(EncodeError) as caught:
        Payload("value", type_).encode(value)
    assert caught.value.path.startswith("value")
    assert len(str(caught.value)) < 300


WRONG_JSON: list[tuple[Type[Any], Json]] = [
    (Integer(), 1.0),
    (Integer(), True),
    (Boolean(), 1),
    (Null(), 0),
    (Real(), "1.0"),
    (Real(), True),
    (Real(), 10**400),
    (Enumerated(Colour), "pink"),
    (Enumerated(Colour), 1),
    (Constant(True), False),
    (OctetString(), "0g"),
    (OctetString(), 5),
    (UnsignedOctets(1), "01"),
    (BitString(), "012"),
    (PrintableString(), None),
    (SequenceOf(Boolean(), 1, 3), {}),
    (SequenceOf(Boolean(), 1, 3), [True, 5]),
    (Sequence(Pair, required("first", "first", Boolean())), []),
    (Sequence(Pair, required("first", "first", Boolean())), {}),
    (Sequence(Pair, required("first", "first", Boolean())), {"first": True, "other": 1}),
    (Sequence(Pair, required("first", "first", Boolean())), {"first": 5}),
    (Single("value", Boolean()), {"other": True}),
    (Single("value", Boolean()), {"value": True, "other": True}),
    (Choice(Alternative("a", bool, Boolean())), {}),
    (Choice(Alternative("a", bool, Boolean())), {"b": True}),
    (Choice(Alternative("a", bool, Boolean())), {"unknownAlternative": {"index": 0}}),
    (
        Choice(Alternative("a", bool, Boolean())),
        {"unknownAlternative": {"index": 0, "octets": "xx"}},
    ),
    (Unsupported("this"), None),
]


@pytest.mark.parametrize(("type_", "json"), WRONG_JSON)
def test_documents_of_another_form(type_: Type[Any], json: Json) -> None:
    with pytest.raises(EncodeError) as caught:
        Payload("value", type_).from_json(json)
    assert caught.value.path.startswith("value")


def test_unsupported_has_no_json() -> None:
    with pytest.raises(EncodeError, match="this is not supported"):
        Unsupported("this").to_json(None)


def test_huge_integers_are_refused_without_being_printed() -> None:
    with pytest.raises(EncodeError, match=r"a huge int is not an integer in 0\.\.5"):
        Payload("value", Bounded(0, 5)).encode(10**5000)


def test_error_tells_place_and_path() -> None:
    pairs = Payload(
        "pairs",
        SequenceOf(Sequence(Pair, required("first", "first", Bounded(0, 255))), 0, 255),
    )
    with pytest.raises(DecodeError) as caught:
        pairs.decode(bytes.fromhex("0300010001"))
    error = caught.value
    assert error.path == "pairs[2]"
    assert error.offset == 40
    assert str(error) == "pairs[2]: needs 1 more bits, 0 are left (octet 5, bit 0)"
    with pytest.raises(EncodeError) as wrong:
        pairs.encode((Pair(1), Pair(256)))
    assert str(wrong.value) == "pairs[1].first: 256 is not an integer in 0..255"
    assert str(EncodeError("alone")) == "alone"


def test_offsets_inside_fragments_count_from_the_start() -> None:
    choice: Choice[Any] = Choice(
        Alternative("a", bool, Boolean()), additions=(Alternative("b", bytes, OctetString()),)
    )
    broken = bytes.fromhex("80 c1") + b"\xc5" + bytes(16383) + b"\0"
    with pytest.raises(DecodeError, match="fragment of 5 units") as caught:
        Payload("choice", choice).decode(broken)
    assert 0 < caught.value.offset < 8 * len(broken)
