"""The reader and the writer of bits under PER."""

import contextlib
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from oran.e2.errors import DecodeError
from oran.e2.per.reader import Reader
from oran.e2.per.writer import Writer


def test_writer_moves_long_runs_of_bits_out() -> None:
    writer = Writer()
    for i in range(3000):
        writer.bits(i & 7, 3)
    expected = "".join(f"{i & 7:03b}" for i in range(3000))
    assert writer.finish() == int(expected, 2).to_bytes(1125, "big")


READS: list[Callable[[Reader], object]] = [
    lambda reader: reader.bit(),
    lambda reader: reader.bits(9),
    lambda reader: reader.octets(2),
    lambda reader: reader.length(),
    lambda reader: reader.small(),
    lambda reader: reader.octet_string(),
]


@given(st.binary(max_size=20), st.integers(0, 160), st.sampled_from(READS))
def test_reader_moves_forward_within_its_limit_or_says_why_not(
    data: bytes, start: int, read: Callable[[Reader], object]
) -> None:
    reader = Reader(data)
    before = reader.pos = min(start, reader.limit)
    with contextlib.suppress(DecodeError):
        read(reader)
        assert reader.pos > before
    assert before <= reader.pos <= reader.limit
