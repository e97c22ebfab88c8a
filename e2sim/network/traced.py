"""Users who play a trace: their arrivals' rate and mean SNR, set anew before each period.

The kernel knows nothing of traces. A trace acts by the period: its steps within one are averaged
(bytes, and SNR in dB), and a longer step holds over its periods. Like all rates, a new one acts
from the next tick of 10 ms. Nothing depends on an allocation.
"""

import math
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from e2sim.network.jit import entry
from e2sim.network.link import CQI_SINR
from e2sim.network.noise import TRACE, at, stream
from e2sim.network.records import F64, I64, U64
from e2sim.network.state import State
from e2sim.scenario import Scenario, SliceScenario
from e2sim.scenario.pareto import bounded_pareto_mean


def offsets(seeds: U64, first: int, lengths: F64) -> F64:
    """Step at which each user begins its series, [N, U]: uniform, from each cell's seed.

    `first` is the number in the cell of the first of the U users.
    """
    made = np.empty((len(seeds), len(lengths)))
    draw_offsets(seeds, first, lengths, made)
    return made


@entry
def draw_offsets(seeds: U64, first: int, lengths: F64, made: F64) -> None:
    """Fill `made` for `offsets`."""
    for c in range(len(seeds)):
        for u in range(len(lengths)):
            made[c, u] = math.floor(at(stream(seeds[c], first + u, TRACE), 1) * lengths[u])


class Column(NamedTuple):
    """One column of a trace, whose sum over any time is that of two points of a curve.

    Attributes:
        begins: [U] where each user's series begins.
        lengths: [U] its steps.
        values: its values, and a last 0 behind each series.
        sums: of the values of the series before each place.
    """

    begins: I64
    lengths: F64
    values: F64
    sums: F64

    def over(self, start: F64, end: F64) -> F64:
        """Sum from one place to another, in steps, of the series repeated for ever; all [N, U]."""
        # Laps and rest apart: a sum of values that are not negative is then not negative either.
        first_laps, first = self._reach(start)
        laps, last = self._reach(end)
        whole = self.sums[self.begins + self.lengths.astype(np.int64)]
        return np.asarray((laps - first_laps) * whole + (last - first))

    def _reach(self, place: F64) -> tuple[F64, F64]:
        """Laps behind a place, and the sum over what it has of its own."""
        laps, rest = np.divmod(place, self.lengths)
        step = rest.astype(np.int64)
        here = self.begins + step
        return laps, self.sums[here] + (rest - step) * self.values[here]


class TracedSlice:
    """The users of one slice who play its trace.

    Args:
        scenario: what the cells look like.
        part: a slice of it that has a trace.
        first: number in the cell of the slice's first user.
    """

    def __init__(self, scenario: Scenario, part: SliceScenario, first: int) -> None:
        if part.trace is None:
            raise ValueError(f"slice {part.snssai}: has no trace")
        trace, traffic = part.trace, part.traffic
        self._first: Final = first
        self._places: Final = slice(first, first + part.users)
        self._moving: Final = scenario.mobility is not None
        self._group: Final = scenario.interference.coupled_cells
        self._slots: Final = scenario.slots_per_period
        self._steps_a_slot: Final = scenario.slot_ms / trace.step_ms
        self._size: Final = bounded_pareto_mean(*traffic.packet_bytes, traffic.pareto_shape)
        lengths = np.array([len(s) for s in trace.series])
        self._lengths: Final = _of_users(lengths, part.users).astype(np.float64)
        offered = [s.offered_bytes for s in trace.series if s.offered_bytes is not None]
        snr_db = [s.snr_db for s in trace.series if s.snr_db is not None]
        self._offered: Final = _column(offered, part.users) if offered else None
        self._snr_db: Final = _column(snr_db, part.users) if snr_db else None

    def follow(self, state: State) -> None:
        """Set rates and mean SNR of the period that begins now."""
        seeds = np.ascontiguousarray(state.cells["seed"])
        now = state.cells["now"][:, None].astype(np.float64)
        origin = offsets(seeds, self._first, self._lengths)
        start = origin + now * self._steps_a_slot
        end = origin + (now + self._slots) * self._steps_a_slot
        if self._offered is not None:
            rates = self._offered.over(start, end) / (self._slots * self._size)
            state.users["base_rate"][self._where(state)] = rates
        if self._snr_db is not None:
            mean_db = self._snr_db.over(start, end) / (self._slots * self._steps_a_slot)
            # What was measured has its interference in it.
            users = state.users[:, self._places]
            users["inr"] = 0.0
            users["snr"] = 10.0 ** (mean_db / 10.0)
            self._know_channel(state)

    def _where(self, state: State) -> tuple[I64 | slice, I64 | slice]:
        """Cells and places of the users: who moves plays on wherever it is served."""
        if not self._moving:
            return slice(None), self._places
        movers = state.movers[:, self._places]
        first = np.arange(len(movers))[:, np.newaxis] // self._group * self._group
        return first + movers["cell"], movers["place"]

    def _know_channel(self, state: State) -> None:
        """Cells that have just begun know the users' CQI without fading, not that of their drop."""
        fresh = np.flatnonzero(state.cells["now"] == 0)
        snr = state.users["snr"][fresh, self._places]
        state.users["cqi"][fresh, self._places] = np.searchsorted(CQI_SINR, snr, "right")


class Traced:
    """All users of a scenario who play a trace."""

    def __init__(self, slices: tuple[TracedSlice, ...]) -> None:
        self._slices: Final = slices

    def follow(self, state: State) -> None:
        """Set what the traces say of the period that each cell of the downlink begins now."""
        for part in self._slices:
            part.follow(state)


def traced_of(scenario: Scenario) -> Traced | None:
    """Those users, or None where no slice has a trace."""
    edges = np.cumsum([0] + [s.users for s in scenario.slices]).tolist()
    slices = tuple(
        TracedSlice(scenario, s, first)
        for s, (first, _) in zip(scenario.slices, pairwise(edges), strict=True)
        if s.trace is not None
    )
    return Traced(slices) if slices else None


def _column(series: list[tuple[float, ...]], users: int) -> Column:
    """The column for users who play its series in turn."""
    lengths = np.array([len(s) for s in series])
    begins = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]])
    values = np.concatenate([(*s, 0.0) for s in series])
    sums = np.concatenate([np.cumsum((0.0, *s)) for s in series])
    lasting = _of_users(lengths, users).astype(np.float64)
    return Column(_of_users(begins, users), lasting, values, sums)


def _of_users(of_series: I64, users: int) -> I64:
    """What each user has of its series, [U]."""
    return np.asarray(of_series[np.arange(users) % len(of_series)])
