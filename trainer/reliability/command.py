"""`trainer reliability`: how rarely a slice's packets are late or dropped, with an interval."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from e2sim.scenario import load_scenario
from oran.snssai import Snssai
from trainer.controllers import controller as controller_of
from trainer.reliability.cells import IMPORTANCES
from trainer.reliability.splitting import Replication, Window
from trainer.reliability.study import Finding, Study, run, with_deadline
from trainer.run import software
from trainer.seeds import seeds_for


def reliability(
    *,
    slice_: Annotated[str, typer.Option("--slice", help="S-NSSAI, such as 2-000001")],
    deadline_ms: Annotated[int, typer.Option(help="older packets are late, and dropped")],
    scenario: Annotated[str, typer.Option(help="bundled scenario, or a YAML file")] = "mixed",
    controller: Annotated[str, typer.Option(help="as of `trainer evaluate`")] = "rule",
    seeds: Annotated[str, typer.Option(help="A:B, B excluded: cells")] = "0:2048",
    same_cells: Annotated[
        bool, typer.Option("--same-cells", help="all cells in every replication")
    ] = False,
    walkers: Annotated[int, typer.Option(help="of a replication")] = 128,
    replications: Annotated[int, typer.Option()] = 16,
    lead: Annotated[int, typer.Option(help="parts split before counting")] = 100,
    parts: Annotated[int, typer.Option(help="parts counted")] = 500,
    part_ms: Annotated[int, typer.Option(help="length of a part")] = 1,
    warmup: Annotated[int, typer.Option(help="periods before that")] = 20,
    importance: Annotated[str, typer.Option(help=", ".join(IMPORTANCES))] = "pressure",
    plain: Annotated[bool, typer.Option("--plain", help="simulate without splitting")] = False,
    noise: Annotated[int, typer.Option(help="of everything the seeds do not fix")] = 1,
    json_out: Annotated[Path | None, typer.Option("--json", help="file to write")] = None,
) -> None:
    """Estimate the share of a slice's packets that are late or dropped, by splitting."""
    if importance not in IMPORTANCES:
        raise ValueError(f"--importance: {importance!r} is none of {', '.join(IMPORTANCES)}")
    purpose, chosen = seeds_for(seeds, "evaluation", "validation")
    snssai = Snssai.parse(slice_)
    study = Study(
        scenario=with_deadline(load_scenario(scenario), snssai, deadline_ms),
        who=controller_of(controller),
        snssai=snssai,
        seeds=chosen,
        same_cells=same_cells,
        walkers=walkers,
        replications=replications,
        window=Window(lead, parts),
        warmup=warmup,
        part_ms=part_ms,
        importance=importance,
        split=not plain,
        noise=noise,
    )
    console = Console()
    started = time.monotonic()

    def note(number: int, one: Replication) -> None:
        console.print(f"replication {number}: {one.lost / one.finished:.3g}", highlight=False)

    finding = run(study, note)
    seconds = time.monotonic() - started
    console.print(summary(finding, seconds), highlight=False, soft_wrap=True)
    if json_out:
        asked: dict[str, Any] = {
            "scenario": scenario, "controller": controller, "slice": slice_,
            "deadline_ms": deadline_ms, "seeds": seeds, "purpose": purpose,
            "same_cells": same_cells, "walkers": walkers, "lead": lead, "parts": parts,
            "part_ms": part_ms, "warmup": warmup, "importance": importance, "plain": plain,
            "noise": noise,
        }  # fmt: skip
        json_out.parent.mkdir(parents=True, exist_ok=True)
        document = {**asked, **asdict(finding), "seconds": seconds, "software": software()}
        json_out.write_text(json.dumps(document, indent=1) + "\n")


def summary(finding: Finding, seconds: float) -> str:
    """What was found, in lines for a terminal; the packets stand beside the claim."""
    r = finding.reliability
    if r.low is None or r.high is None or r.relative_error is None:
        claim = f"late or dropped: {r.probability:.3g}, no interval: too few replications with one"
    else:
        claim = (
            f"late or dropped: {r.probability:.3g}, 95 % interval {r.low:.3g} to {r.high:.3g}, "
            f"relative error {r.relative_error:.1%}"
        )
    lines = [
        claim,
        f"packets simulated: {r.packets:,.0f} in {r.replications} replications, "
        f"{r.losses:,.0f} of them late or dropped",
    ]
    if r.equivalent_packets is not None:
        lines.append(f"plain simulation for the same error: {r.equivalent_packets:,.0f} packets")
    levels = ", ".join(f"{level:.3g}" for level in finding.levels) or "none"
    return "\n".join([
        *lines,
        f"levels: {levels}",
        f"cell-slots: {finding.cell_slots:,} and {finding.pilot_cell_slots:,} of the pilot, "
        f"{seconds:.0f} s",
    ])  # fmt: skip
