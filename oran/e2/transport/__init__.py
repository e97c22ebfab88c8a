"""Associations of E2 in asyncio: SCTP of the kernel, or framed TCP for hosts without it.

address      `sctp://HOST:PORT` and `tcp://HOST:PORT`
options      how an association is kept
framing      PDUs in a stream of octets
link         whole PDUs over a socket, with bounds on what waits
turns        what has arrived at many sockets, handed out together
association  the pump: a `Connection` over a link
client       one end that connects, and comes back
server       one end that accepts many
"""

from oran.e2.transport.address import E2_PORT, Address
from oran.e2.transport.association import Association, Item
from oran.e2.transport.backoff import Backoff
from oran.e2.transport.client import Retry, Serve, Wrap, keep_connected
from oran.e2.transport.endpoint import connect
from oran.e2.transport.errors import (
    LinkClosedError,
    NoSctpError,
    SlowPeerError,
    TransportError,
    UnreachableError,
)
from oran.e2.transport.link import Wire
from oran.e2.transport.options import E2_CP_PPID, MAX_PDU, LinkOptions
from oran.e2.transport.server import Server
from oran.e2.transport.turns import Turns

__all__ = [
    "E2_CP_PPID",
    "E2_PORT",
    "MAX_PDU",
    "Address",
    "Association",
    "Backoff",
    "Item",
    "LinkClosedError",
    "LinkOptions",
    "NoSctpError",
    "Retry",
    "Serve",
    "Server",
    "SlowPeerError",
    "TransportError",
    "Turns",
    "UnreachableError",
    "Wire",
    "Wrap",
    "connect",
    "keep_connected",
]
