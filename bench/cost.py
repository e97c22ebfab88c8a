"""What a cell-slot of the twin costs, against users and slices: `python -m bench.cost`.

Every cell has the slices of `mixed` in turn and its load in all, so that what changes is how many
users and slices share it. Each point is the best of some rounds, taken in turn over all points, so
that a busy moment of the machine spoils one round and no point.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import typer

from bench.twin import best_of, warm
from e2sim.scenario import Scenario, load_scenario
from oran.snssai import Snssai

USERS: Final = (3, 6, 15, 30, 60, 120, 240)
"""Users of a cell with three slices."""

SLICES: Final = (1, 2, 3, 4, 6, 8, 12, 16)
"""Slices of a cell with 48 users."""

_USERS_OF_SLICES: Final = 48
_CELLS: Final = 64


@dataclass(frozen=True, slots=True)
class Point:
    """A kind of cell, and the time of one cell-slot of it in µs."""

    slices: int
    users: int
    cell_slot_us: float


def scenario_of(slices: int, users: int) -> Scenario:
    """`mixed` with so many slices, whose users are `users` in all, as even as can be."""
    mixed = load_scenario("mixed")
    parts = []
    for i in range(slices):
        kind = mixed.slices[i % len(mixed.slices)]
        low, high = kind.traffic.load
        share = len(mixed.slices) / slices
        parts.append(
            replace(
                kind,
                snssai=Snssai(kind.snssai.sst, i),
                users=users // slices + (i < users % slices),
                traffic=replace(kind.traffic, load=(low * share, high * share)),
            )
        )
    return replace(mixed, slices=tuple(parts))


def points(cells: int = _CELLS) -> tuple[list[Point], list[Point]]:
    """Points against users, and points against slices."""
    kinds = [(3, u) for u in USERS] + [(s, _USERS_OF_SLICES) for s in SLICES]
    played = [(s, scenario_of(s, u)) for s, u in kinds]
    times = best_of(*(warm(scenario, cells)[1] for _, scenario in played), times=1)
    found = [
        Point(s, u, 1e6 * seconds / (cells * scenario.slots_per_period))
        for (s, u), (_, scenario), seconds in zip(kinds, played, times, strict=True)
    ]
    return found[: len(USERS)], found[len(USERS) :]


def picture(of_users: list[Point], of_slices: list[Point], path: Path) -> None:
    """Both curves side by side."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra that serving lacks

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([p.users for p in of_users], [p.cell_slot_us for p in of_users], ".-")
    left.set_xlabel("users of a cell, three slices")
    right.plot([p.slices for p in of_slices], [p.cell_slot_us for p in of_slices], ".-")
    right.set_xlabel(f"slices of a cell, {_USERS_OF_SLICES} users")
    for axes in (left, right):
        axes.set_ylabel("µs a cell-slot, one core")
        axes.set_ylim(bottom=0.0)
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=90)


def main(
    *,
    plot: Annotated[Path | None, typer.Option(help="Picture to write (PNG, SVG).")] = None,
    cells: Annotated[int, typer.Option(min=1, help="Cells played at a time.")] = _CELLS,
) -> None:
    """Print what a cell-slot costs against users and slices; about a minute."""
    of_users, of_slices = points(cells)
    for point in (*of_users, *of_slices):
        kind = f"{point.slices:3} slices {point.users:4} users"
        typer.echo(f"{kind} {point.cell_slot_us:8.3f} µs a cell-slot")
    if plot is not None:
        picture(of_users, of_slices, plot)


if __name__ == "__main__":
    typer.run(main)
