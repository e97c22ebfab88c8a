"""The twin, run small and reported in the rows of the recordings."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from e2sim.calibration.burst import Packets
from e2sim.calibration.sessions import (
    BLOCKS,
    BUFFER,
    COLUMNS,
    CQI,
    ERRORS,
    GRANTED,
    MCS,
    PERIOD_S,
    RATE,
    SAMPLES,
    TIME,
)
from e2sim.network import Network
from e2sim.replay.period import CARRIER_PRBS, PERIOD_MS
from e2sim.scenario import Scenario, parse_scenario
from oran.batch import ADMISSION, MAX, SLICE_FIELDS, AllocationBatch
from oran.measurements import SLICE_COLUMN

F64 = NDArray[np.float64]

_WARM_UP: Final = 8


def like_testbed(traffic: dict[str, Any], *, speed_kmh: float = 0.1) -> Scenario:
    """A scenario with the carrier and period of the testbeds, and a slice of one user.

    Args:
        traffic: `Traffic` of the slice, as in a scenario's YAML.
        speed_kmh: of the user; the phones of the recordings lay still.
    """
    return parse_scenario(
        {
            "name": "testbed",
            "numerology": 0,
            "prbs": CARRIER_PRBS,
            "period_ms": PERIOD_MS,
            "slices": [
                {
                    "snssai": "1-000001",
                    "kind": "eMBB",
                    "users": 1,
                    "speed_kmh": speed_kmh,
                    "scheduler": "round_robin",
                    "discard_ms": 1500,
                    "queue": 1024,
                    "traffic": traffic,
                }
            ],
        }
    )


def steady(load: float) -> dict[str, Any]:
    """Poisson arrivals of full-size packets that need `load` of the cell's PRBs on average."""
    return {"load": [load, load], "packet_bytes": [1400, 1400], "admission": False}


def play(scenario: Scenario, seeds: NDArray[np.uint64], *, periods: int, share: int = 100) -> F64:
    """Slice measurements of every period after a warm-up, float64 [periods, N, S, columns].

    Args:
        scenario: of all cells.
        seeds: uint64 [N], one a cell.
        periods: how many after the warm-up of 8.
        share: most PRBs of each slice, % of the carrier.
    """
    network = Network(scenario, seeds)
    slices = np.zeros((len(seeds), len(scenario.slices), SLICE_FIELDS), np.int64)
    slices[..., MAX] = share
    slices[..., ADMISSION] = 100
    allocation = AllocationBatch(slices, np.zeros(len(seeds), np.int64))
    played = [network.step(allocation).slices for _ in range(_WARM_UP + periods)]
    return np.array(played[_WARM_UP:])


def seeds(first: int, count: int) -> NDArray[np.uint64]:
    """Consecutive seeds, uint64 [count]."""
    return np.arange(first, first + count, dtype=np.uint64)


def rows_of(measured: F64) -> F64:
    """Measurements of a single-slice testbed in rows of `sessions.COLUMNS`.

    Args:
        measured: float64 [T, N, 1, columns] of `play`.

    Returns:
        float64 [N, T, len(COLUMNS)], cell by cell; zero where nothing was scheduled, as the
        recorder has it. The uplink, which the twin lacks, is zero.
    """
    at = measured[:, :, 0].transpose(1, 0, 2)
    blocks = at[..., SLICE_COLUMN["TB.TotNbrDl"]]
    rows = np.zeros((*at.shape[:2], len(COLUMNS)))
    rows[..., TIME] = np.arange(at.shape[1]) * PERIOD_MS
    rows[..., MCS] = np.nan_to_num(at[..., SLICE_COLUMN["CARR.PDSCHMCSDist"]])
    rows[..., SAMPLES] = rows[..., BLOCKS] = blocks
    rows[..., BUFFER] = at[..., SLICE_COLUMN["DRB.BufferSize.Qos"]]
    kbit = at[..., SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]]
    rows[..., RATE] = kbit / 1e3 / PERIOD_S
    errors = at[..., SLICE_COLUMN["TB.ErrTotalNbrDl"]]
    rows[..., ERRORS] = 100.0 * errors / np.maximum(blocks, 1.0)
    rows[..., CQI] = at[..., SLICE_COLUMN["CARR.WBCQIDist"]]
    rows[..., GRANTED] = at[..., SLICE_COLUMN["RRU.PrbUsedDl"]] * PERIOD_MS
    return rows


def radio_rows(*, cells: int, periods: int) -> F64:
    """Rows of the testbed at four loads, float64 [R, len(COLUMNS)]; seeds from 0 on."""
    parts = [
        rows_of(play(like_testbed(steady(load)), seeds(1000 * i, cells), periods=periods))
        for i, load in enumerate((0.02, 0.1, 0.3, 0.7))
    ]
    return np.concatenate(parts).reshape(-1, len(COLUMNS))


def offered_mbps(measured: F64) -> F64:
    """Rate offered to each cell's only slice, Mbit/s, float64 [N]."""
    kbit = measured[:, :, 0, SLICE_COLUMN["DRB.PdcpSduVolumeDL"]]
    rate: F64 = kbit.mean(axis=0) / 1e3 / PERIOD_S
    return rate


def single_users(scenario: Scenario) -> Scenario:
    """The scenario with one user in each slice, who asks for what one of them asked for."""
    slices = tuple(
        replace(
            s,
            users=1,
            traffic=replace(
                s.traffic, load=(s.traffic.load[0] / s.users, s.traffic.load[1] / s.users)
            ),
        )
        for s in scenario.slices
    )
    return replace(scenario, slices=slices)


def arrivals(scenario: Scenario, measured: F64) -> list[list[Packets]]:
    """What was offered to each cell's only user of each slice, slice by slice, cell by cell.

    All bytes of one period are one packet in its middle: a report tells no finer times.
    """
    step_s = scenario.period_ms / 1e3
    duration = np.floor(len(measured) * step_s)
    volumes = np.rint(measured[..., SLICE_COLUMN["DRB.PdcpSduVolumeDL"]] * 125.0)
    times = (np.arange(float(len(measured))) + 0.5) * step_s
    return [
        [_packets(times, volumes[:, c, s], duration) for c in range(measured.shape[1])]
        for s in range(measured.shape[2])
    ]


def _packets(times: F64, volumes: F64, duration: float) -> Packets:
    kept = (volumes > 0.0) & (times < duration)
    return Packets(times[kept], volumes[kept].astype(np.int64), float(duration))
