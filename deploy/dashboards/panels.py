"""Panels as this project uses them: one look, one data source, queries with legends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import common, dashboard, heatmap, stat, statetimeline
from grafana_foundation_sdk.builders import prometheus as query
from grafana_foundation_sdk.builders import timeseries as graph
from grafana_foundation_sdk.models import common as look
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import heatmap as heatmap_look
from grafana_foundation_sdk.models import prometheus as query_look

SOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="${datasource}")

GREEN: Final = "green"
YELLOW: Final = "yellow"
RED: Final = "red"

Steps = Sequence[tuple[float | None, str]]
"""Thresholds: from a value upwards a colour; the first one has None for minus infinity."""

FAST_BURN: Final = 14.4
SLOW_BURN: Final = 6.0
"""Multiples of an error budget at which the alerts fire; those of the rules file."""


@dataclass(frozen=True, slots=True)
class Series:
    """One query of a panel.

    Attributes:
        expr: PromQL, with Grafana's variables.
        legend: name of each series, with `{{label}}`.
    """

    expr: str
    legend: str


def _target(series: Series, ref: str) -> query.Dataquery:
    target = query.Dataquery().expr(series.expr).legend_format(series.legend).ref_id(ref)
    return target.datasource(SOURCE).range()


def _thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    made = [model.Threshold(value=value, color=color) for value, color in steps]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(made)


def figure(
    title: str,
    about: str,
    unit: str,
    series: Series,
    steps: Steps = ((None, GREEN),),
    *,
    texts: Mapping[str, tuple[str, str]] | None = None,
    decimals: int | None = None,
) -> stat.Panel:
    """One number with its recent course behind; `texts` maps values to a text and a colour."""
    panel = stat.Panel().title(title).description(about).unit(unit).datasource(SOURCE)
    panel = panel.thresholds(_thresholds(steps)).height(4).span(3)
    panel = panel.color_mode(look.BigValueColorMode.VALUE)
    panel = panel.graph_mode(look.BigValueGraphMode.AREA)
    panel = panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    if texts is not None:
        options = {
            value: model.ValueMappingResult(text=text, color=color)
            for value, (text, color) in texts.items()
        }
        panel = panel.mappings([model.ValueMap(options=options)])
    if decimals is not None:
        panel = panel.decimals(decimals)
    return panel.with_target(_target(series, "A"))


def course(
    title: str,
    about: str,
    unit: str,
    *series: Series,
    width: int = 12,
    stacked: bool = False,
    low: float | None = 0.0,
    high: float | None = None,
    limits: Steps = (),
    logarithmic: bool = False,
) -> graph.Panel:
    """Curves over time; `limits` are drawn as lines."""
    panel = graph.Panel().title(title).description(about).unit(unit).datasource(SOURCE)
    panel = panel.height(8).span(width).line_width(1).show_points(look.VisibilityMode.NEVER)
    panel = panel.fill_opacity(40 if stacked else 8)
    panel = panel.tooltip(common.VizTooltipOptions().mode(look.TooltipDisplayMode.MULTI))
    panel = panel.legend(
        common.VizLegendOptions()
        .show_legend(True)
        .placement(look.LegendPlacement.BOTTOM)
        .display_mode(look.LegendDisplayMode.TABLE)
        .calcs(["mean", "max", "lastNotNull"])
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(look.StackingMode.NORMAL))
    if low is not None:
        panel = panel.min(low)
    if high is not None:
        panel = panel.max(high)
    if logarithmic:
        scale = common.ScaleDistributionConfig().type(look.ScaleDistribution.LOG).log(10)
        panel = panel.scale_distribution(scale)
    if limits:
        panel = panel.thresholds(_thresholds([(None, "transparent"), *limits]))
        style = common.GraphThresholdsStyleConfig().mode(look.GraphTresholdsStyleMode.DASHED)
        panel = panel.thresholds_style(style)
    for ref, one in zip("ABCDEFGH", series, strict=False):
        panel = panel.with_target(_target(one, ref))
    return panel


def states(
    title: str, about: str, series: Series, texts: Mapping[str, tuple[str, str]], width: int = 12
) -> statetimeline.Panel:
    """One band a series; `texts` maps values to a text and a colour."""
    options = {
        value: model.ValueMappingResult(text=text, color=color)
        for value, (text, color) in texts.items()
    }
    panel = statetimeline.Panel().title(title).description(about).datasource(SOURCE)
    panel = panel.height(8).span(width).mappings([model.ValueMap(options=options)])
    panel = panel.show_value(look.VisibilityMode.NEVER).row_height(0.8).fill_opacity(80)
    return panel.with_target(_target(series, "A"))


def spread(title: str, about: str, unit: str, expr: str, width: int = 12) -> heatmap.Panel:
    """A histogram over time: `expr` gives increases of cumulative buckets by `le`."""
    panel = heatmap.Panel().title(title).description(about).datasource(SOURCE)
    panel = panel.height(8).span(width).calculate(False)
    panel = panel.color(
        heatmap.HeatmapColorOptions()
        .mode(heatmap_look.HeatmapColorMode.SCHEME)
        .scheme("Oranges")
        .steps(64)
    )
    panel = panel.y_axis(heatmap.YAxisConfig().unit(unit).decimals(2))
    target = query.Dataquery().expr(expr).legend_format("{{le}}").ref_id("A").range()
    target = target.format(query_look.PromQueryFormat.HEATMAP).datasource(SOURCE)
    return panel.with_target(target)
