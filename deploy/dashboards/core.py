"""The core: whether it is driven, what is decided for it, and whether that takes effect."""

from typing import Final

from grafana_foundation_sdk.builders import dashboard

from deploy.dashboards.page import page
from deploy.dashboards.panels import GREEN, RED, YELLOW, Series, Steps, course, figure
from deploy.dashboards.rates import WINDOW, quantile, rate

LOOP: Final = "slicepilot_core_loop_seconds"
SLICE: Final = "{{node}} {{cell}} {{snssai}}"


def core() -> dashboard.Dashboard:
    """The dashboard; without data where the xApp drives no core."""
    made = page("slicepilot-core", "Core", "UPF sites and transport paths, where they are driven.")
    return _trouble(_decided(_slices(_figures(made))))


def _figures(made: dashboard.Dashboard) -> dashboard.Dashboard:
    plain: Steps = ((None, GREEN),)
    some: Steps = ((None, RED), (1, GREEN))
    none: Steps = ((None, GREEN), (1, RED))
    ages: Steps = ((None, GREEN), (1, YELLOW), (2, RED))
    times: Steps = ((None, GREEN), (0.05, YELLOW), (0.1, RED))
    decided = f"sum(rate(slicepilot_core_decisions_total{WINDOW}))"
    failed = "sum(increase(slicepilot_core_failures_total[1h]))"
    without = 'sum(increase(slicepilot_core_effects_total{verdict!="effective"}[1h]))'
    rows: tuple[tuple[str, str, str, str, Steps], ...] = (
        ("Driven", "xApps that drive the core now.", "none", "sum(slicepilot_core_up)", some),
        ("Decisions", "Decisions for the core, a second.", "suffix:/s", decided, plain),
        (
            "Report age", "Since the last new report of a cell, the oldest.", "s",
            "max(slicepilot_core_report_age_seconds)", ages,
        ),
        (
            "Loop p99", "Report asked for to decision in force.", "s",
            quantile(LOOP, 0.99).expr, times,
        ),
        (
            "Migrations", "UPFs asked to move, a minute.", "suffix:/min",
            f"60 * sum(rate(slicepilot_core_migrations_total{WINDOW}))", plain,
        ),
        ("Failures", "Of the core's API, in the last hour.", "none", failed, none),
        (
            "Without effect", "What was asked for in the last hour and did not show, or not last.",
            "none", without, none,
        ),
        (
            "Longest delay", "Mean delay in UPF and transport, of the slice with the most.", "s",
            "max(slicepilot_core_slice_delay_seconds)", plain,
        ),
    )  # fmt: skip
    for title, about, unit, expr, steps in rows:
        made = made.with_panel(figure(title, about, unit, Series(expr, title.lower()), steps))
    return made


def _slices(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            course(
                "Delay of UPF and transport", "Mean of a period, by slice.", "s",
                Series("slicepilot_core_slice_delay_seconds", SLICE), width=8,
            )
        )
        .with_panel(
            course(
                "Loss in UPF and transport", "Share of the packets of a period, by slice.",
                "percentunit", Series("slicepilot_core_slice_loss_ratio", SLICE), width=8,
            )
        )
        .with_panel(
            course(
                "UPFs by site", "How many slices have their UPF at a site.", "none",
                Series("sum by (site) (slicepilot_core_slice_site)", "{{site}}"),
                width=8, stacked=True,
            )
        )
    )  # fmt: skip


def _decided(made: dashboard.Dashboard) -> dashboard.Dashboard:
    mean = f"sum(rate({LOOP}_sum{WINDOW})) / sum(rate({LOOP}_count{WINDOW}))"
    return (
        made.with_panel(
            course(
                "Decisions by outcome", "What became of decisions for the core.", "suffix:/s",
                rate("slicepilot_core_decisions_total", "outcome"), width=8, stacked=True,
            )
        )
        .with_panel(
            course(
                "Effect of decisions", "What reports and the API say of what was asked for.",
                "suffix:/s", rate("slicepilot_core_effects_total", "checked", "verdict"), width=8,
            )
        )
        .with_panel(
            course(
                "Core loop latency", "From the request for a report to the decision in force.",
                "s", *(quantile(LOOP, q) for q in (0.5, 0.9, 0.99)), Series(mean, "mean"),
                width=8, low=None, logarithmic=True,
            )
        )
    )  # fmt: skip


def _trouble(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            course(
                "Core shield edits", "Slices that the core's shield changed, by reason.",
                "suffix:/s", rate("slicepilot_core_edits_total", "reason"), width=8,
            )
        )
        .with_panel(
            course(
                "Core reports refused", "By reason; `repeated` is a poll between two reports.",
                "suffix:/s", rate("slicepilot_core_refusals_total", "reason"), width=8,
            )
        )
        .with_panel(
            course(
                "Failures of the core's API", "By kind; the last allocations are held.",
                "suffix:/s", rate("slicepilot_core_failures_total", "kind"), width=8,
            )
        )
    )  # fmt: skip
