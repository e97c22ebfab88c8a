"""Indication header (O-RAN E2SM-KPM 8.2.1.3), in both lengths of its time stamp.

v3.00 has a time stamp of 8 octets, v2.03 one of 4, and nothing else tells them apart. Reading tries
8 and then 4: only one of them fills the octets, but for contrived strings. Writing follows the
length of the value.
"""

from dataclasses import dataclass
from typing import Final

from oran.e2.errors import DecodeError, EncodeError
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.reader import Skipped
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.string import FixedOctets, PrintableString
from oran.e2.per.type import Payload, Type

TIMESTAMP_OCTETS_V3: Final = 8
TIMESTAMP_OCTETS_V2: Final = 4


@dataclass(frozen=True, slots=True)
class IndicationHeader:
    """Format 1.

    Attributes:
        start: start of the granularity period (`colletStartTime`, as the specification spells it),
            8 octets (v3.00) or 4 (v2.03); `oran.e2.kpm.time` tells what they mean.
        file_format: version of the file format, 0..15 characters.
        sender_name: 0..400 characters.
        sender_type: 0..8 characters.
        vendor: 0..32 characters.
    """

    start: bytes
    file_format: str | None = None
    sender_name: str | None = None
    sender_type: str | None = None
    vendor: str | None = None


Header = IndicationHeader | UnknownAlternative


def _header(timestamp_octets: int) -> Type[Header]:
    formats: Choice[Header] = Choice(
        Alternative(
            "indicationHeader-Format1",
            IndicationHeader,
            Sequence(
                IndicationHeader,
                required("colletStartTime", "start", FixedOctets(timestamp_octets)),
                optional("fileFormatversion", "file_format", PrintableString(0, 15)),
                optional("senderName", "sender_name", PrintableString(0, 400)),
                optional("senderType", "sender_type", PrintableString(0, 8)),
                optional("vendorName", "vendor", PrintableString(0, 32)),
            ),
        )
    )
    return Single("indicationHeader-formats", formats)


class _IndicationHeaderPayload(Payload[Header]):
    """The header in the version that the octets or the value have."""

    __slots__ = ("v2",)

    def __init__(self) -> None:
        name = "E2SM-KPM-IndicationHeader"
        super().__init__(name, _header(TIMESTAMP_OCTETS_V3))
        self.v2 = Payload(name, _header(TIMESTAMP_OCTETS_V2))

    def decode(self, octets: bytes, skipped: list[Skipped] | None = None) -> Header:
        notes: list[Skipped] = []
        try:
            header = super().decode(octets, notes)
        except DecodeError as error:
            notes.clear()
            try:
                header = self.v2.decode(octets, notes)
            except DecodeError:
                raise error from None
        if skipped is not None:
            skipped.extend(notes)
        return header

    def encode(self, value: Header) -> bytes:
        if isinstance(value, IndicationHeader):
            if len(value.start) == TIMESTAMP_OCTETS_V2:
                return self.v2.encode(value)
            if len(value.start) != TIMESTAMP_OCTETS_V3:
                reason = f"needs 8 octets (v3.00) or 4 (v2.03), got {len(value.start)}"
                raise EncodeError(reason).within("colletStartTime").within(self.name)
        return super().encode(value)


INDICATION_HEADER: Final = _IndicationHeaderPayload()
