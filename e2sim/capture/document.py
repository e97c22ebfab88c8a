"""Packets as JSON documents, with the service models that set-up messages tell."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from e2sim.capture.packet import Packet
from oran.e2 import e2ap
from oran.e2.errors import CodecError
from oran.e2.jsonform import from_document, to_document
from oran.e2.per.type import Json
from oran.e2.servicemodel import DEFAULT_FUNCTIONS, ServiceModel, functions_of


@dataclass(frozen=True, slots=True)
class Decoded:
    """A packet that was decoded.

    Attributes:
        document: the message.
        refused: what the service models could not make of their parts of it.
        canonical: whether encoding the document gives the packet's octets again.
    """

    document: dict[str, Json]
    refused: tuple[str, ...]
    canonical: bool


class Decoder:
    """Decodes packets in their order, and remembers which RAN function is which.

    A RAN function id means what the last set-up or service update of its connection said, or else
    what it usually means.
    """

    def __init__(self) -> None:
        self._functions: dict[Hashable, Mapping[int, ServiceModel]] = {}

    def decode(self, packet: Packet) -> Decoded:
        """The message of a packet.

        Raises:
            DecodeError: it is none; the text has the place within the packet.
        """
        message = e2ap.decode(packet.octets)
        functions = self._learnt(message, packet.connection)
        document = to_document(message, functions)
        return Decoded(document, tuple(_refusals(document)), _again(document) == packet.octets)

    def _learnt(self, message: e2ap.Message, connection: Hashable) -> Mapping[int, ServiceModel]:
        known = self._functions.get(connection, DEFAULT_FUNCTIONS)
        offered: tuple[e2ap.RanFunction, ...] = ()
        if isinstance(message, e2ap.E2SetupRequest):
            known, offered = DEFAULT_FUNCTIONS, message.functions
        elif isinstance(message, e2ap.RicServiceUpdate):
            offered = (*(message.added or ()), *(message.modified or ()))
        if offered:
            ids = {f.id for f in offered}
            kept = {i: model for i, model in known.items() if i not in ids}
            known = self._functions[connection] = kept | functions_of(offered)
        return known


def _again(document: dict[str, Json]) -> bytes | None:
    try:
        return e2ap.encode(from_document(document))
    except CodecError:
        return None


_REFUSED: Final = {"octets", "refused"}


def _refusals(json: Json) -> Iterator[str]:
    if isinstance(json, dict):
        if json.keys() == _REFUSED:
            yield str(json["refused"])
            return
        for part in json.values():
            yield from _refusals(part)
    elif isinstance(json, list):
        for part in json:
            yield from _refusals(part)
