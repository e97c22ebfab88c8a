"""Core reports: a period's sums in the units and resolution of the catalogue; and ground truth."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from e2sim.core.flow import BYTES, PACKETS
from e2sim.core.plan import Plan
from e2sim.core.state import STEADY, State
from e2sim.network.records import F64, I64
from oran.core.batch import CoreReportBatch
from oran.core.measurements import CORE_SLICE_MEASUREMENTS, LINK_MEASUREMENTS, SITE_MEASUREMENTS
from oran.measurements import Measurement

_US: Final = 1e3
_NOTHING: Final = 0.5
"""Fewer packets than this are none: a fluid leaves traces where no packet was."""


@dataclass(frozen=True, slots=True)
class CoreDetail:
    """Ground truth of the last period, before any rounding; packets and bytes are a fluid's.

    The last axis of what counts both is (packets, bytes). Over a period, in each cell and slice,
    offered = delivered + lost + (waiting at the end - waiting at the beginning), to rounding.

    Attributes:
        offered: float64 [N, S, 2].
        delivered: float64 [N, S, 2], at the gNB.
        waiting: float64 [N, S, 2], in queues and for a UPF, at the period's end.
        lost: float64 [N, M, S, 3, 2], at each site and then each link, by reason: no room, errors
            of a line, failure.
        lost_waiting_for_upf: float64 [N, S, 2], for want of room during a migration.
        core_ms: float64 [N, S], mean time in the UPF of packets delivered; NaN without.
        transport_ms: float64 [N, S], mean time from there to the gNB, put in order.
        reorder_ms: float64 [N, S], the part of it spent waiting for slower paths.
        migrations: int64 [N, S], interruptions begun.
        cancelled: int64 [N, S], transfers given up for another wish.
        interrupted_ms: float64 [N, S], time without a UPF.
        cost: float64 [N, S].
        background: float64 [N, M], background work that waits.
    """

    offered: F64
    delivered: F64
    waiting: F64
    lost: F64
    lost_waiting_for_upf: F64
    core_ms: F64
    transport_ms: F64
    reorder_ms: F64
    migrations: I64
    cancelled: I64
    interrupted_ms: F64
    cost: F64
    background: F64


def detail_of(state: State) -> CoreDetail:
    """The ground truth of the period just played, as copies."""
    t = state.tallies

    def both(name: str) -> F64:
        return np.stack([t[f"{name}_packets"], t[f"{name}_bytes"]], axis=-1)

    queued = state.queue[..., [PACKETS, BYTES]].sum(axis=(1, 3))
    return CoreDetail(
        offered=both("offered"),
        delivered=both("delivered"),
        waiting=queued + state.hold[..., [PACKETS, BYTES]],
        lost=state.lost.copy(),
        lost_waiting_for_upf=both("migration"),
        core_ms=_mean(t["core_ms"], t["delivered_packets"]),
        transport_ms=_mean(t["transport_ms"], t["delivered_packets"]),
        reorder_ms=_mean(t["reorder_ms"], t["delivered_packets"]),
        migrations=t["migrations"].copy(),
        cancelled=t["cancelled"].copy(),
        interrupted_ms=t["interrupted_ms"].copy(),
        cost=t["cost"].copy(),
        background=state.stations["background"].copy(),
    )


def report_of(
    plan: Plan, state: State, period_ms: int, health: F64, radio_ms: F64
) -> CoreReportBatch:
    """The report of the period just played.

    Args:
        plan: of the scenario.
        state: after the period.
        period_ms: its length.
        health: float64 [N, M] as played.
        radio_ms: float64 [N, S] mean delay in the radio, NaN where not measured.

    Raises:
        ValueError: a value is outside its range in the catalogue.
    """
    sites = int(plan.header["sites"][0])
    stations = _stations(plan, state)
    flags = np.where(health == 0.0, 2, np.where(health < 1.0, 1, 0))
    return CoreReportBatch(
        period_ms,
        _quantised(stations[:, :sites], SITE_MEASUREMENTS),
        _quantised(stations[:, sites:], LINK_MEASUREMENTS),
        _quantised(_slices(state, sites, radio_ms), CORE_SLICE_MEASUREMENTS),
        flags[:, :sites],
        flags[:, sites:],
        state.slices["site"].copy(),
        state.slices["phase"] != STEADY,
    )


def _stations(plan: Plan, state: State) -> F64:
    """Utilisation, delay and loss, which the catalogue has for sites and links alike.

    Loss is of the packets whose fate was decided in the period: those lost may have come before it.
    """
    s = state.stations
    lost = state.lost[..., PACKETS].sum(axis=(2, 3))
    delay_us = (_mean(s["wait"], s["up"]) + plan.rules["delay"]) * _US
    return np.stack(
        [
            100.0 * _mean(s["busy"], s["up"]),
            delay_us,
            1e6 * _mean(lost, lost + s["passed"]),
        ],
        axis=-1,
    )


def _slices(state: State, sites: int, radio_ms: F64) -> F64:
    t = state.tallies
    n = t["delivered_packets"]
    by_station = state.lost[..., PACKETS].sum(axis=3)
    on_links = by_station[:, sites:].sum(axis=1)
    lost = by_station.sum(axis=1) + t["migration_packets"]
    core, transport = _mean(t["core_ms"], n), _mean(t["transport_ms"], n)
    return np.stack(
        [
            t["sent_packets"],
            t["sent_bytes"],
            on_links,
            1e6 * _mean(lost, lost + n),
            core * _US,
            transport * _US,
            np.where(n < _NOTHING, np.nan, t["p99"]) * _US,
            (core + transport + radio_ms) * _US,
            t["cost"] * 1e3,
        ],
        axis=-1,
    )


def _mean(total: F64, count: F64) -> F64:
    some = count >= _NOTHING
    return np.where(some, total / np.where(some, count, 1.0), np.nan)


def _quantised(values: F64, table: tuple[Measurement, ...]) -> F64:
    low, high, step = np.array([(m.low, m.high, m.resolution) for m in table]).T
    out: F64 = np.rint(values / step) * step
    bad = (out < low) | (out > high)
    if bad.any():
        place = tuple(np.argwhere(bad)[0])
        table[place[-1]].quantise(float(out[place]))  # raises, and says why
    return out
