"""Pages: what all dashboards have in common."""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

from deploy.dashboards.panels import SOURCE

TAG: Final = "slicepilot"
JOB: Final = 'job="slicepilot-xapp"'
"""Selects the xApp's series, those without a name of this project included."""


def page(uid: str, title: str, about: str) -> dashboard.Dashboard:
    """An empty dashboard: the last quarter of an hour, the data source's choice, and links."""
    made = dashboard.Dashboard(f"Slicepilot / {title}").uid(uid).description(about)
    made = made.tags([TAG]).timezone("browser").readonly()
    made = made.time("now-15m", "now").refresh("5s")
    made = made.tooltip(model.DashboardCursorSync.CROSSHAIR)
    source = dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
    links = (
        dashboard.DashboardLink("Slicepilot")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .keep_time(True)
        .include_vars(True)
        .as_dropdown(False)
    )
    return made.with_variable(source).link(links)


def selectable(made: dashboard.Dashboard, names: Sequence[tuple[str, str]]) -> dashboard.Dashboard:
    """Add one choice a label: all of its values, or some."""
    for name, label in names:
        variable = (
            dashboard.QueryVariable(name)
            .label(label)
            .datasource(SOURCE)
            .query(f"label_values(slicepilot_slice_min_prb_ratio, {name})")
            .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(model.VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(True)
            .all_value(".*")
            .current(model.VariableOption(selected=True, text="All", value="$__all"))
        )
        made = made.with_variable(variable)
    return made
