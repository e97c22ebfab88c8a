"""SCTP of the Linux kernel: sockets of one association each (RFC 6458 4)."""

import contextlib
import errno
import socket
import struct
from typing import Final

from oran.e2.transport.errors import NoSctpError
from oran.e2.transport.options import LinkOptions

IPPROTO_SCTP: Final = 132
STREAM: Final = 0
"""All E2AP messages go on one stream, in order."""

MSG_NOTIFICATION: Final = 0x8000
"""Flag of what is no message of the peer (RFC 6458 5.3.2)."""

# Options of level SCTP (RFC 6458 8, linux/sctp.h).
_RTOINFO: Final = 0
_ASSOCINFO: Final = 1
_NODELAY: Final = 3
_PEER_ADDR_PARAMS: Final = 9
_DEFAULT_SEND_PARAM: Final = 10
_HB_ENABLE: Final = 1

_RTO_MIN_MS: Final = 200
_BUFFER: Final = 4 << 20
"""Octets of the kernel's buffers that are asked for; a message must fit the one for sending."""


def make_socket(family: int) -> socket.socket:
    """A socket for one association, or for a server.

    Raises:
        NoSctpError: the kernel has no SCTP.
    """
    try:
        return socket.socket(family, socket.SOCK_STREAM, IPPROTO_SCTP)
    except OSError as error:
        if error.errno in (errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, errno.EAFNOSUPPORT):
            raise NoSctpError from error
        raise


def configure(sock: socket.socket, options: LinkOptions) -> None:
    """Set what E2 needs; before connecting, before listening, and after accepting."""
    rto_max = max(_RTO_MIN_MS, round(options.rto_max_s * 1000))
    rto_first = min(1000, rto_max)
    heartbeat = max(1, round(options.heartbeat_s * 1000))
    tries = options.retransmissions
    settings = {
        _NODELAY: struct.pack("=i", 1),
        _RTOINFO: struct.pack("=iIII", 0, rto_first, rto_max, _RTO_MIN_MS),
        _ASSOCINFO: struct.pack("=iHHIII", 0, tries, 0, 0, 0, 0),
        _PEER_ADDR_PARAMS: struct.pack(
            "=i128sIHIIIIBx", 0, b"", heartbeat, tries, 0, 0, _HB_ENABLE, 0, 0
        ),
        # The kernel hands the identifier on as it is; the wire wants network order.
        _DEFAULT_SEND_PARAM: struct.pack(
            "=HHHHIIIIIi", STREAM, 0, 0, 0, socket.htonl(options.ppid), 0, 0, 0, 0, 0
        ),
    }
    for option, value in settings.items():
        sock.setsockopt(IPPROTO_SCTP, option, value)
    for buffer, force in ((socket.SO_SNDBUF, 32), (socket.SO_RCVBUF, 33)):
        sock.setsockopt(socket.SOL_SOCKET, buffer, _BUFFER)
        # SO_SNDBUFFORCE and SO_RCVBUFFORCE: only a privileged process may pass the system's limit.
        with contextlib.suppress(PermissionError):
            sock.setsockopt(socket.SOL_SOCKET, force, _BUFFER)
