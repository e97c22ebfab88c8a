"""ColO-RAN: how a slice answers to PRBs, how long decisions took, and which were taken."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.calibration.files import parsed, sources
from e2sim.replay.census import FileTally
from e2sim.replay.columns import Column, count_column, index_of
from e2sim.replay.source import Source

F64 = NDArray[np.float64]

_ROW: Final = (
    count_column("slice_id"),
    count_column("slice_prb"),
    Column("tx_brate_dl_mbps"),
    count_column("dl_buffer_bytes"),
)
_DECISION: Final = (
    count_column("latency_ms"),
    *(count_column(f"{name}{i}") for name in ("sched", "rbg") for i in range(3)),
)

OFFERED_MBPS: Final = (3.5, 4.8)
"""Served rates of an experiment that count as 4 Mbit/s offered."""

_EMPTY_BYTES: Final = 3000.0
_LEAST: Final = 80


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of one experiment of the recording.

    Attributes:
        experiment: its name.
        rows: float64 [R, columns].
    """

    experiment: str
    rows: F64


@dataclass(frozen=True, slots=True)
class Experiments:
    """All experiments, and what was read.

    Attributes:
        samples: one entry an experiment, by name.
        tally: rows read and refused.
    """

    samples: list[Sample]
    tally: FileTally


def read_rows(path: Path) -> Experiments:
    """Slice id, PRBs, Mbit/s and buffer bytes of each row, experiment by experiment."""
    return _read(path, _ROW)


def read_decisions(path: Path) -> Experiments:
    """Latency in ms, three schedulers and three RBG counts of each decision."""
    return _read(path, _DECISION)


def _read(path: Path, columns: tuple[Column, ...]) -> Experiments:
    tally = FileTally(path.name, {})
    found: dict[str, list[tuple[float, ...]]] = {}
    for _, source in sources(path):
        for name, row in _named(source, columns, tally):
            found.setdefault(name, []).append(row)
    samples = [Sample(name, np.array(part)) for name, part in sorted(found.items())]
    return Experiments(samples, tally)


def _named(
    source: Source, columns: tuple[Column, ...], tally: FileTally
) -> Iterator[tuple[str, tuple[float, ...]]]:
    header = source.header()
    indexes = index_of(header, columns)
    if indexes is None or header[0] != "exp":
        raise ValueError(
            f"{source.path}: header {header}, needs exp and {[c.name for c in columns]}"
        )
    for fields, row in parsed(source, tally, len(header), columns, indexes):
        yield fields[0], row


@dataclass(frozen=True, slots=True)
class Response:
    """What a slice gets from its PRBs at one offered rate.

    Attributes:
        prbs: float64 [P], most PRBs of the slice, increasing.
        rate_mbps: float64 [P], mean.
        buffer_bytes: float64 [P], mean of what waits at a sample's end.
        samples: int64 [P].
    """

    prbs: F64
    rate_mbps: F64
    buffer_bytes: F64
    samples: NDArray[np.int64]


def response(samples: list[Sample]) -> Response:
    """The answer of slice 0 (eMBB) to its PRBs, over experiments that offer it 4 Mbit/s.

    No column tells the offered rate. It is taken to be the median rate of the experiment's samples
    with less than 3 kB waiting; 3.5 to 4.8 Mbit/s counts as 4.
    """
    embb = [s.rows[s.rows[:, 0] == 0.0] for s in samples]
    chosen = np.concatenate([np.empty((0, 4)), *(r for r in embb if _offered(r))])
    return response_of(chosen[:, 1], chosen[:, 2], chosen[:, 3])


def response_of(prbs: F64, rate_mbps: F64, buffer_bytes: F64) -> Response:
    """Means at each number of PRBs with at least `_LEAST` of the samples, all float64 [R]."""
    values, counts = np.unique(prbs, return_counts=True)
    kept = values[counts >= _LEAST]
    at = [prbs == p for p in kept]
    return Response(
        kept,
        np.array([rate_mbps[a].mean() for a in at]),
        np.array([buffer_bytes[a].mean() for a in at]),
        np.array([a.sum() for a in at], np.int64),
    )


def _offered(rows: F64) -> bool:
    served = rows[rows[:, 3] < _EMPTY_BYTES, 2]
    low, high = OFFERED_MBPS
    return len(served) > 0 and bool(low <= np.median(served) <= high)


def split(experiments: Experiments) -> tuple[list[Sample], list[Sample]]:
    """Experiments to fit on and held out, in turn by name: rows of one depend on each other."""
    return experiments.samples[::2], experiments.samples[1::2]


def best_constant_share(sample: Sample) -> float:
    """Share of an experiment's decisions that its most frequent action makes up, 0..1."""
    actions = Counter(map(tuple, sample.rows[:, 1:].tolist()))
    return actions.most_common(1)[0][1] / len(sample.rows)
