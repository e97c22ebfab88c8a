"""The domain: how cells differ in training, so that one policy serves any intent and any node."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from oran.intent import DEFAULT_INTENTS, Intent, Sla
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.snssai import Snssai
from xapp.decision.targets import TargetsBatch

_BY_SST: Final = {intent.snssai.sst: intent for intent in DEFAULT_INTENTS}


@dataclass(frozen=True, slots=True)
class Domain:
    """Distributions from which each group of cells draws its intents and capabilities.

    Attributes:
        default_share: share of groups that keep the default intents, 0..1.
        weight_factor: weights are multiplied by up to this factor or its inverse, log-uniformly.
        throughput_factor: the same for throughput targets.
        delay_factor: the same for delay targets.
        drop_factor: the same for drop targets.
        silent_share: share of groups whose node does not report everything, 0..1.
        silence: probability of each measurement to be absent there, 0..1.
    """

    default_share: float = 0.5
    weight_factor: float = 3.0
    throughput_factor: float = 2.0
    delay_factor: float = 2.0
    drop_factor: float = 5.0
    silent_share: float = 0.25
    silence: float = 0.25


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What stays fixed through a cell's life.

    Attributes:
        targets: of N cells with S slice places.
        silent_slices: bool [N, 1, len(SLICE_MEASUREMENTS)], True where not reported.
        silent_cell: bool [N, len(CELL_MEASUREMENTS)], True where not reported.
    """

    targets: TargetsBatch
    silent_slices: NDArray[np.bool_]
    silent_cell: NDArray[np.bool_]

    def spliced(self, rows: slice, other: "Circumstances") -> "Circumstances":
        """These, with `other` in place of `rows`."""
        return joined([self.at(slice(0, rows.start)), other, self.at(slice(rows.stop, None))])

    def at(self, rows: slice) -> "Circumstances":
        """Those of some cells."""
        t = self.targets
        return Circumstances(
            TargetsBatch(
                t.sst[rows],
                t.weight[rows],
                t.throughput_kbps[rows],
                t.delay_ms[rows],
                t.drop_rate[rows],
            ),
            self.silent_slices[rows],
            self.silent_cell[rows],
        )


_Scalar = TypeVar("_Scalar", bound=np.generic)


def spliced(old: NDArray[_Scalar], rows: slice, new: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """A copy of `old` with `new` in place of `rows`."""
    return np.concatenate((old[: rows.start], new, old[rows.stop :]))


def default_intents(snssais: Sequence[Snssai]) -> tuple[Intent, ...]:
    """The default intent of each slice's type; eMBB's for types that have none."""
    return tuple(
        Intent(s, like.sla, like.weight)
        for s in snssais
        for like in (_BY_SST.get(s.sst, _BY_SST[1]),)
    )


def default_circumstances(snssais: Sequence[Snssai], cells: int) -> Circumstances:
    """Default intents and nodes that report everything."""
    return _gathered([(default_intents(snssais), _heard())] * cells, len(snssais))


def draw_circumstances(
    domain: Domain,
    snssais: Sequence[Snssai],
    places: int,
    groups: int,
    copies: int,
    rng: np.random.Generator,
) -> Circumstances:
    """Circumstances of `groups x copies` cells, the same for all copies in a group.

    Args:
        domain: what is drawn from.
        snssais: the cells' slices.
        places: slice places S, at least as many as slices.
        groups, copies: number of cells.
        rng: where from.
    """
    drawn = []
    for _ in range(groups):
        intents = default_intents(snssais)
        if rng.random() >= domain.default_share:
            intents = tuple(_varied(intent, domain, rng) for intent in intents)
        silent = rng.random() < domain.silent_share
        chance = domain.silence if silent else 0.0
        drawn += [(intents, rng.random(_MEASUREMENTS) < chance)] * copies
    return _gathered(drawn, places)


_SLICE_MEASUREMENTS: Final = len(SLICE_MEASUREMENTS)
_MEASUREMENTS: Final = _SLICE_MEASUREMENTS + len(CELL_MEASUREMENTS)


def joined(parts: Sequence[Circumstances]) -> Circumstances:
    """Circumstances of several batches of cells, one below the other."""
    return Circumstances(
        _targets([p.targets for p in parts]),
        np.concatenate([p.silent_slices for p in parts]),
        np.concatenate([p.silent_cell for p in parts]),
    )


def _gathered(
    cells: Sequence[tuple[Sequence[Intent], NDArray[np.bool_]]], places: int
) -> Circumstances:
    """From each cell's intents and silent measurements, the slices' before the cell's."""
    silent = np.array([s for _, s in cells])
    return Circumstances(
        _targets([_padded(TargetsBatch.of(intents), places) for intents, _ in cells]),
        silent[:, None, :_SLICE_MEASUREMENTS],
        silent[:, _SLICE_MEASUREMENTS:],
    )


def _targets(parts: Sequence[TargetsBatch]) -> TargetsBatch:
    return TargetsBatch(
        np.concatenate([t.sst for t in parts]),
        np.concatenate([t.weight for t in parts]),
        np.concatenate([t.throughput_kbps for t in parts]),
        np.concatenate([t.delay_ms for t in parts]),
        np.concatenate([t.drop_rate for t in parts]),
    )


def _padded(targets: TargetsBatch, places: int) -> TargetsBatch:
    """With slice places without targets behind."""

    def behind(values: NDArray[_Scalar], fill: float) -> NDArray[_Scalar]:
        empty = places - values.shape[1]
        return np.pad(values, ((0, 0), (0, empty)), constant_values=fill)

    return TargetsBatch(
        behind(targets.sst, 0),
        behind(targets.weight, 1.0),
        behind(targets.throughput_kbps, np.nan),
        behind(targets.delay_ms, np.nan),
        behind(targets.drop_rate, np.nan),
    )


def _heard() -> NDArray[np.bool_]:
    return np.zeros(_MEASUREMENTS, np.bool_)


def _varied(intent: Intent, domain: Domain, rng: np.random.Generator) -> Intent:
    def times(value: float, factor: float) -> float:
        return float(value * factor ** rng.uniform(-1.0, 1.0))

    sla = intent.sla
    return Intent(
        intent.snssai,
        Sla(
            None if (v := sla.throughput_kbps) is None else times(v, domain.throughput_factor),
            None if (v := sla.delay_ms) is None else times(v, domain.delay_factor),
            None if (v := sla.drop_rate) is None else min(times(v, domain.drop_factor), 1.0),
        ),
        times(intent.weight, domain.weight_factor),
    )
