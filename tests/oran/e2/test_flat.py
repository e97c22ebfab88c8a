"""Reading reports by position, against reading them whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.e2 import kpm
from oran.e2.errors import CodecError
from oran.e2.kpm.flat import Stamps, flat_report
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


@settings(max_examples=300)
@given(_messages, st.data())
def test_damage_never_reads_as_other_values(
    message: kpm.IndicationFormat1, data: st.DataObject
) -> None:
    octets = bytearray(kpm.INDICATION_MESSAGE.encode(message))
    at = data.draw(st.integers(0, len(octets) - 1))
    octets[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del octets[data.draw(st.integers(0, len(octets))) :]
    found = flat_report(bytes(octets))
    try:
        whole = kpm.INDICATION_MESSAGE.decode(bytes(octets))
    except CodecError:
        # What stands behind the values is not looked at; without it, nothing may be wrong.
        assert found is None or found.rest != b"\0"
        return
    if found is not None:
        assert isinstance(whole, kpm.IndicationFormat1)
        assert repr(tuple(found.values)) == repr(whole.records[0].values)


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
