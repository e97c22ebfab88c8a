"""Energy of a site: the linear model, or that of TR 38.864 with its states."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from e2sim.network.jit import fuse
from e2sim.network.power import (
    ACTIVE_UPLINK,
    EXTRA_DEEP,
    EXTRA_LIGHT,
    FULL_LOAD,
    IDLE,
    SLEEP_DEEP,
    SLEEP_LIGHT,
    SLEEP_MICRO,
    UNSCALED,
)
from e2sim.network.records import F64, I64, Record
from e2sim.network.state import State

STATES: Final = ("active", "idle", "light", "deep", "off")
"""States of a site: transmitting or receiving; awake or in micro sleep; light and deep sleep with
their transitions; failed."""


@dataclass(frozen=True, slots=True)
class Energy:
    """What N sites did and took in the last period; columns are `STATES`.

    Under the linear model, which knows no sleep, slots and joules of a site that has not failed
    all stand under `active`.

    Attributes:
        slots: int64 [N, 5]; the sum over states is the period's.
        joules: float64 [N, 5]; the sum over states is `Detail.energy_j`.
        entries: int64 [N, 2], how often light and deep sleep were entered.
    """

    slots: I64
    joules: F64
    entries: I64


@fuse
def clear_slots(site: Record) -> None:
    """A period begins."""
    site.active_slots = 0
    site.idle_slots = 0
    site.light_slots = 0
    site.deep_slots = 0
    site.off_slots = 0
    site.light_entries = 0
    site.deep_entries = 0
    site.sent_slots = 0
    site.heard_slots = 0
    site.spent_prbs = 0


@fuse
def spend(carrier: Record, site: Record) -> None:
    """Joules of the period just played, by state.

    The energy of a transition is spent when the sleep begins, on both ways.
    """
    slot_s = carrier.slot_ms / 1000.0
    off = site.off_slots * slot_s
    site.off_j = carrier.off_w * off
    if not carrier.sleeps:
        site.active_slots = carrier.slots - site.off_slots
        site.active_j = linear_w(carrier, site) * (carrier.slots * carrier.slot_ms / 1000.0)
        site.active_j -= site.off_j
        return
    unit, dynamic = carrier.unit_w, FULL_LOAD - SLEEP_MICRO
    unloaded = SLEEP_MICRO + UNSCALED * dynamic
    idle = SLEEP_MICRO if carrier.deepest >= IDLE else unloaded
    loaded = (1.0 - UNSCALED) * dynamic * site.boost * (site.spent_prbs / carrier.prbs)
    # What a slot takes that has uplink data on top of micro sleep comes on top of it here, too.
    hearing = (ACTIVE_UPLINK - SLEEP_MICRO) * site.heard_slots
    hearing += idle * (site.active_slots - site.sent_slots)
    site.active_j = unit * (unloaded * site.sent_slots + loaded + hearing) * slot_s
    site.idle_j = unit * idle * site.idle_slots * slot_s
    light = SLEEP_LIGHT * site.light_slots * slot_s + EXTRA_LIGHT * site.light_entries / 1000.0
    deep = SLEEP_DEEP * site.deep_slots * slot_s + EXTRA_DEEP * site.deep_entries / 1000.0
    site.light_j = unit * light
    site.deep_j = unit * deep


@fuse
def linear_w(carrier: Record, site: Record) -> float:
    """Mean power of the period in W by the linear model, see `scenario.Power`."""
    load = site.used_prbs / (carrier.prbs * carrier.slots)
    transmitted_w = carrier.max_w * site.boost * load
    received_w = carrier.receive_w * site.received / carrier.slots
    mean = carrier.chains * (carrier.fixed_w + carrier.slope * transmitted_w + received_w)
    missing = (carrier.off_w - carrier.chains * carrier.fixed_w) * (site.off_slots / carrier.slots)
    return float(mean + missing)


@fuse
def mean_w(carrier: Record, site: Record) -> float:
    """Mean power of the period in W."""
    if not carrier.sleeps:
        return linear_w(carrier, site)
    total = site.active_j + site.idle_j + site.light_j + site.deep_j + site.off_j
    return float(total / (carrier.slots * carrier.slot_ms / 1000.0))


def energy_j(state: State) -> F64:
    """Energy of each cell's site over the period just played in J, shape [N]."""
    total: F64 = energy_of(state).joules.sum(axis=1)
    return total


def energy_of(state: State) -> Energy:
    """The energy of the period just played, as copies."""
    cells = state.cells
    return Energy(
        np.stack([cells[f"{name}_slots"] for name in STATES], axis=1),
        np.stack([cells[f"{name}_j"] for name in STATES], axis=1),
        np.stack([cells["light_entries"], cells["deep_entries"]], axis=1),
    )
