"""Gauges of E2 nodes and their cells, read from the state when asked.

Runs in the thread that renders the exposition, on copies of the tables.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from oran.uplink import UPLINK_COLUMN
from xapp.e2.left import Left
from xapp.e2.terminator import NodeRecord, Terminator
from xapp.e2.watchdog import Life

# (name, what, measurement, factor to base units)
_UPLINK: Final = (
    (
        "ue_throughput_bytes_per_second", "Mean UL throughput of an active UE.",
        "DRB.UEThpUl", 125.0,
    ),
    ("delay_seconds", "Mean UL delay of received SDUs.", "DRB.DelayUlNgranUeIncD1Dist", 1e-4),
    ("loss_ratio", "Share of SDUs lost.", "DRB.PacketLossRateUl", 1e-6),
    ("prbs_used", "Mean PRBs used in the uplink.", "RRU.PrbUsedUl", 1.0),
)  # fmt: skip


class NodesCollector(Collector):
    """Gauges of the nodes of a terminator.

    Args:
        terminator: gives it, or None where no nodes are served.
    """

    def __init__(self, terminator: Callable[[], Terminator | None]) -> None:
        self._terminator = terminator

    def collect(self) -> Iterator[Metric]:
        """Every family, read once."""
        terminator = self._terminator()
        if terminator is None:
            return
        records = list(terminator.nodes.values())
        yield GaugeMetricFamily(
            "slicepilot_e2_nodes", "E2 nodes that are set up.", _present(records)
        )
        refused = 0 if terminator.server is None else terminator.server.refused
        yield CounterMetricFamily(
            "slicepilot_e2_associations_refused", "Associations beyond the most served.", refused
        )
        yield from _by_node(records)
        yield _slices_left(records)
        yield from _by_cell(records)
        yield from _by_slice(records)


def _present(records: list[NodeRecord]) -> int:
    return sum(record.session is not None for record in records)


def _by_node(records: list[NodeRecord]) -> Iterator[Metric]:
    up = GaugeMetricFamily(
        "slicepilot_e2_node_up", "1 while the node is set up, 0 while it is away.", labels=["node"]
    )
    setups = CounterMetricFamily(
        "slicepilot_e2_node_setups", "E2 Setups of the node.", labels=["node"]
    )
    faults = CounterMetricFamily(
        "slicepilot_e2_node_faults", "What went wrong with the node.", labels=["node"]
    )
    for record in records:
        session, labels = record.session, [record.name]
        up.add_metric(labels, 0.0 if session is None else 1.0)
        setups.add_metric(labels, record.setups)
        faults.add_metric(labels, record.faults + (0 if session is None else session.faults))
    yield from (up, setups, faults)


def _slices_left(records: list[NodeRecord]) -> Metric:
    family = GaugeMetricFamily(
        "slicepilot_e2_node_slices_left",
        "Slices of the node's cells that are neither measured nor controlled, by reason.",
        labels=["node", "reason"],
    )
    for record in records:
        session = record.session
        if session is not None:
            places = [cell.place for cell in list(session.cells)]
            counts = Counter(reason for place in places for _, reason in place.left)
            for reason in Left:
                family.add_metric([record.name, reason.value], counts[reason])
    return family


def _by_cell(records: list[NodeRecord]) -> Iterator[Metric]:
    labels = ["node", "cell"]
    subscribed = GaugeMetricFamily(
        "slicepilot_e2_cell_subscribed", "1 while the node has our subscription.", labels=labels
    )
    distrusted = GaugeMetricFamily(
        "slicepilot_e2_cell_distrusted",
        "1 while the cell gets no controls, because they have no effect.",
        labels=labels,
    )
    unknown = GaugeMetricFamily(
        "slicepilot_e2_cell_unknown_measurements",
        "Columns of the cell's indications that are no known measurement.",
        labels=labels,
    )
    for record in records:
        session = record.session
        for cell in () if session is None else list(session.cells):
            key = [record.name, cell.place.name]
            subscribed.add_metric(key, float(cell.life is Life.ACTIVE))
            distrusted.add_metric(key, float(cell.trust.until is not None))
            unknown.add_metric(key, len(cell.unknown))
    yield from (subscribed, distrusted, unknown)


def _by_slice(records: list[NodeRecord]) -> Iterator[Metric]:
    """The uplink; families without any sample are left out, as most nodes report none."""
    cells = [
        (record.name, cell)
        for record in records
        if record.session is not None
        for cell in list(record.session.cells)
    ]
    for name, about, measurement, factor in _UPLINK:
        family = GaugeMetricFamily(
            f"slicepilot_e2_slice_uplink_{name}", about, labels=["node", "cell", "snssai"]
        )
        column = UPLINK_COLUMN[measurement]
        for node, cell in cells:
            for snssai, values in cell.uplink.values.items():
                if not math.isnan(values[column]):
                    key = [node, cell.place.name, str(snssai)]
                    family.add_metric(key, values[column] * factor)
        if family.samples:
            yield family
