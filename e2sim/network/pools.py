"""Pools: the devices of each slice, as the plan and the state of the kernel hold them."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from e2sim.network.calendar import BINS, chances_of
from e2sim.network.records import F64, I64, record
from e2sim.scenario import DeviceGroup, Devices, Scenario

(SOUGHT, BARRED, WAITING_GRANT, CONNECTED, TRIAL, WON, UNGRANTED_ROW, BACKOFF) = range(8)
"""Rows of a group: calendars of devices to be paged, barred, granted and connected; those that
transmit at this occasion, by transmissions before, those of them that won a grant, and those whose
preamble nobody shared but for which there was no grant; from `BACKOFF` on the calendars of those
that back off, by transmissions before. The widths of bins are the same in all of the latter."""
CALENDARS: Final = 5
"""Kinds of calendars; backing off is the last."""
_BACKING: Final = 4

COUNTERS: Final = (
    "reports", "skipped", "checks", "refused", "attempts", "collided", "ungranted", "succeeded",
    "abandoned", "delay_slots", "asleep_slots", "sought_slots", "barred_slots", "backoff_slots",
    "waiting_slots", "connected_slots", "unheard",
)  # fmt: skip
"""What is counted of each group, see `devices.Access`; behind them, accesses by transmissions."""
(
    REPORTS, SKIPPED, CHECKS, REFUSED, ATTEMPTS, COLLIDED, UNGRANTED, SUCCEEDED,
    ABANDONED, DELAY, ASLEEP_TIME, SOUGHT_TIME, BARRED_TIME, BACKOFF_TIME,
    WAITING_TIME, CONNECTED_TIME, UNHEARD,
) = range(len(COUNTERS))  # fmt: skip
TRIES: Final = len(COUNTERS)
"""First column of the accesses by transmissions."""

NO_OCCASION: Final = 2**62

POOL_RULES: Final = record(
    first="i8",  # group of the slice
    last="i8",  # group behind it
    occasion="i8",  # slots between occasions
    preambles="i8",
    grants="i8",
    transmissions="i8",
    setup="i8",  # slots from preamble to connection
)
"""What all cells share about one slice's devices."""

GROUP_RULES: Final = record(
    devices="i8",
    window="f8",  # slots of a period in which its reports come due
    period="f8",
    burst="i8",  # 1 where they do as Beta(3, 4)
    network="i8",  # 1 where devices are paged
    payload="i8",
)
"""What all cells share about one group of devices."""

POOL: Final = record(
    stream="u8",
    next="i8",  # slot of the next occasion
    number="i8",  # of that occasion
    since="i8",  # slot up to which times have been counted
)
"""One slice's devices."""

GROUP: Final = record(
    stream="u8",  # of the reports
    opened="f8",  # slot in which the period began
    share="f8",  # of the period's reports that have come due
    left="i8",  # devices whose reports have not come due in the period
    due="i8",  # those of them that were asleep when the period began: they will report
    # devices by state
    asleep="i8",
    sought="i8",
    barred="i8",
    backing="i8",
    waiting="i8",
    connected="i8",
)
"""One group of devices."""


def rows_of(scenario: Scenario) -> int:
    """Rows a group has."""
    most = max((d.access.preamble_trans_max for _, d in _pools(scenario)), default=0)
    return BACKOFF + most


def columns_of(scenario: Scenario) -> int:
    """Columns of a group's counters."""
    return TRIES + rows_of(scenario) - BACKOFF


def groups_of(scenario: Scenario) -> int:
    """Groups of all slices."""
    return sum(len(d.groups) for _, d in _pools(scenario))


def _pools(scenario: Scenario) -> Iterator[tuple[int, Devices]]:
    return ((i, s.devices) for i, s in enumerate(scenario.slices) if s.devices is not None)


def pool_rules(scenario: Scenario) -> list[dict[str, float]]:
    """Rows of `POOL_RULES`, one a slice; without devices there are no groups and no occasions."""
    rows: list[dict[str, float]] = []
    first = 0
    per_ms = 1 << scenario.numerology
    for s in scenario.slices:
        d = s.devices
        last = first + (len(d.groups) if d else 0)
        a = d.access if d else None
        rows.append(
            {
                "first": first,
                "last": last,
                "occasion": a.occasion_ms * per_ms if a else NO_OCCASION,
                "preambles": a.preambles if a else 0,
                "grants": a.grants if a else 0,
                "transmissions": a.preamble_trans_max if a else 0,
                "setup": _setup(d) * d.access.occasion_ms * per_ms if d else 0,
            }
        )
        first = last
    return rows


def group_rules(scenario: Scenario) -> list[dict[str, float]]:
    """Rows of `GROUP_RULES`."""
    per_s = 1000.0 * (1 << scenario.numerology)
    return [
        {
            "devices": count,
            "window": per_s * (g.burst_s if g.activation == "burst" else g.period_s),
            "period": per_s * g.period_s,
            "burst": g.activation == "burst",
            "network": g.origin == "network",
            "payload": g.payload_bytes,
        }
        for _, d in _pools(scenario)
        for g, count in zip(d.groups, d.members, strict=True)
    ]


def calendars_of(scenario: Scenario) -> tuple[I64, F64]:
    """Widths [G, CALENDARS] and chances [G, CALENDARS, BINS] of the groups' calendars."""
    made = [
        [chances_of(waits) for waits in _waits(d, g)] for _, d in _pools(scenario) for g in d.groups
    ]
    widths = np.array([[w for w, _ in row] for row in made], np.int64).reshape(-1, CALENDARS)
    chances = np.array([[c for _, c in row] for row in made]).reshape(-1, CALENDARS, BINS)
    return widths, chances


def _waits(d: Devices, g: DeviceGroup) -> list[dict[int, float]]:
    """Probabilities of the waits of each calendar, in occasions."""
    a = d.access
    step = float(a.occasion_ms)
    barred = 1000.0 * a.barring_s
    return [
        _uniform(0.0, 1000.0 * g.cycle_s / step),
        _uniform(0.7 * barred / step, 1.3 * barred / step),
        {_setup(d): 1.0},
        {max(math.ceil(1000.0 * d.connected_s / step), 1): 1.0},
        _uniform(a.response_ms / step, (a.response_ms + a.backoff_ms) / step),
    ]


def _setup(d: Devices) -> int:
    """Occasions from a preamble to the connection."""
    return max(-(-(d.access.response_ms + d.access.setup_ms) // d.access.occasion_ms), 1)


_FINEST: Final = 4096


def _uniform(low: float, high: float) -> dict[int, float]:
    """A wait uniform on [low, high], up to the next occasion.

    Where it spans more than thousands of occasions, every so many stand for those around them.
    """
    if high <= low:
        return {max(math.ceil(low), 1): 1.0}
    stride = max(int((high - low) / _FINEST), 1)
    waits: dict[int, float] = {}
    first, last = max(math.ceil(low), 1), max(math.ceil(high), 1)
    edge = low
    for n in range(first, last + stride, stride):
        top = min(float(n), high)
        if top > edge:
            middle = max(n - stride // 2, 1)
            waits[middle] = waits.get(middle, 0.0) + (top - edge) / (high - low)
            edge = top
    return waits
