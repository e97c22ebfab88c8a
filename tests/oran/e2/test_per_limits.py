"""What PER bounds both ways: nesting and size."""

from typing import Any

import pytest

from oran.e2.errors import DecodeError, EncodeError
from oran.e2.per.choice import Recursive
from oran.e2.per.field import optional, required
from oran.e2.per.limits import MAX_DEPTH, MAX_OCTETS
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Boolean
from oran.e2.per.sequence import Sequence
from oran.e2.per.string import OctetString
from oran.e2.per.type import Payload, Type
from tests.oran.e2.samples import Pair


def _nest(depth: int) -> Any:
    value = Pair(True)
    for _ in range(depth):
        value = Pair(True, value)
    return value


def test_nesting_is_limited_both_ways() -> None:
    def resolve() -> Type[Pair]:
        return pair

    pair: Sequence[Pair] = Sequence(
        Pair,
        required("first", "first", Boolean()),
        optional("second", "second", Recursive(resolve)),
    )
    payload = Payload("pair", pair)
    deepest = _nest(MAX_DEPTH)
    octets = payload.encode(deepest)
    assert payload.decode(octets) == deepest
    assert payload.from_json(payload.to_json(deepest)) == deepest
    with pytest.raises(EncodeError, match="nested more than 32 deep"):
        payload.encode(_nest(MAX_DEPTH + 1))
    with pytest.raises(DecodeError, match="nested more than 32 deep") as caught:
        payload.decode(bytes.fromhex("6db6db6db6db6db6db6db6db6db6db6db6db6db6db6db6db6d"))
    assert caught.value.path.startswith("pair.second.second")


def test_size_is_limited_both_ways() -> None:
    with pytest.raises(DecodeError, match="more than the 1048576 accepted"):
        Payload("octets", OctetString()).decode(bytes(MAX_OCTETS + 1))
    with pytest.raises(DecodeError, match="65536 items do not fit"):
        Payload("list", SequenceOf(Boolean(), 0, 1 << 31)).decode(bytes.fromhex("c4") + bytes(99))
