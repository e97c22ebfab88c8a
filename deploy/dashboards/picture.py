"""A picture of a dashboard, drawn from a live Prometheus where no Grafana is at hand.

`python -m deploy.dashboards.picture slices http://127.0.0.1:9090 OUT.png --minutes 5`

Draws every panel of the dashboard's file in its place, from the panel's own queries, with its unit,
limits and legend.
"""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MinuteLocator
from matplotlib.figure import Figure

from deploy.dashboards.document import FOLDER, Query, queries
from deploy.dashboards.live import Curve, Prometheus
from deploy.dashboards.strokes import DRAWN, MOST_ROWS, STEP_S, TEXT

SCREEN: Final = "#111217"
PANEL: Final = "#181b1f"
GRID: Final = "#2c3235"


def _name(query: Query, curve: Curve) -> str:
    name = query.legend
    for label, value in curve.labels.items():
        name = name.replace(f"{{{{{label}}}}}", value)
    return name


def picture(document: Mapping[str, Any], source: Prometheus, end: float, minutes: float) -> Figure:
    """The dashboard from `end - minutes` to `end`, seconds since 1970-01-01 UTC."""
    height = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in document["panels"])
    figure = Figure(figsize=(15.0, 0.36 * height + 0.5), facecolor=SCREEN, dpi=110)
    figure.text(0.012, 1 - 0.25 / figure.get_figheight(), document["title"], color=TEXT,
                fontsize=13, va="center")  # fmt: skip
    asked = list(queries(document))
    for panel in document["panels"]:
        answer = [
            (_name(q, curve), curve)
            for q in asked
            if q.number == panel["id"]
            for curve in source.between(q.expr, end - 60 * minutes, end, STEP_S)
        ]
        axes = _place(figure, panel, height, _foot(panel, len(answer)))
        DRAWN[panel["type"]](axes, panel, answer)
    return figure


def _foot(panel: Mapping[str, Any], curves: int) -> float:
    """Height under the curves, for times and legend, as a part of the panel's."""
    if panel["type"] != "timeseries":
        return 0.0 if panel["type"] == "stat" else 0.1
    rows = curves if curves <= MOST_ROWS else -(-curves // 2)
    return 0.13 + 0.055 * rows


def _place(figure: Figure, panel: Mapping[str, Any], height: int, foot: float) -> Axes:
    at = panel["gridPos"]
    unit = 0.36 / figure.get_figheight()
    left, bottom = at["x"] / 24, (height - at["y"] - at["h"]) * unit
    wide, high = at["w"] / 24, at["h"] * unit
    frame = figure.add_axes((left + 0.002, bottom + 0.003, wide - 0.004, high - 0.006))
    frame.set_facecolor(PANEL)
    frame.set_xticks([])
    frame.set_yticks([])
    for spine in frame.spines.values():
        spine.set_color(GRID)
    frame.set_title(panel["title"], color=TEXT, fontsize=8, loc="left", y=1.0, pad=-11, x=0.01)
    side = 0.0 if panel["type"] == "stat" else 0.045
    spot = (
        left + side,
        bottom + foot * high,
        wide - side - 0.01 * (side > 0),
        (0.86 - foot) * high,
    )
    axes = figure.add_axes(spot)
    axes.set_facecolor(PANEL)
    axes.tick_params(colors=TEXT, labelsize=6, length=2)
    axes.grid(visible=True, color=GRID, linewidth=0.5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.xaxis.set_major_locator(MinuteLocator())  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))  # type: ignore[no-untyped-call]
    return axes


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Draw a dashboard from a live Prometheus.")
    parser.add_argument("name", choices=sorted(p.stem for p in FOLDER.glob("*.json")))
    parser.add_argument("prometheus", help="such as http://127.0.0.1:9090")
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    given = parser.parse_args()
    matplotlib.use("agg")
    document = json.loads((FOLDER / f"{given.name}.json").read_text("utf-8"))
    source = Prometheus(given.prometheus)
    picture(document, source, time.time(), given.minutes).savefig(given.out)
    source.close()


if __name__ == "__main__":
    main()
