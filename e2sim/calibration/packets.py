"""Packet traces of TRACTOR: what one phone sent and received, application by application."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from e2sim.calibration.burst import Packets
from e2sim.calibration.files import kind_of, parsed, sources
from e2sim.replay.census import FileTally
from e2sim.replay.columns import Column, count_column
from e2sim.replay.source import Source

HEADER: Final = ("App name", "No.", "Time", "Source", "Destination", "Protocol", "Length")

_WANTED: Final = (Column("Time"), count_column("Length"))
_INDEXES: Final = tuple(HEADER.index(c.name) for c in _WANTED)
_DESTINATION: Final = HEADER.index("Destination")
_PHONE: Final = "172.30.1.1"
"""The phone's address: DNS requests come from it."""

_SHORTEST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Trace:
    """One packet trace.

    Attributes:
        name: the file's stem.
        kind: eMBB, URLLC or mMTC, from the file's name.
        downlink, uplink: packets to and from the phone, times counted from the trace's first.
        tally: rows read and refused.
    """

    name: str
    kind: str
    downlink: Packets
    uplink: Packets
    tally: FileTally


def read_traces(archive: Path) -> Iterator[Trace]:
    """The traces of a folder or archive of class-named CSV files.

    Files of other names and traces shorter than a minute are left out: `cntrl` has four packets.

    Raises:
        ValueError: a file has another header.
        e2sim.replay.source.RecordingError: the archive cannot be opened.
    """
    for _, source in sources(archive):
        trace = _trace(source)
        if trace is not None:
            yield trace


def _trace(source: Source) -> Trace | None:
    kind = kind_of(source.path.stem)
    if kind is None:
        return None
    if (header := source.header()) != list(HEADER):
        raise ValueError(f"{source.path}: header {header}, needs {list(HEADER)}")
    tally = FileTally(source.path.name, {})
    packets = [
        (*values, fields[_DESTINATION] == _PHONE)
        for fields, values in parsed(source, tally, len(HEADER), _WANTED, _INDEXES)
    ]
    if not packets:
        return None
    table = np.array(sorted(packets), np.float64)
    table[:, 0] -= table[0, 0]
    duration = float(np.floor(table[-1, 0]))
    if duration < _SHORTEST_S:
        return None
    return Trace(
        source.path.stem, kind, _direction(table, duration, 1.0), _direction(table, duration, 0.0),
        tally,
    )  # fmt: skip


def _direction(table: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", duration: float,
               down: float) -> Packets:  # fmt: skip
    chosen = table[(table[:, 2] == down) & (table[:, 0] < duration)]
    return Packets(chosen[:, 0].copy(), chosen[:, 1].astype(np.int64), duration)
