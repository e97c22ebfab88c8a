"""The command line: `trainer train`, `tune`, `evaluate`, `export`, `curve`, `reliability`."""

import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from rich.console import Console

from e2sim.network import Network
from oran.snssai import Snssai
from trainer.config import TrainingConfig, config_from_toml
from trainer.controllers import REFERENCES, constant_controller, controller, rule_controller
from trainer.curve import View, draw, measure_references, measure_run
from trainer.domain import Circumstances, Domain, default_circumstances, draw_circumstances
from trainer.evaluate import Trial, compare
from trainer.export import export as export_run
from trainer.kpi import CELL_KPIS, SLICE_KPIS
from trainer.mixes import slice_mixes
from trainer.objective import Prices
from trainer.progress import TrainingProgress
from trainer.reliability.command import reliability
from trainer.run import Run, software
from trainer.scenario import independent
from trainer.seeds import seeds_for
from trainer.space import SPACES
from trainer.table import comparison_table
from trainer.train import train as run_training
from trainer.tune import TuneConfig, Tuner
from trainer.tuned import read_constant, read_rule, write_tuned
from trainer.twin import MakeTwin

commands = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
commands.command()(reliability)
console = Console()

Scenario = Annotated[str, typer.Option(help="bundled scenario, or a YAML file")]
Seeds = Annotated[str, typer.Option(help="A:B, B excluded; see trainer.seeds for the ranges")]
Intents = Annotated[str, typer.Option(help="default, or random: as varied as in training")]


