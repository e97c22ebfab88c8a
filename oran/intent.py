"""Intents: what the operator wants of each slice."""

from dataclasses import dataclass, fields
from typing import Final

from oran.snssai import Snssai


@dataclass(frozen=True, slots=True)
class Sla:
    """Service level targets of one slice; None means "no target".

    Attributes:
        throughput_kbps: least mean DL throughput of an active UE (`DRB.UEThpDl`), kbit/s.
        delay_ms: largest mean DL delay (`DRB.RlcSduDelayDl`), ms.
        drop_rate: largest share of SDUs dropped or late (`DRB.RlcPacketDropRateDl`), 0..1.

    Raises:
        ValueError: a target is not positive, or a share is above 1.
    """

    throughput_kbps: float | None = None
    delay_ms: float | None = None
    drop_rate: float | None = None

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if value is not None and not 0.0 < value < float("inf"):
                raise ValueError(f"{f.name}: {value!r} is not a positive number")
        if self.drop_rate is not None and self.drop_rate > 1.0:
            raise ValueError(f"drop_rate: {self.drop_rate!r} is above 1")


@dataclass(frozen=True, slots=True)
class Intent:
    """The operator's will for one slice.

    Attributes:
        snssai: which slice.
        sla: its targets.
        weight: importance against the other slices, above 0 and at most 100.

    Raises:
        ValueError: the weight is out of range.
    """

    snssai: Snssai
    sla: Sla
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.weight <= 100.0:
            raise ValueError(f"weight: {self.weight!r} is outside (0, 100]")


DEFAULT_INTENTS: Final[tuple[Intent, ...]] = (
    Intent(Snssai(1, 1), Sla(throughput_kbps=10_000.0), 1.0),
    Intent(Snssai(2, 1), Sla(delay_ms=5.0, drop_rate=1e-3), 2.0),
    Intent(Snssai(3, 1), Sla(delay_ms=200.0, drop_rate=1e-2), 0.5),
)
"""One slice of each type, with targets in the range of TS 22.261 7.1 and 7.2."""
