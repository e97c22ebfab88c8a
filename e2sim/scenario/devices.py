"""Massive machine-type devices of a slice: how many, when they report, how they ask for access."""

import math
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from e2sim.document import Within

Activation = Literal["uniform", "burst"]
Origin = Literal["device", "network"]
Sleep = Literal["edrx", "psm"]

OCCASION_MS: Final = (1, 2, 5, 10, 20, 40, 80, 160)
"""Times between PRACH occasions in ms that TS 38.211 table 6.3.3.2-2 has configurations for."""

BACKOFF_MS: Final = (0, 5, 10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 960, 1920)
"""Backoff Parameter in ms, TS 38.321 table 7.2-1; 0 where no backoff indicator is sent."""

PREAMBLE_TRANS_MAX: Final = (3, 4, 5, 6, 7, 8, 10, 20)
"""Values of preambleTransMax, TS 38.331 RACH-ConfigGeneric; 50, 100 and 200 are not offered."""

BARRING_S: Final = (0, 4, 8, 16, 32, 64, 128, 256, 512)
"""uac-BarringTime in s, TS 38.331 UAC-BarringInfoSet; 0: a barred device asks at every occasion."""

MAX_GROUPS: Final = 4
_MOST_CONNECTED: Final = 65_000
"""Below the largest RRC.ConnMean that a report can carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGroup:
    """Devices that behave alike.

    Attributes:
        share: of the slice's devices, above 0; shares sum to 1.
        activation: each device has one report in each period, at a time that is `uniform` in the
            period (TR 37.868 table 6.1.1, traffic model 1) or Beta(3, 4) in a `burst` at its
            beginning, which all devices of the group share (model 2).
        origin: `device`: a device wakes by itself to report; `network`: the network has something
            for the device, which it fetches after its next paging occasion.
        period_s: time between a device's reports.
        burst_s: length of a burst, at most the period.
        payload_bytes: bytes that follow an access on the slice's bearers.
        sleep: `edrx`: the device listens for paging once a cycle; `psm`: it never does.
        cycle_s: the eDRX cycle, at least 0.32 (TS 36.304 7.1, TS 24.008 10.5.5.32).
    """

    share: Annotated[float, Within(0.0, 1.0)] = 1.0
    activation: Activation = "uniform"
    origin: Origin = "device"
    period_s: Annotated[float, Within(1.0, 86_400.0)] = 60.0
    burst_s: Annotated[float, Within(0.5, 3600.0)] = 10.0
    payload_bytes: Annotated[int, Within(1, 100_000)] = 100
    sleep: Sleep = "edrx"
    cycle_s: Annotated[float, Within(0.32, 10_485.76)] = 20.48


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomAccess:
    """Contention-based random access of the slice's devices (TS 38.321 5.1).

    Attributes:
        preambles: that the devices choose from at one occasion.
        occasion_ms: time between PRACH occasions, one of `OCCASION_MS`.
        backoff_ms: backoff is uniform up to this, one of `BACKOFF_MS`.
        preamble_trans_max: most preambles of one access, one of `PREAMBLE_TRANS_MAX`.
        grants: random access responses (Msg2) for one occasion; further devices get none.
        response_ms: ra-ResponseWindow: a device that heard nothing in it backs off.
        setup_ms: from the response to a connection (Msg3 to Msg5).
        barring_s: uac-BarringTime, one of `BARRING_S`: a device that may not pass waits 0.7 to 1.3
            times this (T390, TS 38.331 5.3.14.5) and is checked again.
    """

    preambles: Annotated[int, Within(1, 64)] = 54
    occasion_ms: Annotated[int, Within(1, 160)] = 10
    backoff_ms: Annotated[int, Within(0, 1920)] = 20
    preamble_trans_max: Annotated[int, Within(3, 20)] = 10
    grants: Annotated[int, Within(1, 64)] = 15
    response_ms: Annotated[int, Within(1, 80)] = 10
    setup_ms: Annotated[int, Within(1, 1000)] = 50
    barring_s: Annotated[int, Within(0, 512)] = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """Energy of a device by what it does.

    5 Wh, deep sleep and transmission at 23 dBm: TR 45.820 5.4; light sleep and reception: Liberg
    et al., "Cellular Internet of Things" (2017), for NB-IoT's battery life.

    Attributes:
        capacity_j: energy of a full battery, J.
        sleep_mw: power in deep sleep.
        idle_mw: while barred or backing off.
        receive_mw: while listening, for a response or in a connection.
        transmit_mw: while transmitting.
        paging_ms: listening at one paging occasion, synchronisation included.
        preamble_ms: a preamble with its guard times.
        uplink_kbps: rate at which a device sends its payload.
    """

    capacity_j: Annotated[float, Within(1.0, 1e7)] = 18_000.0
    sleep_mw: Annotated[float, Within(0.0, 100.0)] = 0.015
    idle_mw: Annotated[float, Within(0.0, 1000.0)] = 3.0
    receive_mw: Annotated[float, Within(0.0, 5000.0)] = 80.0
    transmit_mw: Annotated[float, Within(0.0, 10_000.0)] = 500.0
    paging_ms: Annotated[float, Within(0.0, 1000.0)] = 20.0
    preamble_ms: Annotated[float, Within(0.1, 10.0)] = 1.0
    uplink_kbps: Annotated[float, Within(0.1, 100_000.0)] = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """Devices behind one slice's users, which are the bearers that carry their payloads.

    Attributes:
        number: devices of a cell.
        connected_s: time in connection after an access, the inactivity timer included.
        groups: 1 to `MAX_GROUPS`.
        access: of all groups.
        battery: of every device.
    """

    number: Annotated[int, Within(1, 1_000_000)]
    connected_s: Annotated[float, Within(0.01, 60.0)] = 1.0
    groups: tuple[DeviceGroup, ...] = (DeviceGroup(),)
    access: RandomAccess = field(default_factory=RandomAccess)
    battery: Battery = field(default_factory=Battery)

    @property
    def members(self) -> tuple[int, ...]:
        """Devices of each group: largest remainder, so that they sum to `number`."""
        exact = [g.share * self.number for g in self.groups]
        whole = [math.floor(x) for x in exact]
        late = sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])
        for i in late[: self.number - sum(whole)]:
            whole[i] += 1
        return tuple(whole)


def check_devices(devices: Devices, path: str) -> None:
    """Raise `ValueError`, which begins with the path, for values no devices have together."""
    a = devices.access
    for name, value, allowed in (
        ("occasion_ms", a.occasion_ms, OCCASION_MS),
        ("backoff_ms", a.backoff_ms, BACKOFF_MS),
        ("preamble_trans_max", a.preamble_trans_max, PREAMBLE_TRANS_MAX),
        ("barring_s", a.barring_s, BARRING_S),
    ):
        if value not in allowed:
            raise ValueError(f"{path}.access.{name}: {value} is not one of {allowed}")
    if not 1 <= len(devices.groups) <= MAX_GROUPS:
        raise ValueError(f"{path}.groups: {len(devices.groups)} of them, needs 1..{MAX_GROUPS}")
    total = sum(g.share for g in devices.groups)
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        raise ValueError(f"{path}.groups: their shares sum to {total:g}, not to 1")
    for i, group in enumerate(devices.groups):
        _check_group(group, f"{path}.groups[{i}]")
    most = min(a.grants, a.preambles) * (1000.0 * devices.connected_s / a.occasion_ms + 1.0)
    if min(most, devices.number) > _MOST_CONNECTED:
        raise ValueError(
            f"{path}.connected_s: {devices.connected_s:g} lets {most:.0f} devices be connected at "
            f"a time, above the {_MOST_CONNECTED} that a report can carry"
        )


def _check_group(group: DeviceGroup, path: str) -> None:
    if group.share <= 0.0:
        raise ValueError(f"{path}.share: {group.share:g} is not above 0")
    if group.activation == "burst" and group.burst_s > group.period_s:
        raise ValueError(f"{path}.burst_s: {group.burst_s:g} is above period_s")
    if group.origin == "network" and group.sleep == "psm":
        raise ValueError(f"{path}.sleep: a device in psm hears no paging, so origin is device")
