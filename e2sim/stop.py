"""Stop: a wish to end that sleepers hear at once."""

import asyncio
import signal


class Stop:
    """Set once, by a signal or by whoever finds that there is no sense in going on.

    Attributes:
        reason: why, empty while nobody wishes to end.
    """

    def __init__(self) -> None:
        self.reason = ""
        self._event = asyncio.Event()

    @property
    def requested(self) -> bool:
        """Whether somebody wishes to end."""
        return self._event.is_set()

    def request(self, reason: str) -> None:
        """Wish to end; the first reason stays."""
        self.reason = self.reason or reason
        self._event.set()

    def on_signals(self) -> None:
        """Take SIGINT and SIGTERM for the wish to end; needs a running event loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.request, signal.Signals(number).name)

    async def wait(self) -> None:
        """Sleep until the wish to end comes."""
        await self._event.wait()

    async def pause(self, seconds: float) -> None:
        """Sleep, or return at once when the wish to end comes; always lets others run."""
        if seconds <= 0.0:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
