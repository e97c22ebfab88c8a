"""Slices of a scenario: who uses them and how they are served."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from e2sim.document import Within
from e2sim.scenario.devices import Devices, check_devices
from e2sim.scenario.trace import Trace
from e2sim.scenario.traffic import Traffic, check_traffic
from e2sim.scenario.uplink import Uplink
from oran.snssai import Snssai

Kind = Literal["eMBB", "URLLC", "mMTC"]
Scheduler = Literal["proportional_fair", "earliest_deadline", "round_robin"]

PDCP_DISCARD_MS: Final = (10, 20, 30, 40, 50, 60, 75, 100, 150, 200, 250, 300, 500, 750, 1500)
"""Finite values of discardTimer in ms, TS 38.331 PDCP-Config."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceUplink:
    """What the users of one slice send.

    The ratios of the slice's RRM policy (TS 28.541, resource type PRB), its MCS backoff and its
    admission hold for both directions; users, their places and speeds are the slice's.

    Attributes:
        scheduler: which user of the slice goes first.
        discard_ms: PDCP discard timer, one of `PDCP_DISCARD_MS`.
        queue: most arrivals waiting per user, a power of two; more are dropped on arrival.
        traffic: what they send; `load` is a share of the uplink's PRBs.
    """

    scheduler: Scheduler
    discard_ms: Annotated[int, Within(10, 1500)]
    queue: Annotated[int, Within(2, 4096)] = 64
    traffic: Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceScenario:
    """One slice of every cell; what is promised to it (the SLA) is not part of the scenario.

    Attributes:
        snssai: its identity.
        kind: eMBB, URLLC or mMTC, for people who read the scenario; the physics ignores it.
        users: number of connected users (for mMTC: gateways, each with many devices).
        speed_kmh: their speed, which sets the Doppler spread.
        scheduler: which user of the slice goes first.
        discard_ms: PDCP discard timer, one of `PDCP_DISCARD_MS`: older SDUs are dropped.
        queue: most arrivals waiting per user, a power of two; more are dropped on arrival.
        traffic: what its users ask for.
        uplink: what they send; None for nothing.
        devices: machines that come and go by random access; their payloads join the users'. The
            slice's admission ratio is then the share of them that access barring lets pass.
        trace: what they are offered and how well they are heard in the downlink, played from a
            file (`e2sim.scenario.trace`): user i plays series i modulo their number, from a step
            that the seed draws, over and over. Where it has offered bytes they set the rate of the
            Poisson arrivals, and `load` and `periodic_share` are 0; where it has an SNR, that is
            the users' mean SINR at nominal power, and neighbours do not disturb them.
    """

    snssai: Snssai
    kind: Kind
    users: Annotated[int, Within(1, 256)]
    speed_kmh: Annotated[float, Within(0.1, 500.0)] = 3.0
    scheduler: Scheduler
    discard_ms: Annotated[int, Within(10, 1500)]
    queue: Annotated[int, Within(2, 4096)] = 64
    traffic: Traffic
    uplink: SliceUplink | None = None
    devices: Devices | None = None
    trace: Trace | None = None


def check_slice(part: SliceScenario, slot_ms: float, path: str) -> None:
    """Raise `ValueError` for values that no slice in slots of `slot_ms` has together."""
    _check_buffer(part, path)
    check_traffic(part.traffic, slot_ms, f"{path}.traffic")
    if part.devices is not None:
        if part.traffic.admission:
            raise ValueError(
                f"{path}.traffic.admission: needs false in a slice with devices, whose admission "
                "ratio is that of access barring"
            )
        if part.uplink is not None and part.uplink.traffic.admission:
            raise ValueError(
                f"{path}.uplink.traffic.admission: needs false in a slice with devices, as the "
                "downlink's"
            )
        check_devices(part.devices, f"{path}.devices")
    if part.trace is not None and part.trace.has_offered:
        _check_played(part.traffic, f"{path}.traffic")


def check_slice_uplink(part: SliceUplink, uplink: Uplink, slot_ms: float, path: str) -> None:
    """Raise `ValueError` for values that no slice of such an uplink has together."""
    _check_buffer(part, path)
    if uplink.grant_delay_slots * slot_ms >= part.discard_ms:
        raise ValueError(
            f"{path}.discard_ms: {part.discard_ms} is over before the grant, "
            f"{uplink.grant_delay_slots} slots of {slot_ms:g} ms"
        )
    check_traffic(part.traffic, slot_ms, f"{path}.traffic")


def _check_played(traffic: Traffic, path: str) -> None:
    """A trace of offered bytes leaves nothing for a rate beside it to say."""
    if traffic.load != (0.0, 0.0):
        raise ValueError(
            f"{path}.load: {list(traffic.load)} beside a trace of offered bytes: needs [0, 0]"
        )
    if traffic.periodic_share > 0.0:
        raise ValueError(
            f"{path}.periodic_share: {traffic.periodic_share:g} beside a trace of offered bytes: "
            "needs 0"
        )


def _check_buffer(part: SliceScenario | SliceUplink, path: str) -> None:
    if part.discard_ms not in PDCP_DISCARD_MS:
        raise ValueError(f"{path}.discard_ms: {part.discard_ms} is not one of {PDCP_DISCARD_MS}")
    if part.queue & (part.queue - 1):
        raise ValueError(f"{path}.queue: {part.queue} is not a power of two")
