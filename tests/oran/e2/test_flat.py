"""Reading reports by position, against reading them whole."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.e2 import kpm
from oran.e2.errors import CodecError
from oran.e2.kpm.flat import Stamps, flat_report
from oran.e2.per.limits import MAX_OCTETS
from oran.snssai import Snssai

_values = st.integers(0, 2**32 - 1) | st.floats(allow_nan=False) | st.none()
_records = st.builds(
    kpm.Record, st.lists(_values, min_size=1, max_size=300).map(tuple), st.booleans()
)
_labels = st.sampled_from([kpm.NO_LABEL, kpm.MeasurementLabel(slice=Snssai(1, 2))])
_measurements = st.builds(
    kpm.Measurement,
    st.sampled_from(["A", "RRU.PrbUsedDl"]) | st.integers(1, 9),
    st.lists(_labels, min_size=1, max_size=3).map(tuple),
)
_messages = st.builds(
    kpm.IndicationFormat1,
    st.lists(_records, min_size=1, max_size=2).map(tuple),
    st.none() | st.lists(_measurements, min_size=1, max_size=3).map(tuple),
    st.none() | st.integers(1, 2**32 - 1),
)


@given(_messages)
def test_the_values_of_one_complete_record_are_read(message: kpm.IndicationFormat1) -> None:
    found = flat_report(kpm.INDICATION_MESSAGE.encode(message))
    usual = len(message.records) == 1 and not message.records[0].incomplete
    assert (found is not None) == usual
    if found is not None:
        assert tuple(found.values) == message.records[0].values
        assert [type(v) for v in found.values] == [type(v) for v in message.records[0].values]


@given(_messages, _messages)
def test_equal_rests_mean_equal_columns(
    one: kpm.IndicationFormat1, other: kpm.IndicationFormat1
) -> None:
    a = flat_report(kpm.INDICATION_MESSAGE.encode(one))
    b = flat_report(kpm.INDICATION_MESSAGE.encode(other))
    if a is not None and b is not None:
        same = (one.measurements, one.granularity_ms) == (other.measurements, other.granularity_ms)
        assert (a.rest == b.rest) == same


Told = tuple[list[str], object, object]
"""Values, columns and granularity period."""


class Short:
    """Reads messages by the short cut, as a receiver does: what stands behind values once."""

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[object, object]] = {}

    def read(self, octets: bytes) -> Told | None:
        """What the message tells; None where it is refused."""
        flat = flat_report(octets)
        if flat is None:
            return plain(octets)
        if flat.rest not in self.known:
            told = plain(octets)
            if told is None:
                return None
            self.known[flat.rest] = told[1:]
        return [repr(v) for v in flat.values], *self.known[flat.rest]


def plain(octets: bytes) -> Told | None:
    """The same, each message decoded whole."""
    try:
        message = kpm.INDICATION_MESSAGE.decode(octets)
    except CodecError:
        return None
    if not isinstance(message, kpm.IndicationFormat1):
        return [], message, None
    values = [repr(v) for r in message.records for v in r.values]
    return values, message.measurements, message.granularity_ms


def damaged(octets: bytes, rng: random.Random) -> bytes:
    """The octets with some bits flipped, octets changed, put in or taken out."""
    changed = bytearray(octets)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            changed[at:at] = rng.randbytes(rng.randrange(1, 4))
        elif kind == 1:
            del changed[at : at + rng.randrange(1, 4)]
        elif kind == 2:
            del changed[at:]
        elif at < len(changed):
            changed[at] = rng.randrange(256) if kind == 3 else changed[at] ^ 1 << rng.randrange(8)
    return bytes(changed)


@settings(max_examples=200, deadline=None)
@given(st.lists(_messages, min_size=1, max_size=3), st.integers(0, 2**32))
def test_the_short_cut_takes_and_refuses_what_the_long_way_does(
    messages: list[kpm.IndicationFormat1], seed: int
) -> None:
    rng = random.Random(seed)
    whole = [kpm.INDICATION_MESSAGE.encode(m) for m in messages]
    short = Short()
    for octets in whole:  # what stands behind their values is known from here on
        assert short.read(octets) == plain(octets) is not None
    for _ in range(60):
        octets = damaged(rng.choice(whole), rng)
        assert short.read(octets) == plain(octets), octets.hex()


@pytest.mark.parametrize("gaps", range(1, 9))
@pytest.mark.parametrize("columns", [None, (kpm.Measurement("A", (kpm.NO_LABEL,)),)])
def test_no_bit_behind_the_values_is_overlooked(
    gaps: int, columns: tuple[kpm.Measurement, ...] | None
) -> None:
    """Gaps fill no octet: what follows them begins anywhere in one."""
    record = kpm.Record((1, *[None] * gaps))
    for granularity in (1, 0xFF, 0x100, 0x1_0000, 0xFFFF_FFFF):
        octets = kpm.INDICATION_MESSAGE.encode(
            kpm.IndicationFormat1((record,), columns, granularity)
        )
        short = Short()
        assert short.read(octets) == plain(octets) is not None
        for bit in range(8 * len(octets)):
            changed = bytearray(octets)
            changed[bit >> 3] ^= 0x80 >> (bit & 7)
            assert short.read(bytes(changed)) == plain(bytes(changed)), bit


def test_a_message_longer_than_any_is_left_alone() -> None:
    octets = kpm.INDICATION_MESSAGE.encode(
        kpm.IndicationFormat1((kpm.Record((1,)),), (kpm.Measurement("A", (kpm.NO_LABEL,)),))
    )
    assert flat_report(octets + bytes(MAX_OCTETS - len(octets))) is not None
    assert flat_report(octets + bytes(MAX_OCTETS - len(octets) + 1)) is None


@given(
    st.lists(st.binary(min_size=8, max_size=8) | st.binary(min_size=4, max_size=4), min_size=1),
    st.none() | st.sampled_from(["", "x", "sender"]),
)
def test_stamps_are_those_of_the_whole_header(stamps: list[bytes], sender: str | None) -> None:
    reader = Stamps()
    for stamp in stamps:
        octets = kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(stamp, sender_name=sender))
        whole = kpm.INDICATION_HEADER.decode(octets)
        assert isinstance(whole, kpm.IndicationHeader)
        assert reader.read(octets) == whole.start


@pytest.mark.parametrize("count", [1, 127, 128, 300, 16_383, 16_384])
def test_counts_of_every_form(count: int) -> None:
    values = tuple(range(count))
    octets = kpm.INDICATION_MESSAGE.encode(kpm.IndicationFormat1((kpm.Record(values),)))
    found = flat_report(octets)
    assert (found is None) == (count > 16_383)
    assert found is None or tuple(found.values) == values


def test_what_is_no_list_of_plain_values_is_left_alone() -> None:
    octets = kpm.INDICATION_MESSAGE.encode(kpm.IndicationFormat1((kpm.Record((1,)),)))
    at = octets.index(1, 4)  # the count of values
    assert flat_report(octets[:at] + b"\0" + octets[at + 1 :]) is None
    assert flat_report(octets[: at + 1] + b"\x60\0") is None, "a kind of value of a later version"
    assert flat_report(octets[:-1]) is None


def test_the_stamp_of_another_header_is_not_read() -> None:
    with pytest.raises(CodecError):
        Stamps().read(b"")
