"""The summary of a replay: a JSON document and a short table."""

from typing import Any

from rich.table import Table

from e2sim.replay.player import Played, Settings
from e2sim.replay.recording import Recording


def document(
    trace: str,
    target: str,
    *,
    recording: Recording,
    settings: Settings,
    played: Played,
    stopped: str,
) -> dict[str, Any]:
    """The JSON form.

    `speed_up.per_cell` is recorded over elapsed time of a cell, over all cells; with several
    cells at once, `speed_up.overall` is that many times larger.
    """
    census = recording.census.to_document()
    recorded_s = played.recorded_ms / 1e3
    return {
        "trace": trace,
        "format": recording.format,
        "target": target,
        "stopped": stopped or None,
        "cells": played.cells,
        "cells_at_once": settings.cells_at_once,
        "rows": census["rows"],
        **played.outcomes.to_document(),
        "retries": played.retries,
        "gaps": {
            **census["gaps"],
            "shortened": played.shortened,
            "shortened_to_s": settings.longest_gap_s,
            "removed_s": played.removed_ms / 1e3,
        },
        "duration": {
            "recorded_s": recorded_s,
            "wall_s": round(played.wall_s, 3),
        },
        "speed_up": {
            "requested": settings.speed,
            "per_cell": _ratio(recorded_s, played.busy_s),
            "overall": _ratio(recorded_s, played.wall_s),
        },
        "files_refused": census["files_refused"],
        "examples": census["examples"],
        "files": census["files"],
    }


def table(summary: dict[str, Any]) -> Table:
    """The figures a reader looks for first."""
    made = Table("replay", "", title=summary["trace"], title_justify="left")
    rows, latency, speed_up = summary["rows"], summary["latency"], summary["speed_up"]
    made.add_row("format, cells", f"{summary['format']}, {summary['cells']}")
    made.add_row("rows read / used", f"{rows['read']:,} / {rows['used']:,}")
    for key, n in rows["refused"].items():
        made.add_row("rows refused", f"{n:,} {key}")
    for key, n in summary["files_refused"].items():
        made.add_row("files refused", f"{n:,} {key}")
    gaps = summary["gaps"]
    made.add_row("gaps / shortened", f"{gaps['count']:,} / {gaps['shortened']:,}")
    made.add_row("reports / decisions", f"{summary['reports_sent']:,} / {summary['decisions']:,}")
    for kind in ("refused", "unanswered"):
        for key, n in summary[kind].items():
            made.add_row(f"reports {kind}", f"{n:,} {key}")
    if latency["count"]:
        figures = " / ".join(f"{v:.3g}" for k, v in latency.items() if k != "count")
        made.add_row("latency p50 / 90 / 99 / 99.9 / max", f"{figures} ms")
    duration = summary["duration"]
    made.add_row(
        "recorded / wall", f"{duration['recorded_s']:,.1f} s / {duration['wall_s']:,.1f} s"
    )
    made.add_row("speed-up per cell / overall", f"{speed_up['per_cell']} / {speed_up['overall']}")
    if summary["stopped"]:
        made.add_row("stopped", summary["stopped"])
    return made


def _ratio(recorded_s: float, elapsed_s: float) -> float | None:
    return round(recorded_s / elapsed_s, 3) if elapsed_s > 0.0 else None
