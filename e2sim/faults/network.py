"""What faults do to the network: the kernel's table, health flags, and factors for the core."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.faults.process import CLEAR, STRUCK, Phases
from e2sim.scenario import Fault

F64 = NDArray[np.float64]

(DOWN, LOSS, JAM) = range(3)
EFFECTS: Final = 3
"""Columns of the kernel's table: phase of the gNB's outage, share of arriving SDUs that are lost,
and the factor by which interference rises. Without faults they are 0, 0 and 1."""

OK: Final = 0
DEGRADED: Final = 1
FAILED: Final = 2
"""Health flags, in the order of `oran.report.State`."""


def struck_table(faults: tuple[Fault, ...], phases: Phases) -> F64:
    """What the kernel is to do in each tick, float64 [N, T, EFFECTS]; `phases` int8 [N, T, F]."""
    table = np.zeros((*phases.shape[:2], EFFECTS))
    kept, jam = np.ones(phases.shape[:2]), np.ones(phases.shape[:2])
    for f, fault in enumerate(faults):
        on = phases[..., f] == STRUCK
        if fault.kind == "gnb_outage":
            table[..., DOWN] = np.maximum(table[..., DOWN], phases[..., f])
        elif fault.kind == "backhaul_loss":
            kept *= np.where(on, 1.0 - fault.degree, 1.0)
        elif fault.kind == "interference_burst":
            jam *= np.where(on, 10.0 ** (fault.degree / 10.0), 1.0)
    table[..., LOSS], table[..., JAM] = 1.0 - kept, jam
    return table


def health_of(table: F64, used: NDArray[np.int64]) -> NDArray[np.int8]:
    """Health flags of gNB and backhaul, int8 [N, 2].

    `FAILED` where nothing goes through at the period's end, `DEGRADED` where something is amiss in
    the period. `used` [N] is the number of ticks of `table` that are the period's.
    """
    cells, ticks, _ = table.shape
    within = np.arange(ticks) < used[:, None]
    last = table[np.arange(cells), used - 1]
    amiss = (table[..., (DOWN, LOSS)] > 0.0) & within[..., None]
    gone = np.stack((last[:, DOWN] > 0.0, last[:, LOSS] >= 1.0), axis=1)
    return np.where(gone, FAILED, np.where(amiss.any(axis=1), DEGRADED, OK)).astype(np.int8)


def names_of(faults: tuple[Fault, ...], kind: str) -> tuple[str, ...]:
    """Names of the sites or links that can fail, each once, in the order of the faults."""
    return tuple(dict.fromkeys(f.name for f in faults if f.kind == kind and f.name))


def factors(faults: tuple[Fault, ...], phases: Phases, used: NDArray[np.int64], kind: str) -> F64:
    """Health factors 0..1 of the named parts of one kind, float64 [N, names]: mean over a period.

    Args:
        faults: F of them.
        phases: int8 [N, T, F].
        used: [N], the number of ticks that are the period's.
        kind: `site_outage` or `link_outage`.
    """
    names = names_of(faults, kind)
    cells, ticks, _ = phases.shape
    within = np.arange(ticks) < used[:, None]
    out = np.ones((cells, ticks, len(names)))
    for f, fault in enumerate(faults):
        if fault.kind == kind and fault.name:
            on = phases[..., f] != CLEAR
            out[..., names.index(fault.name)] *= np.where(on, 1.0 - fault.degree, 1.0)
    mean: F64 = (out * within[..., None]).sum(axis=1) / used[:, None]
    return mean


def in_order(names: tuple[str, ...], health: F64, wanted: tuple[str, ...]) -> F64:
    """Health factors [N, names] as those of the parts `wanted`, 1 where none of them can fail."""
    out = np.ones((len(health), len(wanted)))
    for i, name in enumerate(wanted):
        if name in names:
            out[:, i] = health[:, names.index(name)]
    return out
