"""Panels drawn with matplotlib, as Grafana shows them: unit, limits, legend."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from deploy.dashboards.live import Curve
from deploy.dashboards.unit import written

STEP_S: Final = 5.0
"""Distance of the points asked for, seconds."""

MOST_ROWS: Final = 4
"""A legend with more rows gets two columns."""

TEXT: Final = "#ccccdc"
COLOURS: Final = {"green": "#73bf69", "yellow": "#fade2a", "red": "#f2495c", "transparent": TEXT}
CURVES: Final = (
    "#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0",
)  # fmt: skip

Answer = Sequence[tuple[str, Curve]]
"""Curves with their names."""


def _colour(value: float, steps: Sequence[Mapping[str, Any]]) -> str:
    reached = [s["color"] for s in steps if s["value"] is None or value >= s["value"]]
    return COLOURS[reached[-1]]


def _times(curve: Curve) -> Any:
    return np.array(curve.times) / 86_400  # matplotlib counts days since 1970


def draw_figure(axes: Axes, panel: Mapping[str, Any], answer: Answer) -> None:
    """One large number."""
    defaults = panel["fieldConfig"]["defaults"]
    value = answer[0][1].values[-1] if answer else float("nan")
    text = written(value, defaults["unit"])
    colour = _colour(value, defaults["thresholds"]["steps"])
    for mapping in defaults.get("mappings", ()):
        if found := mapping["options"].get(f"{value:g}"):
            text, colour = found["text"], COLOURS[found["color"]]
    axes.text(0.5, 0.45, text, color=colour, fontsize=17, ha="center", va="center", weight="bold")
    axes.set_axis_off()


def draw_course(axes: Axes, panel: Mapping[str, Any], answer: Answer) -> None:
    """Curves over time."""
    defaults = panel["fieldConfig"]["defaults"]
    custom = defaults.get("custom", {})
    named = [(n, c, CURVES[i % len(CURVES)]) for i, (n, c) in enumerate(answer)]
    legend = [f"{n}  {written(c.values[-1], defaults['unit'])}" for n, c, _ in named]
    if custom.get("stacking", {}).get("mode") == "normal" and named:
        longest = max((c for _, c, _ in named), key=lambda c: len(c.times))
        rows = [np.interp(longest.times, c.times, np.nan_to_num(c.values)) for _, c, _ in named]
        axes.stackplot(
            _times(longest), *rows, labels=legend, colors=[k for *_, k in named], alpha=0.5
        )
    else:
        for (_, curve, colour), label in zip(named, legend, strict=True):
            axes.plot(_times(curve), curve.values, color=colour, linewidth=1.0, label=label)
    if custom.get("scaleDistribution", {}).get("type") == "log":
        axes.set_yscale("log")
    axes.set_ylim(defaults.get("min"), defaults.get("max"))
    if axes.get_ylim()[0] == 0.0 and defaults.get("max") is None:
        axes.set_ylim(top=1.06 * axes.get_ylim()[1])
    if "thresholdsStyle" in custom:
        low, high = axes.get_ylim()
        for step in defaults["thresholds"]["steps"]:
            if step["value"] is not None and low <= step["value"] <= high:
                axes.axhline(step["value"], color=COLOURS[step["color"]], linestyle="--", lw=0.8)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: written(v, defaults["unit"])))
    axes.legend(
        loc="upper left", bbox_to_anchor=(0.0, -0.12), ncols=1 if len(named) <= MOST_ROWS else 2,
        fontsize=5.5, frameon=False, labelcolor=TEXT, borderaxespad=0.0, labelspacing=0.3,
    )  # fmt: skip


def draw_states(axes: Axes, panel: Mapping[str, Any], answer: Answer) -> None:
    """Bands."""
    texts = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    for row, (_, curve) in enumerate(answer):
        times, width = _times(curve), STEP_S / 86_400
        for state, found in texts.items():
            spans = [
                (t, width) for t, v in zip(times, curve.values, strict=True) if f"{v:g}" == state
            ]
            axes.broken_barh(spans, (row - 0.4, 0.8), color=COLOURS[found["color"]], alpha=0.8)
    axes.set_yticks(range(len(answer)), [name for name, _ in answer], fontsize=5.0)
    axes.grid(visible=False)
    axes.invert_yaxis()


def draw_spread(axes: Axes, panel: Mapping[str, Any], answer: Answer) -> None:
    """A histogram over time, from cumulative buckets."""
    curves = sorted((c for _, c in answer), key=lambda c: float(c.labels["le"]))
    cumulative = np.array([np.nan_to_num(c.values) for c in curves])
    counts = np.diff(cumulative, axis=0, prepend=0.0)
    axes.pcolormesh(
        _times(curves[0]), np.arange(len(curves)), counts, cmap="Oranges", shading="nearest"
    )
    axes.grid(visible=False)
    limits = [float(c.labels["le"]) for c in curves]
    marks = range(0, len(curves), 3)
    axes.set_yticks(marks, ["∞" if limits[m] == np.inf else written(limits[m], "s") for m in marks])


DRAWN: Final[Mapping[str, Callable[[Axes, Mapping[str, Any], Answer], None]]] = {
    "stat": draw_figure,
    "timeseries": draw_course,
    "state-timeline": draw_states,
    "heatmap": draw_spread,
}
"""How a panel is drawn, by its type."""
