"""Recorded packets: each decodes to the recorded values and comes back as it was."""

import json
from typing import Any

from oran.e2 import e2ap, kpm, rc
from oran.e2.e2ap.message import MessageType
from oran.e2.jsonform import from_document, to_document
from oran.e2.per.type import Json, expect_object
from oran.e2.servicemodel import DEFAULT_FUNCTIONS, KPM, RC, SERVICE_MODELS, functions_of
from oran.snssai import Snssai

from .captures import as_ours, need_captures, payloads

PAYLOADS = {p.name: p for model in SERVICE_MODELS for p in model.payloads()}

PADDED_REALS = {"E2SM-KPM-IndicationMessage": 4, "E2SM-RC-IndicationMessage": 2}
"""How many recorded payloads have reals with a needless zero octet in front of the mantissa."""


def _recorded_ies(recorded: Any, kind: MessageType[Any]) -> Json:
    """The recorded IEs by our names, items out of their containers."""
    names = {ie.id: ie.name for ie in kind.ies}
    return {names[ie["id"]]: as_ours(_bare(ie["value"][1])) for ie in recorded["protocolIEs"]}


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"id", "criticality", "value"}:
            return _bare(value["value"][1])
        return {name: _bare(part) for name, part in value.items()}
    return [_bare(part) for part in value] if isinstance(value, list) else value


def test_packets_have_the_recorded_values_and_come_back_byte_exact() -> None:
    for capture in need_captures():
        message = e2ap.decode(capture.octets)
        kind = e2ap.message_type(message)
        _, envelope = capture.e2ap
        name, body = envelope["value"]
        assert kind.name == name
        assert kind.procedure == envelope["procedureCode"]
        assert kind.criticality == envelope["criticality"]
        assert kind.to_json(message) == _recorded_ies(body, kind), capture.name
        assert message.unknown_ies == ()
        assert e2ap.encode(message) == capture.octets, capture.name


def test_payloads_have_the_recorded_values() -> None:
    for name, octets, recorded in payloads():
        payload = PAYLOADS[name]
        assert payload.to_json(payload.decode(octets)) == as_ours(recorded)


def test_payloads_come_back_byte_exact_but_for_padded_reals() -> None:
    padded: dict[str, int] = {}
    for name, octets, _ in payloads():
        payload = PAYLOADS[name]
        value = payload.decode(octets)
        canonical = payload.encode(value)
        assert payload.decode(canonical) == value
        if canonical != octets:
            padded[name] = padded.get(name, 0) + 1
            assert len(canonical) < len(octets)
    assert padded == PADDED_REALS


def test_documents_come_back_as_canonical_octets() -> None:
    for capture in need_captures():
        document = to_document(e2ap.decode(capture.octets))
        text = json.dumps(document)
        assert "refused" not in text
        for name in capture.e2sm:
            assert name in text, capture.name
        canonical = e2ap.encode(from_document(json.loads(text)))
        assert to_document(e2ap.decode(canonical)) == document
        if not any(name in PADDED_REALS for name in capture.e2sm):
            assert canonical == capture.octets


def test_set_up_tells_the_service_models() -> None:
    setups = [
        m for c in need_captures() if isinstance(m := e2ap.decode(c.octets), e2ap.E2SetupRequest)
    ]
    assert len(setups) == 2
    for setup in setups:
        known = functions_of(setup.functions)
        assert known[2] is KPM is DEFAULT_FUNCTIONS[2]
        assert known[3] is RC is DEFAULT_FUNCTIONS[3]
        assert set(known) == {2, 3}


def test_slice_quota_of_flexric_has_text_for_identities() -> None:
    octets = next(o for name, o, _ in payloads() if name == "E2SM-RC-ControlMessage")
    message = rc.CONTROL_MESSAGE.decode(octets)
    assert isinstance(message, rc.ControlMessage)
    plmn = bytes.fromhex("05f510")
    assert rc.slice_quotas(message) == (
        rc.SliceQuota((rc.SliceMember(plmn, Snssai(1, 0)),), 5, 51, 70),
        rc.SliceQuota((rc.SliceMember(plmn, Snssai(1, 5)),), 5, 51, 30),
    )


def test_quota_header_is_the_recorded_one() -> None:
    octets = next(o for name, o, _ in payloads() if name == "E2SM-RC-ControlHeader")
    assert rc.CONTROL_HEADER.encode(rc.quota_header(bytes.fromhex("00f110"))) == octets


def test_time_stamps_have_eight_octets() -> None:
    for name, octets, recorded in payloads():
        if name != "E2SM-KPM-IndicationHeader":
            continue
        header = kpm.INDICATION_HEADER.decode(octets)
        assert isinstance(header, kpm.IndicationHeader)
        start = expect_object(as_ours(recorded))["indicationHeader-formats"]
        assert expect_object(expect_object(start)["indicationHeader-Format1"])[
            "colletStartTime"
        ] == (header.start.hex())
        assert len(header.start) == 8
