"""What devices went through: accesses, delays, energy and battery life."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from e2sim.network.pools import (
    ASLEEP_TIME,
    ATTEMPTS,
    BACKOFF_TIME,
    BARRED_TIME,
    CONNECTED_TIME,
    COUNTERS,
    SOUGHT_TIME,
    SUCCEEDED,
    TRIES,
    WAITING_TIME,
)
from e2sim.network.records import F64, I64
from e2sim.network.state import State
from e2sim.scenario import DeviceGroup, Devices, Scenario

STATES: Final = ("asleep", "sought", "barred", "backing", "waiting", "connected")
"""Every device is in one of these: asleep, asleep while the network seeks it, barred, backing off
after a preamble, granted but not yet connected, connected."""

_YEAR_S: Final = 365.25 * 86_400.0


@dataclass(frozen=True, slots=True)
class Access:
    """Ground truth of the groups of devices, those of all slices one after the other.

    `period` and `total` have the columns of `COUNTERS`, and then one a number of transmissions.

    Attributes:
        slice: int64 [G], place of each group's slice in the scenario.
        devices: int64 [G], devices of each group.
        states: int64 [N, G, len(STATES)], devices by state at the period's end.
        period: float64 [N, G, C], counters of the last period.
        total: float64 [N, G, C], since the cell's reset.
        energy_j: float64 [N, G], what all devices of a group spent in the last period.
        battery_years: float64 [N, G], life of a full battery at the mean power since the reset,
            NaN before the first period.
    """

    slice: I64
    devices: I64
    states: I64
    period: F64
    total: F64
    energy_j: F64
    battery_years: F64

    def of(self, name: str, *, total: bool = False) -> F64:
        """A counter by its name, [N, G], of the period or since the reset.

        `reports` that came due; of them `skipped`, for their devices were busy when the period of
        reports began; `checks` of access barring and those `refused`; `attempts`: preambles; of
        them `collided`, `ungranted`, `unheard` by a gNB that had failed, or `succeeded`;
        `abandoned`: accesses given up after preambleTransMax; `delay_slots` from a report's coming
        due to the connection, summed over
        those that succeeded, of which the mean is exact and the sum an expectation; the time
        that devices spent in each state, in slots.
        """
        found: F64 = (self.total if total else self.period)[..., COUNTERS.index(name)]
        return found

    @property
    def transmissions(self) -> F64:
        """float64 [N, G, K], accesses that took 1 to K preambles, since the reset."""
        found: F64 = self.total[..., TRIES:]
        return found


def access_of(scenario: Scenario, state: State) -> Access:
    """The devices of N cells."""
    pools = [(i, s.devices) for i, s in enumerate(scenario.slices) if s.devices is not None]
    groups = [(i, d, g, m) for i, d in pools for g, m in zip(d.groups, d.members, strict=True)]
    cells = len(state.cells)
    ledger = state.ledger if groups else np.zeros((cells, 2, 0, TRIES))
    period, total = ledger[:, 0].copy(), ledger[:, 1].copy()
    devices = np.array([m for *_, m in groups], np.int64)
    energy, spent = np.zeros(period.shape[:2]), np.zeros(period.shape[:2])
    for i, (_, d, group, _) in enumerate(groups):
        energy[:, i] = energy_j(d, group, period[:, i], scenario.slot_ms)
        spent[:, i] = energy_j(d, group, total[:, i], scenario.slot_ms)
    seconds = state.cells["now"][:, None] * scenario.slot_ms / 1000.0
    capacity = np.array([d.battery.capacity_j for _, d, *_ in groups])
    years = np.full(energy.shape, np.nan)
    np.divide(capacity * devices * seconds, spent * _YEAR_S, out=years, where=spent > 0.0)
    return Access(
        slice=np.array([i for i, *_ in groups], np.int64),
        devices=devices,
        states=np.stack([state.groups[name] for name in STATES], axis=-1)
        if groups
        else np.zeros((cells, 0, len(STATES)), np.int64),
        period=period,
        total=total,
        energy_j=energy,
        battery_years=years,
    )


def energy_j(devices: Devices, group: DeviceGroup, counters: F64, slot_ms: float) -> F64:
    """Energy of a group in J from its counters [N, C]: power by state, and work by event.

    A device in eDRX wakes for paging once a cycle. A device that transmitted listens through the
    response window, and is idle for the rest of its backoff.
    """
    b, a = devices.battery, devices.access
    paging_mw = b.receive_mw * b.paging_ms / (1000.0 * group.cycle_s)
    asleep_mw = b.sleep_mw + (paging_mw if group.sleep == "edrx" else 0.0)
    power_mw = {
        ASLEEP_TIME: asleep_mw,
        SOUGHT_TIME: asleep_mw,
        BARRED_TIME: b.idle_mw,
        BACKOFF_TIME: b.idle_mw,
        WAITING_TIME: b.receive_mw,
        CONNECTED_TIME: b.receive_mw,
    }
    microjoule = sum(mw * slot_ms * counters[..., column] for column, mw in power_mw.items())
    attempts, granted = counters[..., ATTEMPTS], counters[..., SUCCEEDED]
    microjoule += attempts * b.preamble_ms * b.transmit_mw
    microjoule += (attempts - granted) * a.response_ms * max(b.receive_mw - b.idle_mw, 0.0)
    microjoule += granted * 8.0 * group.payload_bytes / b.uplink_kbps * b.transmit_mw
    found: F64 = np.asarray(microjoule * 1e-6)
    return found
