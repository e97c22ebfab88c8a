"""Information elements as E2AP carries them: an id, a criticality, and an open type."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`

from dataclasses import dataclass
from typing import Any, Final, TypeVar

from oran.e2.e2ap.cause import Criticality
from oran.e2.errors import DecodeError, EncodeError, ErrorKind, brief
from oran.e2.per.opentype import read_open, write_open
from oran.e2.per.reader import Reader
from oran.e2.per.type import Json, Type
from oran.e2.per.writer import Writer

T = TypeVar("T")

CRITICALITIES: Final = tuple(Criticality)
_CODE: Final = {criticality: i << 6 for i, criticality in enumerate(CRITICALITIES)}


@dataclass(frozen=True, slots=True)
class Ie:
    """One row of a message's table of IEs.

    Attributes:
        id: protocol IE id, 0..65535.
        name: the IE's name in the specification, which JSON and error paths use.
        attribute: its name in the message's dataclass.
        type: its type.
        criticality: written; any is accepted on reading, since peers differ.
        optional: whether it may be left out.
    """

    id: int
    name: str
    attribute: str
    type: Type[Any]
    criticality: Criticality = Criticality.REJECT
    optional: bool = False


@dataclass(frozen=True, slots=True)
class RawIe:
    """An IE that the message's table does not know; kept, so that it can be passed on.

    Attributes:
        id: protocol IE id, 0..65535.
        criticality: what the sender wants of a receiver that does not understand it.
        octets: its complete encoding.
    """

    id: int
    criticality: Criticality
    octets: bytes


def read_head(reader: Reader) -> tuple[int, Criticality]:
    """The id and the criticality of an IE."""
    head = reader.unsigned(3)
    if head & 0xFF >= 0xC0:
        raise reader.error("criticality 3; reject (0), ignore (1) and notify (2) are defined")
    return head >> 8, CRITICALITIES[head >> 6 & 3]


def head(ie_id: int, criticality: Criticality) -> bytes:
    """The octets of the id and the criticality of an IE; an open type follows."""
    return (ie_id << 8 | _CODE[criticality]).to_bytes(3, "big")


class Container(Type[T]):
    """ProtocolIE-SingleContainer: the item of a list, wrapped as an IE.

    Attributes:
        id: protocol IE id of the item.
        type: the item's type.
        criticality: written; any is accepted on reading, since peers differ.
    """

    __slots__ = ("_head", "criticality", "id", "type")

    def __init__(
        self, ie_id: int, type_: Type[T], criticality: Criticality = Criticality.IGNORE
    ) -> None:
        self.id = ie_id
        self.type = type_
        self.criticality = criticality
        self._head = head(ie_id, criticality)

    def read(self, reader: Reader) -> T:
        found, _ = read_head(reader)
        if found != self.id:
            reason = f"an item has IE id {found}; this list holds {self.id}"
            raise reader.error(reason, ErrorKind.FALSELY_CONSTRUCTED)
        return read_open(reader, self.type)

    def write(self, writer: Writer, value: T) -> None:
        writer.octets(self._head)
        write_open(writer, self.type, value)

    def to_json(self, value: T) -> Json:
        return self.type.to_json(value)

    def from_json(self, json: Json) -> T:
        return self.type.from_json(json)


def read_ies(reader: Reader, table: dict[int, Ie]) -> tuple[dict[str, Any], tuple[RawIe, ...]]:
    """The IEs at the reader's place, in any order.

    Returns:
        Values by attribute, and the IEs that the table does not know.
    """
    values: dict[str, Any] = {}
    unknown: list[RawIe] = []
    for _ in range(reader.unsigned(2)):
        ie_id, criticality = read_head(reader)
        ie = table.get(ie_id)
        if ie is None:
            unknown.append(RawIe(ie_id, criticality, reader.octet_string()))
            continue
        if ie.attribute in values:
            reason = f"IE {ie_id} stands in the message twice"
            raise reader.error(reason, ErrorKind.FALSELY_CONSTRUCTED).within(ie.name)
        try:
            values[ie.attribute] = read_open(reader, ie.type)
        except DecodeError as error:
            error.within(ie.name)
            raise
    return values, tuple(unknown)


def write_ies(writer: Writer, ies: list[tuple[bytes, Ie, object]]) -> None:
    """Append IEs: for each, its `head`, its row and its value."""
    name = ""
    try:
        for octets, ie, value in ies:
            name = ie.name
            writer.octets(octets)
            write_open(writer, ie.type, value)
    except EncodeError as error:
        error.within(name)
        raise


def write_raw(writer: Writer, ie: RawIe) -> None:
    """Append an IE that the table does not know."""
    if type(ie.id) is not int or not 0 <= ie.id <= 65535:
        raise EncodeError(f"IE id {brief(ie.id)} is not an integer in 0..65535")
    if type(ie.criticality) is not Criticality or type(ie.octets) is not bytes:
        raise EncodeError(f"needs a Criticality and bytes, got {brief(ie)}")
    writer.octets(head(ie.id, ie.criticality))
    writer.octet_string(ie.octets)
