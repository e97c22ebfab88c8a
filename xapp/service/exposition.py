"""Metrics read from the state when asked: gauges of cells and slices, and what is served.

Runs in the thread that renders the exposition, on references that the decision path replaces
whole.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from oran.batch import MIN
from oran.measurements import SLICE_COLUMN
from xapp.service.cells import Cell, Cells

_CELL: Final = ("node", "cell")
_SLICE: Final = (*_CELL, "snssai")

# (name, what, measurement, factor to base units)
_MEASURED: Final = (
    (
        "ue_throughput_bytes_per_second", "Mean DL throughput of an active UE.",
        "DRB.UEThpDl", 125.0,
    ),
    ("delay_seconds", "Mean DL delay of delivered SDUs.", "DRB.RlcSduDelayDl", 1e-4),
    ("drop_ratio", "Share of SDUs dropped or late.", "DRB.RlcPacketDropRateDl", 1e-6),
    ("prbs_used", "Mean PRBs used.", "RRU.PrbUsedDl", 1.0),
)  # fmt: skip


class StateCollector(Collector):
    """Gauges of every cell known, and the identity of what is served.

    Args:
        cells: the state.
        wall_ms: milliseconds since 1970-01-01 UTC.
        served: labels of `slicepilot_bundle_info`.
    """

    def __init__(self, cells: Cells, wall_ms: Callable[[], int], served: dict[str, str]) -> None:
        self._cells = cells
        self._wall_ms = wall_ms
        self._served = served

    def collect(self) -> Iterator[Metric]:
        """Every family, read once."""
        cells = self._cells.all()
        yield InfoMetricFamily("slicepilot_bundle", "The policy that is served.", self._served)
        yield GaugeMetricFamily("slicepilot_cells", "Cells known.", len(cells))
        yield CounterMetricFamily(
            "slicepilot_cells_forgotten", "Idle cells that gave way.", self._cells.forgotten
        )
        yield self._report_age(cells)
        yield from _measured(cells)
        yield from _decided(cells)
        yield from _judged(cells)

    def _report_age(self, cells: Iterable[Cell]) -> Metric:
        family = GaugeMetricFamily(
            "slicepilot_report_age_seconds",
            "Time since the period of the cell's last report ended.",
            labels=_CELL,
        )
        now = self._wall_ms()
        for cell in cells:
            if (report := cell.report) is not None:
                age = now - report.start_ms - report.period_ms
                family.add_metric(cell.key, age / 1000)
        return family


def _measured(cells: Iterable[Cell]) -> Iterator[Metric]:
    for name, about, measurement, factor in _MEASURED:
        family = GaugeMetricFamily(f"slicepilot_slice_{name}", about, labels=_SLICE)
        column = SLICE_COLUMN[measurement]
        for cell in cells:
            for s in cell.report.slices if cell.report is not None else ():
                if not math.isnan(value := s.values[column]):
                    family.add_metric((*cell.key, str(s.snssai)), value * factor)
        yield family


def _decided(cells: Iterable[Cell]) -> Iterator[Metric]:
    share = GaugeMetricFamily(
        "slicepilot_slice_min_prb_ratio", "Guaranteed share of PRBs, 0..1.", labels=_SLICE
    )
    met = GaugeMetricFamily(
        "slicepilot_slice_sla_satisfaction_ratio",
        "Degree to which all targets were met, 0..1.",
        labels=_SLICE,
    )
    for cell in cells:
        if (made := cell.made) is None:
            continue
        # Not of the wire form, which a scrape would make for most decisions over E2.
        outcome = made.outcome
        slices = zip(made.names, outcome.allocation.slices, outcome.satisfaction, strict=True)
        for name, row, degree in slices:
            share.add_metric((*cell.key, name), row[MIN] / 100)
            if not math.isnan(degree):
                met.add_metric((*cell.key, name), degree)
    yield share
    yield met


def _judged(cells: Iterable[Cell]) -> Iterator[Metric]:
    periods = CounterMetricFamily(
        "slicepilot_slice_sla_periods",
        "Periods in which something with a target was measured.",
        labels=_SLICE,
    )
    violations = CounterMetricFamily(
        "slicepilot_slice_sla_violations",
        "Periods in which a target was measured and not met.",
        labels=_SLICE,
    )
    for cell in cells:
        for family, counts in ((periods, cell.periods), (violations, cell.violations)):
            for name, count in counts.copy().items():
                family.add_metric((*cell.key, name), count)
    yield periods
    yield violations
