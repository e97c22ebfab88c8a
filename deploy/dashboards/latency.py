"""Decision latency: how long a decision takes, of what, and whether the objective holds."""

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
    spread,
)

WINDOW: Final = "[$__rate_interval]"
DECISION: Final = "slicepilot_decision_latency_seconds"
INFERENCE: Final = "slicepilot_inference_seconds"


def _quantile(q: float, metric: str) -> Series:
    return Series(
        f"histogram_quantile({q}, sum by (le) (rate({metric}_bucket{WINDOW})))", f"p{100 * q:g}"
    )


def _within(limit: str) -> str:
    return (
        f'sum(rate({DECISION}_bucket{{le="{limit}"}}{WINDOW})) '
        f"/ sum(rate({DECISION}_count{WINDOW}))"
    )


def latency() -> dashboard.Dashboard:
    """The dashboard."""
    made = page(
        "slicepilot-latency",
        "Decision latency",
        "From the whole body of a report received to the decision made, in the xApp.",
    )
    return _causes(_courses(_figures(made)))


def _figures(made: dashboard.Dashboard) -> dashboard.Dashboard:
    steps = ((None, GREEN), (0.005, YELLOW), (0.01, RED))
    for q in (0.5, 0.9, 0.99, 0.999):
        series = _quantile(q, DECISION)
        about = f"{100 * q:g} % of the decisions take at most this."
        made = made.with_panel(figure(f"Latency {series.legend}", about, "s", series, steps))
    ten = Series(_within("0.01"), "within 10 ms")
    good = ((None, RED), (0.99, YELLOW), (0.999, GREEN))
    made = made.with_panel(
        figure(
            "Within 10 ms", "The objective: 99.9 %.", "percentunit", ten, good, decimals=2
        )
    )  # fmt: skip
    one = Series(_within("0.001"), "within 1 ms")
    made = made.with_panel(figure("Within 1 ms", "For fast loops.", "percentunit", one, decimals=1))
    mean = Series(
        f"sum(rate({INFERENCE}_sum{WINDOW})) / sum(rate({DECISION}_sum{WINDOW}))", "inference"
    )
    made = made.with_panel(
        figure("Inference share", "Part of a decision that the policy takes.", "percentunit", mean)
    )
    rate = Series(f"sum(rate({DECISION}_count{WINDOW}))", "decisions")
    return made.with_panel(
        figure("Decisions", "Decisions a second.", "suffix:/s", rate, decimals=1)
    )


def _courses(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            course(
                "Latency", "The line is the objective's bound.", "s",
                *(_quantile(q, DECISION) for q in (0.5, 0.9, 0.99, 0.999)),
                low=None, limits=((0.01, RED),), logarithmic=True,
            )
        )
        .with_panel(
            spread(
                "Spread of latency", "Decisions by their latency.", "s",
                f"sum by (le) (increase({DECISION}_bucket{WINDOW}))",
            )
        )
        .with_panel(
            course(
                "Inference time", "Evaluation of the policy's graph.", "s",
                *(_quantile(q, INFERENCE) for q in (0.5, 0.99)),
                low=None, logarithmic=True,
            )
        )
        .with_panel(
            course(
                "Latency budget", "Burn rate; above 6 warns, above 14.4 is critical.", "suffix:×",
                *(
                    Series(
                        f'max by (slo) (slicepilot:slo_errors:ratio_rate{w}{{slo="latency"}} '
                        "/ on (slo) group_left () slicepilot:slo_budget:ratio)",
                        w,
                    )
                    for w in ("5m", "30m", "1h", "6h")
                ),
                limits=((SLOW_BURN, YELLOW), (FAST_BURN, RED)),
            )
        )
    )  # fmt: skip


def _causes(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            course(
                "CPU", "Cores in use by the xApp; one is the most its decisions can take.", "none",
                Series(f"rate(process_cpu_seconds_total{{{JOB}}}{WINDOW})", "{{instance}}"),
                width=8, limits=((1.0, RED),),
            )
        )
        .with_panel(
            course(
                "Garbage collections", "A second, by generation.", "suffix:/s",
                Series(
                    f"sum by (generation) (rate(python_gc_collections_total{{{JOB}}}{WINDOW}))",
                    "generation {{generation}}",
                ),
                width=8,
            )
        )
        .with_panel(
            course(
                "States waiting for the store", "Kept in memory until they are written.", "none",
                Series("slicepilot_store_pending", "{{instance}}"), width=8,
            )
        )
    )  # fmt: skip
