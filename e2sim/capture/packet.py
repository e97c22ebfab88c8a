"""Packets of E2AP, and where they were found."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet.

    Attributes:
        octets: the packet, whole.
        place: where it was found, for messages.
        connection: what it shares with the other packets of its connection.
    """

    octets: bytes
    place: str
    connection: Hashable = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is no packet, where one was expected."""

    place: str
    reason: str


Found: TypeAlias = Packet | Flaw
