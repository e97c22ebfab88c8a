"""Flows: the packets of one slice on one path, as a fluid that carries its history along.

A flow is a row of six sums over its packets. Sums add when fluids join and scale when a part
leaves, so nothing is lost between places: what a packet has waited goes where the packet goes.
"""

from typing import Final

from e2sim.network.jit import jit
from e2sim.network.records import F64

PACKETS: Final = 0
BYTES: Final = 1
CORE: Final = 2
"""Time since arrival at the UPF until its exit, ms."""
TRANSPORT: Final = 3
"""Time since then, ms."""
WAIT: Final = 4
"""The part of both that is random: waits in stable queues, and service; ms."""
SPREAD: Final = 5
"""Variance of that part, ms^2."""
WIDTH: Final = 6

OVERFLOW: Final = 0
"""No room in a queue."""
ERROR: Final = 1
"""Lost by a line."""
FAILURE: Final = 2
"""At a site or link that has failed."""
REASONS: Final = 3


@jit
def work_of(flow: F64, work: F64) -> float:
    """What a flow asks of a station: `work` is for a packet, and for a byte."""
    asked: float = work[0] * flow[PACKETS] + work[1] * flow[BYTES]
    return asked


@jit
def add(flow: F64, other: F64, part: float) -> None:
    """`part` of another flow joins."""
    for i in range(WIDTH):
        flow[i] += other[i] * part


@jit
def scale(flow: F64, part: float) -> None:
    """What remains of a flow when only `part` of it does."""
    for i in range(WIDTH):
        flow[i] *= part
