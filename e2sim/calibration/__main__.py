"""`python -m e2sim.calibration DATA_DIR --json OUT --plots DIR`: all figures of the calibration."""

import json
import math
from dataclasses import asdict, is_dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from e2sim.calibration.agreement import (
    bits_intervals,
    decisions,
    distributions,
    facts,
    phones,
    radio,
    responses,
    traffic,
)
from e2sim.calibration.fitted import SOURCES
from e2sim.calibration.judgement import fit_trace, judge_all
from e2sim.calibration.packets import read_traces
from e2sim.calibration.plots import radio_picture, traffic_picture
from e2sim.calibration.response import read_decisions, read_rows
from e2sim.calibration.sessions import read_sessions
from e2sim.calibration.twin import radio_rows
from e2sim.replay.source import CutError, RecordingError
from e2sim.scenario import load_scenario

_SEED: Final = 20_240
_DIGITS: Final = 6


def document(data: Path, plots: Path | None) -> dict[str, Any]:
    """All figures, and pictures where `plots` names a folder that exists.

    Args:
        data: folder with `tractor/logs.tar.xz`, `tractor/raw.tar.xz`, `coloran/kpm_rows.csv.gz`
            and `coloran/decisions.csv.gz`.
        plots: folder for the pictures, or None for none.
    """
    rng = np.random.default_rng(_SEED)
    recorded = read_sessions(data / "tractor" / "logs.tar.xz")
    traces = sorted(read_traces(data / "tractor" / "raw.tar.xz"), key=lambda t: t.name)
    twin_rows, mixed = radio_rows(cells=192, periods=100), load_scenario("mixed")
    curves = radio(recorded, twin_rows)
    made = {
        "recording": facts(recorded),
        "radio": curves,
        "distributions": distributions(recorded, mixed, twin_rows),
        "bits_intervals": bits_intervals(recorded.split()[1], rng),
        "response": responses(
            read_rows(data / "coloran" / "kpm_rows.csv.gz"), cells=200, periods=40
        ),
        "decisions": decisions(read_decisions(data / "coloran" / "decisions.csv.gz")),
        "sources": judge_all(traces, SOURCES, rng),
        "fitted_sources": [fit_trace(t) for t in traces],
        "traffic_as_it_is": traffic(traces, mixed, cells=96, periods=3000),
        "traffic_with_settings": phones(mixed, cells=24, periods=3000),
    }
    if plots is not None:
        radio_picture(curves, plots / "calibration-radio.png")
        traffic_picture(traces, SOURCES, rng, plots / "calibration-traffic.png")
    return made


def plain(value: Any) -> Any:
    """A value in JSON's types: NaN becomes null, numbers keep six digits."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    return value


def main(
    data_dir: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
    json_out: Annotated[Path, typer.Option("--json", help="File for all figures.")],
    plots: Annotated[
        Path | None, typer.Option(help="Folder for pictures; needs the trainer extra.")
    ] = None,
) -> None:
    """Compare the twin with recordings: radio curves, response to PRBs, traffic."""
    if plots is not None:
        if find_spec("matplotlib") is None:
            raise typer.BadParameter("matplotlib is absent: it comes with the trainer extra")
        plots.mkdir(parents=True, exist_ok=True)
    try:
        made = plain(document(data_dir, plots))
    except (RecordingError, CutError, ValueError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    json_out.write_text(json.dumps(made, indent=1, allow_nan=False) + "\n", "utf-8")
    typer.echo(f"figures: {json_out}")


if __name__ == "__main__":
    typer.run(main)
