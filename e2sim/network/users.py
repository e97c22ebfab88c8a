"""What single users experienced in the period just played."""

from dataclasses import dataclass

import numpy as np

from e2sim.network.records import I64
from e2sim.network.state import State
from e2sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Users:
    """One period of all users, before any rounding; all but `slice` have shape [N, U].

    Attributes:
        slice: [U] place of each user's slice in the scenario.
        volume_bytes: delivered in the period.
        active_slots: slots of the period with data waiting.
        queued_bytes: waiting at the period's end.
        cqi: CQI in use at the period's end, 0..15.
        mcs: MCS index of new blocks at the period's end, 0..28.
    """

    slice: I64
    volume_bytes: I64
    active_slots: I64
    queued_bytes: I64
    cqi: I64
    mcs: I64


def users_of(scenario: Scenario, state: State) -> Users:
    """The users of N cells, without the places that pad them."""
    counts = [s.users for s in scenario.slices]
    users = state.users[:, : sum(counts)]
    return Users(
        slice=np.repeat(np.arange(len(counts)), counts),
        volume_bytes=users["volume"].astype(np.int64),
        active_slots=users["active"].astype(np.int64),
        queued_bytes=users["tail"] - users["base"] - users["done"],
        cqi=users["cqi"].astype(np.int64),
        mcs=users["mcs"].astype(np.int64),
    )
