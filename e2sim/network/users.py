"""What single users experienced in the period just played."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from e2sim.network.records import I64
from e2sim.network.state import State
from e2sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Users:
    """One period of all user places, before any rounding; all but `slice` have shape [N, U].

    With mobility, a user counts where it is at the period's end, with what it had since it came.

    Attributes:
        slice: [U] place of each user place's slice in the scenario.
        volume_bytes: delivered in the period.
        active_slots: slots of the period with data waiting.
        queued_bytes: waiting at the period's end.
        cqi: CQI in use at the period's end, 0..15.
        mcs: MCS index of new blocks at the period's end, 0..28.
        present: whether there is a user.
        number: which user, the same one in whichever cell: cell in which it began, times users of
            a cell, and its number there; -1 where there is none.
    """

    slice: I64
    volume_bytes: I64
    active_slots: I64
    queued_bytes: I64
    cqi: I64
    mcs: I64
    present: NDArray[np.bool_]
    number: I64


def users_of(scenario: Scenario, state: State) -> Users:
    """The users of N cells, without the places that pad them."""
    counts = scenario.places
    users = state.users[:, : sum(counts)]
    return Users(
        slice=np.repeat(np.arange(len(counts)), counts),
        volume_bytes=users["volume"].astype(np.int64),
        active_slots=users["active"].astype(np.int64),
        queued_bytes=users["tail"] - users["base"] - users["done"],
        cqi=users["cqi"].astype(np.int64),
        mcs=users["mcs"].astype(np.int64),
        present=(number := _numbers(scenario, state, sum(counts))) >= 0,
        number=number,
    )


def _numbers(scenario: Scenario, state: State, places: int) -> I64:
    """Which user is at each place, -1 where none is."""
    cells = len(state.cells)
    if scenario.mobility is None:
        return np.arange(cells * places).reshape(cells, places)
    movers = state.movers
    group = scenario.interference.coupled_cells
    first = np.arange(cells)[:, np.newaxis] // group * group
    numbers = np.full((cells, places), -1)
    numbers[first + movers["cell"], movers["place"]] = np.arange(movers.size).reshape(movers.shape)
    return numbers
