"""How far a slice's targets were met in a period."""

import math
from typing import Final

from oran.measurements import SLICE_COLUMN
from xapp.decision.scalar import Row

_THP: Final = SLICE_COLUMN["DRB.UEThpDl"]
_DELIVERED: Final = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]
_DELAY: Final = SLICE_COLUMN["DRB.RlcSduDelayDl"]
_DROP: Final = SLICE_COLUMN["DRB.RlcPacketDropRateDl"]
_BUFFER: Final = SLICE_COLUMN["DRB.BufferSize.Qos"]


def slice_satisfaction(x: Row, target: Row) -> float:
    """Degree to which a slice's targets were met, 0..1; 1 means all were.

    The least of `throughput / target`, `target / delay` and `target / drop rate`, each at most 1.
    NaN where nothing that has a target was measured: the slice was idle, or the node is silent on
    it. A slice that holds a backlog and delivered nothing has 0, whatever else is missing.
    """
    if x[_BUFFER] > 0.0 and x[_DELIVERED] == 0.0:
        return 0.0
    least = math.nan
    ratio = 1.0
    limit = target[0]
    if limit > 0.0 and x[_THP] == x[_THP]:
        ratio = x[_THP] / limit
        least = min(ratio, 1.0)
    for i in range(1, 3):
        value = x[_DELAY] if i == 1 else x[_DROP]
        limit = target[i]
        if limit < math.inf and value == value:
            ratio = limit / value if value > limit else 1.0
            least = ratio if least != least or ratio < least else least
    return least
