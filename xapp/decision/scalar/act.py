"""How a policy's raw output becomes an allocation, as a residual on the rule."""

from math import ceil, exp, floor, tanh
from typing import Final

from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from oran.batch import ADMISSION, DEDICATED, MAX, MCS_BACKOFF, MIN
from xapp.decision.scalar import FloatRow, IntRows, Row

SHARE_BOUND: Final = 2.0
"""A share is multiplied by at most e^2 and at least e^-2 before shares are brought to sum 1."""

OPEN: Final = 6.0
"""Bias of caps, admission and power: the logistic function of 6 is 0.9975, so that at rest caps
and admission stand at 100 % and power at 0 dB."""

_LOWEST_POWER: Final = TX_POWER_OFFSET_DB[0]


def allocate_cell(
    raw: Row, raw_power: float, share: Row, backoff: Row, rest: FloatRow, out: IntRows
) -> int:
    """The allocation that a policy's raw output means: writes `out`, returns the power offset.

    Args:
        raw: `SLICE_ACTIONS` of each slice, one after another.
        raw_power: the cell's raw output.
        share: the rule's shares, above 0, sum 1.
        backoff: the rule's MCS backoff, 0..MAX_MCS_BACKOFF.
        rest: room to work in, one number a slice.
        out: one row a slice.

    Raises:
        ValueError: an output is NaN or infinite.
    """
    count = len(share)
    total = 0.0
    finite = raw_power - raw_power
    for i in range(count):
        a, b, c, d = raw[4 * i], raw[4 * i + 1], raw[4 * i + 2], raw[4 * i + 3]
        finite += (a - a) + (b - b) + (c - c) + (d - d)
        rest[i] = share[i] * exp(SHARE_BOUND * tanh(a / SHARE_BOUND))
        total += rest[i]
    if finite != 0.0:  # infinity minus itself and all that comes of it is NaN
        raise ValueError("the policy's output is not finite")
    left = 100
    for i in range(count):
        exact = rest[i] / total * 100.0
        whole = floor(exact)
        out[i][MIN] = whole
        rest[i] = exact - whole
        left -= whole
    for _ in range(left):  # largest remainder; ties go to the earlier place
        best = 0
        for i in range(1, count):
            if rest[i] > rest[best]:
                best = i
        out[best][MIN] += 1
        rest[best] = -1.0
    for i in range(count):
        whole = out[i][MIN]
        cap = 0.5 + 0.5 * tanh(0.5 * raw[4 * i + 1] + 0.5 * OPEN)
        back = backoff[i] + MAX_MCS_BACKOFF * tanh(raw[4 * i + 2])
        admitted = 50.0 + 50.0 * tanh(0.5 * raw[4 * i + 3] + 0.5 * OPEN)
        out[i][DEDICATED] = 0
        out[i][MAX] = whole + floor((100 - whole) * cap + 0.5)
        out[i][MCS_BACKOFF] = floor(min(max(back, 0.0), MAX_MCS_BACKOFF) + 0.5)
        out[i][ADMISSION] = floor(admitted + 0.5)
    low = 0.5 + 0.5 * tanh(0.5 * (raw_power - OPEN))
    return ceil(_LOWEST_POWER * low - 0.5)
