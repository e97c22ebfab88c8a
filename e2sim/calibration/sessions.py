"""Radio rows of TRACTOR, each once: sessions of single users, grouped into runs of the testbed.

The recording repeats itself: a later folder's file of a user begins with the rows of the earlier
folder's, and folders of one class hold rows of another's run. Rows are told apart by user and time
stamp; a run whose rows stand in folders of several classes has the class `mixed`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.calibration.files import kind_of, parsed, sources
from e2sim.replay.census import FileTally
from e2sim.replay.columns import Column, count_column, index_of, time_column
from e2sim.replay.period import PERIOD_MS
from e2sim.replay.source import Source

F64 = NDArray[np.float64]

PERIOD_S: Final = PERIOD_MS / 1e3
"""A row covers this long."""

COLUMNS: Final = (
    time_column("Timestamp"),
    Column("dl_mcs", high=28.0),
    count_column("dl_n_samples"),
    count_column("dl_buffer [bytes]"),
    Column("tx_brate downlink [Mbps]"),
    count_column("tx_pkts downlink"),
    Column("tx_errors downlink (%)", high=100.0),
    Column("dl_cqi", high=15.0),
    count_column("rx_pkts uplink"),
    Column("rx_errors uplink (%)", high=100.0),
    Column("ul_sinr", high=60.0),
    count_column("sum_granted_prbs"),
)
"""Columns of a row, in the order of the indices below."""

(TIME, MCS, SAMPLES, BUFFER, RATE, BLOCKS, ERRORS, CQI, UL_BLOCKS, UL_ERRORS, UL_SINR,
 GRANTED) = range(len(COLUMNS))  # fmt: skip

_APART_MS: Final = 1_000
_SHORTEST: Final = 40


@dataclass(frozen=True, slots=True)
class Session:
    """Rows of one user without a gap of more than a second.

    Attributes:
        user: the file's stem.
        kind: eMBB, URLLC, mMTC or mixed.
        rows: float64 [R, len(COLUMNS)], in the order of time, R >= 40.
    """

    user: str
    kind: str
    rows: F64


@dataclass(slots=True)
class Recorded:
    """All sessions of the recording.

    Attributes:
        runs: sessions that overlap in time, any user's, run after run.
        read: rows in the files.
        repeated: rows that stand in an earlier file too.
        refused: rows that a column refused.
        short: rows of sessions shorter than 10 s.
    """

    runs: list[list[Session]] = field(default_factory=list)
    read: int = 0
    repeated: int = 0
    refused: int = 0
    short: int = 0

    def split(self) -> tuple[list[Session], list[Session]]:
        """Sessions to fit on and sessions held out, about as many rows each.

        Whole runs go to either side, the longest first, each to the side with fewer rows: users of
        one run shared cell and channel.
        """
        parts: tuple[list[Session], list[Session]] = ([], [])
        filled = [0, 0]
        for run in sorted(self.runs, key=_length, reverse=True):
            side = filled.index(min(filled))
            parts[side].extend(run)
            filled[side] += _length(run)
        return parts


def _length(run: list[Session]) -> int:
    return sum(len(s.rows) for s in run)


@dataclass(slots=True)
class _User:
    rows: dict[int, tuple[float, ...]] = field(default_factory=dict)
    kinds: dict[int, set[str]] = field(default_factory=dict)


def read_sessions(archive: Path) -> Recorded:
    """The sessions of a TRACTOR log archive or folder.

    Raises:
        e2sim.replay.source.RecordingError: it cannot be opened.
    """
    recorded, users = Recorded(), dict[str, _User]()
    for folder, source in sources(archive):
        kind = kind_of(folder) or "mixed"
        _read(source, kind, users.setdefault(source.path.stem, _User()), recorded)
    sessions = [s for name, user in sorted(users.items()) for s in _sessions(name, user, recorded)]
    recorded.runs = _runs(sessions)
    return recorded


def _read(source: Source, kind: str, user: _User, recorded: Recorded) -> None:
    header = source.header()
    indexes = index_of(header, COLUMNS)
    if indexes is None:
        raise ValueError(f"{source.path}: the header lacks one of {[c.name for c in COLUMNS]}")
    tally = FileTally(str(source.path), {})
    for _, row in parsed(source, tally, len(header), COLUMNS, indexes):
        time_ms = int(row[TIME])
        user.kinds.setdefault(time_ms, set()).add(kind)
        if time_ms in user.rows:
            recorded.repeated += 1
        else:
            user.rows[time_ms] = row
    recorded.read += tally.read
    recorded.refused += sum(tally.refused.values())


def _sessions(name: str, user: _User, recorded: Recorded) -> Iterator[Session]:
    times = sorted(user.rows)
    edges = np.flatnonzero(np.diff(times) > _APART_MS) + 1
    for part in np.split(np.array(times, np.int64), edges):
        if len(part) < _SHORTEST:
            recorded.short += len(part)
            continue
        stamps = part.tolist()
        kinds = set[str]().union(*(user.kinds[t] for t in stamps))
        kind = kinds.pop() if len(kinds) == 1 else "mixed"
        yield Session(name, kind, np.array([user.rows[t] for t in stamps]))


def _runs(sessions: list[Session]) -> list[list[Session]]:
    runs: list[list[Session]] = []
    end = -1.0
    for session in sorted(sessions, key=lambda s: float(s.rows[0, TIME])):
        if session.rows[0, TIME] > end:
            runs.append([])
        runs[-1].append(session)
        end = max(end, float(session.rows[-1, TIME]))
    return runs
