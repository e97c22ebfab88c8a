"""The listening socket: taken before anything else, so that a taken port is known at once."""

import socket
from typing import Final

_BACKLOG: Final = 2048


class ListenError(OSError):
    """The address cannot be listened on; the message says which, and why."""


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes a free one.

    Raises:
        ListenError: the name has no address, or the address cannot be bound.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, proto)
    except OSError as error:
        raise ListenError(f"{host}: {error.strerror}") from error
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise ListenError(f"{host} port {port}: {error.strerror}") from error
    return sock
