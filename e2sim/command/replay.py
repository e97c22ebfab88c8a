"""`e2sim replay`: a recording against an xApp."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from e2sim.command.options import (
    LimitOption,
    SpeedOption,
    SummaryOption,
    TargetOption,
    TimeoutOption,
)
from e2sim.console import check, fail, now_ms, play, progress, say, timer
from e2sim.link.answer import Target
from e2sim.replay import summary as replay_summary
from e2sim.replay.player import Player, Settings
from e2sim.replay.recording import open_recording
from e2sim.replay.source import RecordingError
from e2sim.stop import Stop


def replay(
    trace: Annotated[
        Path,
        typer.Argument(
            envvar="E2SIM_TRACE",
            help="TRACTOR or ColO-RAN recording: a CSV file, a folder or an archive.",
        ),
    ],
    *,
    target: TargetOption,
    speed: SpeedOption = 1.0,
    limit: LimitOption = 0,
    summary: SummaryOption = None,
    cells_at_once: Annotated[
        int, typer.Option(envvar="E2SIM_CELLS_AT_ONCE", min=1, max=256, help="Cells in flight.")
    ] = 4,
    longest_gap: Annotated[
        float,
        typer.Option(
            envvar="E2SIM_LONGEST_GAP",
            min=0.25,
            max=86_400.0,
            help="Longer gaps are shortened to this, recorded s.",
        ),
    ] = 5.0,
    patience: Annotated[
        float,
        typer.Option(
            envvar="E2SIM_PATIENCE",
            min=0.0,
            max=86_400.0,
            help="How long a report is tried again, s.",
        ),
    ] = 30.0,
    timeout: TimeoutOption = 2.0,
) -> None:
    """Play a recording: every valid row becomes part of a report, every report is answered.

    Ends with 1 where reports went unanswered, none could be made, or a signal ended it.
    """

    check(target, speed, summary)
    try:
        recording = open_recording(trace)
    except RecordingError as error:
        fail(str(error))

    async def main(opened: Target, stop: Stop) -> tuple[dict[str, Any], Table]:
        say(recording.description)
        settings = Settings(
            speed=speed,
            limit=limit,
            cells_at_once=cells_at_once,
            longest_gap_s=longest_gap,
            patience_s=patience,
        )
        player = Player(recording, opened, settings, clock_ms=now_ms, timer=timer, stop=stop)
        async with progress(player.played.outcomes.figures):
            await player.play()
        document = replay_summary.document(
            str(trace),
            opened.name,
            recording=recording,
            settings=settings,
            played=player.played,
            stopped=stop.reason,
        )
        return document, replay_summary.table(document)

    document = play(target, timeout, summary, main)
    signalled = (document["stopped"] or "").startswith("SIG")
    if document["unanswered"] or not document["reports_sent"] or signalled:
        raise typer.Exit(1)
