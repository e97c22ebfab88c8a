"""The tuned priority rule: what every policy's action is a residual to."""

from collections.abc import Sequence

from xapp.decision.scalar import FloatRow, Row


def priority_cell(
    demand: Row,
    weight: Row,
    urllc: Sequence[bool],
    headroom: float,
    urllc_headroom: float,
    urllc_reserve: float,
    urllc_backoff: float,
    ask: FloatRow,
    share: FloatRow,
    backoff: FloatRow,
) -> None:
    """The tuned priority rule of one cell, before rounding: writes `share` and `backoff`.

    Slices ask for their demand with headroom and are served until the carrier is full, URLLC
    slices before all others and then in the order of their weights (then places); what is left is
    shared in proportion to what was asked.
    `ask` is room to work in.
    """
    least = 0.01  # so that a slice with nothing to send can still start to
    count = len(demand)
    for i in range(count):
        if urllc[i]:
            ask[i] = demand[i] * urllc_headroom + (urllc_reserve + least)
            backoff[i] = urllc_backoff
        else:
            ask[i] = demand[i] * headroom + least
            backoff[i] = 0.0
    total = 0.0
    for i in range(count):
        before = 0.0
        for j in range(count):
            if urllc[j] == urllc[i]:
                first = weight[j] > weight[i] or (weight[j] == weight[i] and j < i)
            else:
                first = urllc[j]
            if first:
                before += ask[j]
        share[i] = min(ask[i], max(1.0 - before, least))
        total += share[i]
    for i in range(count):
        share[i] /= total
