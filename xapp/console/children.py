"""Child processes that do not outlive the command that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
STOP_S: Final = 5.0
"""How long a child may take to stop once asked to."""


_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ChildError(RuntimeError):
    """A child could not be started, or ended by itself; the message says which, and its words."""


def _die_with_parent() -> None:
    """In the child, before it becomes the program: ask Linux for SIGTERM when the parent dies.

    Covers a parent that is killed; every other way out stops its children itself.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Whoever stops this process waits until the child that is being started is known.

    Python drops exceptions, and so a KeyboardInterrupt, in what runs behind a fork.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(slots=True)
class Child:
    """One program with its output in a file.

    Attributes:
        name: what to call it in messages.
        command: program and arguments.
        log: file for what it writes.
        environment: variables beside those of this process.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C reaches only the command in the terminal."""
        with self.log.open("wb") as out, _undisturbed():
            try:
                self._process = subprocess.Popen(  # noqa: S603  # programs of this installation
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env={**os.environ, **self.environment},
                    preexec_fn=_die_with_parent,  # noqa: PLW1509  # no thread runs yet
                )
            except OSError as error:
                raise ChildError(f"{self.name}: {self.command[0]}: {error.strerror}") from error

    @property
    def status(self) -> int | None:
        """Exit status; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def words(self) -> str:
        """All it wrote."""
        return self.log.read_text("utf-8", errors="replace").strip()

    def last_words(self) -> str:
        """The last line it wrote."""
        return self.words().rpartition("\n")[2] or "no message"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to stop, wait, and end it if it does not."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
            return
        self._process.kill()
        self._process.wait()

    def wait(self, seconds: float) -> int | None:
        """Exit status once it ended, or None after `seconds`."""
        until = time.monotonic() + seconds
        while (status := self.status) is None and time.monotonic() < until:
            time.sleep(0.02)
        return status
