"""`e2sim scenario`: what a scenario consists of, for whoever starts the emulator."""

import json
from typing import Annotated

import typer

from e2sim.console import fail
from e2sim.scenario import BUNDLED, load_scenario


def scenario(
    name: Annotated[str, typer.Argument(help="Name of a bundled scenario, or a YAML file.")],
) -> None:
    """Print what a scenario consists of, as JSON: slices, coupled cells, whether it has a core."""
    try:
        loaded = load_scenario(name)
    except OSError as error:
        fail(f"scenario {name!r}: {error.strerror}; bundled are {', '.join(BUNDLED)}")
    except ValueError as error:
        fail(f"scenario {name!r}: {error}")
    told = {
        "name": loaded.name,
        "period_ms": loaded.period_ms,
        "slices": [str(s.snssai) for s in loaded.slices],
        "coupled_cells": loaded.interference.coupled_cells,
        "core": loaded.core is not None,
    }
    typer.echo(json.dumps(told))
