"""The SCTP packet in a frame: Ethernet, Linux cooked or plain IP, then IPv4 or IPv6."""

import struct
from dataclasses import dataclass
from typing import Final

ETHERNET: Final = 1
RAW: Final = (12, 14, 101)
NULL: Final = (0, 108)
"""BSD loopback: the address family in four octets."""
COOKED: Final = 113
COOKED_2: Final = 276
IPV4_ONLY: Final = 228
IPV6_ONLY: Final = 229

_IPV4: Final = 0x0800
_IPV6: Final = 0x86DD
_VLAN: Final = (0x8100, 0x88A8, 0x9100)
_SCTP: Final = 132
_FRAGMENT: Final = 44
_OPTIONS: Final = (0, 43, 60)
"""IPv6 headers that may stand before SCTP: hop-by-hop, routing, destination (RFC 8200 4)."""


class FrameError(ValueError):
    """A frame that cannot be looked into; the text says why."""


@dataclass(frozen=True, slots=True)
class Datagram:
    """An SCTP packet: both IP addresses, 4 or 16 octets each, and the packet."""

    source: bytes
    destination: bytes
    octets: bytes


def sctp_datagram(link_type: int, frame: bytes) -> Datagram | None:
    """The SCTP packet of a frame; None where it has another protocol.

    Raises:
        FrameError: the link type is not known, or the packet is a fragment or cut off.
    """
    try:
        protocol, at = _network(link_type, frame)
        if protocol == _IPV4:
            return _of_ipv4(frame[at:])
        return _of_ipv6(frame[at:]) if protocol == _IPV6 else None
    except (struct.error, IndexError):
        raise FrameError("its headers are cut off") from None


def _network(link_type: int, frame: bytes) -> tuple[int, int]:
    """The protocol above the link, as an EtherType, and where it begins."""
    if link_type == ETHERNET:
        at = 12
        while _short(frame, at) in _VLAN:
            at += 4
        return _short(frame, at), at + 2
    if link_type == COOKED:
        return _short(frame, 14), 16
    if link_type == COOKED_2:
        return _short(frame, 0), 20
    if link_type in (*RAW, *NULL, IPV4_ONLY, IPV6_ONLY):
        at = 4 if link_type in NULL else 0
        return {4: _IPV4, 6: _IPV6}.get(frame[at] >> 4, 0), at
    raise FrameError(f"link type {link_type}; Ethernet, Linux cooked, loopback and IP are known")


def _of_ipv4(packet: bytes) -> Datagram | None:
    if packet[9] != _SCTP:
        return None
    if _short(packet, 6) & 0x3FFF:
        raise FrameError("a fragment of IPv4; fragments are not put together")
    start, end = (packet[0] & 15) * 4, _short(packet, 2)
    return Datagram(packet[12:16], packet[16:20], packet[start : end or None])


def _of_ipv6(packet: bytes) -> Datagram | None:
    following, at = packet[6], 40
    while following in _OPTIONS:
        following, at = packet[at], at + (packet[at + 1] + 1) * 8
    if following == _FRAGMENT:
        raise FrameError("a fragment of IPv6; fragments are not put together")
    if following != _SCTP:
        return None
    end = 40 + _short(packet, 4)
    return Datagram(packet[8:24], packet[24:40], packet[at:end])


def _short(octets: bytes, at: int) -> int:
    word: int = struct.unpack_from(">H", octets, at)[0]
    return word
