"""RIC overview: is it up, does it decide, are the slices served, is a budget burning."""

from typing import Final

from grafana_foundation_sdk.builders import dashboard

from deploy.dashboards.page import JOB, page
from deploy.dashboards.panels import (
    FAST_BURN,
    GREEN,
    RED,
    SLOW_BURN,
    YELLOW,
    Series,
    course,
    figure,
)

MISSED: Final = "rate(slicepilot_slice_sla_violations_total[$__rate_interval])"
MEASURED: Final = "rate(slicepilot_slice_sla_periods_total[$__rate_interval])"


def overview() -> dashboard.Dashboard:
    """The dashboard."""
    made = page("slicepilot-overview", "RIC overview", "One look at the xApp and its cells.")
    return _process(_budgets(_service(_promises(_life(made)))))


def _life(made: dashboard.Dashboard) -> dashboard.Dashboard:
    up = Series(f"sum(up{{{JOB}}})", "up")
    made = made.with_panel(
        figure("xApps up", "Instances that answer.", "none", up, ((None, RED), (1, GREEN)))
    )
    cells = Series(
        "count(min by (node, cell) (slicepilot_report_age_seconds) < 10) or vector(0)", "cells"
    )
    made = made.with_panel(
        figure(
            "Cells reporting", "Cells whose last report is younger than 10 s.", "none", cells,
            ((None, RED), (1, GREEN)),
        )
    )  # fmt: skip
    rate = Series("sum(rate(slicepilot_decisions_total[$__rate_interval]))", "decisions")
    made = made.with_panel(
        figure(
            "Decisions", "Decisions a second.", "suffix:/s", rate, ((None, RED), (0.1, GREEN)),
            decimals=1,
        )
    )  # fmt: skip
    p99 = Series(
        "histogram_quantile(0.99, sum by (le) "
        "(rate(slicepilot_decision_latency_seconds_bucket[$__rate_interval])))",
        "p99",
    )
    return made.with_panel(
        figure(
            "Latency p99", "Body received to decision made; the objective is 10 ms.", "s", p99,
            ((None, GREEN), (0.005, YELLOW), (0.01, RED)),
        )
    )  # fmt: skip


def _promises(made: dashboard.Dashboard) -> dashboard.Dashboard:
    met = Series(f"1 - sum({MISSED}) / sum({MEASURED})", "met")
    made = made.with_panel(
        figure(
            "SLA met", "Share of all slices' periods in which the targets were met.",
            "percentunit", met, ((None, RED), (0.8, YELLOW), (0.95, GREEN)),
        )
    )  # fmt: skip
    policy = Series(
        'sum(rate(slicepilot_decisions_total{rung="policy"}[$__rate_interval])) '
        "/ sum(rate(slicepilot_decisions_total[$__rate_interval]))",
        "policy",
    )
    made = made.with_panel(
        figure(
            "By policy", "Share of decisions made by the policy, not by a fallback.",
            "percentunit", policy, ((None, RED), (0.9, YELLOW), (0.99, GREEN)),
        )
    )  # fmt: skip
    store = Series("min(slicepilot_store_up)", "store")
    made = made.with_panel(
        figure(
            "State store", "Degraded: decisions go on from memory.", "none", store,
            ((None, RED), (1, GREEN)), texts={"0": ("degraded", RED), "1": ("ok", GREEN)},
        )
    )  # fmt: skip
    firing = Series(
        'count(ALERTS{alertstate="firing", alertname=~"Slicepilot.+"}) or vector(0)', "firing"
    )
    return made.with_panel(
        figure("Alerts", "Alerts that fire now.", "none", firing, ((None, GREEN), (1, RED)))
    )


def _service(made: dashboard.Dashboard) -> dashboard.Dashboard:
    made = made.with_panel(
        course(
            "Decisions by who made them", "The ladder from the policy down.", "suffix:/s",
            Series(
                "sum by (rung) (rate(slicepilot_decisions_total[$__rate_interval]))", "{{rung}}"
            ),
            stacked=True,
        )
    )  # fmt: skip
    return made.with_panel(
        course(
            "SLA met by slice", "Share of the slice's periods in which its targets were met.",
            "percentunit",
            Series(
                f"1 - sum by (snssai) ({MISSED}) / sum by (snssai) ({MEASURED})", "{{snssai}}"
            ),
            high=1.0, limits=((0.95, GREEN),),
        )
    )  # fmt: skip


def _budgets(made: dashboard.Dashboard) -> dashboard.Dashboard:
    made = made.with_panel(
        course(
            "Throughput by slice", "DL throughput of an active UE, mean over cells.", "bps",
            Series(
                "8 * avg by (snssai) (slicepilot_slice_ue_throughput_bytes_per_second)",
                "{{snssai}}",
            ),
        )
    )  # fmt: skip
    return made.with_panel(
        course(
            "Error budgets", "Burn rate over the last hour: 1 uses a month's budget in a month; "
            "above 6 warns, above 14.4 is critical.", "suffix:×",
            Series(
                "max by (slo) (slicepilot:slo_errors:ratio_rate1h "
                "/ on (slo) group_left () slicepilot:slo_budget:ratio)",
                "{{slo}}",
            ),
            limits=((SLOW_BURN, YELLOW), (FAST_BURN, RED)),
        )
    )  # fmt: skip


def _process(made: dashboard.Dashboard) -> dashboard.Dashboard:
    made = made.with_panel(
        course(
            "CPU of the xApp", "Cores in use.", "none",
            Series(f"rate(process_cpu_seconds_total{{{JOB}}}[$__rate_interval])", "{{instance}}"),
            width=8,
        )
    )  # fmt: skip
    made = made.with_panel(
        course(
            "Memory of the xApp", "Resident set.", "bytes",
            Series(f"process_resident_memory_bytes{{{JOB}}}", "{{instance}}"),
            width=8,
        )
    )  # fmt: skip
    return made.with_panel(
        course(
            "In service", "The bundle and the graph of it that is served; the program.", "none",
            Series("count by (bundle, graph) (slicepilot_bundle_info)", "{{bundle}} ({{graph}})"),
            Series(
                "count by (version, compiled) (slicepilot_build_info)",
                "{{version}} (compiled: {{compiled}})",
            ),
            width=8,
        )
    )  # fmt: skip
