"""The state of N cells: a few arrays of records, and flat arrays where whole blocks of users move.

Every array has the cell as its first axis. P is the number of user places (the slices' users one
after the other, padded to whole blocks of `LANES`), B of those blocks, W of words of a set of
places, S of slices, L of diversity branches, H of HARQ processes a user, D of slots a grant takes,
T of slots of a tick, K of ring entries; with mobility, M of users that began in the cell and O of
the sites they measure; with devices, G of their groups, R of the groups' rows and C of their
counters. Times are slots since the cell's reset.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from e2sim.faults.network import EFFECTS
from e2sim.network.ahead import AHEAD, DRAWS
from e2sim.network.calendar import BINS
from e2sim.network.fading import LANES, RNG_FIELDS, TAP_FIELDS
from e2sim.network.lent import lend_row
from e2sim.network.members import words_of
from e2sim.network.moving import LINK, MOVER, MOVES
from e2sim.network.pools import GROUP, POOL
from e2sim.network.records import F32, F64, U32, U64, Feature, Records, record
from e2sim.network.tally import TALLY

NEVER: Final = np.int64(2**62)
"""A slot that does not come."""

MOST_PREAMBLES: Final = 64
"""Of one occasion, TS 38.211 6.3.3.1."""

USER: Final = record(
    # buffer: positions in the user's stream of bytes
    sent="i8",  # of the next new block
    tail="i8",  # of the next arrival
    known="i8",  # of the next arrival the scheduler does not know of
    base="i8",  # of the oldest arrival
    expiry="i8",  # slot at whose start the oldest arrival is dropped
    done="i4",  # bytes of the oldest arrival in delivered SDUs
    length="u4",  # arrivals in the ring
    head="u4",  # oldest arrival, counted from the ring's first entry
    ring="u4",  # first entry of the ring
    unknown="u4",  # arrivals in it that the scheduler does not know of
    # HARQ and scheduling
    busy="u4",  # HARQ processes in use, a bit each
    mcs="u4",  # of new blocks
    need="u4",  # PRBs that would empty the buffer, at most `most`; then those granted
    most="u4",  # PRBs it has power for, at most the carrier's
    slice="u4",
    luck="u8",  # stream of block errors
    # the period
    since="i8",  # slot since which data has been waiting, or the period's first
    active="i8",  # slots with data waiting before that
    volume="i8",  # bytes delivered
    # traffic
    stream="u8",  # of the modulation and the periodic source
    flows="u8",  # stream of Poisson arrivals
    due="i8",  # slot of the next periodic arrival
    nominal="f8",  # that slot without jitter
    base_rate="f8",  # Poisson arrivals per slot in the long run
    cycle_bytes="f8",  # mean size of a periodic arrival
    left="f8",  # until the next one, in mean arrivals from the tick's beginning
    rate="f8",  # Poisson arrivals per slot in this tick
    pace="f8",  # slots per arrival in this tick
    drawn="u4",  # of the arrivals drawn ahead, those that have come
    on="i4",  # state of the two-state modulation
    # radio
    cqi="u4",  # in use
    snr="f8",  # mean SNR at nominal power, linear
    inr="f8",  # interference over noise when all neighbours transmit at full power, linear
    around="f8",  # with mobility: share of that which they transmit, linear
)
"""One user place."""

PROCESS: Final = record(
    start="i8",  # position of the block in the user's stream
    sinr="f8",  # combined so far, linear
    luck="f8",  # fails while the error rate is above it
    bytes="i4",
    prbs="u2",  # of the first transmission
    mcs="u1",
    tries="u1",  # transmissions so far
)
"""One HARQ process in use."""

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
    connected="i8",  # users now
    # the slot
    demand="i8",  # PRBs it could use
    fresh="i8",  # PRBs of them for new blocks
    quota="i8",  # PRBs it gets
    used="i8",  # those of them given to users
    turn="i8",  # round robin: user that goes first
)
"""One slice."""

CELL: Final = record(
    seed="u8",
    now="i8",
    stream="u8",  # of interference
    level="f8",  # its slow variation, standard normal
    burst="i8",  # 1 within a burst
    around="f8",  # mean load of the neighbours, dB
    inr="f8",  # uplink: interference over noise when that of all neighbours is full, linear
    radiated="f8",  # PRBs of this tick, times their power against nominal
    load="f8",  # with mobility: share of the full power radiated in the last tick
    boost="f8",  # transmit power against nominal, linear
    own="i8",  # slots of the direction, since the reset
    opened="i8",  # those before the period
    received="i8",  # slots of the period in which the site receives
    busy_slots="i8",  # of the period
    used_prbs="i8",
    soonest="i8",  # no user's oldest arrival is dropped before this slot
    # faults, in this tick
    down="i8",  # phase of the gNB's outage
    loss="f8",  # share of arriving SDUs that the backhaul loses
    beyond="f8",  # uplink: share of received SDUs that it loses
    jam="f8",  # factor on the interference
    # sleep
    depth="i8",  # IDLE where awake
    ready="i8",  # slot from which it sleeps, after the transition
    wake="i8",  # slot from which it is awake again
    idle="i8",  # slots without data so far
    heard="i8",  # PRBs of the uplink's data in this slot
    calls="i8",  # 1 where the uplink has data that waits for its first transmission
    pends="i8",  # 1 where it has that, or blocks that wait for another
    # the period's slots by state, entries and joules: see `energy`
    active_slots="i8",
    idle_slots="i8",
    light_slots="i8",
    deep_slots="i8",
    off_slots="i8",
    light_entries="i8",
    deep_entries="i8",
    sent_slots="i8",  # of the active ones, those in which the site transmits
    heard_slots="i8",  # and those in which it receives
    spent_prbs="i8",  # data's, or the synchronisation signal's
    active_j="f8",
    idle_j="f8",
    light_j="f8",
    deep_j="f8",
    off_j="f8",
)
"""One cell."""

(AVERAGE, SERVED) = range(2)
FAIR_FIELDS: Final = 2
"""Fields of a block's shares: proportional fair's mean of bits a slot, and bits of new data in this
slot."""

(SCALE, SINR, CQI) = range(3)
RADIO_FIELDS: Final = 3
"""Fields of a block's radio: mean SINR now, linear, over the number of branches; SINR in this slot;
CQI when last measured."""

WAITING: Final = -1
FRESH: Final = -2
GRANTED: Final = -3
HEARD: Final = -4
HELD: Final = -5
PRESENT: Final = -6
_SETS: Final = 6
"""Last rows of `State.members`: users with data that the scheduler knows of and that is not yet
sent, those of them it may still choose in this slot, those it has chosen, users that have received
a repeated block in this slot, users that get no new blocks for now, and places that have a user."""


class State(NamedTuple):
    """Everything of N cells; of one cell where the first axis is absent."""

    cells: Records  # [N] of CELL
    slices: Records  # [N, S] of SLICE
    tallies: Records  # [N, S] of TALLY
    users: Records  # [N, P] of USER
    processes: Records  # [N, P * H] of PROCESS
    rings: Records  # [N, K] of ARRIVAL
    members: U64  # [N, H + D + 6, W] users whose process of a row is in use; news; WAITING, ...
    booked: U64  # [N, 2 (T + 1), W] users with Poisson and periodic arrivals in slots of the tick
    fair: F64  # [N, B, FAIR_FIELDS * LANES]
    draws: F64  # [N, P, DRAWS * AHEAD] Poisson arrivals drawn ahead
    words: U32  # [N, B, RNG_FIELDS * LANES] random numbers of the fading
    taps: F32  # [N, L * B, TAP_FIELDS * LANES] branches of the fading
    radio: F32  # [N, B, RADIO_FIELDS * LANES]
    movers: Records  # [N, M] of MOVER
    links: Records  # [N, M, O] of LINK
    moves: Records  # [N, S] of MOVES
    faults: F64  # [N, T, EFFECTS] what fails in each tick of the period, see `e2sim.faults`
    # None where no slice has devices
    pools: Feature  # [N, S] of POOL
    groups: Feature  # [N, G] of GROUP
    counts: Feature  # int64 [N, G, R, BINS] calendars and rows of the groups, see `pools`
    sums: Feature  # float64 [N, G, R, BINS] of the slots in which those devices began
    ledger: Feature  # float64 [N, 2, G, C] counters of the period, and since the reset
    hits: Feature  # int64 [N, MOST_PREAMBLES] devices that chose each preamble


def state_of(
    *,
    cells: int,
    slices: int,
    places: int,
    diversity: int,
    processes: int,
    entries: int,
    tick: int,
    movers: int,
    sites: int,
    grant_delay: int = 0,
    ticks: int = 1,
    groups: int = 0,
    rows: int = 0,
    columns: int = 0,
) -> State:
    """Zeroed state in which nothing ever happens; see `State` for the axes."""

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
        members=zeros(np.uint64, processes + grant_delay + _SETS, words_of(places)),
        booked=zeros(np.uint64, 2 * (tick + 1), words_of(places)),
        fair=zeros(np.float64, blocks, FAIR_FIELDS * LANES),
        draws=zeros(np.float64, places, DRAWS * AHEAD),
        words=zeros(np.uint32, blocks, RNG_FIELDS * LANES),
        taps=zeros(np.float32, diversity * blocks, TAP_FIELDS * LANES),
        radio=zeros(np.float32, blocks, RADIO_FIELDS * LANES),
        movers=zeros(MOVER, movers),
        links=zeros(LINK, movers, sites),
        moves=zeros(MOVES, slices),
        faults=zeros(np.float64, ticks, EFFECTS),
        pools=zeros(POOL, slices) if groups else None,
        groups=zeros(GROUP, groups) if groups else None,
        counts=zeros(np.int64, groups, rows, BINS) if groups else None,
        sums=zeros(np.float64, groups, rows, BINS) if groups else None,
        ledger=zeros(np.float64, 2, groups, columns) if groups else None,
        hits=zeros(np.int64, MOST_PREAMBLES) if groups else None,
    )


cell_of = lend_row
"""Views of cell `c` of a state: every array without its first axis, but `cells`, which keeps it."""
