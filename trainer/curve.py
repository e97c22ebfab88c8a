"""The training curve: a policy's snapshots against the references, under the same noise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from trainer.controllers import Controller, policy_controller
from trainer.evaluate import Trial, run_trial
from trainer.policy import TorchPolicy
from trainer.run import Run
from trainer.statistics import Estimate, estimate
from trainer.twin import MakeTwin

Cells = Mapping[str, NDArray[np.float64]]
"""KPI -> one value a cell, as `trainer.evaluate.run_trial` gives them."""

_POLICY_COLOURS: Final = ("#0b6e4f", "#1b9e77", "#66a61e", "#01665e")
_COLOURS: Final = {
    "static": "#7f7f7f",
    "static-shared": "#1f5fa8",
    "demand": "#8c6d1f",
    "round-robin": "#7b3294",
    "constant": "#d6609a",
}
_RULE_COLOUR: Final = "#c0392b"


@dataclass(frozen=True, slots=True)
class Curve:
    """A run's snapshots.

    Attributes:
        name: of the run.
        periods: simulated until each snapshot.
        points: what each snapshot did.
    """

    name: str
    periods: Sequence[int]
    points: Sequence[Cells]


@dataclass(frozen=True, slots=True)
class View:
    """Runs and references under the same intents and the same noise.

    Attributes:
        title: which intents.
        curves: of the runs.
        references: name -> what controllers that do not learn did; the last is the policies' rival.
    """

    title: str
    curves: Sequence[Curve]
    references: Mapping[str, Cells]

    @property
    def rival(self) -> str:
        """The reference that policies are compared with cell by cell."""
        return list(self.references)[-1]


def measure_run(run: Run, trial: Trial, make_twin: MakeTwin, threads: int = 2) -> Curve:
    """Evaluate every snapshot of a run."""
    rule = run.config().rule
    periods, points = [], []
    for path in run.snapshots():
        snapshot = run.snapshot(path)
        who = policy_controller(TorchPolicy(snapshot.network), rule)
        periods.append(int(snapshot.progress["periods"]))
        points.append(run_trial(trial, make_twin, who, threads))
    return Curve(run.folder.name, periods, points)


def measure_references(
    controllers: Sequence[Controller], trial: Trial, make_twin: MakeTwin, threads: int = 2
) -> dict[str, Cells]:
    """Evaluate controllers that do not learn."""
    return {c.name: run_trial(trial, make_twin, c, threads) for c in controllers}


def draw(views: Sequence[View], path: Path, caption: str) -> None:
    """Write the picture; the format follows from the path's suffix.

    A row for each view, with the objective and the difference to the rival, and one for URLLC in
    the first view.
    """
    with mpl.rc_context({"font.size": 9.5, "axes.spines.top": False, "axes.spines.right": False}):
        size = (9.0, 2.6 * len(views) + 3.6)
        figure = Figure(figsize=size, dpi=170, facecolor="white", layout="constrained")
        panels = figure.subplots(len(views) + 1, 2)
        for (whole, paired), view in zip(panels, views, strict=False):
            _panel(whole, "objective", f"objective, {view.title}", view)
            _paired(paired, "objective", f"policy minus {view.rival}, {view.title}", view)
        satisfied, lost = panels[-1]
        _panel(satisfied, "URLLC.satisfaction", "URLLC: SLA satisfaction", views[0])
        _panel(lost, "URLLC.loss", "URLLC: packets lost or late", views[0])
        if all(_estimate(c["URLLC.loss"]).mean > 0.0 for c in views[0].references.values()):
            lost.set_yscale("log")
        for axes in (satisfied, lost):
            axes.set_xlabel("periods of training, in thousands")
        handles, labels = satisfied.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False)
        figure.supxlabel(caption, fontsize=8, color="#444444")
        figure.savefig(path, metadata=_no_date(path))


def _panel(axes: Axes, kpi: str, title: str, view: View) -> None:
    for name, cells in view.references.items():
        colour, e = _COLOURS.get(name, _RULE_COLOUR), _estimate(cells[kpi])
        axes.axhline(e.mean, color=colour, lw=1.4, ls="--", label=name)
        axes.axhspan(e.low, e.high, color=colour, alpha=0.08, lw=0)
    _plot(axes, view.curves, lambda cells: cells[kpi])
    _dress(axes, title)


def _paired(axes: Axes, kpi: str, title: str, view: View) -> None:
    axes.axhline(0.0, color=_RULE_COLOUR, lw=1.4, ls="--")
    rival = view.references[view.rival]
    _plot(axes, view.curves, lambda cells: cells[kpi] - rival[kpi])
    _dress(axes, title)


def _plot(
    axes: Axes, curves: Sequence[Curve], values: Callable[[Cells], NDArray[np.float64]]
) -> None:
    for curve, colour in zip(curves, _POLICY_COLOURS * len(curves), strict=False):
        found = [_estimate(values(cells)) for cells in curve.points]
        thousands = [p / 1000.0 for p in curve.periods]
        name = f"PPO ({curve.name})" if len(curves) > 1 else "PPO policy"
        axes.plot(thousands, [e.mean for e in found], color=colour, lw=2, marker="o", ms=3.5,
                  label=name, zorder=3)  # fmt: skip
        low, high = [e.low for e in found], [e.high for e in found]
        axes.fill_between(thousands, low, high, color=colour, alpha=0.2, lw=0, zorder=2)


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    axes.grid(axis="y", alpha=0.25)
    axes.margins(x=0.02)


def _estimate(values: NDArray[np.float64]) -> Estimate:
    found = estimate(values)
    if found is None:
        raise ValueError("a KPI of the picture was measured in no cell: is there a URLLC slice?")
    return found


def _no_date(path: Path) -> dict[str, Any]:
    # The same figures give the same file.
    return {"Date": None} if path.suffix == ".svg" else {}
