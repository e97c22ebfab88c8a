"""Radio curves: one set of functions for rows of the recording and for rows of the twin."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from e2sim.calibration.curve import Curve, binned
from e2sim.calibration.sessions import (
    BLOCKS,
    CQI,
    ERRORS,
    GRANTED,
    MCS,
    PERIOD_S,
    RATE,
    UL_BLOCKS,
    UL_ERRORS,
    UL_SINR,
)

F64 = NDArray[np.float64]

_ENOUGH_BLOCKS: Final = 10
"""A mean MCS or an error share over fewer blocks is mostly chance."""

_TTIS: Final = PERIOD_S * 1e3
"""LTE subframes of a row, of 1 ms and 14 symbols: as many as NR slots at numerology 0."""

_COMMON_CQI: Final = 9.0
_SINGLE_CQI: Final = 0.01
_MCS_BINS: Final = np.arange(29.0)
_CQI_BINS: Final = np.arange(1.0, 16.0)
_PRB_BINS: Final = np.array([1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48], np.float64)
_SINR_BINS: Final = np.arange(3.0, 39.0, 3.0)


@dataclass(frozen=True, slots=True)
class RadioCurves:
    """Curves of one set of rows of `sessions.COLUMNS`.

    Attributes:
        mcs_of_cqi: mean MCS of a period against the CQI, where only one CQI was reported.
        bits_of_mcs: bits acknowledged per granted PRB and TTI against the mean MCS.
        bits_of_cqi: the same against the CQI.
        rate_of_prbs: Mbit/s against mean granted PRBs of a TTI, where the mean CQI rounds to 9:
            the commonest of the recording.
        errors_of_mcs: % of downlink blocks answered by NACK against the mean MCS.
        uplink_errors_of_sinr: % of uplink blocks in error against the uplink's SINR in dB.
    """

    mcs_of_cqi: Curve
    bits_of_mcs: Curve
    bits_of_cqi: Curve
    rate_of_prbs: Curve
    errors_of_mcs: Curve
    uplink_errors_of_sinr: Curve


def radio_curves(rows: F64) -> RadioCurves:
    """The curves of float64 [R, len(sessions.COLUMNS)] rows."""
    busy = rows[rows[:, BLOCKS] >= _ENOUGH_BLOCKS]
    single = busy[
        (np.abs(busy[:, CQI] - np.rint(busy[:, CQI])) < _SINGLE_CQI) & (busy[:, CQI] >= 1.0)
    ]
    # Retransmissions take PRBs that the recorder does not count: compare periods without any.
    clean, single_clean = (r[(r[:, ERRORS] == 0.0) & (r[:, GRANTED] > 0.0)] for r in (busy, single))
    common = np.rint(rows[:, CQI]) == _COMMON_CQI
    sent = rows[common & (rows[:, GRANTED] > 0.0) & (rows[:, RATE] > 0.0)]
    uplink = rows[(rows[:, UL_BLOCKS] >= _ENOUGH_BLOCKS) & (rows[:, UL_SINR] > 0.0)]
    return RadioCurves(
        mcs_of_cqi=binned(
            "MCS of CQI", single[:, CQI], single[:, MCS], _CQI_BINS,
            x_unit="CQI index", y_unit="MCS index",
        ),
        bits_of_mcs=binned(
            "bits per PRB of MCS", clean[:, MCS], bits_per_prb(clean), _MCS_BINS,
            x_unit="MCS index", y_unit="bit per PRB and TTI",
        ),
        bits_of_cqi=binned(
            "bits per PRB of CQI", single_clean[:, CQI], bits_per_prb(single_clean), _CQI_BINS,
            x_unit="CQI index", y_unit="bit per PRB and TTI",
        ),
        rate_of_prbs=binned(
            "rate of PRBs", sent[:, GRANTED] / _TTIS, sent[:, RATE], _PRB_BINS,
            x_unit="PRB", y_unit="Mbit/s",
        ),
        errors_of_mcs=binned(
            "block errors of MCS", busy[:, MCS], busy[:, ERRORS], _MCS_BINS,
            x_unit="MCS index", y_unit="%",
        ),
        uplink_errors_of_sinr=binned(
            "uplink block errors of SINR", uplink[:, UL_SINR], uplink[:, UL_ERRORS], _SINR_BINS,
            x_unit="dB", y_unit="%",
        ),
    )  # fmt: skip


def bits_per_prb(rows: F64) -> F64:
    """Bits acknowledged per granted PRB and TTI, float64 [R]; NaN or infinite without grants."""
    return np.asarray(rows[:, RATE] * 1e6 * PERIOD_S / rows[:, GRANTED])
