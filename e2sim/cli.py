"""The command line of the emulator: `e2sim run` and `e2sim replay`."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from e2sim.console import (
    build,
    check,
    compiled,
    conclude,
    fail,
    now_ms,
    play,
    progress,
    say,
    timer,
)
from e2sim.link.answer import Target
from e2sim.node import summary as run_summary
from e2sim.node.loop import Loop, Run
from e2sim.node.node import Node
from e2sim.replay import summary as replay_summary
from e2sim.replay.player import Player, Settings
from e2sim.replay.recording import open_recording
from e2sim.replay.source import RecordingError
from e2sim.scenario import BUNDLED, load_scenario
from e2sim.stop import Stop

app = typer.Typer(
    help="The emulated E2 node: reports in, allocations out, against any xApp.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

TargetOption = Annotated[
    str,
    typer.Option(
        envvar="E2SIM_TARGET",
        help="The xApp's URL, or a file .jsonl ('-': standard output) to write reports to.",
    ),
]
TimeoutOption = Annotated[
    float,
    typer.Option(envvar="E2SIM_TIMEOUT", min=0.001, help="Longest wait for an answer, s."),
]
LimitOption = Annotated[
    int, typer.Option(envvar="E2SIM_LIMIT", min=0, help="Periods (run) or reports; 0: all.")
]
SummaryOption = Annotated[
    Path | None, typer.Option(envvar="E2SIM_SUMMARY", help="JSON file for the counts.")
]
SpeedOption = Annotated[
    float,
    typer.Option(
        envvar="E2SIM_SPEED", min=0.0, help="Seconds played a second; 0: as fast as answers come."
    ),
]


@app.command()
def run(
    *,
    target: TargetOption,
    scenario: Annotated[
        str,
        typer.Option(envvar="E2SIM_SCENARIO", help="Name of a bundled scenario, or a YAML file."),
    ] = "mixed",
    cells: Annotated[int, typer.Option(envvar="E2SIM_CELLS", min=1, max=10_000)] = 1,
    speed: SpeedOption = 1.0,
    seed: Annotated[
        int,
        typer.Option(
            envvar="E2SIM_SEED", min=0, max=2**63, help="Seed of cell 0; cell i has seed + i."
        ),
    ] = 1,
    limit: LimitOption = 0,
    summary: SummaryOption = None,
    node_id: Annotated[
        str, typer.Option(envvar="E2SIM_NODE_ID", help="Global E2 node id in the reports.")
    ] = "e2sim",
    timeout: TimeoutOption = 2.0,
) -> None:
    """Play the twin in real time: send each cell's report, apply what the xApp decides.

    Ends with 1 where an xApp was sent reports and not one decision came.
    """
    if not 1 <= len(node_id) <= 64:
        fail(f"--node-id: {len(node_id)} characters, needs 1..64")
    check(target, speed, summary)
    try:
        loaded = load_scenario(scenario)
    except OSError as error:
        fail(f"scenario {scenario!r}: {error.strerror}; bundled are {', '.join(BUNDLED)}")
    except ValueError as error:
        fail(f"scenario {scenario!r}: {error}")
    group = loaded.interference.coupled_cells
    if cells % group:
        fail(f"--cells: {cells} are no whole groups of {group}, which the scenario couples")

    def told(run: Run, stopped: str) -> tuple[dict[str, Any], Table]:
        document = run_summary.document(
            scenario,
            target,
            run=run,
            cells=cells,
            period_ms=loaded.period_ms,
            speed=speed,
            stopped=stopped,
        )
        return document, run_summary.table(document)

    async def main(opened: Target, stop: Stop) -> tuple[dict[str, Any], Table]:
        interval_s = loaded.period_ms / 1e3 / speed if speed else 0.0
        node = Node(twin, node_id)
        loop = Loop(node, opened, interval_s, clock_ms=now_ms, timer=timer, stop=stop)
        async with progress(loop.run.outcomes):
            return told(await loop.play(limit), stop.reason)

    try:
        twin = build(lambda: compiled(loaded, np.arange(seed, seed + cells, dtype=np.uint64)))
    except KeyboardInterrupt:
        conclude(*told(Run(), "a signal, before the first period"), target, summary)
        return
    document = play(target, timeout, summary, main)
    if document["reports_sent"] and not document["decisions"] and "://" in target:
        raise typer.Exit(1)


@app.command()
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
        async with progress(player.played.outcomes):
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
