"""State of the core networks of N cells."""

from typing import Any, Final, NamedTuple

import numpy as np

from e2sim.core.flow import REASONS, WIDTH
from e2sim.core.percentile import SAMPLE
from e2sim.core.plan import Plan
from e2sim.network.jit import jit
from e2sim.network.records import F64, Records, record

STEADY: Final = 0
TRANSFER: Final = 1
"""The old UPF serves while its state is copied."""
INTERRUPTED: Final = 2
"""No UPF serves; packets wait at the new one."""

STATION: Final = record(
    stream="u8",
    load="f8",  # mean background, share of the nominal capacity
    level="f8",  # its slow variation, standard normal
    burst="i8",
    background="f8",  # its work that waits
    extra="f8",  # work of state transfers in this tick
    wait="f8",  # sums over the period's ticks: ms of an arrival,
    busy="f8",  # share of the capacity in use,
    up="f8",  # 1
    passed="f8",  # packets of the slices that went on in the period
)
SLICE: Final = record(
    site="i8",
    target="i8",
    phase="i8",
    left="f8",  # bytes of state, or ms of interruption
)
TALLY: Final = record(
    offered_packets="f8",
    offered_bytes="f8",
    sent_packets="f8",  # left the UPF
    sent_bytes="f8",
    delivered_packets="f8",
    delivered_bytes="f8",
    core_ms="f8",  # sums over delivered packets
    transport_ms="f8",
    reorder_ms="f8",  # the part of transport spent waiting for other paths
    migration_packets="f8",  # lost for want of room during an interruption
    migration_bytes="f8",
    migrations="i8",  # interruptions begun
    cancelled="i8",  # transfers given up
    interrupted_ms="f8",
    cost="f8",
    samples="i8",
    p99="f8",  # ms; NaN without packets
)


class State(NamedTuple):
    """Everything of N cells with M stations, S slices and P paths."""

    stations: Records  # [N, M] of STATION
    slices: Records  # [N, S] of SLICE
    tallies: Records  # [N, S] of TALLY, of the last period
    split: F64  # [N, S, P] shares in force
    wanted: F64  # [N, S, P] shares after the migration
    queue: F64  # [N, M, S, P, WIDTH]
    hold: F64  # [N, S, WIDTH] packets that wait for a UPF
    lost: F64  # [N, M, S, REASONS, 2] packets and bytes of the last period
    samples: F64  # [N, S, ticks * P, SAMPLE] delays of the last period
    inbox: F64  # [N, M, S, P, WIDTH] what reaches a station in this tick
    outbox: F64  # [N, S, P, WIDTH] what leaves one, and what reaches the gNB
    arrived: F64  # [N, S, P, WIDTH] at the gNB in this tick


def state_of(plan: Plan, cells: int) -> State:
    """Zeroed state; see `State` for the axes."""
    paths, stations = plan.after.shape
    slices, ticks = len(plan.parts), int(plan.header["ticks"][0])

    def zeros(kind: Any, *shape: int) -> Any:
        return np.zeros((cells, *shape), kind)

    return State(
        stations=zeros(STATION, stations),
        slices=zeros(SLICE, slices),
        tallies=zeros(TALLY, slices),
        split=zeros(np.float64, slices, paths),
        wanted=zeros(np.float64, slices, paths),
        queue=zeros(np.float64, stations, slices, paths, WIDTH),
        hold=zeros(np.float64, slices, WIDTH),
        lost=zeros(np.float64, stations, slices, REASONS, 2),
        samples=zeros(np.float64, slices, ticks * paths, SAMPLE),
        inbox=zeros(np.float64, stations, slices, paths, WIDTH),
        outbox=zeros(np.float64, slices, paths, WIDTH),
        arrived=zeros(np.float64, slices, paths, WIDTH),
    )


@jit
def cell_of(state: State, c: int) -> State:
    """Views of cell `c`: every array without its first axis."""
    return State(
        state.stations[c],
        state.slices[c],
        state.tallies[c],
        state.split[c],
        state.wanted[c],
        state.queue[c],
        state.hold[c],
        state.lost[c],
        state.samples[c],
        state.inbox[c],
        state.outbox[c],
        state.arrived[c],
    )
