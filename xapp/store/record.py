"""Records: what the store keeps of a cell, so that a restart forgets neither limits nor order."""

from typing import Final, Self

import msgspec

from oran.allocation import Allocation
from xapp.service.cells import Cell, Key
from xapp.service.decision import CellShare, share_of

VERSION: Final = 1


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stored state of one cell.

    Attributes:
        version: of this layout.
        node: the cell's node.
        cell: the cell.
        start_ms: start of the last report accepted, milliseconds since 1970-01-01 UTC.
        sequence: its number.
        seen_ms: when it was accepted.
        allocation: the allocation in force, in the form of `Allocation.to_document`.
    """

    version: int
    node: str
    cell: str
    start_ms: int
    sequence: int
    seen_ms: int
    allocation: CellShare

    @classmethod
    def of(cls, cell: Cell) -> Self:
        """The record of a cell's state now."""
        share = share_of(cell.in_force, map(str, cell.snssais))
        return cls(VERSION, *cell.key, *cell.last, cell.seen_ms, share)

    @property
    def key(self) -> Key:
        """Node and cell."""
        return self.node, self.cell

    def to_bytes(self) -> bytes:
        """The stored form."""
        return _encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> tuple["Record", Allocation]:
        """The record, and the allocation in it, checked.

        Raises:
            ValueError: another layout, or an allocation that is not feasible.
        """
        record = _decoder.decode(data)
        if record.version != VERSION:
            raise ValueError(f"version {record.version}, this program reads {VERSION}")
        return record, Allocation.from_document(msgspec.to_builtins(record.allocation))


_encode: Final = msgspec.json.Encoder().encode
_decoder: Final = msgspec.json.Decoder(Record)


def field_of(key: Key) -> bytes:
    """The name under which a cell's record stands in the store."""
    return _encode(key)
