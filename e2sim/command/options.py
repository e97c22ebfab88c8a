"""Options that commands of the emulator share."""

from pathlib import Path
from typing import Annotated

import typer

_TARGET = typer.Option(
    envvar="E2SIM_TARGET",
    help="The xApp's URL, or a file .jsonl ('-': standard output) to write reports to.",
)
TargetOption = Annotated[str, _TARGET]
OptionalTargetOption = Annotated[str | None, _TARGET]
TimeoutOption = Annotated[
    float,
    typer.Option(envvar="E2SIM_TIMEOUT", min=0.001, help="Longest wait for an answer, s."),
]
LimitOption = Annotated[
    int, typer.Option(envvar="E2SIM_LIMIT", min=0, help="Most reports; 0: all.")
]
PeriodsOption = Annotated[
    int,
    typer.Option(
        "--limit", "--periods", envvar="E2SIM_LIMIT", min=0, help="Most periods; 0: no end."
    ),
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
