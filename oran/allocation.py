"""Allocations: what the RAN agent decides for one cell, in the units of the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from oran.snssai import Snssai

MAX_MCS_BACKOFF: Final = 6
"""Largest number of MCS indices by which link adaptation may be held back."""

TX_POWER_OFFSET_DB: Final = (-9, 0)
"""Range of the transmit power offset in dB; whole decibels."""


@dataclass(frozen=True, slots=True)
class SliceAllocation:
    """Radio resources of one slice: an RRM policy ratio (TS 28.541 4.3.36) and two more.

    Attributes:
        snssai: which slice.
        dedicated_prb_ratio: % of PRBs kept for the slice even when it leaves them idle.
        min_prb_ratio: % of PRBs the slice is sure to get when it needs them.
        max_prb_ratio: % of PRBs the slice may use at most.
        mcs_backoff: MCS indices below link adaptation's choice, 0..`MAX_MCS_BACKOFF`.
        admission_ratio: % of new flows admitted, 0..100.

    All are integers, with dedicated <= min <= max (TS 28.541 4.3.36, figure 4.3.36-1).
    """

    snssai: Snssai
    dedicated_prb_ratio: int
    min_prb_ratio: int
    max_prb_ratio: int
    mcs_backoff: int = 0
    admission_ratio: int = 100


@dataclass(frozen=True, slots=True)
class Allocation:
    """Radio resources of one cell.

    Attributes:
        slices: one entry a slice of the report, in the report's order.
        tx_power_offset_db: change of the cell's transmit power against nominal, dB.
    """

    slices: tuple[SliceAllocation, ...]
    tx_power_offset_db: int = 0

    def check(self) -> None:
        """Raise `ValueError` with the field's path where the allocation is not feasible."""
        for i, s in enumerate(self.slices):
            at = f"slices[{i}]"
            d, m, x = s.dedicated_prb_ratio, s.min_prb_ratio, s.max_prb_ratio
            if not 0 <= d <= m <= x <= 100:
                raise ValueError(
                    f"{at}: needs 0 <= dedicated <= min <= max <= 100, got {d}, {m}, {x}"
                )
            if not 0 <= s.mcs_backoff <= MAX_MCS_BACKOFF:
                raise ValueError(f"{at}.mcs_backoff: {s.mcs_backoff} is outside 0..6")
            if not 0 <= s.admission_ratio <= 100:
                raise ValueError(f"{at}.admission_ratio: {s.admission_ratio} is outside 0..100")
        total = sum(s.min_prb_ratio for s in self.slices)
        if total > 100:
            raise ValueError(f"slices: the sum of min_prb_ratio is {total}, above 100")
        low, high = TX_POWER_OFFSET_DB
        if not low <= self.tx_power_offset_db <= high:
            raise ValueError(
                f"tx_power_offset_db: {self.tx_power_offset_db} is outside {low}..{high}"
            )

    def to_document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "tx_power_offset_db": self.tx_power_offset_db,
            "slices": [
                {
                    "snssai": str(s.snssai),
                    "dedicated_prb_ratio": s.dedicated_prb_ratio,
                    "min_prb_ratio": s.min_prb_ratio,
                    "max_prb_ratio": s.max_prb_ratio,
                    "mcs_backoff": s.mcs_backoff,
                    "admission_ratio": s.admission_ratio,
                }
                for s in self.slices
            ],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """From the JSON form, checked.

        Raises:
            ValueError: a field is absent, has another type, or the allocation is not feasible.
        """
        try:
            made = cls(
                tuple(
                    SliceAllocation(
                        Snssai.parse(s["snssai"]),
                        *(
                            _integer(s[name], f"slices[{i}].{name}")
                            for name in (
                                "dedicated_prb_ratio",
                                "min_prb_ratio",
                                "max_prb_ratio",
                                "mcs_backoff",
                                "admission_ratio",
                            )
                        ),
                    )
                    for i, s in enumerate(document["slices"])
                ),
                _integer(document["tx_power_offset_db"], "tx_power_offset_db"),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not an allocation: {error!r}") from error
        made.check()
        return made


def _integer(value: object, path: str) -> int:
    if type(value) is not int:
        raise ValueError(f"{path}: needs an integer, got {value!r}")
    return value
