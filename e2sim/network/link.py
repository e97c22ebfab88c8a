"""Link adaptation and block errors: CQI, MCS, transport block bits, BLER.

SINR is linear throughout the slot loop; nothing here takes a logarithm there.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.network.jit import jit

_CQI_EFFICIENCY: Final = (
    0.1523, 0.2344, 0.3770, 0.6016, 0.8770, 1.1758, 1.4766, 1.9141,
    2.4063, 2.7305, 3.3223, 3.9023, 4.5234, 5.1152, 5.5547,
)  # fmt: skip
"""Bits per resource element of CQI 1..15, TS 38.214 table 5.2.2.1-2."""

_MCS_ORDER: Final = (2,) * 10 + (4,) * 7 + (6,) * 12
_MCS_RATE: Final = (
    120, 157, 193, 251, 308, 379, 449, 526, 602, 679,
    340, 378, 434, 490, 553, 616, 658,
    438, 466, 517, 567, 616, 666, 719, 772, 822, 873, 910, 948,
)  # fmt: skip
"""Modulation order and code rate x 1024 of MCS 0..28, TS 38.214 table 5.1.3.1-1."""

_RESOURCE_ELEMENTS: Final = 144
"""Per PRB and slot, TS 38.214 5.1.3.2: 12 x 14, less one control and one DM-RS symbol."""

_BANDWIDTH_EFFICIENCY: Final = 0.75
_SNR_EFFICIENCY: Final = 1.25
"""Adjusted Shannon bound, bits per element = b log2(1 + SINR / s), of Mogensen et al., "LTE
Capacity compared to the Shannon Bound", VTC Spring 2007. With these two, CQI thresholds are within
0.6 dB of those from -6.7 to 22.7 dB that LTE and NR system simulators share."""

MCS_EFFICIENCY: Final = np.array([o * r / 1024 for o, r in zip(_MCS_ORDER, _MCS_RATE, strict=True)])
"""Bits per resource element of each MCS."""

BITS_PER_PRB: Final = np.floor(MCS_EFFICIENCY * _RESOURCE_ELEMENTS).astype(np.int32)
"""Information bits one PRB carries in one slot at each MCS."""

PRBS_PER_BIT: Final = 1.0 / BITS_PER_PRB


def required_sinr(efficiency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear SINR at which a block of this efficiency (bits per element) fails one time in ten."""
    needed: NDArray[np.float64] = np.exp2(efficiency / _BANDWIDTH_EFFICIENCY) - 1.0
    needed *= _SNR_EFFICIENCY
    return needed


CQI_SINR: Final = required_sinr(np.array(_CQI_EFFICIENCY))
"""Linear SINR from which CQI 1..15 is reported."""

CQI_SINR_F32: Final = np.where(
    CQI_SINR.astype(np.float32) >= CQI_SINR,
    CQI_SINR.astype(np.float32),
    np.nextafter(CQI_SINR.astype(np.float32), np.float32(np.inf)),
)
"""The least float32 that reaches each of them."""

MCS_OF_CQI: Final = (
    np.array(
        [0] + [int(np.searchsorted(MCS_EFFICIENCY, e + 1e-3, "right")) - 1 for e in _CQI_EFFICIENCY]
    )
    .clip(0)
    .astype(np.int32)
)
"""Highest MCS that is not more efficient than the CQI; MCS 0 below."""

_STEEPNESS: Final = 8
"""BLER = 1 / (1 + (sinr / middle)^8) is the logistic curve in dB with 1.84 per dB: 1.19 dB from
one half to one tenth, the width of coded blocks of some thousand bits."""

MCS_MIDDLE: Final = required_sinr(MCS_EFFICIENCY) / 9.0 ** (1.0 / _STEEPNESS)
"""Linear SINR at which every second block of an MCS fails."""

_PER_MIDDLE: Final = 1.0 / MCS_MIDDLE


@jit
def block_error_rate(sinr: float, mcs: int) -> float:
    """Probability that a block fails after combining to this linear SINR.

    After k transmissions `sinr` is the sum of theirs: chase combining of equal copies.
    """
    ratio = sinr * _PER_MIDDLE[mcs]
    square = ratio * ratio
    fourth = square * square
    return float(1.0 / (1.0 + fourth * fourth))


_LINK_MARGIN: Final = 0.7
"""Share of the mean SINR's bound that is left after fading, steps of the CQI, its age, repetitions
and PRBs that blocks do not fill: measured over the bundled scenarios, within a tenth."""


@jit
def mean_bits_per_prb(sinr: float) -> float:
    """Information bits a PRB carries on average at a mean linear SINR, for dimensioning."""
    top = MCS_EFFICIENCY[-1]
    efficiency = min(_BANDWIDTH_EFFICIENCY * math.log2(1.0 + sinr / _SNR_EFFICIENCY), top)
    return float(_LINK_MARGIN * max(efficiency, MCS_EFFICIENCY[0]) * _RESOURCE_ELEMENTS)


def snr_db_of_cqi(cqi: NDArray[np.float64]) -> NDArray[np.float64]:
    """SNR in dB under which a mean CQI of 1..15 is reported, about.

    Linear between whole CQIs, which stand for the middles in dB of the ranges they are reported
    in; that of CQI 15, which has no end, is taken to be as wide as that of CQI 14.
    """
    edges = 10.0 * np.log10(CQI_SINR)
    steps = np.diff(edges)
    middles = edges + 0.5 * np.append(steps, steps[-1])
    return np.interp(cqi, np.arange(1, len(edges) + 1), middles)
