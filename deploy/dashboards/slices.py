"""Slices and SLA: what each slice gets, what it was promised, and what was decided for it."""

from typing import Final

from grafana_foundation_sdk.builders import dashboard

from deploy.dashboards.page import page, selectable
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

CHOSEN: Final = '{node=~"$node", cell=~"$cell", snssai=~"$snssai"}'
EACH: Final = "{{cell}} {{snssai}}"


def slices() -> dashboard.Dashboard:
    """The dashboard."""
    made = page("slicepilot-slices", "Slices and SLA", "Every slice of the cells chosen.")
    choices = (("node", "Node"), ("cell", "Cell"), ("snssai", "Slice (S-NSSAI)"))
    return _promised(_given(selectable(made, choices)))


def _given(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            states(
                "SLA", "Whether the targets were met in the last period.",
                Series(f"slicepilot_slice_sla_satisfaction_ratio{CHOSEN} >= bool 1", EACH),
                {"0": ("missed", RED), "1": ("met", GREEN)},
            )
        )
        .with_panel(
            course(
                "Degree of satisfaction", "The worst of rate, delay and drops against its target.",
                "percentunit",
                Series(f"slicepilot_slice_sla_satisfaction_ratio{CHOSEN}", EACH), high=1.0,
            )
        )
        .with_panel(
            course(
                "Throughput", "DL throughput of an active UE.", "bps",
                Series(f"8 * slicepilot_slice_ue_throughput_bytes_per_second{CHOSEN}", EACH),
            )
        )
        .with_panel(
            course(
                "Delay", "Mean DL delay, arrival to delivery.", "s",
                Series(f"slicepilot_slice_delay_seconds{CHOSEN}", EACH),
                low=None, logarithmic=True,
            )
        )
        .with_panel(
            course(
                "Drops", "Share of packets dropped or late.", "percentunit",
                Series(f"slicepilot_slice_drop_ratio{CHOSEN}", EACH),
            )
        )
        .with_panel(
            course(
                "PRBs used", "Mean over the period.", "suffix: PRB",
                Series(f"slicepilot_slice_prbs_used{CHOSEN}", EACH), stacked=True,
            )
        )
    )  # fmt: skip


def _promised(made: dashboard.Dashboard) -> dashboard.Dashboard:
    window = "[$__rate_interval]"
    missed = (
        f"sum by (snssai) (rate(slicepilot_slice_sla_violations_total{CHOSEN}{window})) "
        f"/ sum by (snssai) (rate(slicepilot_slice_sla_periods_total{CHOSEN}{window}))"
    )
    burn = (
        'slicepilot:slo_errors:ratio_rate1h{slo="sla", snssai=~"$snssai"} '
        "/ on (slo) group_left () slicepilot:slo_budget:ratio"
    )
    return (
        made.with_panel(
            course(
                "Guaranteed share", "Decided min_prb_ratio: PRBs the slice is sure to get.",
                "percentunit",
                Series(f"slicepilot_slice_min_prb_ratio{CHOSEN}", EACH),
                width=8, high=1.0,
            )
        )
        .with_panel(
            course(
                "Periods missed", "Share of measured periods in which a target was missed.",
                "percentunit", Series(missed, "{{snssai}}"), width=8, high=1.0,
            )
        )
        .with_panel(
            course(
                "SLA budget", "Burn rate over the last hour; above 6 warns, above 14.4 is "
                "critical.", "suffix:×", Series(burn, "{{snssai}}"), width=8,
                limits=((SLOW_BURN, YELLOW), (FAST_BURN, RED)),
            )
        )
    )  # fmt: skip
