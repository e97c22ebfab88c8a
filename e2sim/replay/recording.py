"""Recordings: the cells of a trace, whatever its format and packing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final

from e2sim.replay.census import Census, FileTally, Reason
from e2sim.replay.coloran import COLUMNS as COLORAN_COLUMNS
from e2sim.replay.coloran import ColoranCell
from e2sim.replay.columns import index_of
from e2sim.replay.experiments import EXPERIMENT, experiments
from e2sim.replay.period import RecordedCell
from e2sim.replay.source import CutError, Folder, RecordingError, Source, folders
from e2sim.replay.tractor import TractorCell
from e2sim.replay.tractor_rows import COLUMNS as TRACTOR_COLUMNS
from e2sim.replay.tractor_rows import Layout

MAX_NAME: Final = 64
"""Longest node or cell id a report may carry (`oran.report.CellReport`)."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A trace that is being read.

    Attributes:
        format: name of the format.
        description: one line on what a file and a row are.
        cells: its cells, to be taken one after the other; each is read once and closed.
        census: counts, complete when all cells were read.
    """

    format: str
    description: str
    cells: Iterator[RecordedCell]
    census: Census


def open_recording(trace: Path) -> Recording:
    """The recording in a file, folder or archive; its format is told by the first header.

    Raises:
        RecordingError: the trace is absent, unreadable, empty or of no known format.
    """
    census = Census()
    found = _folders(trace, census)
    first = next(found, None)
    if first is None:
        cut = "".join(f" ({place})" for place in census.examples.get(Reason.CUT, ()))
        raise RecordingError(f"trace {str(trace)!r}: no CSV file in it{cut}")
    header = first.sources[0].header()
    if index_of(header, TRACTOR_COLUMNS) is not None:
        name, cells_of = "TRACTOR", _tractor_cells
        told = f"{len(header)} columns; a file is one UE, a folder one cell"
    elif EXPERIMENT in header and index_of(header, COLORAN_COLUMNS) is not None:
        name, cells_of = "ColO-RAN", _coloran_cells
        told = f"{len(header)} columns; an experiment is one cell, a message one report"
    else:
        for source in first.sources:
            source.close()
        raise RecordingError(_unknown(trace, first.sources[0], header))
    first.sources[0].stream.seek(0)
    cells = (cell for folder in chain([first], found) for cell in cells_of(folder, census))
    return Recording(name, f"{trace}: {name} recording, {told}", cells, census)


def names(path: PurePosixPath, fallback: str) -> tuple[str, str]:
    """Node and cell ids of a folder: its last component and the two above it."""
    parts = [p for p in path.parts if p not in ("/", ".", "..")]
    node = "/".join(parts[-3:-1]) or fallback
    return node, parts[-1] if parts else fallback


def _folders(trace: Path, census: Census) -> Iterator[Folder]:
    try:
        yield from folders(trace)
    except CutError as error:
        census.refuse_file(str(trace), Reason.CUT, f"the archive ends too early: {error}")


def _unknown(trace: Path, source: Source, header: list[str]) -> str:
    cause = f" ({source.ended_early})" if source.ended_early is not None else ""
    begins = ",".join(header)[:60]
    return (
        f"trace {str(trace)!r}: {source.path.name} begins with {begins!r}{cause}, "
        "which is the header of neither a TRACTOR nor a ColO-RAN recording"
    )


def _tractor_cells(folder: Folder, census: Census) -> Iterator[RecordedCell]:
    node, cell = names(folder.path, "tractor")
    if not _fits(folder, node, cell, census):
        return
    files: list[tuple[Source, Layout, FileTally]] = []
    for source in folder.sources:
        layout = Layout.of(source.header(), cell)
        if isinstance(layout, Layout):
            files.append((source, layout, census.open_file(str(source.path))))
        else:
            _refuse(source, layout, census)
    if files:
        yield TractorCell(node, cell, files)


def _coloran_cells(folder: Folder, census: Census) -> Iterator[RecordedCell]:
    for source in folder.sources:
        header = source.header()
        indexes = index_of(header, COLORAN_COLUMNS)
        if indexes is None or EXPERIMENT not in header:
            _refuse(source, Reason.HEADER, census)
            continue
        for experiment, part in experiments(source, header):
            node, cell = names(PurePosixPath(experiment), "coloran")
            if _fits(Folder(source.path, [part]), node, cell, census):
                tally = census.open_file(f"{source.path} ({experiment})")
                yield ColoranCell(node, cell, part, indexes, len(header), tally)
        source.close()


def _fits(folder: Folder, node: str, cell: str, census: Census) -> bool:
    if max(len(node), len(cell)) <= MAX_NAME:
        return True
    detail = f"{node!r} / {cell!r}: more than {MAX_NAME} characters"
    for source in folder.sources:
        census.refuse_file(str(source.path), Reason.NAME_TOO_LONG, detail)
        source.close()
    return False


def _refuse(source: Source, reason: Reason, census: Census) -> None:
    detail = {
        Reason.HEADER: "the first line is not the header of this recording",
        Reason.SLICE_UNKNOWN: "no column slice_id, and the folder's name does not begin with "
        "embb, urllc or mmtc",
    }[reason]
    if source.ended_early is not None:
        reason, detail = Reason.UNREADABLE, source.ended_early
    census.refuse_file(str(source.path), reason, detail)
    source.close()
