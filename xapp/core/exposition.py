"""Gauges of the core, read from the driver's state when asked.

Runs in the thread that renders the exposition, on references that the driver replaces whole.
"""

import math
from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from oran.core.report import CoreReport
from xapp.core.driver import CoreDriver, Status
from xapp.core.view import delay_us, loss_ratio


class CoreCollector(Collector):
    """Gauges of the cores that are driven.

    Args:
        driver: gives the driver, or None where no core is driven.
    """

    def __init__(self, driver: Callable[[], CoreDriver | None]) -> None:
        self._driver = driver

    def collect(self) -> Iterator[Metric]:
        """Every family, read once."""
        driver = self._driver()
        if driver is None:
            return
        up = float(driver.status is Status.DRIVING)
        yield GaugeMetricFamily(
            "slicepilot_core_up", "1 while the core is driven, 0 while allocations are held.", up
        )
        cells = driver.cells
        reports = [(cell.report, cell.heard) for cell in cells]
        now = driver.clock()
        yield _age([(r, now - heard) for r, heard in reports if r is not None])
        yield from _by_slice([r for r, _ in reports if r is not None])


def _age(reports: Sequence[tuple[CoreReport, float]]) -> Metric:
    family = GaugeMetricFamily(
        "slicepilot_core_report_age_seconds",
        "Time since the last new report of the cell's core came.",
        labels=["node", "cell"],
    )
    for report, age in reports:
        family.add_metric([report.node, report.cell], age)
    return family


def _by_slice(reports: Sequence[CoreReport]) -> Iterator[Metric]:
    labels = ["node", "cell", "snssai"]
    delay = GaugeMetricFamily(
        "slicepilot_core_slice_delay_seconds", "Mean delay in UPF and transport.", labels=labels
    )
    loss = GaugeMetricFamily(
        "slicepilot_core_slice_loss_ratio", "Share of packets lost in UPF and transport.",
        labels=labels,
    )  # fmt: skip
    site = GaugeMetricFamily(
        "slicepilot_core_slice_site", "1 for the site of the slice's UPF.", labels=[*labels, "site"]
    )
    for report in reports:
        for s in report.slices:
            key = [report.node, report.cell, str(s.snssai)]
            if not math.isnan(us := delay_us(s)):
                delay.add_metric(key, us * 1e-6)
            if not math.isnan(lost := loss_ratio(s)):
                loss.add_metric(key, lost)
            site.add_metric([*key, s.site], 1.0)
    yield from (delay, loss, site)
