"""Safety: who decides, what the shield changes, what is refused, and what state is kept."""

from grafana_foundation_sdk.builders import dashboard

from deploy.dashboards.page import page
from deploy.dashboards.panels import (
    FAST_BURN,
    GREEN,
    RED,
    SLOW_BURN,
    YELLOW,
    Series,
    course,
    states,
)
from deploy.dashboards.rates import WINDOW, rate


def safety() -> dashboard.Dashboard:
    """The dashboard."""
    made = page("slicepilot-safety", "Safety", "The ladder, the shield, refusals and the store.")
    return _cells(_store(_reports(_decisions(made))))


def _decisions(made: dashboard.Dashboard) -> dashboard.Dashboard:
    total = f"scalar(sum(rate(slicepilot_decisions_total{WINDOW})))"
    rungs = f"sum by (rung) (rate(slicepilot_decisions_total{WINDOW})) / {total}"
    return (
        made.with_panel(
            course(
                "Who decides", "Share of decisions by rung of the ladder.", "percentunit",
                Series(rungs, "{{rung}}"), width=8, stacked=True, high=1.0,
            )
        )
        .with_panel(
            course(
                "Fallbacks", "Decisions not made by the policy, by reason.", "suffix:/s",
                rate("slicepilot_fallbacks_total", "reason"), width=8,
            )
        )
        .with_panel(
            course(
                "Edits by the shield", "Fields of proposals that were changed, by reason.",
                "suffix:/s", rate("slicepilot_shield_edits_total", "reason"), width=8,
            )
        )
    )  # fmt: skip


def _reports(made: dashboard.Dashboard) -> dashboard.Dashboard:
    refused = f"topk(6, sum by (reason) (rate(slicepilot_refusals_total{WINDOW})))"
    return (
        made.with_panel(
            course(
                "Reports refused", "The six most frequent reasons.", "suffix:/s",
                Series(refused, "{{reason}}"), width=8,
            )
        )
        .with_panel(
            course(
                "Age of the last report", "Since its period ended; above 10 s a cell is silent.",
                "s",
                Series(
                    "min by (node, cell) (slicepilot_report_age_seconds)", "{{node}} {{cell}}"
                ),
                width=8, low=None, limits=((10.0, RED),),
            )
        )
        .with_panel(
            course(
                "Budgets of fallbacks and stale reports",
                "Burn rate over the last hour; above 6 warns, above 14.4 is critical.",
                "suffix:×",
                Series(
                    "max by (slo) (slicepilot:slo_errors:ratio_rate1h"
                    '{slo=~"fallback|stale"} / on (slo) group_left () '
                    "slicepilot:slo_budget:ratio)",
                    "{{slo}}",
                ),
                width=8, limits=((SLOW_BURN, YELLOW), (FAST_BURN, RED)),
            )
        )
    )  # fmt: skip


def _store(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            states(
                "State store", "Degraded: decisions go on from memory.",
                Series("slicepilot_store_up", "{{instance}}"),
                {"0": ("degraded", RED), "1": ("ok", GREEN)}, width=8,
            )
        )
        .with_panel(
            course(
                "Store traffic", "States written, and replaced by newer ones before.", "suffix:/s",
                Series(f"sum(rate(slicepilot_store_writes_total{WINDOW}))", "written"),
                Series(f"sum(rate(slicepilot_store_coalesced_total{WINDOW}))", "coalesced"),
                width=8,
            )
        )
        .with_panel(
            course(
                "Store trouble", "Failed commands and states not kept, by reason.", "suffix:/s",
                Series(
                    f"sum by (reason) (rate(slicepilot_store_failures_total{WINDOW}))",
                    "failed: {{reason}}",
                ),
                Series(
                    f"sum by (reason) (rate(slicepilot_store_dropped_total{WINDOW}))",
                    "not kept: {{reason}}",
                ),
                width=8,
            )
        )
    )  # fmt: skip


def _cells(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            course(
                "Cells", "Known to the xApp.", "none",
                Series("sum(slicepilot_cells)", "known"), width=12,
            )
        )
        .with_panel(
            course(
                "Cells forgotten", "Idle cells that gave way to new ones.", "suffix:/s",
                Series(f"sum(rate(slicepilot_cells_forgotten_total{WINDOW}))", "forgotten"),
                width=12,
            )
        )
    )  # fmt: skip
