"""Whatever a type can encode comes back: as octets, as a value and as JSON."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from oran.e2 import e2ap
from oran.e2.e2ap.message import MessageType
from oran.e2.jsonform import from_document, to_document
from oran.e2.kpm.header import INDICATION_HEADER, IndicationHeader
from oran.e2.per.type import Payload
from oran.e2.servicemodel import SERVICE_MODELS

from .strategies import values

PAYLOADS = [p for model in SERVICE_MODELS for p in model.payloads()]
LARGE = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("kind", e2ap.MESSAGE_TYPES, ids=lambda kind: kind.name)
def test_message(kind: MessageType[Any]) -> None:
    @LARGE
    @given(values(kind))
    def holds(message: e2ap.Message) -> None:
        octets = e2ap.encode(message)
        assert e2ap.decode(octets) == message
        text = json.dumps(to_document(message))
        assert e2ap.encode(from_document(json.loads(text))) == octets

    holds()


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_payload(payload: Payload[Any]) -> None:
    @LARGE
    @given(values(payload.type))
    def holds(value: Any) -> None:
        octets = payload.encode(value)
        assert payload.decode(octets) == value
        text = json.dumps(payload.to_json(value))
        assert payload.from_json(json.loads(text)) == value

    holds()


@given(values(INDICATION_HEADER.v2.type))
def test_indication_header_of_v2(header: Any) -> None:
    octets = INDICATION_HEADER.encode(header)
    assert INDICATION_HEADER.v2.decode(octets) == header
    # 4 octets of time and some of text can fill the place of 8 octets of time: both are right then
    again = INDICATION_HEADER.decode(octets)
    assert again == header or (isinstance(again, IndicationHeader) and len(again.start) == 8)


def test_usual_indication_headers_of_v2() -> None:
    for sender in ("", "gnb", "gNB-001-01-0000e00", "py-e2sim"):
        header = IndicationHeader(bytes(4), None, sender, "gNB", "slicepilot")
        assert INDICATION_HEADER.decode(INDICATION_HEADER.encode(header)) == header
