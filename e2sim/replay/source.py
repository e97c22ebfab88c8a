"""Sources: files of a recording, whether plain, compressed or members of an archive.

Nothing is unpacked as a whole: a stream is read line by line. A folder of an archive goes through
temporary files that have no name, because its files are merged in time and an archive can only
be read once from front to back.
"""

import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, cast

from e2sim.replay.unpacked import READ_ERRORS, Unpacked

MAX_LINE: Final = 16_384
"""Longest line accepted, bytes; the rows of both formats have fewer than 300."""

_BLOCK: Final = 2**16


class RecordingError(Exception):
    """The trace cannot be replayed: absent, unreadable, or of no known format."""


class CutError(Exception):
    """A stream ended before its end; the message says how."""


@dataclass(slots=True)
class Source:
    """One file of a recording.

    Attributes:
        path: its place within the recording, for names and messages.
        stream: its bytes from the header on.
        cut: why the bytes end too early, or None.
        skipped: lines of the file between its header and the first row of the stream.
        unpacked: the file beneath the stream, which knows whether it ended too early, or None.
    """

    path: PurePosixPath
    stream: BinaryIO
    cut: str | None = None
    skipped: int = 0
    unpacked: Unpacked | None = None

    def header(self) -> list[str]:
        """The columns' names; empty where the first line is no text. The stream moves on."""
        try:
            line = self.stream.readline(MAX_LINE)
            return line.decode("utf-8-sig").rstrip("\r\n").split(",")
        except (UnicodeDecodeError, OSError):
            return []

    def close(self) -> None:
        """Close the file; a temporary one is gone."""
        self.stream.close()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of each line after the header, with its line end.

        A line longer than `MAX_LINE` comes as its first `MAX_LINE` + 1 bytes.

        Raises:
            CutError: after the last whole line, when the stream ends too early.
        """
        number = 1 + self.skipped
        while True:
            try:
                line = rest = self.stream.readline(MAX_LINE + 1)
                while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
                    rest = self.stream.readline(MAX_LINE + 1)
            except OSError as error:
                raise CutError(str(error)) from error
            number += 1
            if not rest.endswith(b"\n") and (cut := self.ended_early) is not None:
                # Half a row may look like a whole one with other numbers.
                raise CutError(cut)
            if not line:
                return
            yield number, line

    @property
    def ended_early(self) -> str | None:
        """Why the bytes read so far are all there are, or None."""
        return self.unpacked.cut if self.unpacked is not None else self.cut


@dataclass(frozen=True, slots=True)
class Folder:
    """Files that stand side by side in a recording."""

    path: PurePosixPath
    sources: list[Source]


def folders(trace: Path) -> Iterator[Folder]:
    """The folders of a recording that hold CSV files, one after the other.

    Args:
        trace: a folder, a CSV file, or either compressed (gzip, xz) or in a tar archive.

    Raises:
        RecordingError: the trace is absent or cannot be opened.
        CutError: after the last folder, when an archive ends too early.
    """
    if trace.is_dir():
        yield from _of_directory(trace)
        return
    try:
        unpacked = Unpacked(trace)
    except OSError as error:
        raise RecordingError(f"trace {str(trace)!r}: {error.strerror}") from error
    stream = BufferedReader(unpacked)
    if _is_tar(stream):
        with stream:
            yield from _of_archive(stream, unpacked)
        return
    # The file goes to whoever reads it, who may take longer than this generator lives.
    path = PurePosixPath(trace.resolve())
    yield Folder(path.parent, [Source(path, stream, unpacked=unpacked)])


def spooled() -> BinaryIO:
    """A temporary file without a name, gone when it is closed."""
    return cast(BinaryIO, tempfile.TemporaryFile())


def _is_tar(stream: BinaryIO) -> bool:
    """Whether a stream is a tar archive (POSIX.1-1988 ustar and later); it is wound back."""
    block = stream.read(512)
    stream.seek(0)
    return block[257:262] == b"ustar"


def _of_directory(root: Path) -> Iterator[Folder]:
    root = root.resolve()
    for directory in (root, *sorted(p for p in root.rglob("*") if p.is_dir())):
        files = sorted(p for p in directory.iterdir() if p.suffix == ".csv" and p.is_file())
        if files:
            yield Folder(PurePosixPath(directory), [_of_file(p) for p in files])


def _of_file(path: Path) -> Source:
    try:
        return Source(PurePosixPath(path), path.open("rb"))
    except OSError as error:
        return Source(PurePosixPath(path), BytesIO(), cut=str(error.strerror))


def _of_archive(stream: BinaryIO, unpacked: Unpacked) -> Iterator[Folder]:
    folder = Folder(PurePosixPath(), [])
    cut: str | None = None
    try:
        for source in _members(stream):
            if source.path.parent != folder.path:
                if folder.sources:
                    try:
                        yield folder
                    except GeneratorExit:
                        source.close()
                        raise
                folder = Folder(source.path.parent, [])
            folder.sources.append(source)
    except CutError as error:
        cut = str(error)
    counted = any(source.cut is not None for source in folder.sources)
    if folder.sources:
        yield folder
    cut = unpacked.cut or cut
    if cut is not None and not counted:
        raise CutError(cut)


def _members(stream: BinaryIO) -> Iterator[Source]:
    """The CSV files of an archive; ends after one that is cut.

    Raises:
        CutError: the archive is damaged between two of its files.
    """
    try:
        # "r|" reads from front to back and never seeks; nothing is unpacked by its name.
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            while (member := archive.next()) is not None:
                path = PurePosixPath(member.name)
                if member.isfile() and not member.issparse() and path.suffix == ".csv":
                    source = _copied(archive, member, path)
                    yield source
                    if source.cut is not None:
                        return
    except READ_ERRORS as error:
        raise CutError(str(error) or repr(error)) from error


def _copied(archive: tarfile.TarFile, member: tarfile.TarInfo, path: PurePosixPath) -> Source:
    source = Source(path, spooled())
    content, left = archive.fileobj, member.size
    assert content is not None, "the archive is open"
    while left:
        # From the archive itself: `extractfile` drops what it had read before the end.
        block = content.read(min(left, _BLOCK))
        if not block:
            source.cut = f"{left} of {member.size} bytes are missing"
            break
        source.stream.write(block)
        left -= len(block)
    source.stream.seek(0)
    return source
