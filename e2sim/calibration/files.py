"""The CSV files of a recording, one after the other, and their rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from e2sim.replay.census import FileTally, RowError
from e2sim.replay.columns import Column, rows
from e2sim.replay.source import Source, folders

_KINDS: Final = {"embb": "eMBB", "urllc": "URLLC", "mmtc": "mMTC"}


def kind_of(name: str) -> str | None:
    """Traffic class that a file's or folder's name begins with, or None."""
    return next((kind for start, kind in _KINDS.items() if name.startswith(start)), None)


def sources(recording: Path) -> Iterator[tuple[str, Source]]:
    """Name of its folder and each file; all are closed, also where the reading is given up.

    Raises:
        e2sim.replay.source.RecordingError: the recording cannot be opened.
        e2sim.replay.source.CutError: after the last folder, when an archive ends too early.
    """
    for folder in folders(recording):
        try:
            for source in folder.sources:
                yield folder.path.name, source
        finally:
            for source in folder.sources:
                source.close()


def parsed(
    source: Source,
    tally: FileTally,
    width: int,
    columns: Sequence[Column],
    indexes: Sequence[int],
) -> Iterator[tuple[list[str], tuple[float, ...]]]:
    """All fields, and the values of some columns, of each row; rows that have none are refused.

    Args:
        source: the file, its header read.
        tally: counts what is read, used and refused.
        width: fields of a row.
        columns, indexes: the columns wanted, and where they stand.
    """
    for line, fields in rows(source, tally, width):
        try:
            values = tuple(c.parse(fields[i]) for c, i in zip(columns, indexes, strict=True))
        except RowError as error:
            tally.refuse(line, error)
            continue
        tally.used += 1
        yield fields, values
