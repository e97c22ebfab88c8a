"""Targets: the operator's intents as the numbers that a decision reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from oran.intent import Intent

KINDS: Final = (1, 2, 3)
"""Slice/service types the policies know by a feature of their own: eMBB, URLLC, mMTC."""

URLLC: Final = 2

TARGET_FEATURES: Final = (
    "is_embb", "is_urllc", "is_mmtc", "weight", "target_throughput", "target_delay", "target_drop",
)  # fmt: skip
"""The intent's features, all in [0, 1]; a missing target reads as the loosest one."""

THROUGHPUT_SCALE_KBPS: Final = 10_000.0
DELAY_SCALE_MS: Final = 20.0
DROP_SCALE: Final = 1e-3


@dataclass(frozen=True, slots=True)
class TargetsBatch:
    """Intents of N cells with S slice places, or of one row for all cells (N = 1).

    Attributes:
        sst: int64 [N, S], slice/service types.
        weight: float64 [N, S], importance, above 0.
        throughput_kbps: float64 [N, S], least UE throughput; NaN where there is no target.
        delay_ms: float64 [N, S], largest mean delay; NaN where there is no target.
        drop_rate: float64 [N, S], largest share dropped, 0..1; NaN where there is no target.
        rows: float64 [N, S, 3 + len(TARGET_FEATURES)], derived: limits in the measurements' units,
            throughput in kbit/s (0 without a target), delay in 0.1 ms and drop rate in 1e-6
            (infinite without one), then the features.
        urllc: bool [N, S], derived.
    """

    sst: NDArray[np.int64]
    weight: NDArray[np.float64]
    throughput_kbps: NDArray[np.float64]
    delay_ms: NDArray[np.float64]
    drop_rate: NDArray[np.float64]
    rows: NDArray[np.float64] = field(init=False)
    urllc: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        columns = [
            np.where(np.isnan(values), none, values * unit)
            for values, unit, none in (
                (self.throughput_kbps, 1.0, 0.0),
                (self.delay_ms, 10.0, np.inf),
                (self.drop_rate, 1e6, np.inf),
            )
        ]
        columns += [(self.sst == kind).astype(np.float64) for kind in KINDS]
        columns.append(self.weight / (self.weight + 1.0))
        for values, scale, loosest in (
            (self.throughput_kbps, THROUGHPUT_SCALE_KBPS, 0.0),
            (self.delay_ms, DELAY_SCALE_MS, 1.0),
            (self.drop_rate, DROP_SCALE, 1.0),
        ):
            columns.append(np.where(np.isnan(values), loosest, values / (values + scale)))
        object.__setattr__(self, "rows", np.stack(columns, axis=-1))
        object.__setattr__(self, "urllc", self.sst == URLLC)

    @classmethod
    def of(cls, intents: Sequence[Intent]) -> Self:
        """One row of targets (N = 1), with a slice place for each intent, in the order given."""

        def row(name: str) -> NDArray[np.float64]:
            values = [getattr(i.sla, name) for i in intents]
            return np.array([[np.nan if v is None else v for v in values]], np.float64)

        return cls(
            np.array([[i.snssai.sst for i in intents]], np.int64),
            np.array([[i.weight for i in intents]], np.float64),
            row("throughput_kbps"),
            row("delay_ms"),
            row("drop_rate"),
        )


@dataclass(frozen=True, slots=True)
class Targets:
    """Intents of one cell's slices, in the order of its report.

    Attributes:
        rows: `TargetsBatch.rows` of each slice.
        weight: importance of each slice.
        urllc: whether each slice is a URLLC slice.
    """

    rows: tuple[tuple[float, ...], ...]
    weight: tuple[float, ...]
    urllc: tuple[bool, ...]

    @classmethod
    def of(cls, intents: Sequence[Intent]) -> Self:
        """From one intent a slice."""
        batch = TargetsBatch.of(intents)
        return cls(
            tuple(tuple(row) for row in batch.rows[0].tolist()),
            tuple(batch.weight[0].tolist()),
            tuple(batch.urllc[0].tolist()),
        )
