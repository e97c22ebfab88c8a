"""Gauges of E2 nodes and their cells, read from the state when asked.

Runs in the thread that renders the exposition, on copies of the tables.
"""

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from xapp.e2.terminator import NodeRecord, Terminator
from xapp.e2.watchdog import Life


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
        yield from _by_cell(records)


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
