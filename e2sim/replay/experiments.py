"""Experiments of a ColO-RAN file: its rows, one experiment after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from e2sim.replay.source import MAX_LINE, CutError, Source, spooled

EXPERIMENT: Final = "exp"
"""The column that names the experiment."""


@dataclass(slots=True)
class Experiment:
    """Consecutive rows of one experiment, in a temporary file.

    Attributes:
        name: as the file has it; empty until a row tells it.
        first: line number of its first row.
        stream: its rows, without a header.
    """

    name: str
    first: int
    stream: BinaryIO = field(default_factory=spooled)

    def source(self, of: Source, cut: str | None = None) -> Source:
        """Its rows as a source of their own, with the line numbers of the file."""
        self.stream.seek(0)
        return Source(of.path, self.stream, cut, skipped=self.first - 2)


def experiments(source: Source, header: Sequence[str]) -> Iterator[tuple[str, Source]]:
    """Name and rows of each experiment; a row that names none stays with those before it.

    Args:
        source: the file, its header read.
        header: names of its columns, `EXPERIMENT` among them.
    """
    at = header.index(EXPERIMENT)
    current: Experiment | None = None
    cut: str | None = None
    lines = source.lines()
    while True:
        try:
            number, line = next(lines)
        except StopIteration:
            break
        except CutError as error:
            cut = str(error)
            break
        name = _name(line, at, len(header))
        if current is not None and name and current.name not in ("", name):
            yield current.name, current.source(source)
            current = None
        if current is None:
            current = Experiment("", number)
        current.name = current.name or name
        current.stream.write(line if line.endswith(b"\n") else line + b"\n")
    if current is None and cut is not None:
        current = Experiment("", 2)
    if current is not None:
        yield current.name, current.source(source, cut)


def _name(line: bytes, at: int, width: int) -> str:
    """The experiment a row names; empty where the row is not whole."""
    fields = line.split(b",")
    if len(line) > MAX_LINE or len(fields) != width:
        return ""
    try:
        return fields[at].strip().decode("utf-8")
    except UnicodeDecodeError:
        return ""
