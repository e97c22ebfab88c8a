"""Watching a running xApp: live on a terminal, one line a second elsewhere."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import httpx
from rich.console import Console
from rich.live import Live
from rich.text import Text

from xapp.console.frame import Frame, Rates, UnreachableError, fetch
from xapp.console.view import NOBODY, line, live

LIVE_PERIOD_S: Final = 0.5
LINE_PERIOD_S: Final = 1.0
WINDOW_S: Final = 3.0
"""Rates and quantiles are taken over this long."""

_OTHER_LINES: Final = 9  # of the live view, besides the slices


class _Display(Protocol):
    """Where frames go."""

    period_s: float

    def show(self, frame: Frame, rates: Rates, waiting: str) -> None: ...

    def miss(self, note: str) -> None: ...


class _Lines:
    """One line a second, for logs and pipes."""

    period_s = LINE_PERIOD_S

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, frame: Frame, rates: Rates, waiting: str) -> None:
        self._print(line(frame, rates, waiting))

    def miss(self, note: str) -> None:
        self._print(note)

    def _print(self, text: str) -> None:
        stamp = time.strftime("%H:%M:%S")
        self._console.print(Text(f"{stamp} {text}"), soft_wrap=True)


class _Screen:
    """A view that is drawn over and over."""

    period_s = LIVE_PERIOD_S

    def __init__(self, live_view: Live, url: str) -> None:
        self._live = live_view
        self._url = url

    def show(self, frame: Frame, rates: Rates, waiting: str) -> None:
        rows = max(self._live.console.size.height - _OTHER_LINES, 3)
        self._live.update(live(self._url, frame, rates, rows, waiting), refresh=True)

    def miss(self, note: str) -> None:
        self._live.update(Text(note, style="bold yellow"), refresh=True)


def watch(
    url: str,
    console: Console,
    seconds: float | None = None,
    alive: Callable[[], bool] = lambda: True,
    waiting: Callable[[], str] = lambda: NOBODY,
) -> None:
    """Show the xApp at `url` until interrupted, for `seconds`, or while `alive`.

    While no cell reports, `waiting` tells what is waited for.

    Raises:
        UnreachableError: there was no xApp to begin with; one that goes away is waited for.
    """
    url = url.rstrip("/")
    with httpx.Client() as client:
        first = fetch(client, url, time.monotonic())
        if console.is_terminal:
            with Live(console=console, auto_refresh=False) as live_view:
                _loop(client, url, first, _Screen(live_view, url), seconds, alive, waiting)
        else:
            _loop(client, url, first, _Lines(console), seconds, alive, waiting)


def _loop(
    client: httpx.Client,
    url: str,
    first: Frame,
    display: _Display,
    seconds: float | None,
    alive: Callable[[], bool],
    waiting: Callable[[], str],
) -> None:
    frames = deque([first])
    start = time.monotonic()
    if display.period_s < LINE_PERIOD_S:
        display.show(first, Rates.between(first, first), waiting())
    turn = 0
    while alive() and (seconds is None or time.monotonic() - start < seconds):
        turn += 1
        time.sleep(max(start + turn * display.period_s - time.monotonic(), 0.0))
        try:
            frames.append(fetch(client, url, time.monotonic()))
        except UnreachableError as error:
            display.miss(f"{error}; trying again")
            continue
        while len(frames) > 2 and frames[-1].at_s - frames[1].at_s >= WINDOW_S:
            frames.popleft()
        display.show(frames[-1], Rates.between(frames[0], frames[-1]), waiting())
