"""A server that accepts many associations, each served on its own."""

import asyncio
import errno
import socket
from typing import Final, Self

from oran.e2.connection import Connection, Role
from oran.e2.transport.address import Address
from oran.e2.transport.association import Association
from oran.e2.transport.client import DEFAULT_OPTIONS, Serve, Wrap, run
from oran.e2.transport.endpoint import accepted, listen
from oran.e2.transport.options import LinkOptions

MAX_ASSOCIATIONS: Final = 1024
"""Most associations at a time; one more is refused."""

_PAUSE_S: Final = 0.5
"""Seconds without accepting after an error, such as too many open files."""

_ENDED: Final = (errno.ECONNABORTED, errno.EPROTO)
"""Errors of an association that ended before it was accepted."""


class Server:
    """Accepts associations and serves them until it is closed.

    An error in serving one association ends that one, goes to the loop's exception handler, and
    costs no other.

    Attributes:
        address: where it listens, with the port that was chosen.
        refused: associations that were refused for `max_associations`.
    """

    def __init__(
        self,
        sock: socket.socket,
        address: Address,
        role: Role,
        serve: Serve,
        *,
        options: LinkOptions,
        max_associations: int,
        wrap: Wrap | None,
        answer_errors: bool,
    ) -> None:
        self.address: Final = address
        self.refused = 0
        self._sock = sock
        self._role = role
        self._serve = serve
        self._options = options
        self._max_associations = max_associations
        self._wrap = wrap
        self._answer_errors = answer_errors
        self._associations: set[asyncio.Task[str]] = set()
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    @classmethod
    async def start(
        cls,
        address: Address,
        role: Role,
        serve: Serve,
        *,
        options: LinkOptions = DEFAULT_OPTIONS,
        max_associations: int = MAX_ASSOCIATIONS,
        wrap: Wrap | None = None,
        answer_errors: bool = True,
    ) -> Self:
        """Listen.

        Args:
            address: where; port 0 lets the system choose.
            role: which end this is.
            serve: called with each association.
            options: of the associations.
            max_associations: most at a time.
            wrap: what to put before each wire.
            answer_errors: see `Association`.

        Raises:
            UnreachableError: the address cannot be used, or the kernel has no SCTP.
        """
        sock, bound = await listen(address, options)
        return cls(
            sock,
            bound,
            role,
            serve,
            options=options,
            max_associations=max_associations,
            wrap=wrap,
            answer_errors=answer_errors,
        )

    @property
    def count(self) -> int:
        """Associations that are being served."""
        return len(self._associations)

    async def close(self) -> None:
        """Accept no more, and end all associations in order."""
        self._accepting.cancel()
        await asyncio.gather(self._accepting, return_exceptions=True)
        self._sock.close()
        associations = list(self._associations)
        for task in associations:
            task.cancel()
        await asyncio.gather(*associations, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, name = await loop.sock_accept(self._sock)
            except OSError as error:
                if error.errno not in _ENDED:
                    self._complain("no association can be accepted now", error)
                    await asyncio.sleep(_PAUSE_S)
                continue
            self._admit(sock, name)

    def _admit(self, sock: socket.socket, name: object) -> None:
        if len(self._associations) >= self._max_associations:
            self.refused += 1
            sock.close()
            return
        try:
            link = accepted(self.address, sock, name, self._options)
        except OSError:
            sock.close()  # it ended before it could be configured
            return
        wire = link if self._wrap is None else self._wrap(link)
        association = Association(Connection(self._role), wire, answer_errors=self._answer_errors)
        task = asyncio.get_running_loop().create_task(run(association, self._serve))
        self._associations.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[str]) -> None:
        self._associations.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._complain("an association was not served to its end", error)

    def _complain(self, message: str, error: BaseException) -> None:
        asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})
