"""E2 nodes: which are there, what they report, and whether what was decided takes effect."""

from typing import Final

from grafana_foundation_sdk.builders import dashboard

from deploy.dashboards.page import page
from deploy.dashboards.panels import GREEN, RED, YELLOW, Series, Steps, course, figure, states
from deploy.dashboards.rates import WINDOW, quantile, rate

LOOP: Final = "slicepilot_e2_loop_seconds"
NODE: Final = "{{node}}"
CELL: Final = "{{node}} {{cell}}"


def nodes() -> dashboard.Dashboard:
    """The dashboard; without data where the xApp does not listen for E2 nodes."""
    made = page("slicepilot-e2", "E2 nodes", "Nodes with an association to the xApp itself.")
    return _trouble(_cells(_latency(_loop(_figures(made)))))


def _figures(made: dashboard.Dashboard) -> dashboard.Dashboard:
    acknowledged = (
        f'sum(rate(slicepilot_e2_control_answers_total{{outcome="acknowledged"}}{WINDOW})) '
        f"/ sum(rate(slicepilot_e2_control_answers_total{WINDOW}))"
    )
    plain: Steps = ((None, GREEN),)
    some: Steps = ((None, RED), (1, GREEN))
    none: Steps = ((None, GREEN), (1, RED))
    shares: Steps = ((None, RED), (0.9, YELLOW), (0.99, GREEN))
    times: Steps = ((None, GREEN), (0.005, YELLOW), (0.01, RED))
    decided = f'sum(rate(slicepilot_e2_indications_total{{outcome="decided"}}{WINDOW}))'
    sent = f'sum(rate(slicepilot_e2_controls_total{{outcome="sent"}}{WINDOW}))'
    rows: tuple[tuple[str, str, str, str, Steps], ...] = (
        ("Nodes", "Nodes that are set up.", "none", "sum(slicepilot_e2_nodes)", some),
        (
            "Cells subscribed", "Cells whose reports are subscribed to.", "none",
            "sum(slicepilot_e2_cell_subscribed) or vector(0)", some,
        ),
        (
            "Cells distrusted", "Cells without controls, since their reports contradict them.",
            "none", "sum(slicepilot_e2_cell_distrusted) or vector(0)", none,
        ),
        ("Indications", "Indications decided on, a second.", "suffix:/s", decided, plain),
        ("Controls", "Controls sent, a second.", "suffix:/s", sent, plain),
        ("Acknowledged", "Share of the controls sent.", "percentunit", acknowledged, shares),
        ("Loop p99", "Indication taken to controls sent.", "s", quantile(LOOP, 0.99).expr, times),
        (
            "Associations refused", "Since the start: more nodes than `e2.max_nodes`.", "none",
            "sum(slicepilot_e2_associations_refused_total)", none,
        ),
    )  # fmt: skip
    for title, about, unit, expr, steps in rows:
        made = made.with_panel(figure(title, about, unit, Series(expr, title.lower()), steps))
    return made


def _loop(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            course(
                "Indications by outcome", "What became of the nodes' reports.", "suffix:/s",
                rate("slicepilot_e2_indications_total", "outcome"), width=8, stacked=True,
            )
        )
        .with_panel(
            course(
                "Controls by outcome",
                "What became of decisions, for each service model of control.", "suffix:/s",
                rate("slicepilot_e2_controls_total", "model", "outcome"), width=8, stacked=True,
            )
        )
        .with_panel(
            course(
                "Answers to controls", "How controls that were sent ended.", "suffix:/s",
                rate("slicepilot_e2_control_answers_total", "model", "outcome"),
                width=8, stacked=True,
            )
        )
    )  # fmt: skip


def _latency(made: dashboard.Dashboard) -> dashboard.Dashboard:
    mean = f"sum(rate({LOOP}_sum{WINDOW})) / sum(rate({LOOP}_count{WINDOW}))"
    return (
        made.with_panel(
            course(
                "Loop latency", "From an indication's E2AP message decoded to its controls sent.",
                "s", *(quantile(LOOP, q) for q in (0.5, 0.9, 0.99)), Series(mean, "mean"),
                low=None, limits=((0.01, RED),), logarithmic=True,
            )
        )
        .with_panel(
            course(
                "Effect of controls", "What reports say of the PRB ratios in force.", "suffix:/s",
                rate("slicepilot_e2_effects_total", "verdict"), stacked=True,
            )
        )
    )  # fmt: skip


def _cells(made: dashboard.Dashboard) -> dashboard.Dashboard:
    return (
        made.with_panel(
            states(
                "Node", "Whether the node is set up.", Series("slicepilot_e2_node_up", NODE),
                {"0": ("away", RED), "1": ("up", GREEN)}, width=8,
            )
        )
        .with_panel(
            states(
                "Subscription", "Whether the node has the subscription of the cell.",
                Series("slicepilot_e2_cell_subscribed", CELL),
                {"0": ("none", RED), "1": ("active", GREEN)}, width=8,
            )
        )
        .with_panel(
            states(
                "Trust", "Distrusted: reports contradict the controls, which pause.",
                Series("slicepilot_e2_cell_distrusted", CELL),
                {"0": ("trusted", GREEN), "1": ("distrusted", RED)}, width=8,
            )
        )
    )  # fmt: skip


def _trouble(made: dashboard.Dashboard) -> dashboard.Dashboard:
    hour = "increase({}[1h])"
    return (
        made.with_panel(
            course(
                "Subscriptions", "What happened to them.", "suffix:/s",
                rate("slicepilot_e2_subscriptions_total", "event"), width=6,
            )
        )
        .with_panel(
            course(
                "Faults", "What went wrong with nodes, by kind, and looks that came late here.",
                "suffix:/s", rate("slicepilot_e2_faults_total", "kind"),
                Series(f"sum(rate(slicepilot_e2_late_looks_total{WINDOW}))", "late looks"),
                width=6,
            )
        )
        .with_panel(
            course(
                "Set-ups and faults of a node", "In the last hour; set-ups that grow: it flaps.",
                "none",
                Series(hour.format("slicepilot_e2_node_setups_total"), "{{node}} set-ups"),
                Series(hour.format("slicepilot_e2_node_faults_total"), "{{node}} faults"),
                Series(f"sum({hour.format('slicepilot_e2_setups_total')})", "all set-ups"),
                width=6,
            )
        )
        .with_panel(
            course(
                "Not used", "Columns of a cell's indications that no catalogue has; slices of a "
                "node that are left alone, by reason.", "none",
                Series("slicepilot_e2_cell_unknown_measurements", CELL),
                Series("sum by (reason) (slicepilot_e2_node_slices_left)", "slices {{reason}}"),
                width=6,
            )
        )
    )  # fmt: skip
