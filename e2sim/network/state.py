"""The state of N cells: a few arrays of records, and flat arrays where whole blocks of users move.

Every array has the cell as its first axis. P is the number of user places (the slices' users one
after the other, padded to whole blocks of `LANES`), S of slices, L of diversity branches, H of HARQ
processes a user, K of ring entries. Times are slots since the cell's reset.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from e2sim.network.fading import LANES, RNG_FIELDS, TAP_FIELDS
from e2sim.network.jit import borrow, fuse, inline
from e2sim.network.plan import Plan
from e2sim.network.queues import Bearer
from e2sim.network.records import F32, F64, U32, Records, record

USER: Final = record(
    # What every slot looks at comes first, in one line of the cache.
    expiry="i8",  # slot at whose start the oldest arrival is dropped
    due="i8",  # slot of the next periodic arrival
    sent="i8",  # position of the next new block in the stream of bytes
    tail="i8",  # position of the next arrival
    length="i4",  # arrivals in the ring
    pending="i4",  # HARQ processes in use
    mcs="i4",  # of new blocks
    need="i4",  # PRBs that would empty the buffer; 0 when it cannot be served
    rank="f8",  # in this slot, among users with a need
    active="i4",  # slots of the period with data waiting
    served="i4",  # bits of new data in this slot
    # buffer, HARQ and scheduling
    average="f8",  # proportional fair's mean of bits a slot
    base="i8",  # position of the oldest arrival
    done="i4",  # bytes of it in delivered SDUs
    ring="i4",  # first entry of the ring
    head="i4",  # oldest arrival, counted from there
    cqi="i4",  # in use
    volume="i8",  # bytes delivered in the period
    luck="u8",  # stream of block errors
    # traffic
    stream="u8",
    nominal="f8",  # slot of the next periodic arrival without jitter
    base_rate="f8",  # Poisson arrivals per slot in the long run
    cycle_bytes="f8",  # mean size of a periodic arrival
    on="i4",  # state of the two-state modulation
    # radio
    measured_cqi="i4",  # not yet in use
    snr="f8",  # mean SNR at nominal power, linear
    inr="f8",  # interference over noise when all neighbours transmit at full power, linear
)
"""One user place."""

PROCESS: Final = record(
    start="i8",  # position of the block in the user's stream
    bytes="i4",  # 0 when free
    prbs="i4",  # of the first transmission
    mcs="i4",
    tries="i4",  # transmissions so far
    sinr="f8",  # combined so far, linear
    luck="f8",  # fails while the error rate is above it
)
"""One HARQ process."""

ARRIVAL: Final = record(slot="i8", bytes="i8")
"""One entry of a ring: bytes that arrived in one slot."""

SLICE: Final = record(
    # traffic all users of the slice share
    stream="u8",
    swing="f8",  # slow modulation, standard normal
    burst="f8",  # slot in which the current or next shared burst starts
    # allocation
    dedicated="i8",  # reserved PRBs
    minimum="i8",  # PRBs guaranteed when needed
    maximum="i8",  # most PRBs
    backoff="i8",  # MCS indices
    admission="f8",  # share of flows admitted
    # the slot
    demand="i8",  # PRBs it could use
    quota="i8",  # PRBs it gets
    turn="i8",  # round robin: user that goes first
)
"""One slice."""

TALLY: Final = record(
    demanded_bytes="i8",
    offered_bytes="i8",
    offered_sdus="i8",
    delivered_bytes="i8",
    delivered_sdus="i8",
    delay_slots="i8",  # of delivered SDUs, summed
    dropped_bytes="i8",
    dropped_sdus="i8",
    late_sdus="i8",  # dropped because too old
    attempted_flows="i8",
    blocked_flows="i8",
    queued_bytes="i8",  # at the period's end
    used_prbs="i8",
    blocks="i8",
    nacks="i8",
    mcs_sum="i8",  # over blocks
    cqi_sum="i8",  # over reports
    cqi_reports="i8",
    throughput_kbps="f8",  # mean over active users; NaN without any
)
"""What happened to one slice in the period."""

CELL: Final = record(
    seed="u8",
    now="i8",
    stream="u8",  # of interference
    level="f8",  # its slow variation, standard normal
    burst="i8",  # 1 within a burst
    boost="f8",  # transmit power against nominal, linear
    busy_slots="i8",  # of the period
    used_prbs="i8",
)
"""One cell."""


class State(NamedTuple):
    """Everything of N cells; of one cell where the first axis is absent."""

    cells: Records  # [N] of CELL
    slices: Records  # [N, S] of SLICE
    tallies: Records  # [N, S] of TALLY
    users: Records  # [N, P] of USER
    processes: Records  # [N, P * H] of PROCESS
    rings: Records  # [N, K] of ARRIVAL
    hazard: F64  # [N, P] what is left until the next Poisson arrival
    rate: F64  # [N, P] Poisson arrivals per slot now
    words: U32  # [N, P / LANES, RNG_FIELDS * LANES] random numbers of the fading
    taps: F32  # [N, L * P / LANES, TAP_FIELDS * LANES] branches of the fading
    scale: F32  # [N, P] mean SINR now, linear: times the gain of the fading it is the SINR


def state_of(
    *, cells: int, slices: int, places: int, diversity: int, processes: int, entries: int
) -> State:
    """Zeroed state; see `State` for the axes."""

    def zeros(kind: Any, *shape: int) -> Any:
        return np.zeros((cells, *shape), kind)

    blocks = places // LANES
    return State(
        cells=zeros(CELL),
        slices=zeros(SLICE, slices),
        tallies=zeros(TALLY, slices),
        users=zeros(USER, places),
        processes=zeros(PROCESS, places * processes),
        rings=zeros(ARRIVAL, entries),
        hazard=zeros(np.float64, places),
        rate=zeros(np.float64, places),
        words=zeros(np.uint32, blocks, RNG_FIELDS * LANES),
        taps=zeros(np.float32, diversity * blocks, TAP_FIELDS * LANES),
        scale=zeros(np.float32, places),
    )


@fuse
def cell_of(state: State, c: int) -> State:
    """Views of cell `c`: every array without its first axis, but `cells`, of which it has one."""
    return State(
        borrow(state.cells[c : c + 1]),
        borrow(state.slices[c]),
        borrow(state.tallies[c]),
        borrow(state.users[c]),
        borrow(state.processes[c]),
        borrow(state.rings[c]),
        borrow(state.hazard[c]),
        borrow(state.rate[c]),
        borrow(state.words[c]),
        borrow(state.taps[c]),
        borrow(state.scale[c]),
    )


@inline
def bearer_of(plan: Plan, cell: State, s: int, u: int) -> Bearer:
    """The bearer of user `u`, of slice `s`, of a cell."""
    rtt = plan.carrier[0].rtt
    return Bearer(
        cell.users[u],
        cell.rings,
        cell.processes[u * rtt : u * rtt + rtt],
        plan.slices[s],
        cell.tallies[s],
    )
