"""Hand-written reading and writing of the messages of the control loop.

Those are RIC Indication, RIC Control and its acknowledgement. Measured to matter: the generic types
take four to six times as long. Each function covers the usual form alone, and hands everything else
back to the generic types, errors included. A differential test holds both equal.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

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
_TRANSACTION_ID: Final = 49
_NUMBER, _TYPE, _HEADER, _MESSAGE, _OUTCOME = 27, 28, 25, 26, 32
_CALL_PROCESS_ID: Final = 20
_TYPES: Final = {b"\x00": IndicationType.REPORT, b"\x40": IndicationType.INSERT}
_ACKS: Final = {ControlAckRequest.NO_ACK: b"\x00", ControlAckRequest.ACK: b"\x40"}
_CRITICALITIES: Final = (0x00, 0x40, 0x80)
_SHORT: Final = 0x80
"""Lengths below this take one octet."""

_INDICATION: Final = b"\x00\x05\x40"
_ACKNOWLEDGE: Final = b"\x20\x04\x00"

_LEAD: Final = 27
"""Octets of an indication from its count of IEs to where its sequence number stands, in which the
indications of one subscription are equal."""

_BODY: Final = _LEAD + 2 + 5
"""Octets from there to behind its type: where its header begins."""

_BARE: Final = 22
"""Octets of an acknowledgement that has nothing but its ids."""

_CACHED: Final = 4096
"""Subscriptions and channels of control, of all nodes, whose ids are read once."""


class _UnusualError(Exception):
    """Something that is left to the generic types."""


def read(octets: bytes) -> Message | None:
    """The message in a packet, or None."""
    kind = octets[:3]
    reader = _READERS.get(kind)
    if reader is None or len(octets) > MAX_OCTETS:
        return None
    try:
        if kind == _INDICATION:
            return _usual_indication(octets) or reader(_ies(octets))
        if len(octets) == _BARE:
            return _bare_acknowledge(octets)
        return reader(_ies(octets))
    except (IndexError, KeyError, _UnusualError):
        return None


def _usual_indication(octets: bytes) -> RicIndication | None:
    """A report in the order of the specification, with a sequence number; None for another form."""
    at, end = _length(octets, 3)
    lead = _lead(octets[at : at + _LEAD])
    kind = _kind(octets[at + _LEAD + 2 : at + _BODY])
    if lead is None or kind is None or end != len(octets) or octets[at]:
        return None
    number = octets[at + _LEAD] << 8 | octets[at + _LEAD + 1]
    header, start = _string_ie(octets, at + _BODY, _HEADER)
    message, start = _string_ie(octets, start, _MESSAGE)
    if header is None or message is None or start != end:
        return None
    return RicIndication(*lead, kind, header, message, number)


@lru_cache(_CACHED)
def _lead(octets: bytes) -> tuple[RicRequestId, int, int] | None:
    """Request id, RAN function id and action id of an indication, where they come first."""
    if octets[:3] != b"\x00\x00\x07":
        return None
    found = {}
    at = 3
    for ie, size in ((_REQUEST_ID, 5), (_FUNCTION_ID, 2), (_ACTION_ID, 1)):
        if not _begins(octets, at, ie, size):
            return None
        at += 4 + size
        found[ie] = octets[at - size : at]
    if not _begins(octets, at, _NUMBER, 2):
        return None
    return (
        _request_id(found[_REQUEST_ID]),
        _function_id(found[_FUNCTION_ID]),
        found[_ACTION_ID][0],
    )


@lru_cache(_CACHED)
def _kind(octets: bytes) -> IndicationType | None:
    return _TYPES.get(octets[4:]) if _begins(octets, 0, _TYPE, 1) else None


def _begins(octets: bytes, at: int, ie: int, size: int) -> bool:
    """Whether an IE of one octet of length begins here."""
    return (
        octets[at] << 8 | octets[at + 1] == ie
        and octets[at + 2] in _CRITICALITIES
        and octets[at + 3] == size
    )


def _string_ie(octets: bytes, at: int, ie: int) -> tuple[bytes | None, int]:
    """The octet string of an IE that begins here, and the place behind it; None for another one."""
    if octets[at] or octets[at + 1] != ie or octets[at + 2] not in _CRITICALITIES:
        return None, at
    start, end = _length(octets, at + 3)
    first, last = _length(octets, start)
    return (octets[first:last], end) if last == end else (None, at)


@lru_cache(_CACHED)
def _bare_acknowledge(octets: bytes) -> Message:
    """An acknowledgement that holds its ids alone: the same octets each time."""
    return _read_acknowledge(_ies(octets))


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
        if octets[at + 2] not in _CRITICALITIES:
            raise _UnusualError
        start, at = _length(octets, at + 3)
        found[ie] = octets[start:at]
    if at != end or len(found) != count:
        raise _UnusualError
    return found


def ids_in(octets: bytes) -> dict[str, Any]:
    """The ids that a message carries, by the names of `Message`'s attributes, as far as they can be
    read; for messages that cannot be taken, so that the answer can name them."""
    try:
        ies = _ies(octets)
    except (IndexError, _UnusualError):
        return {}
    found: dict[str, Any] = {}
    for ie, name, read_id in (
        (_REQUEST_ID, "request_id", _request_id),
        (_FUNCTION_ID, "ran_function_id", _function_id),
        (_TRANSACTION_ID, "transaction_id", _transaction_id),
        (_CALL_PROCESS_ID, "call_process_id", _string),
    ):
        with suppress(KeyError, IndexError, _UnusualError):
            found[name] = read_id(ies[ie])
    return found


def _transaction_id(content: bytes) -> int:
    number = _integer(content, 2)
    if number > 255:
        raise _UnusualError
    return number


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
    _INDICATION: _read_indication,
    _ACKNOWLEDGE: _read_acknowledge,
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
