"""Decompressed files, read as far as they can be."""

import gzip
import lzma
import tarfile
import zlib
from io import SEEK_SET, BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_ERRORS: Final = (OSError, EOFError, lzma.LZMAError, zlib.error, tarfile.TarError)
"""What reading a damaged or truncated file raises."""


class Unpacked(RawIOBase):
    """The bytes of a file, decompressed (gzip, xz) where its magic number says so.

    A damaged or truncated file ends where it can no longer be read, without an error.

    Attributes:
        cut: why the bytes ended too early, or None.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.cut: str | None = None
        self._packed = path.open("rb")
        self._unpack = _unpacker(self._packed)

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes; compressed files are read again from the start."""
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """As any file."""
        self.cut = None
        return self._unpack.seek(offset, whence)

    def tell(self) -> int:
        """As any file."""
        return self._unpack.tell()

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """As any file, but ends where reading fails."""
        if self.cut is not None:
            return 0
        view = memoryview(buffer)
        try:
            # read1: more at once would lose what was read before the failure.
            data = self._unpack.read1(len(view))
        except READ_ERRORS as error:
            self.cut = str(error) or repr(error)
            return 0
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file as well as its decompressor."""
        if not self.closed:
            self._unpack.close()
            self._packed.close()
        super().close()


def _unpacker(packed: BufferedReader) -> BufferedReader:
    magic = packed.peek(6)
    if magic.startswith(b"\x1f\x8b"):
        return cast(BufferedReader, gzip.GzipFile(fileobj=packed))
    if magic.startswith(b"\xfd7zXZ\x00"):
        return cast(BufferedReader, lzma.LZMAFile(packed))
    return packed
