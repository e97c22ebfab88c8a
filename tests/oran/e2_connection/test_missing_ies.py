"""O-RAN E2AP 10.3.5: what answers a request in which a mandatory IE is missing."""

from typing import Any

import pytest

from oran.e2 import e2ap
from oran.e2.connection import Connection, Failed, Procedure, RemoteProtocolError, Role
from oran.e2.e2ap import CauseProtocol, RicRequestId, message_type
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.pair import CLASS_1, Pair, name

_IDS = {49: "transaction_id", 29: "request_id", 5: "ran_function_id"}


def without(octets: bytes, ie: int) -> bytes:
    """A packet without one of its IEs."""
    body, count, parts = _behind_length(octets, 3), 0, b""
    place = body + 3
    while place < len(octets):
        start = _behind_length(octets, place + 3)
        end = start + _length(octets, place + 3)
        if octets[place] << 8 | octets[place + 1] != ie:
            count, parts = count + 1, parts + octets[place:end]
        place = end
    made = b"\x00" + count.to_bytes(2, "big") + parts
    size = len(made)
    return (
        octets[:3] + (bytes((size,)) if size < 0x80 else (0x8000 | size).to_bytes(2, "big")) + made
    )


def _length(octets: bytes, at: int) -> int:
    return octets[at] if octets[at] < 0x80 else (octets[at] & 0x3F) << 8 | octets[at + 1]


def _behind_length(octets: bytes, at: int) -> int:
    return at + (1 if octets[at] < 0x80 else 2)


@pytest.mark.parametrize("procedure", CLASS_1, ids=name)
def test_the_procedure_fails_where_the_octets_tell_whose_it_is(procedure: Procedure) -> None:
    request = messages.example(procedure.request)
    mandatory = [ie.id for ie in message_type(request).ies if not ie.optional]
    assert mandatory
    for ie in mandatory:
        end = Connection(Role.RIC)
        with pytest.raises(RemoteProtocolError, match="mandatory IEs are missing") as caught:
            end.receive(without(e2ap.encode(request), ie), 0.0)
        assert caught.value.cause is CauseProtocol.ABSTRACT_SYNTAX_ERROR_REJECT
        assert caught.value.answer is not None
        answer: Any = e2ap.decode(caught.value.answer)
        assert answer.cause is CauseProtocol.ABSTRACT_SYNTAX_ERROR_REJECT
        if procedure.failure is None or ie in _IDS:
            assert type(answer) is e2ap.ErrorIndication
        else:
            assert type(answer) is procedure.failure
            for attribute in set(_IDS.values()) & set(type(answer).__slots__):
                assert getattr(answer, attribute) == getattr(request, attribute)


def test_a_control_that_is_refused_is_named_with_its_call() -> None:
    """Two controls with the same request id may wait, one for each insert."""
    pair = Pair.set_up()
    request_id = RicRequestId(3, 4)
    calls = (None, b"\x01", b"call")
    for call in calls:
        pair.ric.send(messages.control_request(request_id, call_process_id=call), 0.0)
    for call in calls[1:]:
        request = messages.control_request(request_id, call_process_id=call)
        with pytest.raises(RemoteProtocolError) as caught:
            pair.node.receive(without(e2ap.encode(request), 23), 0.0)
        assert caught.value.answer is not None
        event = pair.ric.receive(caught.value.answer, 0.0)
        assert isinstance(event, Failed)
        assert event.request == request
    (left,) = pair.ric.pending
    assert left == messages.control_request(request_id)
