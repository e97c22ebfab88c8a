"""What all messages of E2AP have in common: a procedure, an outcome, a table of IEs."""

# ruff: noqa: D102 - the methods of a type are documented in `Type`

from dataclasses import MISSING, dataclass, fields
from enum import IntEnum
from typing import Any, TypeVar

from oran.e2.e2ap.cause import Criticality
from oran.e2.e2ap.container import Ie, RawIe, head, read_ies, write_ies, write_raw
from oran.e2.errors import EncodeError, ErrorKind
from oran.e2.per.field import read_additions
from oran.e2.per.reader import Reader
from oran.e2.per.type import Json, Type, expect_integer, expect_list, expect_object, expect_text
from oran.e2.per.writer import Writer

UNKNOWN_IES = "unknownIEs"
"""Name of `Message.unknown_ies` in JSON."""


class Outcome(IntEnum):
    """Which message of a procedure: the alternatives of E2AP-PDU, in order."""

    INITIATING = 0
    SUCCESSFUL = 1
    UNSUCCESSFUL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of E2AP.

    Attributes:
        unknown_ies: IEs of a later version. They are written back behind the known ones; whether
            such a message may be acted on is told by their criticality.
    """

    unknown_ies: tuple[RawIe, ...] = ()


M = TypeVar("M", bound=Message)


class MessageType(Type[M]):
    """One kind of message; as a type, the SEQUENCE of its IEs.

    Attributes:
        name: its name in the specification.
        made: its dataclass.
        procedure: procedure code, 0..255.
        outcome: which message of the procedure.
        criticality: of the procedure; written, and any is accepted on reading.
        ies: its IEs in the order in which they are written; any order is read.
    """

    __slots__ = (
        "_by_id",
        "_rows",
        "criticality",
        "ies",
        "made",
        "name",
        "outcome",
        "procedure",
    )

    def __init__(
        self,
        name: str,
        made: type[M],
        procedure: int,
        outcome: Outcome,
        *ies: Ie,
        criticality: Criticality = Criticality.REJECT,
    ) -> None:
        self.name = name
        self.made = made
        self.procedure = procedure
        self.outcome = outcome
        self.criticality = criticality
        self.ies = ies
        self._by_id = {ie.id: ie for ie in ies}
        self._rows = tuple((head(ie.id, ie.criticality), ie) for ie in ies)
        optional = {f.name for f in fields(made) if f.default is not MISSING} - {"unknown_ies"}
        if optional != {ie.attribute for ie in ies if ie.optional}:
            raise TypeError(f"{name}: the table and the dataclass differ in what is optional")

    def read(self, reader: Reader) -> M:
        extended = reader.bit()
        values, unknown = read_ies(reader, self._by_id)
        if extended:
            read_additions(reader, self.name, ())
        missing = [ie for ie in self.ies if not ie.optional and ie.attribute not in values]
        if missing:
            names = ", ".join(f"{ie.name} ({ie.id})" for ie in missing)
            raise reader.error(f"mandatory IEs are missing: {names}", ErrorKind.REJECT)
        return self.made(**values, unknown_ies=unknown)

    def write(self, writer: Writer, value: M) -> None:
        parts = [(octets, ie, getattr(value, ie.attribute)) for octets, ie in self._rows]
        there = [part for part in parts if part[2] is not None or not part[1].optional]
        writer.bits(0, 1)
        writer.octets((len(there) + len(value.unknown_ies)).to_bytes(2, "big"))
        write_ies(writer, there)
        for raw in value.unknown_ies:
            if raw.id in self._by_id:
                raise EncodeError(f"IE {raw.id} is known; unknown_ies are for those that are not")
            write_raw(writer, raw)

    def to_json(self, value: M) -> Json:
        parts = ((ie, getattr(value, ie.attribute)) for ie in self.ies)
        document = {ie.name: ie.type.to_json(part) for ie, part in parts if part is not None}
        if value.unknown_ies:
            document[UNKNOWN_IES] = [_raw_to_json(raw) for raw in value.unknown_ies]
        return document

    def from_json(self, json: Json) -> M:
        document = dict(expect_object(json))
        unknown = document.pop(UNKNOWN_IES, [])
        values: dict[str, Any] = {}
        for ie in self.ies:
            if ie.name not in document:
                if not ie.optional:
                    raise EncodeError(f"{ie.name} is missing")
                continue
            try:
                values[ie.attribute] = ie.type.from_json(document.pop(ie.name))
            except EncodeError as error:
                error.within(ie.name)
                raise
        if document:
            known = ", ".join(ie.name for ie in self.ies)
            raise EncodeError(f"{', '.join(document)}: unknown; known are {known}, {UNKNOWN_IES}")
        raws = tuple(_raw_from_json(raw) for raw in expect_list(unknown))
        return self.made(**values, unknown_ies=raws)


def _raw_to_json(raw: RawIe) -> Json:
    return {"id": raw.id, "criticality": raw.criticality.value, "octets": raw.octets.hex()}


def _raw_from_json(json: Json) -> RawIe:
    document = expect_object(json)
    octets = expect_text(document.get("octets"))
    criticality = expect_text(document.get("criticality"))
    try:
        return RawIe(
            expect_integer(document.get("id")), Criticality(criticality), bytes.fromhex(octets)
        )
    except ValueError as error:
        raise EncodeError(f"{UNKNOWN_IES}: {error}") from None
