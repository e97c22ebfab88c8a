"""How an association is kept."""

from dataclasses import dataclass
from typing import Final

from oran.e2.per.limits import MAX_OCTETS

MAX_PDU: Final = MAX_OCTETS
"""Largest PDU sent or received, octets."""

E2_CP_PPID: Final = 70
"""Payload protocol identifier of E2 control plane messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOptions:
    """Options of an association.

    Attributes:
        ppid: SCTP payload protocol identifier of what is sent, 0..2^32-1. What arrives is taken
            with any, as peers differ.
        heartbeat_s: seconds without traffic after which the peer is asked whether it lives; TCP
            takes whole seconds, rounded up.
        retransmissions: times without an answer after which the peer is given up, 1..255.
        rto_max_s: most seconds between two of them (SCTP).
        stall_s: seconds without progress after which a peer that does not read is given up.
        queue_octets: most octets that wait here for a peer that does not read; a PDU beyond them
            ends the association.
        connect_s: seconds until an attempt to connect is given up.
        linger_s: seconds that an orderly end waits for what was sent last.
    """

    ppid: int = E2_CP_PPID
    heartbeat_s: float = 5.0
    retransmissions: int = 5
    rto_max_s: float = 2.0
    stall_s: float = 10.0
    queue_octets: int = 8 << 20
    connect_s: float = 10.0
    linger_s: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.ppid < 1 << 32:
            raise ValueError(f"ppid: {self.ppid} is outside 0..2^32-1")
        if not 1 <= self.retransmissions <= 255:
            raise ValueError(f"retransmissions: {self.retransmissions} is outside 1..255")
        if self.queue_octets < MAX_PDU:
            raise ValueError(f"queue_octets: {self.queue_octets} is below one PDU, {MAX_PDU}")
        for name in ("heartbeat_s", "rto_max_s", "stall_s", "connect_s", "linger_s"):
            if not 0.0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name}: {getattr(self, name)!r} is not a positive number")
