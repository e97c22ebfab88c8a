"""The other end, step by step: one cell of the twin, its reports as JSON, the xApp's pipeline."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from oran.batch import AllocationBatch, ReportBatch
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from xapp.api.wire import decode
from xapp.decision.pipeline import Rows

Edge = Callable[[CellReport], CellReport]
"""What a report goes through between the node and the decision core."""


def report_of(batch: ReportBatch, cell: int, snssais: tuple[Snssai, ...]) -> CellReport:
    """One cell of a batch as the node sends it."""
    return CellReport(
        "gnb-1",
        f"cell-{cell}",
        7,
        1_700_000_000_000,
        batch.period_ms,
        tuple(batch.cell[cell].tolist()),
        tuple(
            SliceReport(s, tuple(row))
            for s, row in zip(snssais, batch.slices[cell].tolist(), strict=False)
        ),
    )


def through_json(report: CellReport) -> CellReport:
    """Encode and decode, by the catalogue and nothing else."""
    document = json.loads(json.dumps(report.to_document(), allow_nan=False))
    return CellReport(
        document["node"],
        document["cell"],
        document["sequence"],
        document["start_ms"],
        document["period_ms"],
        _values(document["measurements"], CELL_MEASUREMENTS),
        tuple(
            SliceReport(Snssai.parse(s["snssai"]), _values(s["measurements"], SLICE_MEASUREMENTS))
            for s in document["slices"]
        ),
    )


def through_the_service(report: CellReport) -> CellReport:
    """Encode, and decode as `POST /decide` does."""
    return decode(json.dumps(report.to_document(), allow_nan=False).encode())


def _values(measured: Mapping[str, float], table: tuple[Any, ...]) -> tuple[float, ...]:
    return tuple(float(measured.get(m.name, np.nan)) for m in table)


def row(allocation: AllocationBatch, cell: int, slices: int) -> Rows:
    """The allocation of one cell, which has so many slices."""
    return Rows(allocation.slices[cell, :slices].tolist(), int(allocation.tx_power_offset_db[cell]))
