"""The CSV files of a recording, one after the other."""

from collections.abc import Iterator
from pathlib import Path

from e2sim.replay.source import Source, folders


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
