"""The uplink's report: its counters in the units and resolution of the catalogue.

Made by NumPy when it is asked for: no policy is trained on it, and the kernel need not.
"""

from dataclasses import dataclass

import numpy as np

from e2sim.network.records import F64
from e2sim.network.state import State
from e2sim.scenario import Scenario
from oran.measurements import Measurement
from oran.uplink import UPLINK_CELL_MEASUREMENTS, UPLINK_MEASUREMENTS


@dataclass(frozen=True, slots=True)
class UplinkReport:
    """Measurements of the uplink of N cells in one period.

    Attributes:
        cell: float64 [N, len(UPLINK_CELL_MEASUREMENTS)]; NaN where not measured.
        slices: float64 [N, S, len(UPLINK_MEASUREMENTS)]; NaN where not measured.
    """

    cell: F64
    slices: F64


def uplink_report_of(scenario: Scenario, state: State) -> UplinkReport:
    """The report of the period just played."""
    k, sites = state.tallies, state.cells
    slots = sites["own"] - sites["opened"]
    done, dropped = k["delivered_sdus"], k["dropped_sdus"]
    with np.errstate(invalid="ignore", divide="ignore"):
        of_slice: dict[str, F64] = {
            "DRB.UEThpUl": k["throughput_kbps"],
            "DRB.PdcpSduVolumeUL": k["delivered_bytes"] * 0.008,
            "DRB.DelayUlNgranUeIncD1Dist": k["delay_slots"] / done * (10.0 * scenario.slot_ms),
            "DRB.PacketLossRateUl": dropped / (done + dropped) * 1e6,
            "RRU.PrbUsedUl": k["used_prbs"] / slots[:, None],
            "CARR.PUSCHMCSDist": k["mcs_sum"] / k["blocks"],
            "TB.TotNbrUl": k["blocks"],
            "TB.ErrTotalNbrUl": k["nacks"],
        }
        of_cell: dict[str, F64] = {
            "RRU.PrbAvailUl": np.full(len(sites), scenario.prbs),
            "RRU.PrbTotUl": 100.0 * sites["used_prbs"] / (scenario.prbs * slots),
        }
    return UplinkReport(
        _table(UPLINK_CELL_MEASUREMENTS, of_cell), _table(UPLINK_MEASUREMENTS, of_slice)
    )


def _table(measurements: tuple[Measurement, ...], values: dict[str, F64]) -> F64:
    """The columns side by side, rounded; a value outside its range is refused, as everywhere."""
    columns = [_quantised(m, values[m.name]) for m in measurements]
    return np.stack(columns, axis=-1)


def _quantised(m: Measurement, values: F64) -> F64:
    rounded: F64 = np.rint(values / m.resolution) * m.resolution
    for value in rounded[(rounded < m.low) | (rounded > m.high)].tolist():
        m.quantise(value)  # raises, and says why
    return rounded
