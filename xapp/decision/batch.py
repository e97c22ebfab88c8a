"""The decision's arithmetic over batches of N cells, for training and evaluation.

`Batch` runs the scalar functions of `xapp.decision.scalar` over arrays, through a compiler given as
an argument (`numba.njit` in the trainer): the loops here are all that training adds to what is
served. Without a compiler they run as they stand, with the same results, slowly.

A cell's slices come first among its slice places and empty places last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from oran.batch import SLICE_FIELDS, AllocationBatch, ReportBatch
from oran.measurements import CELL_COLUMN, CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from xapp.decision.action import Action, Base
from xapp.decision.heuristics import RuleParameters
from xapp.decision.observation import FEATURES, Observation
from xapp.decision.scalar.act import allocate_cell
from xapp.decision.scalar.observe import fill_slice, observe_slice, slice_demand
from xapp.decision.scalar.rule import priority_cell
from xapp.decision.scalar.shield import shield_cell, shield_power
from xapp.decision.scalar.sla import slice_satisfaction
from xapp.decision.shield import Edit, Limits, Shielded
from xapp.decision.targets import TargetsBatch

Function = TypeVar("Function", bound=Callable[..., Any])
Compile = Callable[[Function], Function]

_PRBS: Final = CELL_COLUMN["RRU.PrbAvailDl"]
_LOAD: Final = CELL_COLUMN["RRU.PrbTotDl"]
_CELL_MISSING: Final = np.array([m.missing for m in CELL_MEASUREMENTS])
_M: Final = len(SLICE_MEASUREMENTS)
_F: Final = FEATURES


def slices_of(present: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number of slices of each cell [N].

    Raises:
        ValueError: a slice stands after an empty place.
    """
    count: NDArray[np.int64] = present.sum(axis=1)
    if (present != (np.arange(present.shape[1]) < count[:, None])).any():
        raise ValueError("present: empty slice places must come last")
    return count


@dataclass(frozen=True, slots=True)
class Batch:
    """The functions of a decision over batches, compiled by `compiled`.

    Attributes:
        observe_cells, rule_cells, allocate_cells, shield_cells, satisfy_cells: loops over cells.
    """

    observe_cells: Callable[..., None]
    rule_cells: Callable[..., None]
    allocate_cells: Callable[..., None]
    shield_cells: Callable[..., None]
    satisfy_cells: Callable[..., None]

    @classmethod
    def compiled(cls, compiler: Callable[[Any], Any]) -> "Batch":
        """The functions run through `compiler`, a decorator such as `numba.njit`."""
        return cls(
            compiler(
                _observe(compiler(fill_slice), compiler(slice_demand), compiler(observe_slice))
            ),
            compiler(_rule(compiler(priority_cell))),
            compiler(_allocate(compiler(allocate_cell))),
            compiler(_shield(compiler(shield_cell), compiler(shield_power))),
            compiler(_satisfy(compiler(slice_satisfaction))),
        )

    def observe(
        self, reports: ReportBatch, targets: TargetsBatch, previous: AllocationBatch
    ) -> Observation:
        """The observation of each cell, under the intents, with the allocation in force."""
        n, s = reports.present.shape
        cell = np.where(np.isnan(reports.cell), _CELL_MISSING, reports.cell)
        out = np.zeros((n, s, FEATURES), np.float32)
        demand = np.zeros((n, s))
        self.observe_cells(
            slices_of(reports.present),
            reports.slices,
            cell,
            reports.period_ms / 1000.0,
            previous.slices,
            previous.tx_power_offset_db,
            _rows(targets.rows, n),
            np.empty((s, _M)),
            np.empty(s, np.int64),
            out.reshape(n, s * FEATURES),
            demand,
        )
        return Observation(out, reports.present, demand)

    def base(self, seen: Observation, targets: TargetsBatch, rule: RuleParameters) -> Base:
        """The tuned priority rule of each cell, before rounding."""
        n, s = seen.present.shape
        share, backoff = np.zeros((n, s)), np.zeros((n, s))
        self.rule_cells(
            slices_of(seen.present),
            seen.demand,
            _rows(targets.weight, n),
            _rows(targets.urllc, n),
            rule.headroom,
            rule.urllc_headroom,
            rule.urllc_reserve,
            rule.urllc_mcs_backoff,
            np.empty(s),
            share,
            backoff,
        )
        return Base(share, backoff)

    def allocate(self, action: Action, base: Base, present: NDArray[np.bool_]) -> AllocationBatch:
        """The allocations that actions mean, not yet shielded; ValueError if not finite."""
        n, s = present.shape
        out = np.zeros((n, s, SLICE_FIELDS), np.int64)
        power = np.zeros(n, np.int64)
        self.allocate_cells(
            slices_of(present),
            action.slices.astype(np.float64).reshape(n, -1),
            action.cell[:, 0].astype(np.float64),
            base.share,
            base.mcs_backoff,
            np.empty(s),
            out,
            power,
        )
        return AllocationBatch(out, power)

    def project(
        self,
        proposal: AllocationBatch,
        previous: AllocationBatch,
        targets: TargetsBatch,
        present: NDArray[np.bool_],
        limits: Limits,
    ) -> Shielded:
        """The proposals moved into the allowed set, see `xapp.decision.shield`."""
        out = proposal.slices.copy()
        power = proposal.tx_power_offset_db.copy()
        edits = np.zeros((len(present), len(Edit)), np.int64)
        self.shield_cells(
            slices_of(present),
            out,
            previous.slices,
            _rows(targets.urllc, len(present)),
            limits.max_share_step,
            limits.urllc_floor,
            limits.admission_floor,
            power,
            previous.tx_power_offset_db,
            limits.max_power_step_db,
            limits.power_floor_db,
            edits,
        )
        return Shielded(AllocationBatch(out, power), edits)

    def satisfaction(self, reports: ReportBatch, targets: TargetsBatch) -> NDArray[np.float64]:
        """SLA satisfaction of each slice [N, S]; NaN where unknown or at an empty place."""
        out = np.full(reports.present.shape, np.nan)
        rows = _rows(targets.rows, len(out))
        self.satisfy_cells(slices_of(reports.present), reports.slices, rows, out)
        return out


