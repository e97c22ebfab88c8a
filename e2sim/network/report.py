"""Reports: the period's counters in the units and resolution of the measurement catalogue."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from e2sim.network.energy import energy_j, mean_w
from e2sim.network.jit import fuse
from e2sim.network.plan import Plan
from e2sim.network.records import F64, I64, Record
from e2sim.network.state import State
from oran.measurements import (
    CELL_COLUMN,
    CELL_MEASUREMENTS,
    SLICE_COLUMN,
    SLICE_MEASUREMENTS,
    Measurement,
)


def _bounds(measurements: tuple[Measurement, ...]) -> tuple[F64, F64, F64]:
    # numba takes only contiguous arrays for constants it can cache.
    low, high, resolution = np.array([(m.low, m.high, m.resolution) for m in measurements]).T.copy()
    return low, high, resolution


_SLICE_BOUNDS: Final = _bounds(SLICE_MEASUREMENTS)
_CELL_BOUNDS: Final = _bounds(CELL_MEASUREMENTS)

# The kernel knows columns as constants, not by name.
_THROUGHPUT: Final = SLICE_COLUMN["DRB.UEThpDl"]
_OFFERED: Final = SLICE_COLUMN["DRB.PdcpSduVolumeDL"]
_DELIVERED: Final = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]
_DELAY: Final = SLICE_COLUMN["DRB.RlcSduDelayDl"]
_DROP_RATE: Final = SLICE_COLUMN["DRB.RlcPacketDropRateDl"]
_BUFFER: Final = SLICE_COLUMN["DRB.BufferSize.Qos"]
_PRBS: Final = SLICE_COLUMN["RRU.PrbUsedDl"]
_CQI: Final = SLICE_COLUMN["CARR.WBCQIDist"]
_MCS: Final = SLICE_COLUMN["CARR.PDSCHMCSDist"]
_BLOCKS: Final = SLICE_COLUMN["TB.TotNbrDl"]
_NACKS: Final = SLICE_COLUMN["TB.ErrTotalNbrDl"]
_USERS: Final = SLICE_COLUMN["RRC.ConnMean"]
_ATTEMPTED: Final = SLICE_COLUMN["DRB.EstabAtt"]
_ADMITTED: Final = SLICE_COLUMN["DRB.EstabSucc"]
_AVAILABLE: Final = CELL_COLUMN["RRU.PrbAvailDl"]
_LOAD: Final = CELL_COLUMN["RRU.PrbTotDl"]
_POWER: Final = CELL_COLUMN["PEE.AvgPower"]
_RADIATED: Final = CELL_COLUMN["CARR.MeanTxPwr"]


@dataclass(frozen=True, slots=True)
class Detail:
    """Ground truth of one direction in the last period, before any rounding.

    All but `energy_j` have shape [N, S]. Finished SDUs are delivered or dropped ones; what arrived
    in a period may finish in a later one.

    Attributes:
        demanded_bytes: what users asked for, refused flows included; no allocation changes it.
        offered_bytes: what entered the RLC buffers' doors.
        delivered_bytes: in SDUs received whole and in order.
        dropped_bytes: in SDUs too old, without room or lost in the backhaul.
        offered_packets, delivered_packets, dropped_packets: the same in SDUs.
        late_packets: dropped because too old.
        lost_packets: dropped because the backhaul lost them, before they reached the cell, or in
            the uplink after it had received them.
        attempted_flows: flows that asked for admission.
        blocked_flows: flows refused.
        queued_bytes: in SDUs neither delivered nor dropped, at the period's end.
        used_prbs: PRBs transmitted, summed over slots.
        energy_j: [N] energy of the site in J, of both directions together.
    """

    demanded_bytes: I64
    offered_bytes: I64
    delivered_bytes: I64
    dropped_bytes: I64
    offered_packets: I64
    delivered_packets: I64
    dropped_packets: I64
    late_packets: I64
    lost_packets: I64
    attempted_flows: I64
    blocked_flows: I64
    queued_bytes: I64
    used_prbs: I64
    energy_j: F64


def detail_of(state: State, site: State) -> Detail:
    """The ground truth of the period just played; `site` is the state of the downlink."""
    k = state.tallies
    return Detail(
        demanded_bytes=k["demanded_bytes"].copy(),
        offered_bytes=k["offered_bytes"].copy(),
        delivered_bytes=k["delivered_bytes"].copy(),
        dropped_bytes=k["dropped_bytes"].copy(),
        offered_packets=k["offered_sdus"].copy(),
        delivered_packets=k["delivered_sdus"].copy(),
        dropped_packets=k["dropped_sdus"].copy(),
        late_packets=k["late_sdus"].copy(),
        lost_packets=k["lost_sdus"].copy(),
        attempted_flows=k["attempted_flows"].copy(),
        blocked_flows=k["blocked_flows"].copy(),
        queued_bytes=k["queued_bytes"].copy(),
        used_prbs=k["used_prbs"].copy(),
        energy_j=energy_j(site),
    )


@fuse
def report_slice(plan: Plan, cell: Record, tally: Record, row: F64) -> bool:
    """Write a slice's report of the period just played into its row of `ReportBatch.slices`.

    What was not measured is 0 / 0. Returns whether all values are in the catalogue's ranges.
    """
    carrier = plan.carrier[0]
    # Devices in connection are connected UEs as the users are, whose buffers hold their payloads.
    visiting = tally.visits / carrier.slots
    done, dropped = tally.delivered_sdus, tally.dropped_sdus
    row[_THROUGHPUT] = tally.throughput_kbps
    row[_OFFERED] = tally.offered_bytes * 0.008
    row[_DELIVERED] = tally.delivered_bytes * 0.008
    row[_DELAY] = tally.delay_slots / done * (10.0 * carrier.slot_ms)
    row[_DROP_RATE] = dropped / (done + dropped) * 1e6
    row[_BUFFER] = tally.queued_bytes / (tally.connected + visiting)
    row[_PRBS] = tally.used_prbs / (cell.own - cell.opened)
    row[_CQI] = tally.cqi_sum / tally.cqi_reports
    row[_MCS] = tally.mcs_sum / tally.blocks
    row[_BLOCKS] = tally.blocks
    row[_NACKS] = tally.nacks
    row[_USERS] = tally.user_slots / carrier.slots + visiting
    row[_ATTEMPTED] = tally.attempted_flows
    row[_ADMITTED] = tally.attempted_flows - tally.blocked_flows
    return quantise(row, *_SLICE_BOUNDS)


@fuse
def report_cell(plan: Plan, cell: Record, row: F64) -> bool:
    """The same of a cell, into its row of `ReportBatch.cell`."""
    carrier, used = plan.carrier[0], cell.used_prbs
    slots = cell.own - cell.opened
    power_mw = 1000.0 * carrier.chains * carrier.max_w * cell.boost
    row[_AVAILABLE] = carrier.prbs
    row[_LOAD] = used * (100.0 / (carrier.prbs * slots))
    row[_POWER] = mean_w(carrier, cell)
    row[_RADIATED] = 10.0 * np.log10(power_mw * (used / (carrier.prbs * cell.busy_slots)))
    return quantise(row, *_CELL_BOUNDS)


@fuse
def quantise(row: F64, low: F64, high: F64, resolution: F64) -> bool:
    """Round values to the catalogue's resolution; whether all are in its ranges, or NaN."""
    fine = True
    for i in range(len(row)):
        value = np.rint(row[i] / resolution[i]) * resolution[i]
        row[i] = value
        fine &= not (value < low[i] or value > high[i])
    return fine


def refuse(cell: F64, slices: F64) -> None:
    """Raise `ValueError` for the first value outside the catalogue's range."""
    for measurements, table, (low, high, _) in (
        (SLICE_MEASUREMENTS, slices, _SLICE_BOUNDS),
        (CELL_MEASUREMENTS, cell, _CELL_BOUNDS),
    ):
        for *place, column in np.argwhere((table < low) | (table > high)).tolist():
            measurements[column].quantise(table[(*place, column)])  # raises, and says why
