"""The summary of a run: a JSON document and a short table."""

from typing import Any

from rich.table import Table

from e2sim.node.loop import Run


def document(
    scenario: str, target: str, run: Run, *, cells: int, period_ms: int, speed: float, stopped: str
) -> dict[str, Any]:
    """The JSON form; `speed_up.achieved` is emulated over elapsed time."""
    played_s = run.periods * period_ms / 1e3
    achieved = round(played_s / run.wall_s, 3) if run.wall_s > 0.0 else None
    return {
        "scenario": scenario,
        "target": target,
        "stopped": stopped or None,
        "cells": cells,
        "period_ms": period_ms,
        "periods": run.periods,
        **run.outcomes.to_document(),
        "applied": run.applied,
        "kept": {str(k): n for k, n in run.kept.most_common()},
        "overruns": run.overruns,
        "duration": {"emulated_s": played_s, "wall_s": round(run.wall_s, 3)},
        "speed_up": {"requested": speed, "achieved": achieved},
    }


def table(summary: dict[str, Any]) -> Table:
    """The figures a reader looks for first."""
    made = Table("run", "", title=f"{summary['scenario']} -> {summary['target']}")
    made.add_row("cells x periods", f"{summary['cells']:,} x {summary['periods']:,}")
    made.add_row("reports / decisions", f"{summary['reports_sent']:,} / {summary['decisions']:,}")
    made.add_row("allocations applied", f"{summary['applied']:,}")
    for key, n in summary["kept"].items():
        made.add_row("allocation kept", f"{n:,} {key}")
    made.add_row("overruns", f"{summary['overruns']:,}")
    latency, speed_up = summary["latency"], summary["speed_up"]
    if latency["count"]:
        figures = " / ".join(f"{v:.3g}" for k, v in latency.items() if k != "count")
        made.add_row("latency p50 / 90 / 99 / 99.9 / max", f"{figures} ms")
    made.add_row("speed-up", f"{speed_up['achieved']} (requested {speed_up['requested']:g})")
    if summary["stopped"]:
        made.add_row("stopped", summary["stopped"])
    return made
