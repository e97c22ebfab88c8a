"""Turns: what has arrived at many sockets at one time, handed out together."""

import asyncio
import select
from collections.abc import Callable
from typing import Final

MOST: Final = 64
"""Sockets of one turn; those that are left come with the next one."""

Call = Callable[[], None]


class Turns:
    """Calls for each socket at which something has arrived, and once behind the last of them.

    An event loop calls for each socket apart, and does not tell which call is the last one before
    it waits again. Here it watches one descriptor, which the kernel makes ready when any of the
    sockets is.

    Args:
        after: called behind each turn.

    Attributes:
        under_way: whether a turn is, behind which `after` will be called.
    """

    def __init__(self, after: Call) -> None:
        self.under_way = False
        self._after = after
        self._loop = asyncio.get_running_loop()
        self._calls: dict[int, Call] = {}
        self._epoll = select.epoll()
        self._loop.add_reader(self._epoll.fileno(), self._turn)

    def add_reader(self, fd: int, call: Call) -> None:
        """Call when something has arrived at a socket, until it is removed."""
        self._calls[fd] = call
        self._epoll.register(fd, select.EPOLLIN)

    def remove_reader(self, fd: int) -> None:
        """Call for a socket no longer."""
        if self._calls.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def close(self) -> None:
        """Call for none any more."""
        for fd in list(self._calls):
            self.remove_reader(fd)
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _turn(self) -> None:
        self.under_way = True
        for fd, _ in self._epoll.poll(0, MOST):
            call = self._calls.get(fd)
            if call is not None:  # else an earlier one of this turn has ended it
                self._guarded(call)
        self.under_way = False
        self._guarded(self._after)

    def _guarded(self, call: Call) -> None:
        """Call as the loop does: what fails costs the others nothing."""
        try:
            call()
        except Exception as error:
            self._loop.call_exception_handler(
                {"message": "a socket was not served", "exception": error}
            )
