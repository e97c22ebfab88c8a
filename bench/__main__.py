"""`python -m bench`: run measurements, keep them as JSON, and print them as a table."""

import importlib
import json
import os
import pkgutil
import platform
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, cast

import typer

import bench

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


class Measurement(Protocol):
    """A module of this package that measures something."""

    KEYS: Mapping[str, str]
    run: Callable[[], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a figure depends on besides the code."""

    time: str
    revision: str | None
    python: str
    cpus: int
    load_before: tuple[float, float, float]
    load_after: tuple[float, float, float]


def measurements() -> dict[str, Measurement]:
    """The modules of this package that have `run` and `KEYS`, by name."""
    found: dict[str, Measurement] = {}
    for info in pkgutil.iter_modules(bench.__path__):
        if info.name != "__main__":
            module = importlib.import_module(f"bench.{info.name}")
            if hasattr(module, "run") and hasattr(module, "KEYS"):
                found[info.name] = cast(Measurement, module)
    return found


def measure(name: str, measurement: Measurement) -> dict[str, Any]:
    """Run one measurement; the document that is kept.

    Raises:
        ValueError: its figures are not those it documents.
    """
    started, before = time.gmtime(), os.getloadavg()
    figures = dict(measurement.run())
    if figures.keys() != measurement.KEYS.keys():
        odd = ", ".join(sorted(figures.keys() ^ measurement.KEYS.keys()))
        raise ValueError(f"bench.{name}: not both measured and documented: {odd}")
    conditions = Conditions(
        time.strftime("%Y-%m-%dT%H:%M:%SZ", started),
        _revision(),
        platform.python_version(),
        os.cpu_count() or 0,
        before,
        os.getloadavg(),
    )
    return {
        "name": name,
        "figures": figures,
        "keys": dict(measurement.KEYS),
        "conditions": {f: getattr(conditions, f) for f in conditions.__slots__},
    }


def _revision() -> str | None:
    """The commit measured, with `+` where files differ from it; None outside a repository."""
    folder = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None


@app.command()
def run(
    names: Annotated[list[str], typer.Argument(help="Measurements, or all.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to keep them.")] = None,
) -> None:
    """Run measurements one after the other."""
    known = measurements()
    chosen = list(known) if names == ["all"] else names
    if unknown := [n for n in chosen if n not in known]:
        typer.echo(f"bench: unknown: {', '.join(unknown)}; known are {', '.join(known)}", err=True)
        raise typer.Exit(2)
    documents = []
    for name in chosen:
        documents.append(measure(name, known[name]))
        for key, value in documents[-1]["figures"].items():
            typer.echo(f"{name:<12} {key:<24} {_number(value):>12}  {known[name].KEYS[key]}")
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(documents, indent=1) + "\n")


@app.command()
def table(files: Annotated[list[Path], typer.Argument(help="Files that --json wrote.")]) -> None:
    """Print a Markdown table of measurements that were kept."""
    typer.echo("| measurement | figure | value |\n|---|---|---:|")
    for file in files:
        for document in json.loads(file.read_text()):
            for key, value in document["figures"].items():
                about = document["keys"][key]
                typer.echo(f"| {document['name']} | `{key}`: {about} | {_number(value)} |")


def _number(value: float) -> str:
    """Three digits or all those before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class _Commands(typer.core.TyperGroup):
    """`python -m bench NAME...` is `python -m bench run NAME...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app.info.cls = _Commands

if __name__ == "__main__":
    app(prog_name="python -m bench")
