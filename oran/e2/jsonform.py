"""E2AP messages as JSON documents, with what the service models have in them, and back.

A document is an object with one member, the message: `{"RICindication": {...}}`. Names are those
of the specifications. Octets of a service model stand as an object whose one member is the name of
their type, such as `{"E2SM-KPM-IndicationHeader": {...}}`, where the RAN function is known; else,
and as all other octets, as hexadecimal text. Octets that a known service model refuses stand as
`{"octets": ..., "refused": why}`.

Both ways keep what canonical octets say, so octets that are canonical come back as they were.
"""

from collections.abc import Mapping
from typing import Final

from oran.e2 import e2ap
from oran.e2.errors import DecodeError, EncodeError, brief
from oran.e2.per.type import Json, expect_object, expect_text
from oran.e2.servicemodel import BY_OID, DEFAULT_FUNCTIONS, SERVICE_MODELS, ServiceModel

MAX_JSON_DEPTH: Final = 256
"""Deepest nesting of a document; a RAN parameter at `MAX_DEPTH` needs some 200 levels."""

_FIELDS: Final = {
    "ranFunctionDefinition": "function",
    "ricEventTriggerDefinition": "event_trigger",
    "ricActionDefinition": "action",
    "RICindicationHeader": "indication_header",
    "RICindicationMessage": "indication_message",
    "RICcontrolHeader": "control_header",
    "RICcontrolMessage": "control_message",
    "RICcontrolOutcome": "control_outcome",
}
"""Members that hold octets of a service model, and which attribute of `ServiceModel` reads them."""

_PAYLOADS: Final = {p.name: p for model in SERVICE_MODELS for p in model.payloads()}
_MESSAGES: Final = {kind.name: kind for kind in e2ap.MESSAGE_TYPES}


def to_document(
    message: e2ap.Message, functions: Mapping[int, ServiceModel] = DEFAULT_FUNCTIONS
) -> dict[str, Json]:
    """The document of a message.

    Args:
        message: the message; it must have an encoding.
        functions: service models by RAN function id; where a message carries the object
            identifier of a function, that decides.
    """
    kind = e2ap.message_type(message)
    document = kind.to_json(message)
    _open(document, None, functions)
    return {kind.name: document}


def _open(json: Json, model: ServiceModel | None, functions: Mapping[int, ServiceModel]) -> None:
    if isinstance(json, list):
        for element in json:
            _open(element, model, functions)
    elif isinstance(json, dict):
        number = json.get("RANfunctionID", json.get("ranFunctionID"))
        oid = json.get("ranFunctionOID")
        if isinstance(number, int):
            model = BY_OID.get(str(oid), functions.get(number))
        for name, part in json.items():
            if isinstance(part, str) and name in _FIELDS:
                json[name] = _decoded(part, name, model)
            else:
                _open(part, model, functions)


def _decoded(text: str, name: str, model: ServiceModel | None) -> Json:
    payload = None if model is None else getattr(model, _FIELDS[name])
    if payload is None:
        return text
    try:
        value = payload.decode(bytes.fromhex(text))
    except DecodeError as error:
        return {"octets": text, "refused": str(error.within(name))}
    return {payload.name: payload.to_json(value)}


def from_document(document: Json) -> e2ap.Message:
    """The message of a document.

    Raises:
        EncodeError: the document has another form; the path tells where.
    """
    _check_depth(document)
    members = expect_object(document)
    if len(members) != 1 or not members.keys() <= _MESSAGES.keys():
        raise EncodeError(f"{brief(list(members))}: needs one member out of {', '.join(_MESSAGES)}")
    name, body = next(iter(members.items()))
    try:
        message: e2ap.Message = _MESSAGES[name].from_json(_closed(body))
    except EncodeError as error:
        error.within(name)
        raise
    return message


def _check_depth(json: Json) -> None:
    level = [json]
    for _ in range(MAX_JSON_DEPTH):
        parts = [part for part in level if isinstance(part, dict | list)]
        if not parts:
            return
        level = [x for part in parts for x in (part.values() if isinstance(part, dict) else part)]
    raise EncodeError(f"the document is nested more than {MAX_JSON_DEPTH} deep")


def _closed(json: Json) -> Json:
    if isinstance(json, list):
        return [_closed(element) for element in json]
    if isinstance(json, dict):
        return {
            name: _encoded(part, name)
            if name in _FIELDS and isinstance(part, dict)
            else _closed(part)
            for name, part in json.items()
        }
    return json


def _encoded(part: dict[str, Json], name: str) -> str:
    try:
        if part.keys() == {"octets", "refused"}:
            return expect_text(part["octets"])
        if len(part) != 1 or not part.keys() <= _PAYLOADS.keys():
            raise EncodeError(f"{brief(list(part))}: needs one member out of {list(_PAYLOADS)}")
        payload = _PAYLOADS[next(iter(part))]
        return payload.encode(payload.from_json(part[payload.name])).hex()
    except EncodeError as error:
        error.within(name)
        raise