@commands.command()
def train(
    *,
    scenario: Annotated[str | None, typer.Option(help="bundled scenario, or a YAML file")] = None,
    minutes: Annotated[float | None, typer.Option(help="wall-clock time")] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    cells: Annotated[int | None, typer.Option(help="cells simulated at once")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML, see trainer.config")] = None,
    rule: Annotated[Path | None, typer.Option(help="a file of `trainer tune`")] = None,
    out: Annotated[Path, typer.Option(help="directory of the run")] = Path("runs/latest"),
    resume: Annotated[bool, typer.Option("--resume", help="go on with the run in --out")] = False,
    checkpoint_seconds: Annotated[float, typer.Option(help="between checkpoints")] = 30.0,
) -> None:
    """Train a policy with PPO, until the time is up or Ctrl-C; either leaves a usable run."""
    if resume:
        if any(given is not None for given in (scenario, minutes, seed, cells, config, rule)):
            raise ValueError("--resume: the run has its own configuration; give --out only")
        _train(Run(out), checkpoint_seconds, resume=True)
        return
    chosen = config_from_toml(config.read_text()) if config else TrainingConfig()
    chosen = replace(
        chosen,
        scenario=scenario or chosen.scenario,
        minutes=chosen.minutes if minutes is None else minutes,
        seed=chosen.seed if seed is None else seed,
        cells=cells or chosen.cells,
        rule=read_rule(rule) if rule else chosen.rule,
    )
    independent(chosen.scenario)  # refused before there is a run
    _train(Run.create(out, chosen), checkpoint_seconds, resume=False)


@commands.command()
def tune(
    *,
    out: Annotated[Path, typer.Option(help="JSON file to write")],
    scenario: Scenario = "mixed",
    what: Annotated[str, typer.Option(help=f"one of {', '.join(SPACES)}")] = "rule",
    minutes: Annotated[float, typer.Option(help="wall-clock time")] = 2.0,
    budget: Annotated[int, typer.Option(help="periods of cells to simulate, instead")] = 0,
    intents: Intents = "default",
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Tune a controller without learning, to be compared with policies trained as long."""
    if what not in SPACES:
        raise ValueError(f"--what: {what!r} is none of {', '.join(SPACES)}")
    domain = _domain(intents)
    config = TuneConfig(minutes=minutes, budget=budget, seed=seed, domain=domain)
    log: list[dict[str, Any]] = []

    def note(entry: dict[str, Any]) -> None:
        log.append(entry)
        console.print_json(json.dumps(entry), indent=None)

    tuner = Tuner(config, _twins(scenario), Prices(), time.monotonic, note)
    found = tuner.tune(SPACES[what])
    compute = {
        "scenario": scenario,
        "intents": intents,
        "budget": f"{budget} periods" if budget else f"{minutes} minutes",
        "seed": seed,
        "cpu_seconds": time.process_time(),
        "last": log[-1],
        "software": software(),
    }
    write_tuned(out, found, compute)
    console.print(f"{found}\nwritten to {out}")


@commands.command()
def evaluate(
    *,
    controllers: Annotated[str, typer.Option(help="comma-separated; differences are to the last")],
    seeds: Seeds = "0:128",
    scenario: Scenario = "mixed",
    intents: Intents = "default",
    periods: Annotated[int, typer.Option(help="periods counted")] = 200,
    warmup: Annotated[int, typer.Option(help="periods before that")] = 40,
    json_out: Annotated[Path | None, typer.Option("--json", help="file to write")] = None,
) -> None:
    """Compare controllers under the same noise, with 95 % intervals."""
    who = [controller(text) for text in controllers.split(",")]
    purpose, chosen = seeds_for(seeds, "evaluation", "validation")
    make = _twins(scenario)
    circumstances = _circumstances(intents, make(chosen[:1]).snssais, len(chosen))
    trial = Trial(chosen, circumstances, warmup=warmup, periods=periods)
    document = {
        "scenario": scenario,
        "seeds": seeds,
        "purpose": purpose,
        "intents": intents,
        "warmup": warmup,
        "periods": periods,
        "units": {**CELL_KPIS, **{f"SLICE.{kpi}": unit for kpi, unit in SLICE_KPIS.items()}},
        "software": software(),
        **compare(trial, make, who),
    }
    if json_out:
        json_out.parent.mkdir(parents=True, exist_ok=True)
        json_out.write_text(json.dumps(document, indent=1) + "\n")
    # A file has no width to keep to; in 80 columns no figure would be left whole.
    wide = console if console.is_terminal else Console(width=160)
    wide.print(comparison_table(document))


@commands.command()
def export(
    run: Annotated[Path, typer.Argument(help="directory of a run")],
    *,
    out: Annotated[Path, typer.Option(help="bundle to write")],
    evaluation: Annotated[list[Path], typer.Option(help="what `trainer evaluate --json` wrote")],
    name: Annotated[str, typer.Option(help="of the policy")] = "default",
    created: Annotated[str | None, typer.Option(help="ISO 8601, UTC; now by default")] = None,
) -> None:
    """Write a bundle; refused where a graph does not answer as the trained network does."""
    folder = Run(run)
    documents = [json.loads(path.read_text()) for path in evaluation]
    data = export_run(
        folder,
        _twins(folder.config().scenario),
        name=name,
        created=created or datetime.now(UTC).isoformat(timespec="seconds"),
        evaluation={document["intents"]: document for document in documents},
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)
    console.print(f"{out}: {len(data)} bytes")


@commands.command()
def curve(
    runs: Annotated[list[Path], typer.Argument(help="directories of runs")],
    *,
    out: Annotated[Path, typer.Option(help="picture to write, .png or .svg")],
    rule: Annotated[Path | None, typer.Option(help="a file of `trainer tune`")] = None,
    constant: Annotated[Path | None, typer.Option(help="a file of `trainer tune`")] = None,
    seeds: Seeds = "0:128",
    scenario: Scenario = "mixed",
    periods: Annotated[int, typer.Option(help="periods counted")] = 200,
) -> None:
    """Draw the training curve of runs against the references, under the same noise."""
    _, chosen = seeds_for(seeds, "evaluation", "validation")
    make = _twins(scenario)
    snssais = make(chosen[:1]).snssais
    names = ("static", "static-shared", "demand", "round-robin")
    others = [REFERENCES[n] for n in names]
    if constant:
        others.append(constant_controller(read_constant(constant)))
    if rule:
        others.append(rule_controller(read_rule(rule), "tuned rule"))
    views = []
    for intents, title in (("default", "default intents"), ("random", "any intents")):
        trial = Trial(chosen, _circumstances(intents, snssais, len(chosen)), periods=periods)
        curves = [measure_run(Run(folder), trial, make) for folder in runs]
        views.append(View(title, curves, measure_references(others, trial, make)))
    draw(
        views,
        out,
        f"scenario {scenario}, {len(chosen)} cells (seeds {seeds}), {periods} periods each after "
        "warm-up, same noise for all.\nAny intents: targets and weights drawn for each cell. "
        "Bands: 95 % bootstrap intervals over cells.",
    )
    console.print(f"{out}")


def app() -> None:
    """Run the command line; errors of use end with one line and status 2."""
    # Small networks gain nothing from threads, and lose much where cores are shared.
    torch.set_num_threads(1)
    try:
        commands()
    except (ValueError, OSError) as error:
        Console(stderr=True).print(f"trainer: {error}", markup=False, highlight=False)
        sys.exit(2)


def _train(run: Run, checkpoint_seconds: float, *, resume: bool) -> None:
    config = run.config()
    with TrainingProgress(run, console) as journal:
        run_training(
            config,
            _kinds(config),
            journal,
            time.monotonic,
            checkpoint_seconds=checkpoint_seconds,
            resume=run.resume() if resume else None,
        )
    console.print(f"run: {run.folder}")


def _twins(scenario: str) -> MakeTwin:
    return partial(Network, independent(scenario))


def _kinds(config: TrainingConfig) -> list[MakeTwin]:
    scenario = independent(config.scenario)
    return [partial(Network, s) for s in (slice_mixes(scenario) if config.mixes else [scenario])]


def _circumstances(intents: str, snssais: tuple[Snssai, ...], cells: int) -> Circumstances:
    domain = _domain(intents)
    if domain is None:
        return default_circumstances(snssais, cells)
    return draw_circumstances(domain, snssais, len(snssais), cells, 1, np.random.default_rng(0))


def _domain(intents: str) -> Domain | None:
    if intents not in ("default", "random"):
        raise ValueError(f"--intents: {intents!r} is neither default nor random")
    return None if intents == "default" else replace(Domain(), default_share=0.0, silent_share=0.0)


if __name__ == "__main__":
    app()
