"""E2AP-PDU (O-RAN E2AP 9.3.3): octets to messages and back."""

from typing import Any, Final

from oran.e2.e2ap import (
    configuration,
    connection,
    control,
    fast,
    fault,
    indication,
    service,
    setup,
    subscription,
)
from oran.e2.e2ap.cause import CRITICALITY, Criticality
from oran.e2.e2ap.message import Message, MessageType, Outcome
from oran.e2.errors import CodecError, EncodeError, ErrorKind, brief
from oran.e2.per.opentype import read_open, write_open
from oran.e2.per.reader import Reader, Skipped
from oran.e2.per.writer import Writer

MESSAGE_TYPES: Final[tuple[MessageType[Any], ...]] = (
    *setup.MESSAGES,
    *fault.MESSAGES,
    *control.MESSAGES,
    *indication.MESSAGES,
    *service.MESSAGES,
    *subscription.MESSAGES,
    *configuration.MESSAGES,
    *connection.MESSAGES,
)
"""Every message that is known."""

_BY_CODE: Final = {(t.outcome.value, t.procedure): t for t in MESSAGE_TYPES}
_BY_CLASS: Final = {t.made: t for t in MESSAGE_TYPES}
_PDU: Final = "E2AP-PDU"
_NOT_UNDERSTOOD: Final = {
    Criticality.REJECT: ErrorKind.REJECT,
    Criticality.NOTIFY: ErrorKind.NOTIFY,
    Criticality.IGNORE: ErrorKind.IGNORE,
}


def message_type(message: Message) -> MessageType[Any]:
    """How a message is named and described.

    Raises:
        EncodeError: it is of no known class.
    """
    found = _BY_CLASS.get(type(message))
    if found is None:
        raise EncodeError(f"{brief(message)} is no E2AP message").within(_PDU)
    return found


def decode(octets: bytes, skipped: list[Skipped] | None = None) -> Message:
    """The message in a packet.

    Args:
        octets: one packet, whole.
        skipped: takes a note of each addition of a later version that was stepped over.

    Raises:
        DecodeError: the octets are no known message, or some are left over.
    """
    usual = fast.read(octets)
    if usual is not None:
        return usual
    path = _PDU
    try:
        reader = Reader(octets, skipped)
        kind = _read_head(reader)
        path = kind.name
        message: Message = read_open(reader, kind)
        reader.finish()
    except CodecError as error:
        error.within(path)
        raise
    return message


def _read_head(reader: Reader) -> MessageType[Any]:
    outcome = reader.bits(3)
    if outcome > Outcome.UNSUCCESSFUL:
        raise reader.error(f"choice {outcome}: initiating (0), successful (1), unsuccessful (2)")
    procedure = reader.unsigned(1)
    kind = _BY_CODE.get((outcome, procedure))
    if kind is None:
        name = Outcome(outcome).name.lower()
        error = reader.error(f"procedure {procedure} has no known {name} message")
        error.kind = _NOT_UNDERSTOOD[CRITICALITY.read(reader)]
        raise error
    CRITICALITY.read(reader)
    return kind


def encode(message: Message) -> bytes:
    """The canonical packet of a message.

    Raises:
        EncodeError: the message breaks a constraint of the protocol.
    """
    if type(message) is control.RicControlRequest:
        usual = fast.write_control(message)
        if usual is not None:
            return usual
    kind = message_type(message)
    writer = Writer()
    try:
        writer.bits(kind.outcome, 3)
        writer.octets(bytes((kind.procedure,)))
        CRITICALITY.write(writer, kind.criticality)
        write_open(writer, kind, message)
        return writer.finish()
    except CodecError as error:
        error.within(kind.name)
        raise