def _rows(values: NDArray[Any], cells: int) -> NDArray[Any]:
    """One row a cell, where one may stand for all."""
    return np.ascontiguousarray(np.broadcast_to(values, (cells, *values.shape[1:])))


def _observe(fill: Any, demand_of: Any, observe: Any) -> Callable[..., None]:
    def run(
        count: Any, slices: Any, cell: Any, seconds: Any, previous: Any, power: Any,
        rows: Any, filled: Any, missing: Any, out: Any, demand: Any,
    ) -> None:  # fmt: skip
        for n in range(len(count)):
            prbs, load = cell[n, _PRBS], cell[n, _LOAD]
            total = 0.0
            for i in range(count[n]):
                missing[i] = fill(slices[n, i], filled[i])
                demand[n, i] = demand_of(slices[n, i], filled[i], prbs, seconds)
                total += demand[n, i]
            for i in range(count[n]):
                observe(
                    filled[i], missing[i], demand[n, i], total, prbs, load, seconds,
                    previous[n, i], power[n], rows[n, i], out[n], i * _F,
                )  # fmt: skip

    return run


def _rule(rule: Any) -> Callable[..., None]:
    def run(
        count: Any, demand: Any, weight: Any, urllc: Any, headroom: Any, urllc_headroom: Any,
        reserve: Any, urllc_backoff: Any, ask: Any, share: Any, backoff: Any,
    ) -> None:  # fmt: skip
        for n in range(len(count)):
            k = count[n]
            rule(
                demand[n, :k], weight[n, :k], urllc[n, :k], headroom, urllc_headroom, reserve,
                urllc_backoff, ask, share[n, :k], backoff[n, :k],
            )  # fmt: skip

    return run


def _allocate(allocate: Any) -> Callable[..., None]:
    def run(
        count: Any, raw: Any, raw_power: Any, share: Any, backoff: Any, rest: Any, out: Any,
        power: Any,
    ) -> None:  # fmt: skip
        for n in range(len(count)):
            k = count[n]
            power[n] = allocate(raw[n], raw_power[n], share[n, :k], backoff[n, :k], rest, out[n])

    return run


def _shield(shield: Any, shield_offset: Any) -> Callable[..., None]:
    def run(
        count: Any, out: Any, previous: Any, urllc: Any, step: Any, floor: Any, admission: Any,
        power: Any, power_now: Any, power_step: Any, power_floor: Any, edits: Any,
    ) -> None:  # fmt: skip
        for n in range(len(count)):
            k = count[n]
            shield(out[n, :k], previous[n], urllc[n], step, floor, admission, edits[n])
            allowed = shield_offset(power[n], power_now[n], power_step, power_floor)
            if allowed != power[n]:
                power[n] = allowed
                edits[n, _POWER] += 1

    return run


def _satisfy(satisfy: Any) -> Callable[..., None]:
    def run(count: Any, slices: Any, rows: Any, out: Any) -> None:
        for n in range(len(count)):
            for i in range(count[n]):
                out[n, i] = satisfy(slices[n, i], rows[n, i])

    return run


_POWER: Final = int(Edit.POWER)
