"""Hand-written reading and writing of the UEID that nearly every message has.

That is a gNB's, with no more than the AMF's ids and perhaps a RAN UE id. Measured to matter in
reports of many UEs; everything else is handed back to the generic type, errors included. A
differential test holds both equal.
"""

from functools import lru_cache
from typing import Final

from oran.e2.common.ueid import GENERIC_UEID, GnbUeId, Guami, UeId
from oran.e2.per.reader import Reader
from oran.e2.per.string import Bits
from oran.e2.per.type import Specialised
from oran.e2.per.writer import Writer

_HEAD_BITS: Final = 10
"""CHOICE (extension, 3 bits of index), then SEQUENCE (extension, 5 optional components)."""

_PLAIN: Final = 0b0000_000000
_WITH_RAN_UEID: Final = 0b0000_000100
_RAN_UEID_OCTETS: Final = 8
_GUAMI_OCTETS: Final = 6
_CACHED_AMFS: Final = 256
"""The UEs of a network share few AMFs, so their identities are converted once."""


def read_ueid(reader: Reader) -> GnbUeId | None:
    """The UEID at the reader's place, or None."""
    start = reader.pos
    octet = start >> 3
    data = reader.data
    window = int.from_bytes(data[octet : octet + 3], "big") >> (11 - (start & 7))
    head = window >> 3 & 0x3FF
    at = (start + _HEAD_BITS + 3 + 7) >> 3
    ran_at = at + (window & 7) + 2 + _GUAMI_OCTETS
    end = ran_at
    ran_ueid = None
    if head == _WITH_RAN_UEID:
        end += _RAN_UEID_OCTETS
        ran_ueid = data[ran_at:end]
    elif head != _PLAIN:
        return None
    amf_ue = data[at : ran_at - _GUAMI_OCTETS - 1]
    if end << 3 > reader.limit or len(amf_ue) > 5 or data[ran_at - _GUAMI_OCTETS - 1] >> 7:
        return None
    reader.pos = end << 3
    guami = _guami(data[ran_at - _GUAMI_OCTETS : ran_at])
    return GnbUeId(int.from_bytes(amf_ue, "big"), guami, None, None, ran_ueid)


def write_ueid(writer: Writer, value: UeId) -> bool:
    """Whether the UEID could be written; if not, nothing is."""
    if type(value) is not GnbUeId:
        return False
    amf_ue, ran_ueid = value.amf_ue_ngap_id, value.ran_ueid
    more = (value.f1ap_ids, value.e1ap_ids, value.xnap_id, value.gnb, value.ng_ran_node)
    if more != (None, None, None, None, None) or type(amf_ue) is not int:
        return False
    guami = _guami_octets(value.guami)
    if guami is None or not 0 <= amf_ue < 1 << 40:
        return False
    if ran_ueid is not None and (type(ran_ueid) is not bytes or len(ran_ueid) != 8):
        return False
    size = (amf_ue.bit_length() + 7) >> 3 or 1
    head = _PLAIN if ran_ueid is None else _WITH_RAN_UEID
    writer.bits(head << 3 | size - 1, _HEAD_BITS + 3)
    writer.octets(amf_ue.to_bytes(size, "big") + b"\0" + guami + (ran_ueid or b""))
    return True


@lru_cache(_CACHED_AMFS)
def _guami(octets: bytes) -> Guami:
    """PLMN identity, then 8, 10 and 6 bits."""
    identity = int.from_bytes(octets[3:], "big")
    return Guami(
        octets[:3], Bits(identity >> 16, 8), Bits(identity >> 6 & 0x3FF, 10), Bits(identity & 63, 6)
    )


def _guami_octets(guami: Guami) -> bytes | None:
    """The inverse, or None where the identity has no encoding."""
    if type(guami) is not Guami or type(guami.plmn) is not bytes:
        return None
    region, amf_set, pointer = guami.region_id, guami.set_id, guami.pointer
    lengths = (len(guami.plmn), region.length, amf_set.length, pointer.length)
    if lengths != (3, 8, 10, 6) or region.value >> 8 or amf_set.value >> 10 or pointer.value >> 6:
        return None
    identity = region.value << 16 | amf_set.value << 6 | pointer.value
    return guami.plmn + identity.to_bytes(3, "big")


UEID: Final = Specialised(GENERIC_UEID, read_ueid, write_ueid)
"""A UE as the nodes of the RAN know it."""
