"""Targets: the operator's intents as arrays, one row a slice place."""

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
"""Columns of `Targets.features`, all in [0, 1]; a missing target reads as the loosest one."""

THROUGHPUT_SCALE_KBPS: Final = 10_000.0
DELAY_SCALE_MS: Final = 20.0
DROP_SCALE: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Targets:
    """SLA targets and weights of N cells with S slice places, or of one row for all cells (N = 1).

    Attributes:
        sst: int64 [N, S], slice/service types.
        weight: float64 [N, S], importance, above 0.
        throughput_kbps: float64 [N, S], least UE throughput; NaN where there is no target.
        delay_ms: float64 [N, S], largest mean delay; NaN where there is no target.
        drop_rate: float64 [N, S], largest share dropped, 0..1; NaN where there is no target.
        features: float64 [N, S, len(TARGET_FEATURES)], derived, as the policies see the above.
        limits: float64 [N, S, 3], derived: throughput in kbit/s (0 without a target), delay in
            0.1 ms and drop rate in 1e-6 (infinite without one), the measurements' units.
        inverse: float64 [N, S, 3], derived: 1 / target, same order and units; NaN without one.
        urllc: bool [N, S], derived.
        ahead: float64 [N, S, S], derived: 1 at [n, i, j] where place j is served before place i,
            by weight, then by place.
    """

    sst: NDArray[np.int64]
    weight: NDArray[np.float64]
    throughput_kbps: NDArray[np.float64]
    delay_ms: NDArray[np.float64]
    drop_rate: NDArray[np.float64]
    features: NDArray[np.float64] = field(init=False)
    limits: NDArray[np.float64] = field(init=False)
    inverse: NDArray[np.float64] = field(init=False)
    urllc: NDArray[np.bool_] = field(init=False)
    ahead: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        columns = [(self.sst == kind).astype(np.float64) for kind in KINDS]
        columns.append(self.weight / (self.weight + 1.0))
        for values, scale, loosest in (
            (self.throughput_kbps, THROUGHPUT_SCALE_KBPS, 0.0),
            (self.delay_ms, DELAY_SCALE_MS, 1.0),
            (self.drop_rate, DROP_SCALE, 1.0),
        ):
            columns.append(np.where(np.isnan(values), loosest, values / (values + scale)))
        object.__setattr__(self, "features", np.stack(columns, axis=-1))
        units = np.array((1.0, 10.0, 1e6))
        given = np.stack((self.throughput_kbps, self.delay_ms, self.drop_rate), axis=-1) * units
        none = np.array((0.0, np.inf, np.inf))
        object.__setattr__(self, "limits", np.where(np.isnan(given), none, given))
        object.__setattr__(self, "inverse", 1.0 / given)
        object.__setattr__(self, "urllc", self.sst == URLLC)
        mine, other = self.weight[:, :, None], self.weight[:, None, :]
        earlier = np.tri(self.sst.shape[1], k=-1, dtype=np.bool_)
        ahead = (other > mine) | ((other == mine) & earlier)
        object.__setattr__(self, "ahead", ahead.astype(np.float64))

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
