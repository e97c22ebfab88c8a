"""Documents: dashboards as Grafana reads them, written and read back."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.dashboards.core import core
from deploy.dashboards.latency import latency
from deploy.dashboards.nodes import nodes
from deploy.dashboards.overview import overview
from deploy.dashboards.safety import safety
from deploy.dashboards.slices import slices

FOLDER: Final = Path(__file__).parents[2] / "helm" / "slicepilot" / "files" / "dashboards"
"""Where the files are: the chart's, which compose mounts."""

PAGES: Final = {
    "overview": overview, "slices": slices, "latency": latency, "safety": safety, "nodes": nodes,
    "core": core,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel.

    Attributes:
        number: the panel's, in its dashboard.
        panel: the panel's title.
        ref: the query's letter.
        expr: PromQL without variables.
        legend: format of the series' names.
    """

    number: int
    panel: str
    ref: str
    expr: str
    legend: str


def documents() -> dict[str, str]:
    """The content of each file, by its name."""
    made = {}
    for name, make in PAGES.items():
        page = make().build()
        for number, panel in enumerate(page.panels or (), start=1):
            panel.id_val = number
        made[f"{name}.json"] = json.dumps(page, cls=JSONEncoder, indent=2, sort_keys=True) + "\n"
    return made


_CHOICE: Final = re.compile(r"\$(node|cell|snssai)\b")


def queries(document: Mapping[str, Any], rate_interval: str = "1m") -> Iterator[Query]:
    """Every query of a dashboard, as Grafana sends it with "All" chosen everywhere."""
    for panel in document["panels"]:
        for target in panel["targets"]:
            expr = target["expr"].replace("$__rate_interval", rate_interval)
            expr = _CHOICE.sub(".*", expr)
            yield Query(panel["id"], panel["title"], target["refId"], expr, target["legendFormat"])
