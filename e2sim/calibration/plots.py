"""Pictures of the calibration; matplotlib comes with the `trainer` extra and is loaded on use."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from e2sim.calibration.agreement import Agreement
from e2sim.calibration.judgement import parts
from e2sim.calibration.packets import Trace
from e2sim.calibration.source import TrafficSource, generate, poisson

_PANELS: Final = (
    ("mcs_of_cqi", "CQI", "MCS index"),
    ("bits_of_mcs", "MCS index", "bit per PRB and TTI"),
    ("bits_of_cqi", "CQI", "bit per PRB and TTI"),
)


def radio_picture(curves: dict[str, Agreement], path: Path) -> None:
    """Median and deciles of the held-out recording and of the twin."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra that serving lacks

    figure = Figure(figsize=(11, 3.4), layout="constrained")
    for axes, (name, x, y) in zip(figure.subplots(1, 3), _PANELS, strict=True):
        for label, curve, colour in (
            ("recording, held out", curves[name].held_out, "tab:orange"),
            ("twin", curves[name].twin, "tab:blue"),
        ):
            axes.plot(curve.x, curve.median, ".-", label=label, color=colour)
            axes.fill_between(curve.x, curve.low, curve.high, alpha=0.2, color=colour)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=90)


def traffic_picture(
    traces: list[Trace], sources: tuple[TrafficSource, ...], rng: np.random.Generator, path: Path
) -> None:
    """Distribution of 1 s rates: held out, fitted source and Poisson, a panel a trace."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra that serving lacks

    by_name = {s.trace: s for s in sources}
    figure = Figure(figsize=(11, 6), layout="constrained")
    for axes, trace in zip(figure.subplots(2, 3).flat, traces, strict=True):
        held, source = parts(trace)[1], by_name[trace.name]
        seconds = round(held.duration_s)
        _cdf(axes, held.volumes(), "recording, held out", "tab:orange")
        for label, player, colour in (
            ("fitted source", generate, "tab:blue"),
            ("Poisson", poisson, "tab:gray"),
        ):
            _cdf(axes, player(source, 20 * seconds, rng).volumes(), label, colour)
        axes.set_title(f"{trace.name} ({trace.kind})", fontsize=9)
        axes.set_xlabel("Mbit/s over 1 s")
        axes.set_ylim(0, 1)
        if trace.kind != "URLLC":
            axes.set_xscale("symlog", linthresh=1e-3)  # idle seconds count too
            axes.set_xlim(left=-2e-4)
        axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="upper left")
    figure.savefig(path, dpi=90)


def _cdf(axes: Any, volumes: "np.ndarray[Any, np.dtype[np.float64]]", label: str,
         colour: str) -> None:  # fmt: skip
    rate = np.sort(volumes) * 8e-6
    axes.step(rate, np.arange(1, len(rate) + 1) / len(rate), where="post", label=label,
              color=colour)  # fmt: skip
