"""Names of series that there are: what the xApp exports, what the rules record."""

from types import SimpleNamespace
from typing import cast

import promql_parser
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector

from tests.deploy.files import rules
from xapp.core.driver import CoreDriver, Status
from xapp.core.exposition import CoreCollector
from xapp.core.metrics import CoreMetrics
from xapp.e2.exposition import NodesCollector
from xapp.e2.metrics import E2Metrics
from xapp.e2.terminator import Terminator
from xapp.service.cells import Cells
from xapp.service.exposition import StateCollector
from xapp.service.metrics import Metrics

_SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "info": ("_info",),
    "gauge": ("",),
}


def exported() -> set[str]:
    """Names of an xApp's series, whether it has seen a cell or a node or not."""
    registry = CollectorRegistry()
    Metrics(registry)
    E2Metrics(registry)
    CoreMetrics(registry)
    nobody = cast(Terminator, SimpleNamespace(nodes={}, server=None))
    registry.register(NodesCollector(lambda: nobody))
    idle = SimpleNamespace(status=Status.CONNECTING, cells=(), clock=lambda: 0.0)
    registry.register(CoreCollector(lambda: cast(CoreDriver, idle)))
    registry.register(StateCollector(Cells(1, 0), lambda: 0, {"bundle": "b"}))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return {m.name + suffix for m in registry.collect() for suffix in _SUFFIXES[m.type]}


def existing() -> set[str]:
    """Those, what the rules record, and what Prometheus adds of itself."""
    return exported() | {rule["record"] for rule in rules() if "record" in rule} | {"up", "ALERTS"}


def selected(expr: str) -> set[str]:
    """Names that a PromQL expression reads; raises `ValueError` where it is none."""
    names: set[str] = set()

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            assert node.name, f"{expr}: a selector without a name reads every series there is"
            names.add(node.name)

    promql_parser.walk(promql_parser.parse(expr), visit)
    return names
