"""Reports: the period's counters in the units and resolution of the measurement catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from e2sim.network.records import F64, I64
from e2sim.network.state import State
from e2sim.scenario import Scenario
from oran.batch import ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS, Measurement


def _bounds(measurements: tuple[Measurement, ...]) -> tuple[F64, F64, F64]:
    low, high, resolution = np.array([(m.low, m.high, m.resolution) for m in measurements]).T
    return low, high, resolution


_SLICE_BOUNDS: Final = _bounds(SLICE_MEASUREMENTS)
_CELL_BOUNDS: Final = _bounds(CELL_MEASUREMENTS)


@dataclass(frozen=True, slots=True)
class Detail:
    """Ground truth of the last period, before any rounding.

    All but `energy_j` have shape [N, S]. Finished SDUs are delivered or dropped ones; what arrived
    in a period may finish in a later one.

    Attributes:
        demanded_bytes: what users asked for, refused flows included; no allocation changes it.
        offered_bytes: what entered the RLC buffers' doors.
        delivered_bytes: in SDUs received whole and in order.
        dropped_bytes: in SDUs too old or without room.
        offered_packets, delivered_packets, dropped_packets: the same in SDUs.
        late_packets: dropped because too old.
        attempted_flows: flows that asked for admission.
        blocked_flows: flows refused.
        queued_bytes: in SDUs neither delivered nor dropped, at the period's end.
        used_prbs: PRBs transmitted, summed over slots.
        energy_j: [N] energy of the site in J.
    """

    demanded_bytes: I64
    offered_bytes: I64
    delivered_bytes: I64
    dropped_bytes: I64
    offered_packets: I64
    delivered_packets: I64
    dropped_packets: I64
    late_packets: I64
    attempted_flows: I64
    blocked_flows: I64
    queued_bytes: I64
    used_prbs: I64
    energy_j: F64


def energy_j(scenario: Scenario, state: State) -> F64:
    """Energy of each cell's site over the period in J, shape [N]; see `scenario.Power`."""
    power = scenario.power
    seconds = scenario.period_ms / 1000.0
    load = state.cells["used_prbs"] / (scenario.prbs * scenario.slots_per_period)
    transmitted_w = power.max_w * state.cells["boost"] * load
    energy: F64 = power.chains * (power.fixed_w + power.slope * transmitted_w) * seconds
    return energy


def detail_of(scenario: Scenario, state: State) -> Detail:
    """The ground truth of the period just played."""
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
        attempted_flows=k["attempted_flows"].copy(),
        blocked_flows=k["blocked_flows"].copy(),
        queued_bytes=k["queued_bytes"].copy(),
        used_prbs=k["used_prbs"].copy(),
        energy_j=energy_j(scenario, state),
    )


def report_of(scenario: Scenario, state: State) -> ReportBatch:
    """The report of the period just played.

    Args:
        scenario: of all cells.
        state: of N cells.

    Raises:
        ValueError: a value is outside the catalogue's range.
    """
    k, slots = state.tallies, scenario.slots_per_period
    users = np.array([s.users for s in scenario.slices])
    done = k["delivered_sdus"]
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = {
            "DRB.UEThpDl": k["throughput_kbps"],
            "DRB.PdcpSduVolumeDL": k["offered_bytes"] * 0.008,
            "DRB.RlcSduTransmittedVolumeDL": k["delivered_bytes"] * 0.008,
            "DRB.RlcSduDelayDl": k["delay_slots"] / done * (10.0 * scenario.slot_ms),
            "DRB.RlcPacketDropRateDl": k["dropped_sdus"] / (done + k["dropped_sdus"]) * 1e6,
            "DRB.BufferSize.Qos": k["queued_bytes"] / users,
            "RRU.PrbUsedDl": k["used_prbs"] / slots,
            "CARR.WBCQIDist": k["cqi_sum"] / k["cqi_reports"],
            "CARR.PDSCHMCSDist": k["mcs_sum"] / k["blocks"],
            "TB.TotNbrDl": k["blocks"],
            "TB.ErrTotalNbrDl": k["nacks"],
            "RRC.ConnMean": np.broadcast_to(users, done.shape),
            "DRB.EstabAtt": k["attempted_flows"],
            "DRB.EstabSucc": k["attempted_flows"] - k["blocked_flows"],
        }
    return ReportBatch(
        period_ms=scenario.period_ms,
        cell=_table(_cell_columns(scenario, state), CELL_MEASUREMENTS, *_CELL_BOUNDS),
        slices=_table(columns, SLICE_MEASUREMENTS, *_SLICE_BOUNDS),
        present=np.ones(done.shape, np.bool_),
    )


def _cell_columns(scenario: Scenario, state: State) -> dict[str, F64]:
    used = state.cells["used_prbs"]
    power_mw = 1000.0 * scenario.power.chains * scenario.power.max_w * state.cells["boost"]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = used / (scenario.prbs * state.cells["busy_slots"])
        return {
            "RRU.PrbAvailDl": np.full(used.shape, float(scenario.prbs)),
            "RRU.PrbTotDl": used * (100.0 / (scenario.prbs * scenario.slots_per_period)),
            "PEE.AvgPower": energy_j(scenario, state) / (scenario.period_ms / 1000.0),
            "CARR.MeanTxPwr": 10.0 * np.log10(power_mw * share),
        }


def _table(
    columns: Mapping[str, "F64 | I64"],
    measurements: tuple[Measurement, ...],
    low: F64,
    high: F64,
    resolution: F64,
) -> F64:
    values = np.stack([columns[m.name] for m in measurements], axis=-1).astype(np.float64)
    quantised: F64 = np.rint(values / resolution) * resolution
    outside = (quantised < low) | (quantised > high)
    if outside.any():
        *place, column = np.argwhere(outside)[0].tolist()
        measurements[column].quantise(quantised[(*place, column)])  # raises, and says why
    return quantised
