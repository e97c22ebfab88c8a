"""The JSON form: names, service models inside, and what is refused."""

from typing import Any

import pytest

from oran.e2 import e2ap, kpm, spc
from oran.e2.errors import EncodeError
from oran.e2.jsonform import from_document, to_document
from oran.e2.per.type import Json
from oran.e2.servicemodel import DEFAULT_FUNCTIONS, KPM, SPC, functions_of

from .examples import MESSAGES, VALUES

REQUEST = e2ap.RicRequestId(1, 2)


def _indication(function: int, header: bytes, message: bytes) -> e2ap.RicIndication:
    return e2ap.RicIndication(REQUEST, function, 0, e2ap.IndicationType.REPORT, header, message)


def test_document_of_an_indication() -> None:
    message = _indication(
        2,
        kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(bytes(8))),
        kpm.INDICATION_MESSAGE.encode(kpm.IndicationFormat1((kpm.Record((1, 0.5, None)),))),
    )
    document = {
        "RICindication": {
            "RICrequestID": {"ricRequestorID": 1, "ricInstanceID": 2},
            "RANfunctionID": 2,
            "RICactionID": 0,
            "RICindicationType": "report",
            "RICindicationHeader": {
                "E2SM-KPM-IndicationHeader": {
                    "indicationHeader-formats": {
                        "indicationHeader-Format1": {"colletStartTime": "0000000000000000"}
                    }
                }
            },
            "RICindicationMessage": {
                "E2SM-KPM-IndicationMessage": {
                    "indicationMessage-formats": {
                        "indicationMessage-Format1": {
                            "measData": [
                                {"measRecord": [{"integer": 1}, {"real": 0.5}, {"noValue": None}]}
                            ]
                        }
                    }
                }
            },
        }
    }
    assert to_document(message) == document
    assert from_document(to_document(message)) == message


def test_octets_of_an_unknown_function_stay_hexadecimal() -> None:
    message = _indication(142, b"\1", b"\2")
    document = to_document(message)
    body: Any = document["RICindication"]
    assert body["RICindicationMessage"] == "02"
    assert from_document(document) == message


def test_octets_of_a_type_that_is_not_described_stay_hexadecimal() -> None:
    message = _indication(spc.RAN_FUNCTION_ID, b"\1", b"\2")
    assert from_document(to_document(message)) == message


def test_refused_octets_are_kept_with_the_reason() -> None:
    message = _indication(2, b"\xff", b"\xff")
    document = to_document(message)
    body: Any = document["RICindication"]
    assert body["RICindicationHeader"]["octets"] == "ff"
    assert body["RICindicationHeader"]["refused"].startswith(
        "RICindicationHeader.E2SM-KPM-IndicationHeader"
    )
    assert from_document(document) == message


def test_object_identifier_decides_over_the_id() -> None:
    octets = dict(VALUES)["E2SM-SPC-FunctionDefinition"]
    function = e2ap.RanFunction(2, spc.FUNCTION_DEFINITION.encode(octets), 1, spc.OID)
    message = e2ap.RicServiceUpdate(1, (function,))
    body: Any = to_document(message)["RICserviceUpdate"]
    definition = body["RANfunctionsAdded"][0]["ranFunctionDefinition"]
    assert list(definition) == ["E2SM-SPC-FunctionDefinition"]
    assert functions_of(message.added or ()) == {2: SPC}
    assert functions_of((e2ap.RanFunction(7, b"\0", 1, "1.2.3"),)) == {}
    header = spc.CONTROL_HEADER.encode(dict(VALUES)["E2SM-SPC-ControlHeader"])
    control = e2ap.RicControlRequest(REQUEST, 2, header, b"\0\0")
    assert "SPC-ControlHeader" in str(to_document(control, functions_of((function,))))
    assert "refused" not in str(to_document(control, {2: SPC}))
    assert DEFAULT_FUNCTIONS[2] is KPM


def test_examples_come_back() -> None:
    for message in MESSAGES:
        assert from_document(to_document(message)) == message


HEADER: Json = {"E2SM-KPM-IndicationHeader": {"indicationHeader-formats": {}}}
BODY: dict[str, Json] = {
    "RICrequestID": {"ricRequestorID": 1, "ricInstanceID": 2},
    "RANfunctionID": 2,
    "RICactionID": 0,
    "RICindicationType": "report",
    "RICindicationHeader": "01",
    "RICindicationMessage": "02",
}


def _deep(levels: int) -> Json:
    document: Json = 1
    for i in range(levels):
        document = [document] if i % 2 else {"x": document}
    return document


WRONG: list[tuple[Json, str]] = [
    ([], "needs a JSON object"),
    ({}, "needs one member out of E2setupRequest"),
    ({"Nonsense": {}}, "needs one member out of E2setupRequest"),
    ({"RICindication": {}}, "RICindication: RICrequestID is missing"),
    ({"RICindication": {**BODY, "other": 1}}, "RICindication: other: unknown; known are"),
    ({"RICindication": {**BODY, "RICactionID": "1"}}, "RICindication.RICactionID: needs a JSON"),
    ({"RICindication": {**BODY, "RICindicationHeader": "0g"}}, "is not hexadecimal"),
    (
        {"RICindication": {**BODY, "RICindicationHeader": HEADER}},
        "RICindication.RICindicationHeader.E2SM-KPM-IndicationHeader",
    ),
    (
        {"RICindication": {**BODY, "RICindicationHeader": {"other": 1}}},
        "RICindication.RICindicationHeader: .*needs one member out of",
    ),
    (
        {"RICindication": {**BODY, "RICindicationHeader": {"octets": 1, "refused": ""}}},
        "RICindication.RICindicationHeader: needs a JSON string",
    ),
    ({"RICindication": {**BODY, "unknownIEs": 1}}, "needs a JSON list"),
    ({"RICindication": {**BODY, "unknownIEs": [{}]}}, "needs a JSON string"),
    (
        {
            "RICindication": {
                **BODY,
                "unknownIEs": [{"id": 1, "criticality": "high", "octets": "00"}],
            }
        },
        "unknownIEs: 'high' is not a valid Criticality",
    ),
    ({"RICindication": _deep(300)}, "nested more than 256 deep"),
    ({"RICindication": {**BODY, "RICindicationHeader": _deep(250)}}, "needs a JSON string"),
    ({"RICindication": {**BODY, "RICrequestID": _deep(250)}}, "RICrequestID: needs a JSON object"),
]


@pytest.mark.parametrize(("document", "reason"), WRONG, ids=range(len(WRONG)))
def test_documents_of_another_form(document: Json, reason: str) -> None:
    with pytest.raises(EncodeError, match=reason):
        from_document(document)


def test_a_message_of_no_known_class_has_no_document() -> None:
    with pytest.raises(EncodeError, match="is no E2AP message"):
        to_document(e2ap.Message())
