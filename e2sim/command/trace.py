"""`e2sim trace`: a recording as a trace that scenarios play."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from e2sim.console import fail, say
from e2sim.replay.recording import Recording, open_recording
from e2sim.replay.source import RecordingError
from e2sim.replay.steps import Stretch, step_ms_of, stretches
from e2sim.scenario.trace import Series, Trace
from oran.snssai import Snssai

_LONGEST_S: Final = 86_400.0


def trace(
    out: Annotated[Path, typer.Argument(help="CSV file to write; see e2sim.scenario.trace.")],
    *,
    recording: Annotated[
        Path,
        typer.Option(
            "--from",
            envvar="E2SIM_FROM",
            help="TRACTOR or ColO-RAN recording: a CSV file, a folder or an archive.",
        ),
    ],
    snssai: Annotated[
        str | None,
        typer.Option("--slice", envvar="E2SIM_SLICE", help="Users of this S-NSSAI only."),
    ] = None,
    shortest: Annotated[
        float,
        typer.Option(
            envvar="E2SIM_SHORTEST",
            min=0.0,
            max=_LONGEST_S,
            help="Shorter stretches are left out, recorded s.",
        ),
    ] = 10.0,
) -> None:
    """Write what a recording's users were delivered, and their SNR, for scenarios to play.

    A series is what one user had without a gap. Offered bytes are those delivered; the SNR follows
    from the CQI, and is absent where the recording has none.
    """
    try:
        wanted = None if snssai is None else Snssai.parse(snssai)
    except ValueError as error:
        fail(f"--slice: {error}")
    if out.is_dir() or not out.parent.is_dir():
        fail(f"{str(out)!r} is not a file in a folder that exists")
    try:
        opened = open_recording(recording)
    except RecordingError as error:
        fail(str(error))
    say(opened.description)
    made, left_out = _trace(opened, wanted, shortest)
    if made is None:
        fail(f"{recording}: no series: {_told(left_out) or 'no valid row'}", code=1)
    try:
        out.write_text(made.text(), "utf-8")
    except OSError as error:
        fail(str(error), code=1)
    say(f"{out}: {len(made.series)} series, {sum(map(len, made.series))} steps")
    refused: Counter[str] = Counter(opened.census.to_document()["rows"]["refused"])
    for line in (_told(left_out), _told(refused)):
        if line:
            say(line)


def _trace(
    opened: Recording, wanted: Snssai | None, shortest_s: float
) -> tuple[Trace | None, Counter[str]]:
    """The trace, None without a series; and counts of what is not in it, or is held."""
    counts: Counter[str] = Counter()
    series: list[Series] = []
    step_ms = 0
    for cell in opened.cells:
        step_ms = step_ms_of(cell)
        least = math.ceil(shortest_s * 1e3 / step_ms)
        series += _series(stretches(cell), wanted, least, counts, opened.format == "TRACTOR")
        cell.close()
    return (Trace(float(step_ms), tuple(series)) if series else None), counts


def _series(
    found: Iterator[Stretch], wanted: Snssai | None, least: int, counts: Counter[str], cqi: bool
) -> Iterator[Series]:
    """Series of a cell's stretches; `cqi` says whether the recording has any."""
    # A replay needs no physics, and should not wait for its compiler to be loaded.
    from e2sim.network.link import snr_db_of_cqi  # noqa: PLC0415

    for stretch in found:
        steps = stretch.steps
        heard = stretch.cqi()
        if wanted is not None and steps[0].snssai != wanted:
            counts["steps of other slices left out"] += len(steps)
        elif len(steps) < least:
            counts["steps of shorter stretches left out"] += len(steps)
        elif cqi and heard is None:
            counts["steps of stretches without any CQI left out"] += len(steps)
        else:
            snr = None
            if heard is not None:
                counts["steps without a CQI hold a neighbour's"] += heard[1]
                snr = tuple(np.round(snr_db_of_cqi(np.array(heard[0])), 3).tolist())
            yield Series(tuple(round(s.delivered_bytes, 1) for s in steps), snr)


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n)
