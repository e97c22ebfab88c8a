"""The command line of the emulator: `run`, `replay`, `trace`, `scenario`, `decode`, `encode`."""

import os
from typing import Any, Final

import typer

from e2sim.command.decode import decode, encode
from e2sim.command.replay import replay
from e2sim.command.run import run
from e2sim.command.scenario import scenario
from e2sim.command.trace import trace
from e2sim.console import fail

PREFIX: Final = "E2SIM_"

app = typer.Typer(
    help="The emulated E2 node: reports in, allocations out, against any xApp or RIC.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(run)
app.command()(replay)
app.command()(trace)
app.command()(scenario)
app.command()(decode)
app.command()(encode)


@app.callback()
def check_environment(ctx: typer.Context) -> None:
    """The emulated E2 node: reports in, allocations out, against any xApp or RIC."""
    commands: Any = ctx.command
    known = {
        name
        for command in commands.commands.values()
        for parameter in command.params
        for name in [parameter.envvar]
        if name
    }
    unknown = sorted(n for n in os.environ if n.startswith(PREFIX) and n not in known)
    if unknown:
        fail(f"environment: {', '.join(unknown)} unknown; known are {', '.join(sorted(known))}")
