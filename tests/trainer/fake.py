"""A tiny stand-in for the emulated network, with the same interface and a known best answer.

Slices need a random share of the carrier each period. The URLLC slice needs three times what its
volume suggests, which the rule does not know and a policy can learn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oran.batch import ADMISSION, MIN, AllocationBatch, ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_COLUMN, SLICE_MEASUREMENTS
from oran.snssai import Snssai

PRBS = 106.0
KBIT_PER_PERIOD = 5300.0
URLLC_NEED = 3.0


@dataclass(frozen=True)
class FakeDetail:
    delivered_packets: NDArray[np.int64]
    dropped_packets: NDArray[np.int64]
    late_packets: NDArray[np.int64]
    delivered_bytes: NDArray[np.int64]
    dropped_bytes: NDArray[np.int64]


class FakeNetwork:
    def __init__(self, seeds: NDArray[np.uint64], slices: int = 3) -> None:
        self.snssais = (Snssai(1, 1), Snssai(2, 1), Snssai(3, 1))[:slices]
        self.cells = len(seeds)
        self.steps = 0
        self.reset(seeds=seeds)

    def reset(
        self, which: NDArray[np.bool_] | None = None, seeds: NDArray[np.uint64] | None = None
    ) -> None:
        assert which is None
        if seeds is not None:
            self._seeds = seeds
        self._period = 0
        self._level = 0.1 + 0.3 * self._uniform()[:, : len(self.snssais)]

    def _uniform(self) -> NDArray[np.float64]:
        """Three numbers in 0..1 for each cell, of its seed and the period (splitmix64)."""
        self._period += 1
        draw = np.arange(3, dtype=np.uint64) + np.uint64(3 * self._period)
        z = self._seeds[:, None] * np.uint64(0x9E3779B97F4A7C15) + draw * np.uint64(
            0xD1B54A32D192ED03
        )
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
        return (z >> np.uint64(11)) / 2.0**53

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        self.steps += 1
        noise = 0.8 + 0.4 * self._uniform()
        count = len(self.snssais)
        shape = self.cells, count
        need = self._level * noise[:, :count] * np.array((1.0, 0.3, 0.7))[:count]
        share = allocation.slices[..., MIN] / 100.0
        needed = need * np.array((1.0, URLLC_NEED, 1.0))[:count]
        served = np.minimum(share / needed, 1.0)
        offered = np.rint(need * KBIT_PER_PERIOD)
        values = np.full((*shape, len(SLICE_MEASUREMENTS)), np.nan)

        def put(name: str, value: NDArray[np.float64]) -> None:
            values[..., SLICE_COLUMN[name]] = value

        put("DRB.UEThpDl", np.rint(8000.0 * served))
        put("DRB.PdcpSduVolumeDL", offered)
        put("DRB.RlcSduTransmittedVolumeDL", np.rint(offered * served))
        put("DRB.RlcSduDelayDl", np.rint(20.0 / np.maximum(served, 0.01)))
        put("DRB.RlcPacketDropRateDl", np.rint(1e6 * 0.1 * (1.0 - served)))
        put("DRB.BufferSize.Qos", np.zeros(shape))
        put("RRU.PrbUsedDl", np.round(need * served * PRBS, 2))
        put("RRC.ConnMean", np.full(shape, 5.0))
        put("DRB.EstabAtt", np.full(shape, 10.0))
        put("DRB.EstabSucc", np.rint(allocation.slices[..., ADMISSION] / 10.0))
        self._packets = np.rint(offered), np.rint(offered * 0.1 * (1.0 - served))
        cell = np.full((self.cells, len(CELL_MEASUREMENTS)), np.nan)
        cell[:] = (PRBS, 50.0, 130.0, 38.0)
        return ReportBatch(100, cell, values, np.ones(shape, np.bool_))

    def faults(self) -> None:
        return None

    def detail(self) -> FakeDetail:
        offered, lost = (p.astype(np.int64) for p in self._packets)
        return FakeDetail(offered - lost, lost, lost // 2, 100 * (offered - lost), 100 * lost)
