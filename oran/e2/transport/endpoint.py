"""Sockets that connect and listen, for both transports."""

import asyncio
import os
import socket
from typing import Final

from oran.e2.transport import sctp, tcp
from oran.e2.transport.address import Address
from oran.e2.transport.errors import UnreachableError
from oran.e2.transport.link import Link
from oran.e2.transport.options import LinkOptions
from oran.e2.transport.sctplink import SctpLink
from oran.e2.transport.tcp import TcpLink

BACKLOG: Final = 128
"""Associations that wait to be accepted."""


async def connect(address: Address, options: LinkOptions) -> Link:
    """Make an association.

    Raises:
        UnreachableError: none of the host's addresses answers, or the kernel has no SCTP.
    """
    failures = []
    for family, target in await _resolve(address, passive=False):
        sock = _make_socket(address, family)
        try:
            _configure(address, sock, options)
            sock.setblocking(False)
            async with asyncio.timeout(options.connect_s):
                await _connect(sock, target)
            return make_link(address, sock, str(address), options)
        except TimeoutError:
            sock.close()
            failures.append(f"no answer in {options.connect_s:g} s")
        except OSError as error:
            sock.close()
            failures.append(error.strerror or str(error))
        except BaseException:
            sock.close()
            raise
    raise UnreachableError(f"{address}: {'; '.join(failures)}")


async def listen(address: Address, options: LinkOptions) -> tuple[socket.socket, Address]:
    """A socket that accepts associations, and the address at which it does.

    Raises:
        UnreachableError: the address cannot be used, or the kernel has no SCTP.
    """
    family, target = (await _resolve(address, passive=True))[0]
    sock = _make_socket(address, family)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _configure(address, sock, options)
        sock.bind(target)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise UnreachableError(f"{address}: {error.strerror or error}") from error
    return sock, Address(address.scheme, address.host, sock.getsockname()[1])


def make_link(address: Address, sock: socket.socket, peer: str, options: LinkOptions) -> Link:
    """The link over a socket that is connected."""
    return (SctpLink if address.scheme == "sctp" else TcpLink)(sock, peer, options)


def accepted(address: Address, sock: socket.socket, name: object, options: LinkOptions) -> Link:
    """The link over a socket that was accepted at `address`, from a peer of that socket name."""
    _configure(address, sock, options)
    host, port = name[:2] if isinstance(name, tuple) else (str(name), 0)
    return make_link(address, sock, str(Address(address.scheme, host, port)), options)


async def _resolve(address: Address, *, passive: bool) -> list[tuple[int, tuple[object, ...]]]:
    # The resolver knows no SCTP; addresses are the same.
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            address.host,
            address.port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE if passive else 0,
        )
    except OSError as error:
        raise UnreachableError(f"{address}: {error.strerror or error}") from error
    return [(family, target) for family, _, _, _, target in found]


def _make_socket(address: Address, family: int) -> socket.socket:
    if address.scheme == "sctp":
        return sctp.make_socket(family)
    return socket.socket(family, socket.SOCK_STREAM)


def _configure(address: Address, sock: socket.socket, options: LinkOptions) -> None:
    (sctp if address.scheme == "sctp" else tcp).configure(sock, options)


async def _connect(sock: socket.socket, target: tuple[object, ...]) -> None:
    # The loop's own sock_connect resolves the address again, as one of TCP or UDP.
    try:
        sock.connect(target)
        return
    except BlockingIOError:
        pass
    loop = asyncio.get_running_loop()
    writable = asyncio.Event()
    fd = sock.fileno()
    loop.add_writer(fd, writable.set)
    try:
        await writable.wait()
    finally:
        loop.remove_writer(fd)
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
