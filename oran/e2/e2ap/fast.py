"""Hand-written reading and writing of the messages of the control loop.

Those are RIC Indication, RIC Control and its acknowledgement. Measured to matter: the generic types
take four to six times as long. Each function covers the usual form alone, and hands everything else
back to the generic types, errors included. A differential test holds both equal.
"""

from collections.abc import Callable
from typing import Final

from oran.e2.e2ap.control import (
    ControlAckRequest,
    RicControlAcknowledge,
    RicControlRequest,
)
from oran.e2.e2ap.identity import RicRequestId
from oran.e2.e2ap.indication import IndicationType, RicIndication
from oran.e2.e2ap.message import Message
from oran.e2.per.limits import FRAGMENT, MAX_OCTETS

_REQUEST_ID, _FUNCTION_ID, _ACTION_ID = 29, 5, 15
_NUMBER, _TYPE, _HEADER, _MESSAGE, _OUTCOME = 27, 28, 25, 26, 32
_TYPES: Final = {b"\x00": IndicationType.REPORT, b"\x40": IndicationType.INSERT}
_ACKS: Final = {ControlAckRequest.NO_ACK: b"\x00", ControlAckRequest.ACK: b"\x40"}
_SHORT: Final = 0x80
"""Lengths below this take one octet."""


class _UnusualError(Exception):
    """Something that is left to the generic types."""


def read(octets: bytes) -> Message | None:
    """The message in a packet, or None."""
    reader = _READERS.get(octets[:3])
    if reader is None or len(octets) > MAX_OCTETS:
        return None
    try:
        return reader(_ies(octets))
    except (IndexError, KeyError, _UnusualError):
        return None


def _ies(octets: bytes) -> dict[int, bytes]:
    """The contents of the IEs by their ids."""
    at, end = _length(octets, 3)
    if end != len(octets) or octets[at]:
        raise _UnusualError
    count = octets[at + 1] << 8 | octets[at + 2]
    at += 3
    found: dict[int, bytes] = {}
    for _ in range(count):
        ie = octets[at] << 8 | octets[at + 1]
        if octets[at + 2] not in (0x00, 0x40, 0x80):
            raise _UnusualError
        start, at = _length(octets, at + 3)
        found[ie] = octets[start:at]
    if at != end or len(found) != count:
        raise _UnusualError
    return found


def _length(octets: bytes, at: int) -> tuple[int, int]:
    """Start and end of what follows a length."""
    size = octets[at]
    if size < _SHORT:
        return at + 1, at + 1 + size
    if size >= 0xC0:
        raise _UnusualError
    return at + 2, at + 2 + ((size & 0x3F) << 8 | octets[at + 1])


def _string(content: bytes) -> bytes:
    start, end = _length(content, 0)
    if end != len(content):
        raise _UnusualError
    return content[start:]


def _request_id(content: bytes) -> RicRequestId:
    if len(content) != 5 or content[0]:
        raise _UnusualError
    return RicRequestId(content[1] << 8 | content[2], content[3] << 8 | content[4])


def _integer(content: bytes, size: int) -> int:
    if len(content) != size:
        raise _UnusualError
    return int.from_bytes(content, "big")


def _function_id(content: bytes) -> int:
    number = _integer(content, 2)
    if number > 4095:
        raise _UnusualError
    return number


def _read_indication(ies: dict[int, bytes]) -> RicIndication:
    number = ies.get(_NUMBER)
    made = RicIndication(
        _request_id(ies[_REQUEST_ID]),
        _function_id(ies[_FUNCTION_ID]),
        _integer(ies[_ACTION_ID], 1),
        _TYPES[ies[_TYPE]],
        _string(ies[_HEADER]),
        _string(ies[_MESSAGE]),
        None if number is None else _integer(number, 2),
    )
    if len(ies) != (6 if number is None else 7):
        raise _UnusualError
    return made


def _read_acknowledge(ies: dict[int, bytes]) -> RicControlAcknowledge:
    outcome = ies.get(_OUTCOME)
    made = RicControlAcknowledge(
        _request_id(ies[_REQUEST_ID]),
        _function_id(ies[_FUNCTION_ID]),
        None,
        None if outcome is None else _string(outcome),
    )
    if len(ies) != (2 if outcome is None else 3):
        raise _UnusualError
    return made


_READERS: Final[dict[bytes, Callable[[dict[int, bytes]], Message]]] = {
    b"\x00\x05\x40": _read_indication,
    b"\x20\x04\x00": _read_acknowledge,
}
"""By outcome, procedure code and criticality."""


def write_control(message: RicControlRequest) -> bytes | None:
    """The packet of a RIC Control Request, or None."""
    identity, function_id = message.request_id, message.ran_function_id
    header, content, ack = message.header, message.message, message.ack_request
    if (
        message.call_process_id is not None
        or message.unknown_ies
        or type(identity) is not RicRequestId
    ):
        return None
    numbers = (identity.requestor_id, identity.instance_id, function_id)
    if (
        not all(type(n) is int for n in numbers)
        or type(header) is not bytes
        or type(content) is not bytes
    ):
        return None
    requestor, instance, _ = numbers
    if not (0 <= requestor <= 0xFFFF and 0 <= instance <= 0xFFFF and 0 <= function_id <= 4095):
        return None
    if len(header) + len(content) > FRAGMENT - 64:
        return None
    count, tail = 4, b""
    if ack is not None:
        if ack not in _ACKS:
            return None
        count, tail = 5, b"\x00\x15\x00\x01" + _ACKS[ack]
    body = b"".join(
        (
            b"\x00\x00", bytes((count,)),
            b"\x00\x1d\x00\x05\x00", (requestor << 16 | instance).to_bytes(4, "big"),
            b"\x00\x05\x00\x02", function_id.to_bytes(2, "big"),
            b"\x00\x16\x00", _packed(_packed(header)),
            b"\x00\x17\x00", _packed(_packed(content)),
            tail,
        )
    )  # fmt: skip
    return b"\x00\x04\x00" + _packed(body)


def _packed(octets: bytes) -> bytes:
    """Octets with their length in front."""
    size = len(octets)
    return (bytes((size,)) if size < _SHORT else (0x8000 | size).to_bytes(2, "big")) + octets
