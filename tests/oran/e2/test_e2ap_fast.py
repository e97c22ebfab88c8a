"""The hand-written messages of the control loop against the generic types that define them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.e2 import e2ap
from oran.e2.e2ap import fast, message_type
from oran.e2.e2ap.pdu import _read_head
from oran.e2.errors import CodecError
from oran.e2.per.opentype import read_open, write_open
from oran.e2.per.reader import Reader
from oran.e2.per.writer import Writer

_ids = st.builds(e2ap.RicRequestId, st.integers(0, 65535), st.integers(0, 65535))
_functions = st.integers(0, 4095)
_octets = st.binary(max_size=300)
_indications = st.builds(
    e2ap.RicIndication,
    _ids,
    _functions,
    st.integers(0, 255),
    st.sampled_from(e2ap.IndicationType),
    _octets,
    _octets,
    st.none() | st.integers(0, 65535),
    st.none() | _octets,
)
_controls = st.builds(
    e2ap.RicControlRequest,
    _ids,
    _functions,
    _octets,
    _octets,
    st.none() | _octets,
    st.none() | st.sampled_from(e2ap.ControlAckRequest),
)
_acks = st.builds(
    e2ap.RicControlAcknowledge, _ids, _functions, st.none() | _octets, st.none() | _octets
)


def generic_encode(message: Any) -> bytes:
    kind = message_type(message)
    writer = Writer()
    writer.bits(kind.outcome, 3)
    writer.octets(bytes((kind.procedure,)))
    writer.bits({"reject": 0, "ignore": 1, "notify": 2}[kind.criticality.value], 2)
    write_open(writer, kind, message)
    return writer.finish()


def generic_decode(octets: bytes) -> Any:
    reader = Reader(octets)
    message: Any = read_open(reader, _read_head(reader))
    reader.finish()
    return message


@given(_indications | _acks)
def test_reading_agrees(message: e2ap.Message) -> None:
    octets = generic_encode(message)
    found = fast.read(octets)
    assert (found is None) == (getattr(message, "call_process_id", None) is not None)
    assert found in (None, message)
    assert e2ap.decode(octets) == message


@given(_controls)
def test_writing_agrees(message: e2ap.RicControlRequest) -> None:
    written = fast.write_control(message)
    assert (written is None) == (message.call_process_id is not None)
    assert e2ap.encode(message) == generic_encode(message)


@pytest.mark.parametrize("size", [0, 125, 126, 127, 128, 16_000, 16_300, 16_384, 70_000])
def test_lengths_of_every_form(size: int) -> None:
    octets = bytes(size)
    control = e2ap.RicControlRequest(e2ap.RicRequestId(1, 2), 3, b"h", octets)
    assert e2ap.encode(control) == generic_encode(control)
    indication = e2ap.RicIndication(
        e2ap.RicRequestId(1, 2), 3, 4, e2ap.IndicationType.REPORT, b"h", octets
    )
    assert e2ap.decode(generic_encode(indication)) == indication


@settings(max_examples=400)
@given(_indications | _acks, st.data())
def test_damaged_packets_are_read_alike(message: e2ap.Message, data: st.DataObject) -> None:
    octets = bytearray(generic_encode(message))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, min(len(octets) - 1, 60)))
        octets[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del octets[data.draw(st.integers(0, len(octets))) :]
    found = fast.read(bytes(octets))
    if found is not None:
        assert generic_decode(bytes(octets)) == found
    try:
        expected = generic_decode(bytes(octets))
    except CodecError as error:
        with pytest.raises(type(error)):
            e2ap.decode(bytes(octets))
    else:
        assert e2ap.decode(bytes(octets)) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"ran_function_id": 4096},
        {"request_id": e2ap.RicRequestId(65536, 0)},
        {"request_id": e2ap.RicRequestId(0, -1)},
        {"header": "text"},
        {"ack_request": "ack?"},
    ],
)
def test_what_has_no_encoding_is_refused(changed: dict[str, Any]) -> None:
    fields: dict[str, Any] = {
        "request_id": e2ap.RicRequestId(1, 2),
        "ran_function_id": 3,
        "header": b"h",
        "message": b"m",
    }
    with pytest.raises((CodecError, TypeError, AttributeError)):
        e2ap.encode(e2ap.RicControlRequest(**(fields | changed)))


@given(_ids, _functions, st.integers(0, 255))
def test_the_ids_of_a_message_are_found(
    request_id: e2ap.RicRequestId, function_id: int, transaction_id: int
) -> None:
    deletion = e2ap.encode(e2ap.RicSubscriptionDeleteRequest(request_id, function_id))
    assert fast.ids_in(deletion) == {"request_id": request_id, "ran_function_id": function_id}
    reset = e2ap.encode(e2ap.E2RemovalRequest(transaction_id))
    assert fast.ids_in(reset) == {"transaction_id": transaction_id}
    # An id of the extension's range is told as none: its answer could not carry it here.
    far = reset.replace(b"\x00\x31\x00\x02\x00", b"\x00\x31\x00\x02\x01")
    assert fast.ids_in(far) == {}


@given(st.binary(max_size=40))
def test_ids_of_anything(octets: bytes) -> None:
    assert fast.ids_in(octets).keys() <= {
        "request_id",
        "ran_function_id",
        "transaction_id",
        "call_process_id",
    }


@given(_indications, st.data())
def test_damaged_indications_read_as_the_generic_types_do(
    message: e2ap.RicIndication, data: st.DataObject
) -> None:
    octets = bytearray(generic_encode(message))
    at = data.draw(st.integers(0, min(len(octets) - 1, 50)))
    octets[at] = data.draw(st.integers(0, 255))
    found = fast.read(bytes(octets))
    if found is not None:
        assert found == generic_decode(bytes(octets))
