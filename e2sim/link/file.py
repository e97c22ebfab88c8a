"""A file of JSON lines as a target: one report a line, as `POST /decide` would carry it."""

import sys
from io import FileIO
from pathlib import Path
from typing import Final

import msgspec

from e2sim.link.answer import Answer, Written
from oran.report import CellReport

BUFFER: Final = 2**16
"""Bytes gathered before a write; the standard output is written line by line."""


class FileTarget:
    """A file, replaced when it exists; all lanes write to it.

    Args:
        path: the file, or None for the standard output.

    Raises:
        OSError: the file cannot be opened for writing.
    """

    def __init__(self, path: Path | None) -> None:
        self.name = "-" if path is None else str(path)
        self._gather = 0 if path is None else BUFFER
        # Unbuffered: a closed pipe or a full disk shows where it is written to, not at exit.
        self._stream = (
            FileIO(sys.stdout.fileno(), "wb", closefd=False) if path is None else FileIO(path, "wb")
        )
        self._pending = bytearray()

    def open_link(self) -> "FileLink":
        """A lane; lines are written whole, so lanes do not mix within a line."""
        return FileLink(self)

    def retry_in_s(self) -> float:
        """A file is never waited for."""
        return 0.0

    def write(self, line: bytes) -> None:
        """Write one line, its end included; raises `OSError`."""
        self._pending += line
        if len(self._pending) > self._gather:
            self.flush()

    def flush(self) -> None:
        """Hand what was gathered to the system; raises `OSError`."""
        pending, self._pending = memoryview(self._pending), bytearray()
        while pending:
            pending = pending[self._stream.write(pending) :]

    def close(self) -> None:
        """Write what is left and close the file."""
        try:
            self.flush()
        finally:
            self._stream.close()


class FileLink:
    """One lane to a file."""

    def __init__(self, target: FileTarget) -> None:
        self._target = target

    async def exchange(self, report: CellReport) -> Answer:
        """Write one line; raises `OSError` for a full disk or a closed pipe."""
        self._target.write(msgspec.json.encode(report.to_document()) + b"\n")
        return Written()

    def close(self) -> None:
        """Nothing is the lane's own."""
