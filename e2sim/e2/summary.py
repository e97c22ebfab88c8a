"""The summary of a run against a RIC: a JSON document and a short table."""

from typing import Any

from rich.table import Table

from e2sim.e2.fleet import Run


def document(
    scenario: str, ric: str, run: Run, *, cells: int, period_ms: int, speed: float, stopped: str
) -> dict[str, Any]:
    """The JSON form; `speed_up.achieved` is emulated over elapsed time."""
    played_s = run.periods * period_ms / 1e3
    achieved = round(played_s / run.wall_s, 3) if run.wall_s > 0.0 else None
    return {
        "scenario": scenario,
        "ric": ric,
        "stopped": stopped or None,
        "cells": cells,
        "period_ms": period_ms,
        "periods": run.periods,
        **run.tally.to_document(),
        "overruns": run.overruns,
        "duration": {"emulated_s": played_s, "wall_s": round(run.wall_s, 3)},
        "speed_up": {"requested": speed, "achieved": achieved},
    }


_ROWS = (
    ("setups", "E2 Setups"),
    ("reconnects", "of them, nodes that came back"),
    ("losses", "associations lost or not made"),
    ("subscriptions", "subscriptions admitted"),
    ("indications", "indications sent"),
    ("unanswered", "requests answered too late"),
    ("overruns", "overruns"),
)
_BY_REASON = (
    ("setup_failures", "E2 Setup failed"),
    ("actions_refused", "action refused"),
    ("values_lost", "value told as noValue"),
    ("controls_applied", "control applied"),
    ("controls_refused", "control refused"),
    ("error_indications", "Error Indication"),
    ("protocol_errors", "protocol error of the RIC"),
    ("unsent", "not sent"),
    ("faults", "fault"),
)


def table(summary: dict[str, Any]) -> Table:
    """The figures a reader looks for first."""
    made = Table("run", "", title=f"{summary['scenario']} -> {summary['ric']}")
    made.add_row("cells x periods", f"{summary['cells']:,} x {summary['periods']:,}")
    for key, name in _ROWS:
        made.add_row(name, f"{summary[key]:,}")
    for key, name in _BY_REASON:
        for reason, n in summary[key].items():
            made.add_row(name, f"{n:,} {reason}")
    speed_up = summary["speed_up"]
    made.add_row("speed-up", f"{speed_up['achieved']} (requested {speed_up['requested']:g})")
    if summary["stopped"]:
        made.add_row("stopped", summary["stopped"])
    return made
