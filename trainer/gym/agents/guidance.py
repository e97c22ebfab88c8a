"""Guidance: what the orchestrator tells the RAN and core agents, a vector a slice."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from oran.batch import ADMISSION, DEDICATED, MAX, MIN, AllocationBatch
from xapp.decision.action import whole_percent

GUIDANCE: Final = ("floor", "admission", "delay", "rate", "energy")
"""Fields of a slice's guidance."""

MAX_FLOOR: Final = 0.5
"""Most of the carrier that floors of all slices together reserve."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """Guidance of one cell's S slices.

    Floor and admission bind the RAN agent, as far as the shield behind lets them; the emphases are
    seen by both agents and bind nobody.

    Attributes:
        values: float64 [S, len(GUIDANCE)]: `floor`, share of the carrier reserved, 0 and above,
            `MAX_FLOOR` at most in sum; `admission`, largest share of flows admitted, 0..1;
            emphasis on `delay`, `rate` and `energy`, -1..1.
    """

    values: NDArray[np.float64]

    @classmethod
    def neutral(cls, slices: int) -> Self:
        """No floor, everything admitted, no emphasis."""
        return cls.of(np.zeros((slices, len(GUIDANCE))))

    @classmethod
    def of(cls, raw: NDArray[np.floating]) -> Self:
        """From raw outputs [S, len(GUIDANCE)]; zeros are neutral."""
        bent = np.tanh(np.asarray(raw, np.float64))
        held = np.maximum(bent[:, 0], 0.0) * (MAX_FLOOR / len(bent))
        admitted = 1.0 + np.minimum(bent[:, 1], 0.0)
        return cls(np.column_stack([held, admitted, bent[:, 2:]]))

    def bind(self, proposal: AllocationBatch) -> AllocationBatch:
        """A proposal for the one cell, within the floors and the admission budget.

        What floors leave of the carrier is divided as the proposal divides all of it, to the whole
        percent.
        """
        rows = proposal.slices.copy()
        floor, wanted = self.values[:, 0], rows[0, :, MIN]
        if floor.any():
            share = floor + (1.0 - floor.sum()) * wanted / wanted.sum()
            rows[0, :, MIN] = whole_percent(share[None])[0]
        rows[..., MAX] = np.maximum(rows[..., MAX], rows[..., MIN])
        rows[..., DEDICATED] = np.minimum(rows[..., DEDICATED], rows[..., MIN])
        budget = np.floor(self.values[:, 1] * 100.0 + 0.5).astype(np.int64)
        rows[0, :, ADMISSION] = np.minimum(rows[0, :, ADMISSION], budget)
        return AllocationBatch(rows, proposal.tx_power_offset_db)
