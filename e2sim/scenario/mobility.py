"""Mobility of a scenario's users, and the handovers it leads to."""

from dataclasses import dataclass
from typing import Annotated, Final

from e2sim.document import Within
from e2sim.scenario.tick import TICK_MS

TIME_TO_TRIGGER_MS: Final = (
    0, 40, 64, 80, 100, 128, 160, 256, 320, 480, 512, 640, 1024, 1280, 2560, 5120,
)  # fmt: skip
"""Values of timeToTrigger in ms, TS 38.331 TimeToTrigger."""

FILTER_COEFFICIENTS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 17, 19)
"""Values of filterCoefficient, TS 38.331 FilterCoefficient."""

T310_MS: Final = (0, 50, 100, 200, 500, 1000, 2000)
"""Values of timer T310 in ms, TS 38.331 UE-TimersAndConstants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mobility:
    """Users move at their slice's `speed_kmh`; in a group of coupled cells they change cells.

    Users move straight on, each in a direction of its own, and turn to a new one now and then:
    the random direction model (Nain, Towsley, Liu and Liu, "Properties of random direction
    models", INFOCOM 2005), under which users stay spread uniformly. The sites of a group stand on
    a torus: who leaves it at one edge enters it at the opposite one. Without a group, users stay
    in their cell, off whose edge they are reflected.

    All that happens to a user's path and cell follows from the seeds, and from no allocation:
    measurements are of synchronisation blocks, which every site sends at nominal power.

    Attributes:
        measurement_ms: time between measurements, a multiple of 10.
        turn_s: mean time between two turns.
        a3_offset_db: how much stronger than the serving cell a neighbour has to be (event A3,
            TS 38.331 5.5.4.4), in steps of 0.5.
        hysteresis_db: what comes on top of that, in steps of 0.5.
        time_to_trigger_ms: for how long, one of `TIME_TO_TRIGGER_MS`.
        filter_coefficient: k of the layer 3 filter (TS 38.331 5.5.3.2) at its measurement period
            of 200 ms, one of `FILTER_COEFFICIENTS`.
        interruption_ms: time without service in a handover, a multiple of 10.
        forwarding: whether what waits in the old cell is forwarded to the new one, or dropped.
        qout_db, qin_db: SINR below which the link is out of synchronism, and from which it is
            back in it (TS 38.133 8.1), all sites at full power.
        t310_ms: how long it may be out before the link has failed, one of `T310_MS`.
        reestablishment_ms: time from a link's failure to the search for a cell, a multiple of 10.
        room: user places of a slice in a cell of a group, as a multiple of `users`.
    """

    measurement_ms: Annotated[int, Within(10, 1000)] = 40
    turn_s: Annotated[float, Within(0.1, 3600.0)] = 20.0
    a3_offset_db: Annotated[float, Within(-15.0, 15.0)] = 3.0
    hysteresis_db: Annotated[float, Within(0.0, 15.0)] = 1.0
    time_to_trigger_ms: Annotated[int, Within(0, 5120)] = 160
    filter_coefficient: Annotated[int, Within(0, 19)] = 4
    interruption_ms: Annotated[int, Within(0, 1000)] = 40
    forwarding: bool = True
    qout_db: Annotated[float, Within(-20.0, 10.0)] = -8.0
    qin_db: Annotated[float, Within(-20.0, 10.0)] = -6.0
    t310_ms: Annotated[int, Within(0, 2000)] = 1000
    reestablishment_ms: Annotated[int, Within(0, 5000)] = 200
    room: Annotated[float, Within(1.0, 8.0)] = 2.0


def tiling(cells: int) -> tuple[int, int]:
    """i >= j >= 0 with i^2 + ij + j^2 = `cells`: the groups that tile a hexagonal grid.

    Raises:
        ValueError: there are none.
    """
    for i in range(cells + 1):
        for j in range(i + 1):
            if i * i + i * j + j * j == cells:
                return i, j
    raise ValueError(f"{cells} cells do not tile a hexagonal grid; 1, 3, 4, 7, 9, 12, 13, 19 do")


def check_mobility(mobility: Mobility, cells: int, period_ms: int) -> None:
    """Raise `ValueError` for values that no mobility has together.

    Args:
        mobility: the values.
        cells: cells of a group.
        period_ms: the scenario's reporting period.
    """
    try:
        tiling(cells)
    except ValueError as error:
        raise ValueError(f"interference.coupled_cells: {error}, as mobility needs") from None
    if period_ms % TICK_MS:
        raise ValueError(
            f"period_ms: {period_ms} is not a multiple of {TICK_MS}, as mobility needs"
        )
    for name, allowed in (
        ("time_to_trigger_ms", TIME_TO_TRIGGER_MS),
        ("filter_coefficient", FILTER_COEFFICIENTS),
        ("t310_ms", T310_MS),
    ):
        if (value := getattr(mobility, name)) not in allowed:
            raise ValueError(f"mobility.{name}: {value} is not one of {allowed}")
    for name in ("measurement_ms", "interruption_ms", "reestablishment_ms"):
        if (value := getattr(mobility, name)) % TICK_MS:
            raise ValueError(f"mobility.{name}: {value} is not a multiple of {TICK_MS}")
    for name in ("a3_offset_db", "hysteresis_db"):
        if not (2.0 * (value := getattr(mobility, name))).is_integer():
            raise ValueError(f"mobility.{name}: {value:g} is not a multiple of 0.5")
    if mobility.qin_db < mobility.qout_db:
        raise ValueError(f"mobility.qin_db: {mobility.qin_db:g} is below qout_db")
